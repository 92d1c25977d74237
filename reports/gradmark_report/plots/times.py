"""Both sides of a comparison, row by row: where there is no sweep, and so no curve to draw."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from gradmark_report import words
from gradmark_report.plots import axes, figures, layers
from gradmark_report.plots.both import SIDES, Both, looks_of_sides
from gradmark_report.plots.plot import Cell, Column, Plot, Table

NAME = "times"
TITLE = "Both sides, row by row"
MOST_ROWS = 40
STEP = 34  # pixels of a row: its name stands over its points, so that a narrow page has room for both
APART = 4  # pixels that either side lies from the middle of a row's line, so that equal times do not hide each other


def _change(one: Both) -> float:
    base, head = (times[0] for times in one.times)
    return max(base / head, head / base) if base > 0 and head > 0 else 1.0


def _apart(one: Both) -> bool:
    """Do the intervals of the two times leave each other out?"""
    (_, base_low, base_high), (_, head_low, head_high) = one.times
    return base_high < head_low or head_high < base_low


def make(rows: Sequence[Both], alpha: float) -> Plot:
    drawn = sorted(sorted(rows, key=_change, reverse=True)[:MOST_ROWS], key=lambda one: one.times[0][0])
    table = _table(rows)
    if not drawn:
        return Plot(NAME, TITLE, "No row was timed on both sides, so that nothing is drawn.", "", None, table)
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
    return Plot(NAME, TITLE, answer, _reading(alpha), _chart(drawn), table)


def _reading(alpha: float) -> str:
    return (
        "Farther to the left is faster; the axis is logarithmic, and the rows are sorted by the base's time. A point "
        "is the mean over the processes of one side, without the extremes, the base hollow and above, the head filled "
        f"and below, its line the {100 * (1 - alpha):.4g}% interval. Where the intervals overlap, look at the ratio's "
        "interval in the other plot: where the processes are paired, it is narrower."
    )


def _record(place: int, one: Both, side: int) -> dict[str, Any]:
    time, low, high = one.times[side]
    return {
        "place": place,
        "name": one.row.name,
        "side": SIDES[side],
        "side_order": side,
        "time": figures.short(time),
        "low": figures.short(low),
        "high": figures.short(high),
    }


def _chart(drawn: Sequence[Both]) -> alt.LayerChart:
    look = looks_of_sides()
    source = layers.data(_record(place, one, side) for place, one in enumerate(drawn) for side in range(2))
    y = alt.Y("place:O", axis=None, scale=alt.Scale(padding=0))
    scale = alt.Scale(type="log", nice=False, padding=12)
    axis = alt.Axis(title="ns per element", **axes.log_ticks("x"))

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=axis)

    tooltip = [
        alt.Tooltip("name:N", title="row"),
        alt.Tooltip("side:N", title="side"),
        alt.Tooltip("time:Q", title="ns per element", format=".4~r"),
        alt.Tooltip("low:Q", title="interval from", format=".4~r"),
        alt.Tooltip("high:Q", title="to", format=".4~r"),
    ]
    marks = []
    for number, side in enumerate(SIDES):
        of_side = alt.Chart(source).transform_filter(f"datum.side === '{side}'")
        middle = 7 + (2 * number - 1) * APART
        marks += [
            of_side.mark_rule(strokeWidth=2, yOffset=middle).encode(x=x("low"), x2="high:Q", y=y, color=look.color()),
            of_side.mark_point(size=46, strokeWidth=1.7, opacity=1, yOffset=middle).encode(
                x=x("time"), y=y, tooltip=tooltip, **look.marks()
            ),
        ]
    names = (
        alt.Chart(source)
        .transform_filter("datum.side_order === 0")
        .mark_text(align="left", baseline="middle", dx=4, dy=-10, fontSize=11, limit=420)
        .encode(x=alt.value(0), y=y, text="name:N")
    )
    return layers.drawn([*marks, names, *look.key(source, "true")], (), STEP * len(drawn))


def _table(rows: Sequence[Both]) -> Table:
    columns = (
        Column("row", code=True),
        *(Column(f"{side}, ns{what}", number=True) for side in SIDES for what in ("", " from", " to")),
    )

    def cells(one: Both) -> list[Cell]:
        return [Cell(words.significant(value), value) for times in one.times for value in times]

    return Table(columns, [(Cell(one.row.name), *cells(one)) for one in rows])
