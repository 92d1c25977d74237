"""The comparison for machines: gradmark.comparison/2, described and checked by comparison.schema.json. What is unknown
is null; there is no NaN."""

import json
import math
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from gradmark_report import __version__
from gradmark_report.comparison.comparison import Comparison
from gradmark_report.comparison.sides import Side
from gradmark_report.statistics import ComparedRow, Interval

SCHEMA_NAME = "gradmark.comparison/2"
SCHEMA_FILE = Path(__file__).parent / "comparison.schema.json"


@cache
def validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


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
    content = document(made)
    validator().validate(content)
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
