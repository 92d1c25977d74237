"""Several machines as JSON, `"schema": "gradmark.machines/1"`.

`machines` stand in the order of the files; everywhere else `machine` counts them from 0. `cases` are ops at a level on
one thread or on all, exact implementations and `_fast` ones apart; `times` has one entry for each machine that was
measured: `ns` is undisturbed, `low` and `high` its interval, `state` where the threads ran, the same for all machines
where they have one in common (null on one thread, and where nobody knows), `ratio` its time over the least one; `best`
says that it is the least or cannot be told from it. `all_threads` of a machine is how many these are, null where only
one of several was timed; its `step` is one AdamW step of 1e9 parameters, exact, in DRAM on all threads, null where that
was not timed; `euros` are null without a price. `geometric_means` are of the ratios, over the exact cases that all
machines have. `outliers` are slow nodes among five or more with the same processor, the slowest first: `ratio` is its
time over the nodes' median. Times are ns per element where nothing else is said. No number is ever NaN or infinite."""

from typing import Any

from gradmark_report.merge.cases import Case, Fleet
from gradmark_report.merge.findings import flags
from gradmark_report.merge.outliers import Outlier, outliers
from gradmark_report.merge.steps import Step, steps

SCHEMA_NAME = "gradmark.machines/1"


def _step(step: Step | None) -> dict[str, Any] | None:
    if step is None:
        return None
    return {
        "row": step.row.name,
        "seconds": step.seconds(1e9),
        "fits_7e9": step.fits(7e9),
        "euros": step.euros(1e9),
        "attainable_percent": step.row.attainable_percent,
        "bound_by": step.row.bound_by,
    }


def _case(case: Case) -> dict[str, Any]:
    times = []
    for index, row in enumerate(case.rows):
        time = case.time(index)
        if row and time:
            times.append(
                {
                    "machine": index,
                    "impl": row.impl,
                    "threads": row.threads,
                    "state": case.state(index),
                    "ns": time.undisturbed,
                    "low": time.low,
                    "high": time.high,
                    "ratio": case.ratio(index),
                    "best": case.best(index),
                    "attainable_percent": row.attainable_percent,
                    "bound_by": row.bound_by,
                }
            )
    return {"op": case.op, "level": case.level, "threads": case.who, "fast": case.fast, "times": times}


def _outlier(fleet: Fleet, outlier: Outlier) -> dict[str, Any]:
    return {
        "machine": fleet.machines.index(outlier.machine),
        "level": outlier.place[0],
        "threads": outlier.place[1],
        "ratio": outlier.ratio,
        "z": outlier.z,
        "nodes": outlier.nodes,
        "reasons": list(outlier.reasons),
    }


def document(fleet: Fleet) -> dict[str, Any]:
    machines = [
        {
            "label": machine.label,
            "file": machine.result.path.name,
            "host": machine.result.host,
            "processor": machine.result.processor,
            "started": machine.result.started,
            "revision": machine.result.build["revision"],
            "all_threads": machine.threads("all"),
            "euros_per_hour": machine.euros_per_hour,
            "warnings": flags(fleet, index),
            "step": step,
        }
        for index, (machine, step) in enumerate(zip(fleet.machines, map(_step, steps(fleet)), strict=True))
    ]
    return {
        "schema": SCHEMA_NAME,
        "machines": machines,
        "cases": [_case(case) for case in fleet.cases],
        "geometric_means": fleet.geometric_means(),
        "outliers": [_outlier(fleet, outlier) for outlier in outliers(fleet)],
    }
