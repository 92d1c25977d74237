"""A history in the terminal: the trends, where the circumstances changed, and last, where it is seen, the answer."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from gradmark_report import words
from gradmark_report.history.findings import History, answer, at, changed, sentence, signed, summary
from gradmark_report.history.sparkline import sparkline
from gradmark_report.history.trends import Trend

NARROW, WIDE = 10, 24  # characters of a sparkline


def _style(ratio: float | None) -> str:
    return "" if ratio is None else "red" if ratio > 1 else "green"


def _trends(console: Console, history: History, rows: Sequence[Trend]) -> None:
    machine = history.machine
    width = min(WIDE if console.width >= 110 else NARROW, len(machine.points))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("row", overflow="fold")
    table.add_column("trend", no_wrap=True)
    table.add_column("now", justify="right", no_wrap=True)
    table.add_column("last change", overflow="fold")
    table.add_column("in all", justify="right", no_wrap=True)
    for trend in rows:
        values: list[float | None] = [None] * len(machine.points)
        for value in trend.values:
            values[value.point] = value.ns
        last = trend.steps[-1] if trend.steps else None
        where = Text("~" if trend.judged else "not judged")
        if last:
            where = Text(signed(last.ratio), style=_style(last.ratio))
            where.append(f" {machine.points[last.point].label}", style="default")
        table.add_row(
            Text(trend.name),
            Text(sparkline(values, width)),
            Text(words.nanoseconds(trend.now)),
            where,
            Text(signed(trend.total), style=_style(trend.total)),
        )
    console.print(table)


def _circumstances(console: Console, history: History) -> None:
    points = [point for point in history.machine.points if point.changes]
    if not points:
        return
    console.print(Text("\nWhere the circumstances changed", style="bold"))
    for point in points:
        _line(console, at(point), f"{changed(point.changes, 5)}")


def _line(console: Console, lead: str, rest: str, style: str = "") -> None:
    """A paragraph whose second line begins under the first one's text."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row(Text("·"), Text.assemble((lead, style or "bold"), ": ", rest))
    console.print(table)


def show(
    console: Console,
    histories: Sequence[History],
    skipped: Sequence[str],
    left_out: Sequence[str],
    *,
    every_row: bool,
) -> None:
    for index, history in enumerate(histories):
        if index:
            console.print()
        console.print(Text(summary(history), style="bold"))
        rows = list(history.trends) if every_row else history.changed
        if rows:
            console.print()
            _trends(console, history, rows)
        left = len(history.trends) - len(rows)
        if left:
            console.print(Text(f"{words.plural(left, 'row')} without a change not shown: --rows all", style="dim"))
        _circumstances(console, history)
        if len(history.events) > 4:
            console.print(Text("\nAll changes", style="bold"))
            for event in history.events:
                _line(console, event.word, sentence(event, history.machine), "red" if event.slower else "green")
        console.print()
        for lead, said in answer(history):
            style = {"Slower": "bold red", "Faster": "bold green"}.get(lead, "bold")
            _line(console, lead, said, style)
    if skipped:
        console.print(Text(f"\nSkipped: {words.plural(len(skipped), 'file')}", style="bold yellow"))
        for said in skipped:
            _line(console, "broken", said, "yellow")
    if left_out:
        console.print(Text("\nLeft out", style="bold"))
        for said in left_out:
            console.print(Text(f"· {said}"))
