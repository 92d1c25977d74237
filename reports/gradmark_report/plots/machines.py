"""Several machines: for each op a line of dots, one for each machine, at its time over the best one's."""

from typing import Any

import altair as alt

from gradmark_report import words
from gradmark_report.merge import tables
from gradmark_report.merge.cases import WHO, Fleet, where
from gradmark_report.merge.findings import best_at
from gradmark_report.plots import chart, controls, style
from gradmark_report.plots.plot import Control, Plot
from gradmark_report.result import LEVELS, unique

NAME = "machines"
TITLE = "Time over the best machine's"
LEAST_STEP, STEP, MOST_STEP = (30, 10, 160)  # pixels of an op: at least, for each machine, at most
READING = (
    "Each line is an op, each dot a machine with the best exact implementation that it has: how many times as long as "
    "the best machine it takes. The best stands at 1, and its own time per element stands beside the op. Thread counts "
    "are each machine's own. What was not measured on a machine has no dot."
)


def _records(fleet: Fleet) -> list[dict[str, Any]]:
    return [
        {
            # The line's name says what 1 stands for.
            "line": f"{case.op}, {words.nanoseconds(case.ns(case.fastest))}",
            "op": case.op,
            "level": case.level,
            "threads": case.who,
            "machine": machine.label,
            "ratio": chart.short(case.ratio(index) or 1.0),
            "ns": words.nanoseconds(case.ns(index)),
            "how": f"{row.impl}, t{row.threads}",
        }
        for case in fleet.cases
        if not case.fast and case.measured > 1 and case.alike
        for index, (machine, row) in enumerate(zip(fleet.machines, case.rows, strict=True))
        if row is not None
    ]


def make(fleet: Fleet) -> Plot:
    records = _records(fleet)
    place = next((place for place in fleet.places if any(_at(record, place) for record in records)), None)
    table = tables.times(fleet, place or fleet.places[0])
    if place is None:
        return Plot(NAME, TITLE, "No exact implementation was measured on two machines.", READING, None, table)
    there = {field: {record[field] for record in records} for field in ("level", "threads")}
    levels = controls.named(level for level in LEVELS if level in there["level"])
    threads = [(who, f"{who} {'thread' if who == 'one' else 'threads'}") for who in WHO if who in there["threads"]]
    choices = [
        Control("level", "Level", levels, place[0], "level"),
        Control("threads", "Threads", threads, place[1], "threads"),
    ]
    ops = max(sum(case.place == place for case in fleet.cases if not case.fast) for place in fleet.places)
    answer = f"In {where(place)}: {best_at(fleet, place)}"
    return Plot(NAME, TITLE, answer, READING, _chart(fleet, records, choices, max(3, ops)), table, choices)


def _chart(fleet: Fleet, records: list[dict[str, Any]], choices: list[Control], lines: int) -> alt.LayerChart:
    labels = [machine.label for machine in fleet.machines]
    styles = style.by_place("machine", labels)
    shown = chart.data(records).transform_filter(controls.shown(choices))
    y = alt.Y(
        "line:N",
        title=None,
        scale=alt.Scale(paddingInner=0.3),
        sort=unique(record["line"] for record in records),
        axis=alt.Axis(grid=True, labelLimit=300),
    )
    x = alt.X(
        "ratio:Q",
        title="time over the best machine's",
        scale=alt.Scale(zero=False, domainMin=1, nice=True),
        axis=alt.Axis(tickCount=6),
    )
    # Beside each other, so that equal machines do not hide each other.
    offset = alt.YOffset("machine:N", sort=labels, scale=alt.Scale(domain=labels))
    said = chart.tooltip(op="op", machine="machine", ns="per element", ratio=("over the best", ".3"), how="with")
    dots = shown.mark_point(size=80, opacity=0.9).encode(x=x, y=y, yOffset=offset, tooltip=said, **styles.marks())
    step = min(MOST_STEP, max(LEAST_STEP, STEP * len(labels)))
    return chart.layered([dots], shown, choices, lines * step, styles)


def _at(record: dict[str, Any], place: tuple[str, str]) -> bool:
    return (record["level"], record["threads"]) == place
