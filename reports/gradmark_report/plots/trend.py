"""Time against the order of revisions, of one row: every process, the levels between changes, and the changes."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from gradmark_report import words
from gradmark_report.history import tables
from gradmark_report.history.findings import History, at, changed, signed
from gradmark_report.history.trends import Trend
from gradmark_report.plots import chart, controls
from gradmark_report.plots.plot import Control, Plot

MOST_POINTS = 20_000  # beyond that the page would be larger than anybody wants to mail
HEIGHT = 300
READING = (
    "Each dot is the undisturbed time of one process; the revisions stand in the order in which they were first timed, "
    "at equal distances. The thick lines are the levels: between two of them stands a change that noise does not "
    "explain, named by its revision and by what became of the time. A dotted line is where something else than the "
    "code changed; the table of revisions says from what to what. The axis of time does not begin at zero."
)


def _processes(history: History, rows: list[Trend]) -> list[dict[str, Any]]:
    points = history.machine.points
    return [
        {"row": trend.name, "order": value.point, "revision": at(points[value.point]), "ns": chart.short(ns)}
        for trend in rows
        for value in trend.values
        for ns in value.processes
    ]


def _segments(rows: list[Trend]) -> list[dict[str, Any]]:
    return [
        {"row": trend.name, "begin": one.first - 0.3, "end": one.last + 0.3, "ns": chart.short(one.ns)}
        for trend in rows
        for one in trend.segments
    ]


def _steps(history: History, rows: list[Trend]) -> list[dict[str, Any]]:
    points = history.machine.points
    return [
        {
            "row": trend.name,
            "order": step.point - 0.5,
            "what": f"{points[step.point].label} {signed(step.ratio)}",
            "slower": step.ratio > 1,
            # A name at the right end would leave the picture.
            "left": step.point > 0.6 * len(points),
        }
        for trend in rows
        for step in trend.steps
    ]


def _circumstances(history: History) -> list[dict[str, Any]]:
    return [
        {
            "order": index - 0.5,
            "what": f"{at(point)}: {changed(point.changes, 5)}",
            "short": _short(words.listed([one.what for one in point.changes])),
            "left": index > 0.6 * len(history.machine.points),
        }
        for index, point in enumerate(history.machine.points)
        if point.changes
    ]


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


def _fitting(history: History) -> list[Trend]:
    """Those that changed first, as many as a page can hold."""
    rows: list[Trend] = []
    total = 0
    for trend in [*history.changed, *(trend for trend in history.trends if not trend.steps)]:
        total += sum(len(value.processes) for value in trend.values)
        if rows and total > MOST_POINTS:
            break
        rows.append(trend)
    return rows


def make(history: History, name: str = "trend") -> Plot:
    title = f"Time over the revisions on {history.machine.host}"
    table = tables.trends(history, history.trends)
    if not history.trends:
        return Plot(name, title, "No row was timed at two revisions.", READING, None, table)
    rows = _fitting(history)
    # The largest change of the event with the most rows.
    first = history.events[0].steps[0][0].name if history.events else history.trends[0].name
    choices = [Control("row", "Row", [(trend.name, _label(trend)) for trend in rows], first, "row")]
    many = "" if len(rows) == len(history.trends) else f" Drawn are {len(rows)} of {len(history.trends)} rows."
    return Plot(name, title, _answer(history) + many, READING, _chart(history, rows, choices), table, choices)


def _beside(rules: alt.Chart, **mark: Any) -> alt.Chart:
    """Words beside a rule, on its left where they would leave the picture on its right."""
    align, dx = alt.ExprRef("datum.left ? 'right' : 'left'"), alt.ExprRef("datum.left ? -5 : 5")
    return rules.mark_text(align=align, dx=dx, **mark)


def _chart(history: History, rows: list[Trend], choices: Sequence[Control]) -> alt.LayerChart:
    points = history.machine.points
    shown = controls.shown(choices)
    # Revisions stand at whole numbers; their labels come from a list in the data, never from an expression.
    x = alt.X(
        "order:Q",
        title="revision, in the order of time",
        scale=alt.Scale(domain=[-0.6, len(points) - 0.4], nice=False, zero=False),
        axis=alt.Axis(labels=False, ticks=False, grid=False, domain=False, titlePadding=70),
    )
    y = alt.Y("ns:Q", title="ns per element", scale=alt.Scale(zero=False, nice=True), axis=alt.Axis(tickCount=6))
    records = chart.data(_processes(history, rows)).transform_filter(shown)
    shade = alt.condition("datum.slower", alt.value("var(--bad)"), alt.value("var(--good)"))
    steps = chart.data(_steps(history, rows)).transform_filter(shown).encode(x="order:Q", color=shade)
    others = chart.data(_circumstances(history)).encode(x="order:Q")
    labels = chart.data({"order": index, "label": point.label} for index, point in enumerate(points))
    drawn = [
        chart.data(_segments(rows))
        .transform_filter(shown)
        .mark_rule(strokeWidth=4, color="var(--accent)", opacity=0.55)
        .encode(x="begin:Q", x2="end:Q", y=y),
        records.mark_point(filled=True, size=34, color="var(--ink)", opacity=0.75).encode(
            x=x, y=y, tooltip=chart.tooltip(row="row", revision="revision", ns=("ns per element", ".4"))
        ),
        steps.mark_rule(strokeWidth=1.5),
        _beside(steps, dy=8, baseline="top", fontWeight=600).encode(y=alt.value(0), text="what:N"),
        others.mark_rule(strokeDash=[2, 4], strokeWidth=2.5, color="var(--doubt)").encode(
            tooltip=chart.tooltip(what="changed here")
        ),
        _beside(others, dy=-6, baseline="bottom", color="var(--doubt)").encode(y=alt.value(HEIGHT), text="short:N"),
        # Every second, third, ... one where the width has no room for all.
        labels.transform_filter(f"datum.order % max(1, ceil({17 * len(points)} / width)) === 0")
        .mark_text(angle=315, align="right", baseline="middle", dx=-4, dy=8, fontSize=11)
        .encode(x="order:Q", y=alt.value(HEIGHT), text="label:N"),
    ]
    return chart.layered(drawn, records, choices, HEIGHT)


def _label(trend: Trend) -> str:
    return f"{trend.name} ({words.plural(len(trend.steps), 'change')})" if trend.steps else trend.name


def _answer(history: History) -> str:
    events = history.events
    if not events:
        return "No row changed its level beyond its noise."
    where = at(history.machine.points[events[0].point])
    rows = words.plural(len(events[0].steps), "row")
    return f"Most rows changed at {where}: {rows} became {events[0].word}."
