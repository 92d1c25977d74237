"""What the reader chooses in a plot: a Vega parameter in the chart, and the control that the page makes for it.

No text of a result file stands in an expression: expressions compare a field with a parameter, by their fixed names,
and the file's names are values of the one or the other."""

from collections.abc import Iterable, Sequence
from typing import Any

from gradmark_report.plots.plot import Control
from gradmark_report.result import LEVELS, Row, unique
from gradmark_report.words import plural


def named(names: Iterable[str]) -> list[tuple[Any, str]]:
    """Options that are called what they are."""
    return [(name, name) for name in names]


def of_rows(rows: Sequence[Row], **chosen: Any) -> list[Control]:
    """Of what sets rows apart those that are named here, in this order, each with what is shown first."""
    impls = named(unique(row.impl for row in rows))
    counts = sorted({row.threads for row in rows})
    known = {
        "op": ("op", named(unique(row.op_name for row in rows)), "op"),
        "level": ("level", named(level for level in LEVELS if any(row.level == level for row in rows)), "level"),
        "threads": ("threads", [(count, plural(count, "thread")) for count in counts], "threads"),
        "impl": ("implementation", impls, "impl"),
        "impls": ("implementations", impls, "impl"),
    }
    made = []
    for param, value in chosen.items():
        label, options, field = known[param]
        made.append(Control(param, label, options, value, field))
    return made


def first_op(rows: Sequence[Row]) -> str:
    """What is shown first: AdamW where it is there."""
    return next((row.op_name for row in rows if row.op == "adamw"), rows[0].op_name)


def last_level(rows: Sequence[Row]) -> tuple[str, int]:
    """The largest level, and the fewest threads that were timed in it."""
    level = max((row.level for row in rows), key=LEVELS.index)
    return level, min(row.threads for row in rows if row.level == level)


def widest(rows: Sequence[Row], among: Sequence[Row]) -> str:
    """The implementation that has the most rows among these, an exact one before a fast one; of several the last,
    which has the widest vectors."""
    impls = unique(row.impl for row in rows)
    fast = {row.impl for row in rows if row.fast}
    return max(enumerate(impls), key=lambda one: (sum(r.impl == one[1] for r in among), one[1] not in fast, one[0]))[1]


def same(*fields: str) -> str:
    """An expression: each of the fields is what its parameter, which is called like it, says."""
    return " && ".join(f"datum.{name} === {name}" for name in fields)


def shown(controls: Iterable[Control]) -> str:
    """An expression: the record is one of those that the reader has chosen."""
    tests = [
        f"indexof({one.param}, datum.{one.field}) >= 0" if one.many else f"datum.{one.field} === {one.param}"
        for one in controls
        if one.field
    ]
    return " && ".join(tests) or "true"
