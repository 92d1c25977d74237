"""The tables of a history, the same in the terminal, in Markdown and on the page."""

from collections.abc import Sequence
from typing import Literal

from gradmark_report.history.findings import History, at, signed
from gradmark_report.history.points import Point
from gradmark_report.history.sparkline import sparkline
from gradmark_report.history.trends import Step, Trend
from gradmark_report.plots import columns
from gradmark_report.plots.plot import Cell, Table

SPARKLINE = 16  # characters at most


def _mark(ratio: float | None) -> Cell:
    text = signed(ratio)
    return Cell(text, 0.0 if ratio is None else ratio - 1, "" if ratio is None else "bad" if ratio > 1 else "good")


def _values(history: History, trend: Trend) -> list[float | None]:
    values: list[float | None] = [None] * len(history.machine.points)
    for value in trend.values:
        values[value.point] = value.ns
    return values


def _last(trend: Trend) -> Step | None:
    return trend.steps[-1] if trend.steps else None


def _last_change(trend: Trend) -> Cell:
    last = _last(trend)
    return _mark(last.ratio if last else None) if trend.judged else Cell("not judged", 0.0)


def trends(history: History, rows: Sequence[Trend]) -> Table:
    def where(trend: Trend) -> str:
        last = _last(trend)
        return at(history.machine.points[last.point]) if last else ""

    listed: list[columns.Made[Trend]] = [
        columns.name("row", lambda trend: trend.name),
        columns.text("trend", lambda trend: sparkline(_values(history, trend), SPARKLINE)),
        columns.number("now, ns", lambda trend: trend.now),
        columns.cell("last change", _last_change, is_number=True),
        columns.name("at", where),
        columns.cell("since the beginning", lambda trend: _mark(trend.total), is_number=True),
    ]
    return columns.table(listed, rows)


def changes(history: History) -> Table:
    """Each row's change for itself, in the order of the events."""
    listed: list[columns.Made[tuple[Trend, Step]]] = [
        columns.name("at", lambda one: at(history.machine.points[one[1].point])),
        columns.name("row", lambda one: one[0].name),
        columns.cell("change", lambda one: _mark(one[1].ratio), is_number=True),
        columns.number("before, ns", lambda one: one[1].before),
        columns.number("since, ns", lambda one: one[1].since),
    ]
    return columns.table(listed, [one for event in history.events for one in event.steps])


def points(history: History) -> Table:
    """Every revision, and what changed in its circumstances and in how many rows."""
    counts = {(event.point, event.word): len(event.steps) for event in history.events}

    def count(word: str, mark: Literal["good", "bad"]) -> columns.Made[tuple[int, Point]]:
        def made(one: tuple[int, Point]) -> Cell:
            number = counts.get((one[0], word), 0)
            return Cell(str(number or ""), float(number), mark if number else "")

        return columns.cell(word, made, is_number=True)

    def what(one: tuple[int, Point]) -> Cell:
        said = "; ".join(f"{change.what}: {change.before} → {change.since}" for change in one[1].changes)
        return Cell(said, mark="doubt" if said else "")

    listed: list[columns.Made[tuple[int, Point]]] = [
        columns.name("revision", lambda one: one[1].label),
        columns.text("date", lambda one: one[1].date),
        columns.number("processes", lambda one: float(len(one[1].runs)), "{:.0f}".format),
        count("slower", "bad"),
        count("faster", "good"),
        columns.cell("what else changed here", what),
    ]
    return columns.table(listed, enumerate(history.machine.points))
