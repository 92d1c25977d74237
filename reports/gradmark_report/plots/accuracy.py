"""Accuracy beside speed: the largest error against the oracle, and the time it costs."""

import math
from collections.abc import Sequence
from typing import Any

import altair as alt

from gradmark_report import faults, placement, words
from gradmark_report.plots import axes, choices, dodge, figures, layers, looks, row_times
from gradmark_report.plots.plot import Cell, Column, Control, Plot, Table
from gradmark_report.result import LEVELS, Result, Row, cells, unique

NAME = "accuracy"
TITLE = "Accuracy beside speed"
HEIGHT = 320
NARROW = 230  # pixels of the view on a phone
GLYPH = 20  # pixels from a point to the small one that leads its label: several points may share a spot
LONGEST = 18  # letters of a label
ROOM = 1.8  # how much farther the view reaches than the largest error, for the labels


def make(result: Result) -> Plot:
    rows = [row for row in result.levels if row.max_ulp is not None]
    if not rows:
        answer = "No timed row of this file has its largest error: gradmark run notes it where its proof ran."
        return Plot(NAME, TITLE, answer, "", None, _table([]))
    first = _first([row for row in rows if row.believable] or rows)
    controls = _controls(rows, first)
    return Plot(NAME, TITLE, _answer(_of(rows, first)), _READING, _chart(rows, controls), _table(rows), controls)


Choice = tuple[str, str, int]  # op, level, threads


def _of(rows: Sequence[Row], choice: Choice) -> list[Row]:
    return [row for row in rows if (row.op_name, row.level, row.threads) == choice]


def _first(rows: Sequence[Row]) -> Choice:
    """AdamW where it is there, else what has a fast implementation; in the level where arithmetic is felt most."""

    def rank(row: Row) -> tuple[bool, bool, int, int]:
        return row.op != "adamw", not row.fast, row.threads, LEVELS.index(row.level)

    best = min(rows, key=rank)
    return best.op_name, best.level, best.threads


def _controls(rows: Sequence[Row], first: Choice) -> list[Control]:
    places = [level for level in LEVELS if any(row.level == level for row in rows)]
    return [
        choices.one("op", "op", choices.named(unique(row.op_name for row in rows)), first[0]),
        choices.one("level", "level", choices.named(places), first[1]),
        choices.one("threads", "threads", choices.thread_options(row.threads for row in rows), first[2]),
    ]


def _ulp(row: Row) -> float:
    assert row.max_ulp is not None
    return row.max_ulp


def _undisturbed(row: Row) -> float:
    assert row.time
    return row.time.undisturbed


