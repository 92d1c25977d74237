"""The times of both sides of a comparison: against the working set where there is a sweep, else row by row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from gradmark_report import words
from gradmark_report.plots import chart, columns, controls
from gradmark_report.plots.plot import Control, Plot
from gradmark_report.plots.style import Styles
from gradmark_report.result import Row, unique

HEIGHT = 340
MOST_ROWS = 40
STEP = 34  # pixels of a row: its name stands over its points, so that a narrow page has room for both
APART = 4  # pixels that either side lies from the middle of a row's line, so that equal times do not hide each other
SIDES = ("base", "head")
# The same in every plot: the base hollow, the head filled.
STYLES_OF_SIDES = Styles("side", SIDES, [("var(--series-2)", "circle", True), ("var(--series-3)", "square", False)])


@dataclass(frozen=True)
class Both:
    """A row, and its time on either side: value, low, high."""

    row: Row
    times: tuple[tuple[float, float, float], tuple[float, float, float]]


def make(rows: Sequence[Both], alpha: float) -> Plot:
    sweep = [one for one in rows if one.row.sweep and one.row.working_set_bytes]
    return _sweep(sweep) if sweep else _row_by_row(rows, alpha)


def _records(rows: Sequence[Both]) -> list[dict[str, Any]]:
    return [
        {
            "place": place,
            "name": one.row.name,
            "op": one.row.op_name,
            "threads": one.row.threads,
            "impl": one.row.impl,
            "size": one.row.working_set_bytes,
            "side": side,
            "time": chart.short(time),
            "low": chart.short(low),
            "high": chart.short(high),
        }
        for place, one in enumerate(rows)
        for side, (time, low, high) in zip(SIDES, one.times, strict=True)
    ]


def _tooltip(**fields: str | tuple[str, str]) -> list[alt.Tooltip]:
    time = ("ns per element", ".4~r")
    return chart.tooltip(**fields, time=time, low=("interval from", ".4~r"), high=("to", ".4~r"))


def _sweep(sweep: Sequence[Both]) -> Plot:
    rows = [one.row for one in sweep]
    op = controls.first_op(rows)
    here = [row for row in rows if row.op_name == op]
    choices = controls.of_rows(rows, op=op, threads=min(row.threads for row in here), impl=here[-1].impl)
    ops = unique(row.op_name for row in rows)
    answer = (
        f"{words.plural(len(sweep), 'row')} of the sweep were timed on both sides, of "
        f"{words.listed(ops[:6])}{' and others' if len(ops) > 6 else ''}."
    )
    table = columns.table(
        (
            columns.name("row", lambda one: one.row.name),
            columns.number("base, ns", lambda one: one.times[0][0]),
            columns.number("head, ns", lambda one: one.times[1][0]),
        ),
        sweep,
    )
    return Plot(
        "both", "Both sides against the working set", answer, _READING, _sweep_chart(sweep, choices), table, choices
    )


_READING = (
    "Lower is better; both axes are logarithmic. A point is the time of one working set with its interval, the base "
    "hollow and dashed, the head filled. Where the intervals overlap, look at the ratio's interval in the other plot: "
    "where the processes are paired, it is narrower."
)


def _sweep_chart(sweep: Sequence[Both], choices: Sequence[Control]) -> alt.LayerChart:
    records = chart.data(_records(sweep)).transform_filter(controls.shown(choices))
    y = chart.logarithmic(alt.Y, "time", "ns per element", padding=8)
    points = records.encode(x=chart.working_set(), y=y)
    said = _tooltip(side="side", size=("working set, bytes", ",d"))
    drawn = [
        points.mark_line(strokeWidth=1.5).encode(**STYLES_OF_SIDES.line()),
        *chart.intervals(points, STYLES_OF_SIDES, "y", said, 40),
    ]
    return chart.layered(drawn, records, choices, HEIGHT, STYLES_OF_SIDES)


def _change(one: Both) -> float:
    base, head = (times[0] for times in one.times)
    return max(base / head, head / base) if base > 0 and head > 0 else 1.0


def _apart(one: Both) -> bool:
    """Do the intervals of the two times leave each other out?"""
    (_, base_low, base_high), (_, head_low, head_high) = one.times
    return base_high < head_low or head_high < base_low


def _row_by_row(rows: Sequence[Both], alpha: float) -> Plot:
    name, title = "times", "Both sides, row by row"
    drawn = sorted(sorted(rows, key=_change, reverse=True)[:MOST_ROWS], key=lambda one: one.times[0][0])
    table = columns.table(_COLUMNS, rows)
    if not drawn:
        return Plot(name, title, "No row was timed on both sides, so that nothing is drawn.", "", None, table)
    base = [one.times[0][0] for one in rows]
    apart = sum(map(_apart, rows))
    span = words.span(words.nanoseconds(min(base)), words.nanoseconds(max(base)))
    answer = (
        f"{words.plural(len(rows), 'row')}, in the base {span} per element; the intervals of base and head leave each "
        f"other out in {apart}."
    )
    left = len(rows) - len(drawn)
    if left:
        answer += f" The {len(drawn)} that changed most are drawn; the table has {words.plural(left, 'row')} more."
    return Plot(name, title, answer, _reading(alpha), _chart(drawn), table)


def _reading(alpha: float) -> str:
    return (
        "Farther to the left is faster; the axis is logarithmic, and the rows are sorted by the base's time. A point "
        "is the mean over the processes of one side, without the extremes, the base hollow and above, the head filled "
        f"and below, its line the {100 * (1 - alpha):.4g}% interval. Where the intervals overlap, look at the ratio's "
        "interval in the other plot: where the processes are paired, it is narrower."
    )


def _chart(drawn: Sequence[Both]) -> alt.LayerChart:
    records = chart.data(_records(drawn))
    rows = records.encode(y=alt.Y("place:O", axis=None, scale=alt.Scale(padding=0)))
    points = rows.encode(x=chart.logarithmic(alt.X, "time", "ns per element", padding=12))
    said = _tooltip(name="row", side="side")
    marks = []
    for middle, side in zip((7 - APART, 7 + APART), SIDES, strict=True):
        of_side = points.transform_filter(f"datum.side === '{side}'")
        marks += chart.intervals(of_side, STYLES_OF_SIDES, "x", said, 46, yOffset=middle)
    names = chart.names(rows.transform_filter("datum.side === 'base'"), dx=4, dy=-10, fontSize=11)
    return chart.layered([*marks, names], records, (), STEP * len(drawn), STYLES_OF_SIDES)


def _time(title: str, side: int, figure: int) -> columns.Made[Both]:
    return columns.number(title, lambda one: one.times[side][figure])


_COLUMNS: Sequence[columns.Made[Both]] = (
    columns.name("row", lambda one: one.row.name),
    *(
        _time(f"{name}, ns{what}", side, figure)
        for side, name in enumerate(SIDES)
        for figure, what in enumerate(("", " from", " to"))
    ),
)
