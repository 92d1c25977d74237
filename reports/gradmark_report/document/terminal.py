"""A document on a terminal: what is not folded away, as many columns beside each other as there is room for, and the
answer last, where it is seen. Text goes in as rich.text.Text alone, which reads no markup."""

import io
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text as Words

from gradmark_report.console import WIDE
from gradmark_report.document import Answer, Block, Document, Facts, Listing, Text
from gradmark_report.plots.plot import Cell, Table

STYLES = {"": "", "plain": "", "note": "dim", "good": "bold green", "bad": "bold red", "doubt": "yellow"}
LEADS = {"Slower": "bold red", "Faster": "bold green", "Broken": "bold red", "Slow node": "bold red"}
WIDEST = 60  # characters of a column; longer ones are folded
GAP = 2


def _point(console: Console, lead: str, rest: str, style: str = "bold") -> None:
    """A paragraph whose second line begins under the first one's text."""
    grid = Grid.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(Words("·"), Words.assemble((lead, style), ": " if lead else "", rest))
    console.print(grid)


def _under_ops(table: Table) -> list[Sequence[Cell]]:
    """Rows named op/dtype/implementation/level/threads, each op as a line of its own above its rows."""
    rows: list[Sequence[Cell]] = []
    before = None
    for row in table.rows:
        op, dtype, *rest = row[0].text.split("/")
        if (op, dtype) != before:
            before = (op, dtype)
            rows.append([Cell(f"{op}/{dtype}"), *[Cell("")] * (len(row) - 1)])
        rows.append([Cell(f"  {' '.join(rest)}"), *row[1:]])
    return rows


def _table(console: Console, table: Table, by_op: bool = False) -> None:
    """In pieces of as many columns as fit, each piece with the first column."""
    rows = _under_ops(table) if by_op else table.rows
    widths = [
        min(WIDEST, max([len(column.title), *(len(row[index].text) for row in rows)]))
        for index, column in enumerate(table.columns)
    ]
    widths[0] = min(widths[0], console.width // 2)
    begin = 1
    while begin < len(widths):
        end, used = begin + 1, widths[0] + GAP + widths[begin]
        while end < len(widths) and used + GAP + widths[end] <= console.width:
            used += GAP + widths[end]
            end += 1
        shown = (0, *range(begin, end))
        grid = Grid(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
        for index in shown:
            column = table.columns[index]
            grid.add_column(
                Words(column.title),
                justify="right" if column.number else "left",
                overflow="fold",
                max_width=widths[index],
            )
        for row in rows:
            bold = by_op and not any(cell.text for cell in row[1:])
            grid.add_row(*(Words(row[index].text, "bold" if bold else STYLES[row[index].mark]) for index in shown))
        console.print(grid)
        if end < len(widths):
            console.print()
        begin = end


def _facts(console: Console, block: Facts) -> None:
    grid = Grid.grid(padding=(0, GAP, 0, 0))
    for label, value in block.facts:
        grid.add_row(Words(label, "bold"), Words(value, STYLES[block.marks.get(label, "")]))
    console.print(grid)


def _show(console: Console, block: Block) -> None:
    if isinstance(block, Text):
        for paragraph in block.paragraphs:
            mark = "! " if block.kind in ("bad", "doubt") else ""
            console.print(Words.assemble((mark, STYLES[block.kind]), (paragraph, "" if mark else STYLES[block.kind])))
    elif isinstance(block, Answer):
        for lead, sentence in block.points:
            _point(console, lead, sentence, LEADS.get(lead, "bold"))
    elif isinstance(block, Facts):
        _facts(console, block)
    elif isinstance(block, Listing):
        _table(console, block.table, block.by_op)


def _is_shown(block: Block) -> bool:
    if isinstance(block, Listing):
        return not block.folded and bool(block.table.rows)
    return isinstance(block, Text | Answer) or (isinstance(block, Facts) and not block.caption)


def show(document: Document, console: Console) -> None:
    console.print(Words(document.title, "bold"))
    console.print(Words(document.subtitle, "dim"))
    answers = [one for one in document.sections if any(isinstance(block, Answer) for block in one.blocks)]
    for section in (*(one for one in document.sections if one not in answers), *answers):
        shown = [block for block in section.blocks if _is_shown(block)]
        if not shown:
            continue
        console.print()
        console.print(Words(section.title, "bold"))
        for number, block in enumerate(shown):
            if number and isinstance(block, Listing):
                console.print()
            if isinstance(block, Listing) and block.caption != section.title:
                console.print(Words(block.caption, "dim"))
            _show(console, block)


def text(document: Document) -> str:
    """Without colours and without line breaks that depend on a width."""
    buffer = io.StringIO()
    show(document, Console(file=buffer, width=WIDE, color_system=None, legacy_windows=False))
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"
