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
from typing import Any

from gradmark_report import __version__, json_file
from gradmark_report.comparison.circumstances import Circumstance
from gradmark_report.comparison.contrast import Compared, Contrast
from gradmark_report.comparison.sides import Side
from gradmark_report.statistics import Interval

SCHEMA_NAME = "gradmark.comparison/2"


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _interval(interval: Interval | None) -> dict[str, float | None] | None:
    if interval is None:
        return None
    return {"value": _finite(interval.value), "low": _finite(interval.low), "high": _finite(interval.high)}


def _side(side: Side) -> dict[str, Any]:
    return {
        "processes": len(side.results),
        "files": [str(result.path).encode(errors="replace").decode() for result in side.results],
        "started": side.results[0].started,
        "finished": max(result.finished for result in side.results),
        "partial": sum(result.partial for result in side.results),
    }


def _circumstance(one: Circumstance) -> dict[str, Any]:
    return {"label": one.label, "same": one.same, "base": list(one.base), "head": list(one.head)}


def _row(row: Compared) -> dict[str, Any]:
    compared = row.comparison
    return {
        "name": row.name,
        "verdict": row.verdict.value,
        "reason": compared.reason,
        "state": compared.state,
        "pairs": compared.pairs,
        "paired": compared.paired,
        "left_out": compared.left_out,
        "base_ns_per_element": _interval(compared.base),
        "head_ns_per_element": _interval(compared.head),
        "ratio": _interval(compared.ratio),
        "pairs_to_decide": compared.pairs_to_decide,
    }


def document(made: Contrast) -> dict[str, Any]:
    settings = made.settings
    return {
        "schema": SCHEMA_NAME,
        "made_by": f"gradmark-report {__version__}",
        "paired": made.paired,
        "why_not_paired": made.turns.why_not or None,
        "settings": {
            "margin": settings.margin,
            "alpha": settings.alpha,
            "looks": settings.looks,
        },
        "base": _side(made.base),
        "head": _side(made.head),
        "circumstances": [_circumstance(one) for one in made.circumstances],
        "warnings": list(made.warnings),
        "counts": {verdict.value: number for verdict, number in made.counts().items()},
        "rows": [_row(row) for row in made.rows],
        "only_base": list(made.matched.only_base),
        "only_head": list(made.matched.only_head),
        "not_compared": [{"name": name, "why": why} for name, why in made.matched.not_compared.items()],
        "broken": list(made.matched.broken),
    }


def text(made: Contrast) -> str:
    return json_file.written(document(made))
