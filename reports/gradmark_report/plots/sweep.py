"""Time per element against working set: one line per implementation, and what this machine could do at best."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from gradmark_report import faults, placement, words
from gradmark_report.plots import axes, choices, figures, layers, looks, row_times
from gradmark_report.plots.plot import Cell, Column, Control, Plot, Table
from gradmark_report.result import LEVELS, Figures, Result, Row, cells, unique

NAME = "sweep"
TITLE = "Time per element against working set"
ALIKE = 1.02  # times within 2% are called alike
HEIGHT = 400
FAR = 2  # times the slowest median, a sample is only hinted at: a few of them would press all else flat


def make(result: Result) -> Plot:
    ladder = _usable(result.sweep)
    rows = ladder or _usable(result.levels)
    if not rows:
        return Plot(NAME, TITLE, "No row of this file has a time and a working set.", "", None, _table([]), ())
    first = _first(rows)
    controls = _controls(rows, first)
    return Plot(
        NAME,
        TITLE,
        _answer([row for row in rows if (row.op_name, row.threads) == first], bool(ladder)),
        _reading(bool(ladder)),
        _chart(result, rows, controls, with_lines=bool(ladder)),
        _table(rows),
        controls,
    )


def _usable(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.time and row.working_set_bytes]


def _first(rows: Sequence[Row]) -> tuple[str, int]:
    """What is shown first: AdamW on one thread where it is there, else the first op on the fewest threads."""
    op = next((row.op_name for row in rows if row.op == "adamw"), rows[0].op_name)
    return op, min(row.threads for row in rows if row.op_name == op)


def _controls(rows: Sequence[Row], first: tuple[str, int]) -> list[Control]:
    impls = unique(row.impl for row in rows)
    return [
        choices.one("op", "op", choices.named(unique(row.op_name for row in rows)), first[0]),
        choices.one("threads", "threads", choices.thread_options(row.threads for row in rows), first[1]),
        choices.many("impls", "implementations", choices.named(impls), impls),
        choices.one("samples", "raw samples", [(True, "shown"), (False, "hidden")], True),
    ]


def _record(row: Row, impls: Sequence[str]) -> dict[str, Any]:
    assert row.time
    return {
        "op": row.op_name,
        "threads": row.threads,
        "impl": row.impl,
        "impl_order": impls.index(row.impl),
        "size": row.working_set_bytes,
        "level": row.level,
        **row_times.record(row),
        "limit": figures.short(row.limit_ns) if row.believable else None,
        "percent": figures.short(row.attainable_percent, 4),
        "bound": row.bound_by or words.UNKNOWN,
        "status": faults.mark(row) or row.status,
        "doubted": not row.believable,
        "taken": row.time.samples.size,
        "dots": figures.thinned(row.time.samples),
    }


def _borders(result: Result, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The capacities that lie within what is drawn."""
    low, high = figures.bounds(float(row.working_set_bytes or 0) for row in rows)
    borders = []
    for threads in sorted({row.threads for row in rows}):
        for level in LEVELS[:-1]:
            capacity = result.cache_bytes(level, threads)
            if capacity and low <= capacity <= high:
                label = f"{level} {words.size(capacity)}"
                borders.append({"threads": threads, "bytes": capacity, "level": level, "label": label})
    return borders


