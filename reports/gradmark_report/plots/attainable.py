"""Percent of what this machine could do at best, and which resource binds."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from gradmark_report import faults, placement, words
from gradmark_report.plots import choices, figures, layers, looks, row_times
from gradmark_report.plots.plot import Cell, Column, Control, Plot, Table
from gradmark_report.record import FIRST_MODEL
from gradmark_report.result import LEVELS, Result, Row, unique

NAME = "attainable"
TITLE = "How close to the limit"
GOOD = 90.0  # percent
BASELINES = ("scalar", "autovec")  # not shown at first: what they are is seen better in the table
STEP = 17  # pixels of a bar
_COLORS = {  # of what binds: all levels of memory are one
    "memory": "var(--series-3)",
    "divide/sqrt": "var(--series-8)",
    "FMA": "var(--series-9)",
    "other arithmetic": "var(--series-7)",
    "load/store": "var(--series-2)",
}


def make(result: Result) -> Plot:
    rows = [row for row in result.levels if row.attainable_percent is not None]
    table = _table(result.levels)
    if not rows:
        answer = (
            FIRST_MODEL
            if result.first_model
            else "No row at a level has a percentage of what is attainable: "
            "it needs the limits that gradmark run measures beside every row that is well inside its level."
        )
        return Plot(NAME, TITLE, answer, _READING, None, table)
    controls = _controls(rows)
    return Plot(NAME, TITLE, _answer(rows), _READING, _chart(rows, controls), table, controls)


def _controls(rows: Sequence[Row]) -> list[Control]:
    places = [level for level in LEVELS if any(row.level == level for row in rows)]
    first = places[-1]
    impls = unique(row.impl for row in rows)
    return [
        choices.one("level", "level", choices.named(places), first),
        choices.one(
            "threads",
            "threads",
            choices.thread_options(row.threads for row in rows),
            min(row.threads for row in rows if row.level == first),
        ),
        choices.many(
            "impls",
            "implementations",
            choices.named(impls),
            [impl for impl in impls if impl not in BASELINES and any(r.impl == impl for r in rows)] or impls,
        ),
    ]


def _percent(row: Row) -> float:
    assert row.attainable_percent is not None
    return row.attainable_percent


def _resource(row: Row) -> tuple[str, str]:
    """The kind, which has a colour, and its name."""
    if row.bound_by is None:
        return "memory", words.UNKNOWN
    return "memory" if row.bound_by in LEVELS else row.bound_by, row.bound_by


def _lines(rows: Sequence[Row]) -> tuple[dict[str, int], dict[tuple[str, str], int], list[str]]:
    """The lines of the chart from the top: each op has one for its name, and one for each of its implementations. Where
    they are, and what the axis says at each."""
    heads: dict[str, int] = {}
    bars: dict[tuple[str, str], int] = {}
    labels: list[str] = []
    for op in unique(row.op_name for row in rows):
        heads[op] = len(labels)
        labels.append("")
        for impl in unique(row.impl for row in rows if row.op_name == op):
            bars[op, impl] = len(labels)
            labels.append(impl)
    return heads, bars, labels


def _records(rows: Sequence[Row]) -> tuple[list[dict[str, Any]], list[str]]:
    heads, bars, labels = _lines(rows)
    records = []
    for row in rows:
        assert row.time
        percent, (kind, name) = _percent(row), _resource(row)
        said, mark = f"{words.percent(percent)} {name}", faults.mark(row)
        records.append(
            {
                "op": row.op_name,
                "impl": row.impl,
                "level": row.level,
                "threads": row.threads,
                "head": heads[row.op_name],
                "line": bars[row.op_name, row.impl],
                "percent": figures.short(percent, 4),
                "percent_low": figures.short(row.attainable_low, 4),
                "percent_high": figures.short(row.attainable_high, 4),
                "end": figures.short(max(percent, row.attainable_high or percent), 4),
                "kind": kind,
                "kind_order": list(_COLORS).index(kind),
                "fast": row.fast,
                "doubted": not row.believable,
                "words": f"{said} – {mark}" if mark else said,
                "brief": f"{words.percent(percent)} {mark or name}",
                **row_times.record(row),
                "twin": _timed(row.twin_ns, row.twin_stores and f"{row.twin_stores} stores"),
                "core_twin": _timed(row.core_twin_ns, row.core_twin_build),
            }
        )
    return records, labels


def _timed(ns: float | None, how: str | None) -> str:
    return ", ".join(part for part in (words.nanoseconds(ns), how) if part)


def _chart(rows: Sequence[Row], controls: Sequence[Control]) -> alt.LayerChart:
    records, labels = _records(rows)
    source = layers.data(records)
    shown = choices.both(choices.same("level", "threads"), choices.among("impl", "impls"))
    bars = alt.Chart(source).transform_filter(shown)
    x = alt.X(
        "percent:Q",
        scale=alt.Scale(domainMin=0, nice=False),
        axis=alt.Axis(title="% of attainable", tickCount=8, labelOverlap=True),
    )
    y = alt.Y(
        "line:O",
        scale=alt.Scale(paddingInner=0.2, paddingOuter=0.1),
        axis=alt.Axis(
            title=None,
            labelExpr="line_labels[datum.value]",
            labelLimit=looks.LONGEST_NAME,
            labelPadding=6,
            ticks=False,
            domain=False,
        ),
    )
    color = {
        channel: alt.condition(
            "datum.doubted",
            alt.value("var(--bad)"),
            kind("kind:N", scale=alt.Scale(domain=list(_COLORS), range=list(_COLORS.values())), legend=None),
        )
        for channel, kind in (("fill", alt.Fill), ("stroke", alt.Stroke))
    }
    ink = alt.condition("datum.doubted", alt.value("var(--bad)"), alt.value("var(--ink)"))
    heads = bars.transform_aggregate(count="count()", groupby=["op", "head"])
    words_at_end = bars.transform_calculate(shown_words="width < 420 ? datum.brief : datum.words")
    drawn = [
        # Nothing to be seen: it makes room for the words at the longest bar's end.
        bars.transform_aggregate(end="max(end)")
        .transform_calculate(room="max(145, datum.end * (width < 420 ? 2 : 1.45))")
        .mark_point(opacity=0)
        .encode(x="room:Q"),
        alt.Chart(layers.data([{"all": 100}])).mark_rule(color="var(--ink)", strokeWidth=1.2).encode(x="all:Q"),
        words_at_end.mark_text(  # so that the rule does not cross the words
            align="left", baseline="middle", dx=5, fontSize=11, stroke="var(--page)", strokeWidth=4, strokeJoin="round"
        ).encode(x="end:Q", y=y, text="shown_words:N"),
        bars.mark_bar(strokeWidth=1.2).encode(
            x=x,
            y=y,
            **color,
            fillOpacity=alt.condition("datum.fast || datum.doubted", alt.value(0.12), alt.value(0.75)),
            strokeDash=alt.condition("datum.fast", alt.value([3, 2]), alt.value([1, 0])),
            tooltip=_tooltip(),
        ),
        bars.transform_filter("isValid(datum.percent_low) && isValid(datum.percent_high)")
        .mark_rule(color="var(--ink)", strokeWidth=1.4)
        .encode(x="percent_low:Q", x2="percent_high:Q", y=y),
        bars.transform_filter("datum.percent > 100")
        .mark_tick(color="var(--ink)", thickness=1.2)
        .encode(x=alt.datum(100), y=y),
        words_at_end.mark_text(align="left", baseline="middle", dx=5, fontSize=11).encode(
            x="end:Q", y=y, text="shown_words:N", color=ink
        ),
        heads.mark_text(align="left", baseline="middle", fontWeight=600, dy=2).encode(
            x=alt.value(0), y=alt.Y("head:O"), text="op:N"
        ),
        *_key(source, shown),
        layers.nothing(source, shown),
    ]
    chart = layers.drawn(drawn, controls, alt.Step(STEP))
    return chart.add_params(alt.param(name="line_labels", value=labels))


def _key(source: alt.InlineData, shown: str) -> list[alt.Chart]:
    look = looks.Looks("kind", list(_COLORS), [(color, "square", False) for color in _COLORS.values()])
    return look.key(source, shown)


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("op:N"),
        alt.Tooltip("impl:N", title="implementation"),
        alt.Tooltip("percent:Q", title="% of attainable", format=".1f"),
        alt.Tooltip("percent_low:Q", title="95% interval from", format=".1f"),
        alt.Tooltip("percent_high:Q", title="% to", format=".1f"),
        alt.Tooltip("words:N", title="in words"),
        *row_times.tooltip(),
        alt.Tooltip("twin:N", title="its twin"),
        alt.Tooltip("core_twin:N", title="its core twin"),
    ]


def _answer(rows: Sequence[Row]) -> str:
    believed = [row for row in rows if row.believable]
    text = ""
    if believed:
        near = [row for row in believed if _percent(row) >= GOOD]
        least = min(believed, key=_percent)
        binds: dict[str, int] = {}
        for row in believed:
            kind = _resource(row)[0] if row.bound_by else "unknown"
            binds[kind] = binds.get(kind, 0) + 1
        by = words.listed([f"{kind} {count}" for kind, count in sorted(binds.items(), key=lambda item: -item[1])])
        text = (
            f"{len(near)} of {words.plural(len(believed), 'row')} reach {words.percent(GOOD)} or more of what this "
            f"machine could do; the farthest from it is {least.name} with {words.percent(_percent(least))}. "
            f"What binds, by the number of rows: {by}. "
        )
    return (text + faults.sentence(rows)).strip()


_READING = (
    "A bar is an implementation's share of its own limit, the larger time of its twin, which moves the same data "
    "without the arithmetic, and its core twin, which does the same arithmetic without moving data. The line at its "
    "end is the 95% interval, the rule at 100% the limit. Colour and words name what binds. Dashed outlines are "
    "implementations that estimate divisions and roots: their core twin does so, too. scalar and autovec are off at "
    f"first. In the table: {placement.TIMES} {faults.MEANING}"
)


def _table(rows: Sequence[Row]) -> Table:
    columns = [
        Column("op", code=True),
        Column("implementation", code=True),
        Column("level"),
        Column("threads", number=True),
        *row_times.COLUMNS,
        Column("GB/s", number=True),
        Column("% of attainable", number=True),
        Column("95% interval", number=True),
        Column("bound by"),
        Column("twin, ns", number=True),
        Column("core twin, ns", number=True),
        Column("× scalar", number=True),
        Column("× autovec", number=True),
        Column("max ulp", number=True),
        Column("status"),
    ]
    lines = []
    for row in rows:
        name = _name(row)
        lines.append([*name, *row_times.cells(row), *_cells(row)])
        for other in row_times.others(row):
            empty = len(columns) - len(name) - len(other) - 1
            lines.append([*name, *other, *[Cell("")] * empty, Cell("in another state")])
    return Table(columns, lines)


def _name(row: Row) -> list[Cell]:
    return [
        Cell(row.op_name),
        Cell(row.impl),
        Cell(row.level, LEVELS.index(row.level)),
        Cell(str(row.threads), row.threads),
    ]


def _cells(row: Row) -> list[Cell]:
    """What follows the times."""
    percent = row.attainable_percent
    interval = (
        f"{row.attainable_low:.0f}–{row.attainable_high:.0f}%"
        if row.attainable_low is not None and row.attainable_high is not None
        else words.UNKNOWN
    )
    status = Cell(row.status)
    if row.status == "border":
        status = Cell("at a border, not scored", mark="doubt")
    elif percent is not None and 100 < percent <= faults.AT_FAULT:
        status = Cell("at its limit")
    return [
        Cell(words.significant(row.gb_per_s), row.gb_per_s),
        Cell(faults.percent(row), percent, faults.colour(row) or ("good" if percent and percent >= GOOD else "")),
        Cell(interval, row.attainable_low),
        Cell(row.bound_by or words.UNKNOWN),
        Cell(words.significant(row.twin_ns), row.twin_ns),
        Cell(words.significant(row.core_twin_ns), row.core_twin_ns),
        Cell(words.significant(row.speedup_scalar), row.speedup_scalar),
        Cell(words.significant(row.speedup_autovec), row.speedup_autovec),
        Cell(words.significant(row.max_ulp), row.max_ulp),
        status,
    ]
