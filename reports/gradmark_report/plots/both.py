"""Both sides of a comparison over the working set: time per element, one line for each side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from gradmark_report import words
from gradmark_report.plots import axes, choices, figures, layers
from gradmark_report.plots.looks import Looks
from gradmark_report.plots.plot import Cell, Column, Plot, Table
from gradmark_report.result import Row, unique

NAME = "both"
TITLE = "Both sides against the working set"
HEIGHT = 340
SIDES = ("base", "head")


@dataclass(frozen=True)
class Both:
    """A row, and its time on either side: value, low, high."""

    row: Row
    times: tuple[tuple[float, float, float], tuple[float, float, float]]


def make(rows: Sequence[Both]) -> Plot | None:
    """None where neither side has a sweep: two points are no curve (times.py draws them)."""
    ladder = [one for one in rows if one.row.sweep and one.row.working_set_bytes]
    if not ladder:
        return None
    impls = unique(one.row.impl for one in ladder)
    ops = unique(one.row.op_name for one in ladder)
    first_op = next((op for op in ops if op.startswith("adamw/")), ops[0])
    here = [one.row for one in ladder if one.row.op_name == first_op]
    controls = [
        choices.one("op", "op", choices.named(ops), first_op),
        choices.one(
            "threads",
            "threads",
            choices.thread_options(one.row.threads for one in ladder),
            min(row.threads for row in here),
        ),
        choices.one("impl", "implementation", choices.named(impls), here[-1].impl),
    ]
    answer = (
        f"{words.plural(len(ladder), 'row')} of the sweep were timed on both sides, of "
        f"{words.listed(ops[:6])}{' and others' if len(ops) > 6 else ''}."
    )
    return Plot(NAME, TITLE, answer, _READING, _chart(ladder, controls), _table(ladder), controls)


_READING = (
    "Lower is better; both axes are logarithmic. A point is the time of one working set with its interval, the base "
    "hollow and dashed, the head filled. Where the intervals overlap, look at the ratio's interval in the other plot: "
    "where the processes are paired, it is narrower."
)


def looks_of_sides() -> Looks:
    """The same in every plot: the base hollow, the head filled."""
    return Looks("side", SIDES, [("var(--series-2)", "circle", True), ("var(--series-3)", "square", False)])


def _record(one: Both, side: int) -> dict[str, Any]:
    time, low, high = one.times[side]
    return {
        "op": one.row.op_name,
        "threads": one.row.threads,
        "impl": one.row.impl,
        "side": SIDES[side],
        "side_order": side,
        "size": one.row.working_set_bytes,
        "time": figures.short(time),
        "low": figures.short(low),
        "high": figures.short(high),
    }


def _chart(rows: Sequence[Both], controls: Sequence[Any]) -> alt.LayerChart:
    look = looks_of_sides()
    source = layers.data(_record(one, side) for one in rows for side in range(2))
    shown = choices.same("op", "threads", "impl")
    points = alt.Chart(source).transform_filter(shown)
    x, y = axes.working_set(), axes.time_per_element()
    tooltip = [
        alt.Tooltip("side:N", title="side"),
        alt.Tooltip("size:Q", title="working set, bytes", format=",d"),
        alt.Tooltip("time:Q", title="ns per element", format=".4~r"),
        alt.Tooltip("low:Q", title="interval from", format=".4~r"),
        alt.Tooltip("high:Q", title="to", format=".4~r"),
    ]
    drawn = [
        points.mark_line(strokeWidth=1.5).encode(x=x, y=y, color=look.color(), strokeDash=look.dash()),
        points.mark_rule(strokeWidth=1.5).encode(x=x, y=axes.time_per_element("low"), y2="high:Q", color=look.color()),
        points.mark_point(opacity=1, size=40, strokeWidth=1.5).encode(x=x, y=y, tooltip=tooltip, **look.marks()),
        *look.key(source, shown),
        layers.nothing(source, shown),
    ]
    return layers.drawn(drawn, controls, HEIGHT)


def _table(rows: Sequence[Both]) -> Table:
    columns = (Column("row", code=True), Column("base, ns", number=True), Column("head, ns", number=True))
    return Table(
        columns,
        [(Cell(one.row.name), *(Cell(words.significant(time[0]), time[0]) for time in one.times)) for one in rows],
    )
