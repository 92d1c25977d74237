"""Percent of what this machine could do at best, and which resource binds."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from gradmark_report import faults, placement, words
from gradmark_report.plots import chart, columns, controls, rows, style
from gradmark_report.plots.plot import Cell, Control, Plot
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
    limited = [row for row in result.levels if row.attainable_percent is not None]
    table = columns.table(_COLUMNS, rows.in_every_state(result.levels))
    if not limited:
        answer = (
            FIRST_MODEL
            if result.first_model
            else "No row at a level has a percentage of what is attainable: "
            "it needs the limits that gradmark run measures beside every row that is well inside its level."
        )
        return Plot(NAME, TITLE, answer, _READING, None, table)
    level, threads = controls.last_level(limited)
    impls = unique(row.impl for row in limited)
    shown = [impl for impl in impls if impl not in BASELINES] or impls
    choices = controls.of_rows(limited, level=level, threads=threads, impls=shown)
    return Plot(NAME, TITLE, _answer(limited), _READING, _chart(limited, choices), table, choices)


def _percent(row: Row) -> float:
    assert row.attainable_percent is not None
    return row.attainable_percent


def _resource(row: Row) -> tuple[str, str]:
    """The kind, which has a colour, and its name."""
    if row.bound_by is None:
        return "memory", words.UNKNOWN
    return "memory" if row.bound_by in LEVELS else row.bound_by, row.bound_by


def _records(limited: Sequence[Row]) -> tuple[list[dict[str, Any]], list[str]]:
    """With what the axis says at each line of the chart, from the top: each op has a line for its name, and one for
    each of its implementations."""
    labels: list[str] = []
    heads: dict[str, int] = {}
    lines: dict[tuple[str, str], int] = {}
    for op in unique(row.op_name for row in limited):
        heads[op] = len(labels)
        impls = unique(row.impl for row in limited if row.op_name == op)
        lines |= {(op, impl): len(labels) + 1 + place for place, impl in enumerate(impls)}
        labels += ["", *impls]
    records = []
    for row in limited:
        percent, (kind, name) = _percent(row), _resource(row)
        said, mark = f"{words.percent(percent)} {name}", faults.mark(row)
        records.append(
            {
                **rows.record(row),
                "head": heads[row.op_name],
                "line": lines[row.op_name, row.impl],
                "percent_low": chart.short(row.attainable_low, 4),
                "percent_high": chart.short(row.attainable_high, 4),
                "end": chart.short(max(percent, row.attainable_high or percent), 4),
                "kind": kind,
                "fast": row.fast,
                "words": f"{said} – {mark}" if mark else said,
                "brief": f"{words.percent(percent)} {mark or name}",
                "twin": _timed(row.twin_ns, row.twin_stores and f"{row.twin_stores} stores"),
                "core_twin": _timed(row.core_twin_ns, row.core_twin_build),
            }
        )
    return records, labels


def _timed(ns: float | None, how: str | None) -> str:
    return ", ".join(part for part in (words.nanoseconds(ns), how) if part)


def _chart(limited: Sequence[Row], choices: Sequence[Control]) -> alt.LayerChart:
    made, labels = _records(limited)
    styles = style.Styles("kind", list(_COLORS), [(color, "square", False) for color in _COLORS.values()])
    records = chart.data(made).transform_filter(controls.shown(choices))
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
            labelLimit=style.LONGEST_NAME,
            labelPadding=6,
            ticks=False,
            domain=False,
        ),
    )
    bars = records.encode(y=y)

    def unless_doubted(channel: Any) -> Any:
        return alt.condition("datum.doubted", alt.value("var(--bad)"), channel)

    said = chart.tooltip(
        op="op",
        impl="implementation",
        percent=("% of attainable", ".1f"),
        percent_low=("95% interval from", ".1f"),
        percent_high=("% to", ".1f"),
        words="in words",
        **rows.SAID,
        twin="its twin",
        core_twin="its core twin",
    )
    halo, ends = chart.with_halos(
        bars.transform_calculate(shown_words=f"{chart.ON_A_PHONE} ? datum.brief : datum.words")
        .mark_text(align="left", baseline="middle", dx=5, fontSize=11)
        .encode(x="end:Q", text="shown_words:N", color=unless_doubted(alt.value("var(--ink)")))
    )
    drawn = [
        chart.room(records, "end", 2, 1.45, 145),
        chart.data([{"all": 100}]).mark_rule(color="var(--ink)", strokeWidth=1.2).encode(x="all:Q"),
        halo,
        bars.mark_bar(strokeWidth=1.2).encode(
            x=x,
            **{channel: unless_doubted(color) for channel, color in styles.outlined().items()},
            fillOpacity=alt.condition("datum.fast || datum.doubted", alt.value(0.12), alt.value(0.75)),
            strokeDash=alt.condition("datum.fast", alt.value([3, 2]), alt.value([1, 0])),
            tooltip=said,
        ),
        bars.transform_filter("isValid(datum.percent_low) && isValid(datum.percent_high)")
        .mark_rule(color="var(--ink)", strokeWidth=1.4)
        .encode(x="percent_low:Q", x2="percent_high:Q"),
        bars.transform_filter("datum.percent > 100")
        .mark_tick(color="var(--ink)", thickness=1.2)
        .encode(x=alt.datum(100)),
        ends,
        records.transform_aggregate(count="count()", groupby=["op", "head"])
        .mark_text(align="left", baseline="middle", fontWeight=600, dy=2)
        .encode(x=alt.value(0), y="head:O", text="op:N"),
    ]
    return chart.layered(drawn, records, choices, alt.Step(STEP), styles, line_labels=labels)


def _answer(limited: Sequence[Row]) -> str:
    believed = [row for row in limited if row.believable]
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
    return (text + faults.sentence(limited)).strip()


_READING = (
    "A bar is an implementation's share of its own limit, the larger time of its twin, which moves the same data "
    "without the arithmetic, and its core twin, which does the same arithmetic without moving data. The line at its "
    "end is the 95% interval, the rule at 100% the limit. Colour and words name what binds. Dashed outlines are "
    "implementations that estimate divisions and roots: their core twin does so, too. scalar and autovec are off at "
    f"first. In the table: {placement.TIMES} {faults.MEANING}"
)


def _share(row: Row) -> Cell:
    percent = row.attainable_percent
    mark = faults.colour(row) or ("good" if percent and percent >= GOOD else "")
    return Cell(faults.percent(row), percent, mark)


def _interval(row: Row) -> Cell:
    if row.attainable_low is None or row.attainable_high is None:
        return Cell(words.UNKNOWN, row.attainable_low)
    return Cell(f"{row.attainable_low:.0f}–{row.attainable_high:.0f}%", row.attainable_low)


def _status(line: rows.Line) -> Cell:
    if not line.own:
        return Cell("in another state")
    if line.row.status == "border":
        return Cell("at a border, not scored", mark="doubt")
    percent = line.row.attainable_percent
    return Cell("at its limit" if percent is not None and 100 < percent <= faults.AT_FAULT else line.row.status)


_OF_ROW: Sequence[columns.Made[Row]] = (
    columns.number("GB/s", lambda row: row.gb_per_s),
    columns.cell("% of attainable", _share, is_number=True),
    columns.cell("95% interval", _interval, is_number=True),
    columns.text("bound by", lambda row: row.bound_by),
    columns.number("twin, ns", lambda row: row.twin_ns),
    columns.number("core twin, ns", lambda row: row.core_twin_ns),
    columns.number("× scalar", lambda row: row.speedup_scalar),
    columns.number("× autovec", lambda row: row.speedup_autovec),
    columns.number("max ulp", lambda row: row.max_ulp),
)
_COLUMNS: Sequence[columns.Made[rows.Line]] = (
    *rows.NAME_COLUMNS,
    *rows.TIME_COLUMNS,
    *((column, rows.of_row(of)) for column, of in _OF_ROW),
    columns.cell("status", _status),
)
