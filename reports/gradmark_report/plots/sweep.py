"""Time per element against working set: one line per implementation, and what this machine could do at best."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from gradmark_report import faults, placement, words
from gradmark_report.plots import chart, controls, style
from gradmark_report.plots.chart import MOST_DOTS
from gradmark_report.plots.plot import Cell, Column, Control, Plot, Table
from gradmark_report.plots.rows import SAID, Line, in_every_state, level_cell, record, undisturbed
from gradmark_report.result import LEVELS, Result, Row, Time, cells, unique

NAME = "sweep"
TITLE = "Time per element against working set"
ALIKE = 1.02  # times within 2% are called alike
HEIGHT = 400
FAR = 2  # times the slowest median, a sample is only hinted at: a few of them would press all else flat


def make(result: Result) -> Plot:
    sweep = _usable(result.sweep)
    rows = sweep or _usable(result.levels)
    if not rows:
        return Plot(NAME, TITLE, "No row of this file has a time and a working set.", "", None, _table([]), ())
    op = controls.first_op(rows)
    threads = min(row.threads for row in rows if row.op_name == op)
    choices = controls.of_rows(rows, op=op, threads=threads, impls=unique(row.impl for row in rows))
    choices.append(Control("samples", "raw samples", [(True, "shown"), (False, "hidden")], True))
    first = [row for row in rows if (row.op_name, row.threads) == (op, threads)]
    drawn = _chart(result, rows, choices, with_lines=bool(sweep))
    return Plot(NAME, TITLE, _answer(first, bool(sweep)), _reading(bool(sweep)), drawn, _table(rows), choices)


def _usable(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.time and row.working_set_bytes]


def _record(row: Row) -> dict[str, Any]:
    assert row.time
    return {
        **record(row),
        "size": row.working_set_bytes,
        "limit": chart.short(row.limit_ns) if row.believable else None,
        "status": faults.mark(row) or row.status,
        "taken": row.time.samples.size,
        "dots": chart.thinned(row.time.samples),
    }


def _borders(result: Result, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The capacities that lie within what is drawn."""
    sizes = [float(row.working_set_bytes or 0) for row in rows]
    borders = []
    for threads in sorted({row.threads for row in rows}):
        for level in LEVELS[:-1]:
            capacity = result.cache_bytes(level, threads)
            if capacity and min(sizes) <= capacity <= max(sizes):
                label = f"{level} {words.size(capacity)}"
                borders.append({"threads": threads, "bytes": capacity, "level": level, "label": label})
    return borders


def _chart(result: Result, rows: Sequence[Row], choices: Sequence[Control], *, with_lines: bool) -> alt.LayerChart:
    styles = style.implementations(unique(row.impl for row in rows))
    records = chart.data(map(_record, rows)).transform_filter(controls.shown(choices))
    x, y = chart.working_set(), chart.logarithmic(alt.Y, "time", "ns per element", padding=8)
    points = records.encode(x=x, y=y)
    limits = records.transform_filter("isValid(datum.limit)").transform_aggregate(limit="min(limit)", groupby=["size"])
    lowest = limits.encode(x=x, y=alt.Y("limit:Q", stack=None))
    samples = (
        records.transform_filter("samples")
        .transform_joinaggregate(slowest="max(time)")
        .transform_calculate(edge=f"{FAR} * datum.slowest")
        .transform_flatten(["dots"], ["dot"])
        .encode(x=x, color=styles.color())
    )
    borders = chart.data(_borders(result, rows)).transform_filter(controls.same("threads")).encode(x="bytes:Q")
    below: dict[str, Any] = {"align": "right", "baseline": "bottom", "fontSize": 11, "color": "var(--muted)"}
    drawn: list[alt.Chart] = []
    if with_lines:
        drawn += [
            lowest.mark_area(color="var(--limit)", opacity=0.55).encode(y2=alt.value("height")),
            lowest.mark_line(color="var(--muted)", strokeWidth=1),
            limits.transform_aggregate(count="count()")
            .mark_text(**below, fontStyle="italic", x=alt.ExprRef("width - 6"), y=HEIGHT - 18)
            .encode(text=alt.value("below the attainable limit")),
        ]
    else:
        drawn.append(lowest.mark_tick(color="var(--muted)", orient="horizontal", size=26, thickness=3))
    drawn += [
        borders.mark_rule(color="var(--muted)", strokeDash=[3, 3]),
        borders.transform_calculate(words="width < 500 ? datum.level : datum.label")
        .mark_text(**below, dx=-4)
        .encode(y=alt.value(HEIGHT - 3), text="words:N"),
        samples.transform_filter("datum.dot <= datum.edge").mark_circle(size=9, opacity=0.4).encode(y="dot:Q"),
        samples.transform_filter("datum.dot > datum.edge")
        .mark_point(filled=True, shape="triangle-up", size=16, opacity=0.5)
        .encode(y=alt.value(5)),
    ]
    if with_lines:
        drawn.append(points.mark_line(strokeWidth=1.5).encode(**styles.line()))
    said = chart.tooltip(
        impl="implementation",
        size=("working set, bytes", ",d"),
        level="lives in",
        **SAID,
        limit=("its attainable limit, ns", ".4~r"),
        percent=("% of attainable", ".1f"),
        bound="bound by",
        status="status",
        taken="samples",
    )
    size = alt.ExprRef(f"{chart.ON_A_PHONE} ? 20 : 34")
    drawn.append(points.mark_point(opacity=1, size=size, strokeWidth=1.5).encode(**styles.marks(), tooltip=said))
    return chart.layered([*drawn, *chart.doubted(points, "height - 38")], records, choices, HEIGHT, styles)


