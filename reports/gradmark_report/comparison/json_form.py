"""The comparison as JSON, `"schema": "gradmark.comparison/2"`, which `compare` and `gate` write. What is unknown is
null, never absent; there is no NaN.

Times are ns per element; a ratio is head over base, so that more than 1 is slower; `margin` and `alpha` are fractions,
and every interval is of the level 1 - alpha/looks (`low` and `high` are null where there are too few processes to know
them). `paired`: the processes of the sides ran by turns, and are compared in pairs. `counts` are the rows by verdict.
Of a row `state` is where the threads ran in all rounds that count (null on one thread), `pairs` is the number of pairs
(of processes of the smaller side, where they are not paired), `left_out` those with fewer than three rounds in that
state. `partial` is how many files of a side are of interrupted runs, `broken` the rows that failed their proof in the
head and not in the base."""

import math
from dataclasses import asdict
from typing import Any

from gradmark_report import __version__, json_file
from gradmark_report.comparison.comparison import Comparison
from gradmark_report.comparison.sides import Side
from gradmark_report.statistics import ComparedRow, Interval

SCHEMA_NAME = "gradmark.comparison/2"


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _interval(interval: Interval) -> dict[str, float | None]:
    return {end: _finite(value) for end, value in asdict(interval).items()}


def _side(side: Side) -> dict[str, Any]:
    return {
        "processes": len(side.results),
        "files": [str(result.path).encode(errors="replace").decode() for result in side.results],
        "started": side.results[0].started,
        "finished": max(result.finished for result in side.results),
        "partial": sum(result.partial for result in side.results),
    }


def _row(row: ComparedRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "verdict": row.verdict.value,
        "reason": row.reason,
        "state": row.state,
        "pairs": row.pairs,
        "paired": row.paired,
        "left_out": row.left_out,
        "base_ns_per_element": _interval(row.times[0]),
        "head_ns_per_element": _interval(row.times[1]),
        "ratio": _interval(row.ratio) if row.pairs else None,
        "pairs_to_decide": row.pairs_to_decide,
    }


def document(made: Comparison) -> dict[str, Any]:
    return {
        "schema": SCHEMA_NAME,
        "made_by": f"gradmark-report {__version__}",
        "paired": made.paired,
        "why_not_paired": made.why_not_paired or None,
        "settings": asdict(made.settings),
        **{side.label: _side(side) for side in made.sides},
        "circumstances": [
            {"label": one.label, "same": one.same, "base": list(one.base), "head": list(one.head)}
            for one in made.circumstances
        ],
        "warnings": list(made.warnings),
        "counts": {verdict.value: number for verdict, number in made.counts().items()},
        "rows": [_row(row) for row in made.rows],
        "only_base": list(made.only[0]),
        "only_head": list(made.only[1]),
        "not_compared": [{"name": name, "why": why} for name, why in made.not_compared.items()],
        "broken": list(made.broken),
    }


def text(made: Comparison) -> str:
    return json_file.written(document(made))
