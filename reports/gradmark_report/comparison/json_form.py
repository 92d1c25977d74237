"""The comparison for machines: gradmark.comparison/2, described and checked by comparison.schema.json. What is unknown
is null; there is no NaN."""

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from gradmark_report import __version__
from gradmark_report.comparison.circumstances import Circumstance
from gradmark_report.comparison.contrast import Compared, Contrast
from gradmark_report.comparison.sides import Side
from gradmark_report.statistics import Interval

SCHEMA_NAME = "gradmark.comparison/2"
SCHEMA_FILE = Path(__file__).parent / "comparison.schema.json"


@cache
def validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


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
    content = document(made)
    validator().validate(content)
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
