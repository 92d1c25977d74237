"""The tables of a history, the same in the terminal, in Markdown and on the page."""

from collections.abc import Sequence

from gradmark_report import words
from gradmark_report.history.findings import History, at, signed
from gradmark_report.history.sparkline import sparkline
from gradmark_report.history.trends import Trend
from gradmark_report.plots.plot import Cell, Column, Table

SPARKLINE = 16  # characters at most


def _mark(ratio: float | None) -> Cell:
    text = signed(ratio)
    return Cell(text, 0.0 if ratio is None else ratio - 1, "" if ratio is None else "bad" if ratio > 1 else "good")


def _values(history: History, trend: Trend) -> list[float | None]:
    values: list[float | None] = [None] * len(history.machine.points)
    for value in trend.values:
        values[value.point] = value.ns
    return values


def trends(history: History, rows: Sequence[Trend]) -> Table:
    columns = [
        Column("row", code=True),
        Column("trend"),
        Column("now, ns", number=True),
        Column("last change", number=True),
        Column("at", code=True),
        Column("since the beginning", number=True),
    ]
    lines = []
    for trend in rows:
        last = trend.steps[-1] if trend.steps else None
        lines.append(
            [
                Cell(trend.name),
                Cell(sparkline(_values(history, trend), SPARKLINE)),
                Cell(words.significant(trend.now), trend.now),
                _mark(last.ratio if last else None) if trend.judged else Cell("not judged", 0.0),
                Cell(at(history.machine.points[last.point]) if last else ""),
                _mark(trend.total),
            ]
        )
    return Table(columns, lines)


def changes(history: History) -> Table:
    """Each row's change for itself, in the order of the events."""
    columns = [
        Column("at", code=True),
        Column("row", code=True),
        Column("change", number=True),
        Column("before, ns", number=True),
        Column("since, ns", number=True),
    ]
    lines = []
    for event in history.events:
        for trend, step in event.steps:
            lines.append(
                [
                    Cell(at(history.machine.points[event.point])),
                    Cell(trend.name),
                    _mark(step.ratio),
                    Cell(words.significant(step.before), step.before),
                    Cell(words.significant(step.since), step.since),
                ]
            )
    return Table(columns, lines)


def points(history: History) -> Table:
    """Every revision, and what changed in its circumstances and in how many rows."""
    columns = [
        Column("revision", code=True),
        Column("date"),
        Column("processes", number=True),
        Column("slower", number=True),
        Column("faster", number=True),
        Column("what else changed here"),
    ]
    counts = {(event.point, event.slower): len(event.steps) for event in history.events}
    lines = []
    for index, point in enumerate(history.machine.points):
        what = "; ".join(f"{one.what}: {one.before} → {one.since}" for one in point.changes)
        slower, faster = counts.get((index, True), 0), counts.get((index, False), 0)
        lines.append(
            [
                Cell(point.label),
                Cell(point.date),
                Cell(str(len(point.runs)), float(len(point.runs))),
                Cell(str(slower or ""), float(slower), "bad" if slower else ""),
                Cell(str(faster or ""), float(faster), "good" if faster else ""),
                Cell(what, mark="doubt" if what else ""),
            ]
        )
    return Table(columns, lines)
