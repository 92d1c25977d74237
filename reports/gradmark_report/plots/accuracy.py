"""Accuracy beside speed: the largest error against the oracle, and the time it costs."""

import math
from collections.abc import Sequence
from typing import Any

import altair as alt

from gradmark_report import faults, placement, words
from gradmark_report.plots import chart, columns, controls, dodge, rows, style
from gradmark_report.plots.plot import Cell, Control, Plot
from gradmark_report.plots.rows import undisturbed
from gradmark_report.result import LEVELS, Result, Row, cells, unique

NAME = "accuracy"
TITLE = "Accuracy beside speed"
HEIGHT = 320
NARROW = 230  # pixels of the view on a phone
GLYPH = 20  # pixels from a point to the small one that leads its label: several points may share a spot
LONGEST = 18  # letters of a label
ROOM = 1.8  # how much farther the view reaches than the largest error, for the labels


def make(result: Result) -> Plot:
    verified = [row for row in result.levels if row.max_ulp is not None]
    table = columns.table(_COLUMNS, rows.own(verified))
    if not verified:
        answer = "No timed row of this file has its largest error: gradmark run notes it where its proof ran."
        return Plot(NAME, TITLE, answer, "", None, table)
    first = _first([row for row in verified if row.believable] or verified)
    choices = controls.of_rows(verified, op=first.op_name, level=first.level, threads=first.threads)
    group = next(group for _, group in cells(verified) if any(row is first for row in group))
    return Plot(NAME, TITLE, _answer(group), _READING, _chart(verified, choices), table, choices)


def _first(verified: Sequence[Row]) -> Row:
    """AdamW where it is there, else what has a fast implementation; in the level where arithmetic is felt most."""
    return min(verified, key=lambda row: (row.op != "adamw", not row.fast, row.threads, LEVELS.index(row.level)))


def _ulp(row: Row) -> float:
    assert row.max_ulp is not None
    return row.max_ulp


def _records(verified: Sequence[Row]) -> list[dict[str, Any]]:
    """Each with the place of its label, and with the ends of the view of its group."""
    records = []
    for _, group in cells(verified):
        low, high = min(map(undisturbed, group)) / 1.25, max(map(undisturbed, group)) * 1.25
        right = max(max(map(_ulp, group)) * ROOM, 1.0)
        scale = HEIGHT / math.log(high / low)
        labels = [
            dodge.Label(
                NARROW * _ulp(row) / right, scale * math.log(high / undisturbed(row)), min(LONGEST, len(row.impl)) + 4
            )
            for row in group
        ]
        # In a column right of its farthest point, so that no label lies on a point.
        beside = {index: max(_ulp(group[i]) for i in column) for column in dodge.columns(labels) for index in column}
        for index, (row, y) in enumerate(zip(group, dodge.apart(labels, HEIGHT), strict=True)):
            records.append(
                {
                    **rows.record(row),
                    "ulp": chart.short(row.max_ulp, 4),
                    "label_ulp": chart.short(beside[index], 4),
                    "label_time": chart.short(high / math.exp(y / scale)),
                    "bottom": chart.short(low),
                    "top": chart.short(high),
                    "right": chart.short(right),
                }
            )
    return records


def _chart(verified: Sequence[Row], choices: Sequence[Control]) -> alt.LayerChart:
    styles = style.implementations(unique(row.impl for row in verified))
    records = chart.data(_records(verified)).transform_filter(controls.shown(choices))
    x = alt.X(
        "ulp:Q",
        scale=alt.Scale(domainMin=0, nice=False),
        axis=alt.Axis(title="largest error, ulp (more exact to the left)", tickCount=6),
    )
    points = records.encode(x=x, y=chart.logarithmic(alt.Y, "time", "ns per element (quicker below)"))
    labels = records.encode(x="label_ulp:Q", y="label_time:Q")
    frame = records.transform_fold(["bottom", "top"], ["end", "edge"])
    said = chart.tooltip(impl="implementation", ulp=("largest error, ulp", ".4~r"), **rows.SAID)
    drawn = [
        frame.mark_point(opacity=0).encode(x="right:Q", y="edge:Q"),
        points.mark_rule(color="var(--muted)", strokeWidth=0.8, x2Offset=GLYPH - 5).encode(
            x2="label_ulp:Q", y2="label_time:Q"
        ),
        *chart.intervals(points, styles, "y", said, 70),
        labels.mark_point(size=34, opacity=1, strokeWidth=1.4, xOffset=GLYPH).encode(**styles.marks()),
        labels.mark_text(align="left", baseline="middle", dx=GLYPH + 7, limit=dodge.LETTER * LONGEST + 8).encode(
            text="impl:N"
        ),
        *chart.doubted(points),
    ]
    return chart.layered(drawn, records, choices, HEIGHT)


def _answer(group: Sequence[Row]) -> str:
    """The quickest exact against the quickest fast implementation, or what there is."""
    first = group[0]
    group = [row for row in group if row.believable] or group
    where = f"{first.op_name} in {first.level} on {placement.on(*group)}"
    exact = min((row for row in group if not row.fast), key=undisturbed, default=None)
    fast = min((row for row in group if row.fast), key=undisturbed, default=None)
    if exact and fast:
        gain = undisturbed(exact) / undisturbed(fast)
        speed = (
            "takes the same time as"
            if gain == 1
            else (
                f"is {words.times(gain)} as quick as"
                if gain > 1
                else f"is no quicker than ({words.times(gain)} its speed)"
            )
        )
        times = f"{words.nanoseconds(undisturbed(fast))} against {words.nanoseconds(undisturbed(exact))} per element"
        errors = f"{words.significant(_ulp(fast))} ulp against {words.significant(_ulp(exact))}"
        return (
            f"{where}: the quickest implementation with estimated divisions and roots, {fast.impl}, {speed} "
            f"the quickest exact one, {exact.impl} ({times}); its largest error is {errors}."
        )
    best = exact or fast
    assert best
    others = "; no other implementation of it estimates divisions or roots" if exact else ""
    return (
        f"{where}: the quickest is {best.impl} with {words.nanoseconds(undisturbed(best))} per element "
        f"and a largest error of {words.significant(_ulp(best))} ulp{others}."
    )


_READING = (
    "Each point is one implementation: to the left is more exact, below is quicker (logarithmic). The error is the "
    "largest against a double-precision oracle in this run's proof, in units of the last place of the largest term "
    "that the formula adds up, so that an exact implementation is not at zero either. The vertical bar is the "
    "interval of the undisturbed time. A thin line leads to the point's name. Hollow points estimate divisions and "
    "roots."
)


_COLUMNS: Sequence[columns.Made[rows.Line]] = (
    *rows.NAME_COLUMNS,
    columns.number("max ulp", lambda line: line.row.max_ulp),
    *rows.TIME_COLUMNS,
    columns.text("divisions and roots", lambda line: "estimated" if line.row.fast else "exact"),
    columns.cell("status", lambda line: Cell("") if line.row.believable else Cell(faults.NOT_BELIEVABLE, mark="bad")),
)
