"""The comparison for a terminal, or for a file of plain text. Text of result files goes in as rich.text.Text alone,
which reads no markup."""

import io
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from gradmark_report.comparison import summary
from gradmark_report.comparison.circumstances import joined
from gradmark_report.comparison.contrast import Compared, Contrast
from gradmark_report.comparison.sides import Side
from gradmark_report.console import WIDE
from gradmark_report.statistics import Verdict

STYLES = {
    Verdict.SLOWER: "bold red",
    Verdict.FASTER: "bold green",
    Verdict.SMALL_CHANGE: "yellow",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.TOO_FEW: "yellow",
    Verdict.SAME: "dim",
}


def _grid(**columns: str) -> Table:
    grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for justify in columns.values():
        grid.add_column(justify=justify, no_wrap=False)  # type: ignore[arg-type]
    return grid


def _sides(made: Contrast) -> Table:
    grid = _grid(side="left", processes="right", revision="left", period="left", given="left")
    for side in (made.base, made.head):
        label, processes, revisions, period = summary.side_facts(side)
        grid.add_row(Text(label, "bold"), Text(processes), Text(revisions), Text(period), Text(_given(side), "dim"))
    return grid


def _given(side: Side) -> str:
    return side.given if len(side.given) <= 60 else f"{side.given[:28]} … {side.given[-28:]}"


def _circumstances(made: Contrast) -> Table | Text:
    if not made.differences:
        return Text("Nothing that is recorded differs between the sides, but the dates.")
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    table.add_column("What differs")
    table.add_column("base", overflow="fold", max_width=60)
    table.add_column("head", overflow="fold", max_width=60)
    for one in made.differences:
        table.add_row(Text(one.label), Text(joined(one.base)), Text(joined(one.head)))
    return table


def _cells(row: Compared, most_pairs: int) -> list[Text]:
    style = STYLES[row.verdict]
    compared = row.comparison
    quiet = [f"on {compared.state}"] if compared.state else []
    if compared.pairs != most_pairs or compared.left_out:
        quiet.append(summary.pairs(row))
    return [
        Text(f"  {summary.place(row)}"),
        Text(summary.time(compared.base)),
        Text(summary.time(compared.head)),
        Text(summary.change(row), style if row.seen else "dim"),
        Text(summary.interval(row), "" if row.seen else "dim"),
        Text(row.verdict.value, style),
        Text(", ".join(quiet), "dim"),
    ]


def _table(made: Contrast, rows: Sequence[Compared]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold", collapse_padding=True)
    for title, justify in (
        ("", "left"),
        ("base", "right"),
        ("head", "right"),
        ("change", "right"),
        (f"{summary.level(made)} interval", "right"),
        ("verdict", "left"),
        ("", "left"),
    ):
        table.add_column(title, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    most_pairs = max((row.comparison.pairs for row in rows), default=0)
    ops: dict[str, list[Compared]] = {}
    for row in rows:
        ops.setdefault(row.row.op_name, []).append(row)
    for op, members in ops.items():
        table.add_row(Text(op, "bold"))
        for row in members:
            table.add_row(*_cells(row, most_pairs))
    return table


def _short(rows: Sequence[Compared]) -> str:
    """Why the rows without a verdict have none, each reason once."""
    reasons = {row.comparison.reason for row in rows if row.verdict is Verdict.TOO_FEW}
    return "; ".join(sorted(reason for reason in reasons if reason))


def show(made: Contrast, console: Console, *, every_row: bool = False) -> None:
    rows, hidden = summary.shown(made, every_row)

    def line(text: str, style: str = "") -> None:
        console.print(Text(text, style))

    console.print(_sides(made))
    line("")
    console.print(_circumstances(made))
    line(summary.same_in_one_line(made) + ".", "dim")
    if made.warnings:
        line("")
        for warning in made.warnings:
            console.print(Text.assemble(("! ", "yellow"), f"{warning}."))
    line("")
    if made.rows:
        for sentence in summary.over_the_table(made):
            line(sentence + ".", "dim")
        if rows:
            console.print(_table(made, rows))
        if hidden:
            line(hidden + ".", "dim")
    for sentence in summary.left_out(made):
        line(sentence + ".")
    closing = [*summary.changed_most(made), *summary.to_decide(made)]
    why = _short(made.rows)
    if why:
        closing.append(f"No verdict for some rows: {why}")
    line("")
    for sentence in closing:
        line(sentence + ".")
    line(summary.counted(made), "bold")


def text(made: Contrast, *, every_row: bool = False) -> str:
    """Without colours and without line breaks that depend on a width."""
    buffer = io.StringIO()
    show(made, Console(file=buffer, width=WIDE, color_system=None, legacy_windows=False), every_row=every_row)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"