def _answer(rows: Sequence[Row], is_ladder: bool) -> str:
    """About the choice that is shown first: the quickest in each level, and whether it still matters at the largest
    working set which one is used."""
    parts = []
    faulty = faults.sentence(rows)
    rows = [row for row in rows if row.believable] or rows
    for level in LEVELS:
        best = min((row for row in rows if row.level == level), key=undisturbed, default=None)
        if best:
            at = f" ({words.size(best.working_set_bytes)})"
            parts.append(f"{level} {best.impl} with {words.nanoseconds(undisturbed(best))} per element{at}")
    text = f"{rows[0].op_name} on {placement.on(*rows)}, the quickest in each level: "
    text += f"{'; '.join(parts)}."
    largest = max(row.working_set_bytes or 0 for row in rows)
    last = sorted((row for row in rows if row.working_set_bytes == largest), key=undisturbed)
    alike = [row.impl for row in last[1:] if undisturbed(row) <= ALIKE * undisturbed(last[0])]
    if alike:
        text += (
            f" At the largest working set, {words.size(largest)}, {words.listed(alike)} "
            f"{'is' if len(alike) == 1 else 'are'} within {words.percent(100 * (ALIKE - 1))} of {last[0].impl}."
        )
    if not is_ladder:
        text += (
            " This file has no sweep of working sets, so the points are those of the levels: "
            "gradmark run --sweep measures one."
        )
    return f"{text} {faulty}".strip()


_DOTS = (
    "Lower is better; both axes are logarithmic. A large point is a working set's undisturbed time, a small dot "
    f"one sample. At most {MOST_DOTS} of each point are drawn: the smallest, the largest, and evenly between "
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
        lowest = min((row.limit_ns for row in group if row.limit_ns is not None and row.believable), default=None)
        size = group[0].working_set_bytes
        place = [Cell(op), Cell(str(threads), threads), Cell(words.size(size), size), level_cell(group[0].level)]
        times = {(line.row.impl, "" if line.own else line.state): line for line in in_every_state(group)}
        for state in unique(["", *(state for _, state in times)]):
            limit = Cell("") if state else Cell(words.significant(lowest), lowest)
            absent = Cell("" if state else words.UNKNOWN)
            found = [times.get((impl, state)) for impl in impls]
            lines.append([*place, *(_time_cell(line) if line else absent for line in found), limit])
    return Table(columns, lines)


def _time_cell(line: Line) -> Cell:
    time, row = line.time, line.row
    text = f"{words.significant(time.undisturbed)} {words.plus_minus(time.undisturbed, time.low, time.high)}"
    if isinstance(time, Time):
        text += f" ({words.significant(time.typical)})"
    if row.placement:
        text += f" on {line.state}"
    if line.own and not row.believable:
        return Cell(f"{text}, {faults.NOT_BELIEVABLE}", time.undisturbed, "bad")
    return Cell(text, time.undisturbed)
