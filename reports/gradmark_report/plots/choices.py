"""What the reader chooses in a plot: a Vega parameter in the chart, and the control that the page makes for it.

No text of a result file stands in an expression: expressions compare a field with a parameter, by their fixed names,
and the file's names are values of the one or the other."""

from collections.abc import Iterable, Sequence
from typing import Any

import altair as alt

from gradmark_report.plots.plot import Control
from gradmark_report.words import plural


def one(param: str, label: str, options: Sequence[tuple[Any, str]], chosen: Any) -> Control:
    return Control(param, label, many=False, options=tuple(options), chosen=chosen)


def many(param: str, label: str, options: Sequence[tuple[Any, str]], chosen: Sequence[Any]) -> Control:
    return Control(param, label, many=True, options=tuple(options), chosen=list(chosen))


def named(names: Iterable[str]) -> list[tuple[Any, str]]:
    """Options that are called what they are."""
    return [(name, name) for name in names]


def thread_options(counts: Iterable[int]) -> list[tuple[Any, str]]:
    return [(count, plural(count, "thread")) for count in sorted(set(counts))]


def params(controls: Iterable[Control]) -> list[alt.Parameter]:
    return [alt.param(name=control.param, value=control.chosen) for control in controls]


def same(*fields: str) -> str:
    """An expression: each of the fields is what its parameter, which is called like it, says."""
    return " && ".join(f"datum.{name} === {name}" for name in fields)


def among(field: str, param: str) -> str:
    """An expression: the field is one of the parameter's list."""
    return f"indexof({param}, datum.{field}) >= 0"


def both(*expressions: str) -> str:
    return " && ".join(f"({expression})" for expression in expressions)