def _records(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Each with the place of its label, and with the ends of the view of its group."""
    impls = unique(row.impl for row in rows)
    records = []
    for _, group in cells(rows):
        low, high = figures.bounds(_undisturbed(row) for row in group)
        low, high = low / 1.25, high * 1.25
        right = max(max(_ulp(row) for row in group) * ROOM, 1.0)
        scale = HEIGHT / math.log(high / low)
        labels = [
            dodge.Label(
                NARROW * _ulp(row) / right, scale * math.log(high / _undisturbed(row)), min(LONGEST, len(row.impl)) + 4
            )
            for row in group
        ]
        # In a column right of its farthest point, so that no label lies on a point.
        beside = {index: max(_ulp(group[i]) for i in column) for column in dodge.columns(labels) for index in column}
        places = dodge.apart(labels, dodge.LINE, HEIGHT - dodge.LINE)
        for index, (row, y) in enumerate(zip(group, places, strict=True)):
            records.append(
                {
                    "op": row.op_name,
                    "level": row.level,
                    "threads": row.threads,
                    "impl": row.impl,
                    "impl_order": impls.index(row.impl),
                    "ulp": figures.short(row.max_ulp, 4),
                    **row_times.record(row),
                    "doubted": not row.believable,
                    "label_ulp": figures.short(beside[index], 4),
                    "label_time": figures.short(high / math.exp(y / scale)),
                    "bottom": figures.short(low),
                    "top": figures.short(high),
                    "right": figures.short(right),
                }
            )
    return records


def _chart(rows: Sequence[Row], controls: Sequence[Control]) -> alt.LayerChart:
    look = looks.implementations(unique(row.impl for row in rows))
    source = layers.data(_records(rows))
    shown = choices.same("op", "level", "threads")
    points = alt.Chart(source).transform_filter(shown)
    x = alt.X(
        "ulp:Q",
        scale=alt.Scale(domainMin=0, nice=False),
        axis=alt.Axis(title="largest error, ulp (more exact to the left)", tickCount=6),
    )
    y = alt.Y(
        "time:Q",
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(title="ns per element (quicker below)", **axes.log_ticks("y")),
    )
    frame = points.transform_fold(["bottom", "top"], ["end", "edge"])
    label_x, label_y = alt.X("label_ulp:Q"), alt.Y("label_time:Q")
    drawn = [
        frame.mark_point(opacity=0).encode(x=alt.X("right:Q"), y=alt.Y("edge:Q")),
        points.mark_rule(color="var(--muted)", strokeWidth=0.8, x2Offset=GLYPH - 5).encode(
            x=x, x2="label_ulp:Q", y=y, y2="label_time:Q"
        ),
        points.mark_rule(strokeWidth=1.6).encode(x=x, y=alt.Y("low:Q"), y2="high:Q", color=look.color()),
        points.mark_point(size=70, opacity=1, strokeWidth=1.7).encode(x=x, y=y, **look.marks(), tooltip=_tooltip()),
        points.mark_point(size=34, opacity=1, strokeWidth=1.4, xOffset=GLYPH).encode(
            x=label_x, y=label_y, **look.marks()
        ),
        points.mark_text(align="left", baseline="middle", dx=GLYPH + 7, limit=dodge.LETTER * LONGEST + 8).encode(
            x=label_x, y=label_y, text="impl:N"
        ),
        *layers.doubted(points, x, y),
        layers.nothing(source, shown),
    ]
    return layers.drawn(drawn, controls, HEIGHT)


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("impl:N", title="implementation"),
        alt.Tooltip("ulp:Q", title="largest error, ulp", format=".4~r"),
        *row_times.tooltip(),
    ]


def _answer(group: Sequence[Row]) -> str:
    """The quickest exact against the quickest fast implementation, or what there is."""
    first = group[0]
    group = [row for row in group if row.believable] or group
    where = f"{first.op_name} in {first.level} on {placement.on(*group)}"
    exact = min((row for row in group if not row.fast), key=_undisturbed, default=None)
    fast = min((row for row in group if row.fast), key=_undisturbed, default=None)
    if exact and fast:
        gain = _undisturbed(exact) / _undisturbed(fast)
        speed = (
            "takes the same time as"
            if gain == 1
            else (
                f"is {words.times(gain)} as quick as"
                if gain > 1
                else f"is no quicker than ({words.times(gain)} its speed)"
            )
        )
        times = f"{words.nanoseconds(_undisturbed(fast))} against {words.nanoseconds(_undisturbed(exact))} per element"
        errors = f"{words.significant(_ulp(fast))} ulp against {words.significant(_ulp(exact))}"
        return (
            f"{where}: the quickest implementation with estimated divisions and roots, {fast.impl}, {speed} "
            f"the quickest exact one, {exact.impl} ({times}); its largest error is {errors}."
        )
    best = exact or fast
    assert best
    others = "; no other implementation of it estimates divisions or roots" if exact else ""
    return (
        f"{where}: the quickest is {best.impl} with {words.nanoseconds(_undisturbed(best))} per element "
        f"and a largest error of {words.significant(_ulp(best))} ulp{others}."
    )


_READING = (
    "Each point is one implementation: to the left is more exact, below is quicker (logarithmic). The error is the "
    "largest against a double-precision oracle in this run's proof, in units of the last place of the largest term "
    "that the formula adds up, so that an exact implementation is not at zero either. The vertical bar is the "
    "interval of the undisturbed time. A thin line leads to the point's name. Hollow points estimate divisions and "
    "roots."
)


def _table(rows: Sequence[Row]) -> Table:
    columns = [
        Column("op", code=True),
        Column("implementation", code=True),
        Column("level"),
        Column("threads", number=True),
        Column("max ulp", number=True),
        *row_times.COLUMNS,
        Column("divisions and roots"),
        Column("status"),
    ]
    lines = []
    for row in rows:
        lines.append(
            [
                Cell(row.op_name),
                Cell(row.impl),
                Cell(row.level, LEVELS.index(row.level)),
                Cell(str(row.threads), row.threads),
                Cell(words.significant(row.max_ulp), row.max_ulp),
                *row_times.cells(row),
                Cell("estimated" if row.fast else "exact"),
                Cell("" if row.believable else faults.NOT_BELIEVABLE, mark="" if row.believable else "bad"),
            ]
        )
    return Table(columns, lines)