def _chart(result: Result, rows: Sequence[Row], controls: Sequence[Control], *, with_lines: bool) -> alt.LayerChart:
    impls = unique(row.impl for row in rows)
    look = looks.implementations(impls)
    source = layers.data(_record(row, impls) for row in rows)
    shown = choices.both(choices.same("op", "threads"), choices.among("impl", "impls"))
    points = alt.Chart(source).transform_filter(shown)
    x, y = axes.working_set(), axes.time_per_element()

    lowest = points.transform_filter("isValid(datum.limit)").transform_aggregate(limit="min(limit)", groupby=["size"])
    samples = (
        points.transform_filter("samples")
        .transform_joinaggregate(slowest="max(time)")
        .transform_calculate(edge=f"{FAR} * datum.slowest")
        .transform_flatten(["dots"], ["dot"])
    )
    borders = alt.Chart(layers.data(_borders(result, rows))).transform_filter(choices.same("threads"))
    drawn: list[alt.Chart] = []
    if with_lines:
        drawn += [
            lowest.mark_area(color="var(--limit)", opacity=0.55).encode(
                x=x, y=axes.time_per_element("limit").stack(None), y2=alt.value("height")
            ),
            lowest.mark_line(color="var(--muted)", strokeWidth=1).encode(x=x, y=axes.time_per_element("limit")),
            lowest.transform_aggregate(count="count()")
            .mark_text(
                color="var(--muted)",
                align="right",
                baseline="bottom",
                fontSize=11,
                fontStyle="italic",
                x=alt.ExprRef("width - 6"),
                y=HEIGHT - 18,
            )
            .encode(text=alt.value("below the attainable limit")),
        ]
    else:
        drawn.append(
            lowest.mark_tick(color="var(--muted)", orient="horizontal", size=26, thickness=3).encode(
                x=x, y=axes.time_per_element("limit")
            )
        )
    drawn += [
        borders.mark_rule(color="var(--muted)", strokeDash=[3, 3]).encode(x="bytes:Q"),
        borders.transform_calculate(words="width < 500 ? datum.level : datum.label")
        .mark_text(color="var(--muted)", align="right", baseline="bottom", dx=-4, fontSize=11)
        .encode(x="bytes:Q", y=alt.value(HEIGHT - 3), text="words:N"),
        samples.transform_filter("datum.dot <= datum.edge")
        .mark_circle(size=9, opacity=0.4)
        .encode(x=x, y=axes.time_per_element("dot"), color=look.color()),
        samples.transform_filter("datum.dot > datum.edge")
        .mark_point(filled=True, shape="triangle-up", size=16, opacity=0.5)
        .encode(x=x, y=alt.value(5), color=look.color()),
    ]
    if with_lines:
        drawn.append(points.mark_line(strokeWidth=1.5).encode(x=x, y=y, color=look.color(), strokeDash=look.dash()))
    drawn.append(
        points.mark_point(opacity=1, size=alt.ExprRef("width < 420 ? 20 : 34"), strokeWidth=1.5).encode(
            x=x, y=y, **look.marks(), tooltip=_tooltip()
        )
    )
    drawn += [*layers.doubted(points, x, y, "height - 38"), *look.key(source, shown)]
    drawn.append(layers.nothing(source, shown))
    return layers.drawn(drawn, controls, HEIGHT)


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("impl:N", title="implementation"),
        alt.Tooltip("size:Q", title="working set, bytes", format=",d"),
        alt.Tooltip("level:N", title="lives in"),
        *row_times.tooltip(),
        alt.Tooltip("limit:Q", title="its attainable limit, ns", format=".4~r"),
        alt.Tooltip("percent:Q", title="% of attainable", format=".1f"),
        alt.Tooltip("bound:N", title="bound by"),
        alt.Tooltip("status:N", title="status"),
        alt.Tooltip("taken:Q", title="samples"),
    ]


def _answer(rows: Sequence[Row], is_ladder: bool) -> str:
    """About the choice that is shown first: the quickest in each level, and whether it still matters at the largest
    working set which one is used."""
    parts = []
    faulty = faults.sentence(rows)
    rows = [row for row in rows if row.believable] or rows
    for level in LEVELS:
        best = min((row for row in rows if row.level == level), key=_undisturbed, default=None)
        if best:
            at = f" ({words.size(best.working_set_bytes)})"
            parts.append(f"{level} {best.impl} with {words.nanoseconds(_undisturbed(best))} per element{at}")
    text = f"{rows[0].op_name} on {placement.on(*rows)}, the quickest in each level: "
    text += f"{'; '.join(parts)}."
    largest = max(row.working_set_bytes or 0 for row in rows)
    last = sorted((row for row in rows if row.working_set_bytes == largest), key=_undisturbed)
    alike = [row.impl for row in last[1:] if _undisturbed(row) <= ALIKE * _undisturbed(last[0])]
    if alike:
        text += (
            f" At the largest working set, {words.size(largest)}, {words.listed(alike)} "
            f"{'is' if len(alike) == 1 else 'are'} within {words.percent(100 * (ALIKE - 1))} of {last[0].impl}."
        )
    if not is_ladder:
        text += (
            " This file has no ladder of working sets, so the points are those of the levels: "
            "gradmark run --sweep measures one."
        )
    return f"{text} {faulty}".strip()


def _undisturbed(row: Row) -> float:
    assert row.time
    return row.time.undisturbed


_DOTS = (
    "Lower is better; both axes are logarithmic. A large point is a working set's undisturbed time, a small dot "
    f"one sample. At most {figures.MOST_DOTS} of each point are drawn: the smallest, the largest, and evenly between "
    f"them; one that took more than {FAR} times the slowest of them is a small triangle at the upper edge. "
)
_LIMIT = (
    "the lowest limit of the implementations shown: the larger time of a twin, which moves the same data without the "
    "arithmetic, and a core twin, which does the same arithmetic without moving data. A point below it says that "
    "gradmark's model is at fault there. Each implementation has a limit of its own, which may be higher: choose it "
    "alone to see it. "
)
_CACHES = (
    "Dashed rules are what those caches hold that these threads have. Hollow points are implementations that estimate "
    "divisions and roots"
)


def _reading(is_ladder: bool) -> str:
    if is_ladder:
        lines = "Lines join neighbouring working sets, which differ by a third to a half. "
        return (
            f"{_DOTS}{lines}What no time should reach is shaded: it ends at {_LIMIT}{_CACHES}; their lines are dashed."
        )
    return f"{_DOTS}The short bar is {_LIMIT}{_CACHES}."


def _table(rows: Sequence[Row]) -> Table:
    impls = unique(row.impl for row in rows)
    columns = [
        Column("op", code=True),
        Column("threads", number=True),
        Column("working set", number=True),
        Column("in"),
        *(Column(f"{impl}, ns (typical)", number=True, code=True) for impl in impls),
        Column("lowest limit, ns", number=True),
    ]
    lines = []
    for (op, _, threads), group in cells(rows):
        by_impl = {row.impl: row for row in group}
        limits = [row.limit_ns for row in group if row.limit_ns is not None and row.believable]
        place = [
            Cell(op),
            Cell(str(threads), threads),
            Cell(words.size(group[0].working_set_bytes), group[0].working_set_bytes),
            Cell(group[0].level, LEVELS.index(group[0].level)),
        ]
        limit = Cell(words.significant(min(limits, default=None)), min(limits, default=None))
        lines.append([*place, *(_time_cell(by_impl.get(impl)) for impl in impls), limit])
        others = {row.impl: dict(placement.others(row)) for row in group}
        for state in unique(state for seen in others.values() for state in seen):
            lines.append([*place, *(_other_cell(others.get(impl, {}).get(state), state) for impl in impls), Cell("")])
    return Table(columns, lines)


def _figure(time: Figures) -> str:
    return f"{words.significant(time.undisturbed)} {words.plus_minus(time.undisturbed, time.low, time.high)}"


def _other_cell(time: Figures | None, state: str) -> Cell:
    return Cell(f"{_figure(time)} on {state}", time.undisturbed) if time else Cell("")


def _time_cell(row: Row | None) -> Cell:
    if row is None or row.time is None:
        return Cell(words.UNKNOWN)
    time = row.time
    figure = f"{_figure(time)} ({words.significant(time.typical)})"
    if row.placement:
        figure += f" on {placement.of(row)}"
    return (
        Cell(figure, time.undisturbed)
        if row.believable
        else Cell(f"{figure}, {faults.NOT_BELIEVABLE}", time.undisturbed, "bad")
    )
