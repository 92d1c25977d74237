"""Several machines in the terminal: as many columns beside each other as it has room for, and the answer last."""

from rich.console import Console
from rich.table import Table as Drawn
from rich.text import Text

from gradmark_report import words
from gradmark_report.merge import tables
from gradmark_report.merge.cases import Fleet, where
from gradmark_report.merge.findings import answer, flags
from gradmark_report.merge.outliers import outliers
from gradmark_report.plots.plot import Table
from gradmark_report.result import unique

STYLES = {"": "", "good": "bold green", "bad": "bold red", "doubt": "yellow"}
HEADLINES = 2  # places that are shown unasked
WIDEST = 26  # characters of a machine's column; longer ones are folded


def _draw(console: Console, table: Table) -> None:
    """In pieces of as many machines as fit, each piece with the first column."""
    widths = [
        max([len(column.title), *(len(row[index].text) for row in table.rows)])
        for index, column in enumerate(table.columns)
    ]
    widths = [min(widths[0], console.width // 2), *(min(width, WIDEST) for width in widths[1:])]
    begin = 1
    while begin < len(table.columns):
        end, used = begin + 1, widths[0] + widths[begin] + 2
        while end < len(table.columns) and used + 2 + widths[end] <= console.width:
            used += 2 + widths[end]
            end += 1
        drawn = Drawn(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
        for index in (0, *range(begin, end)):
            column = table.columns[index]
            drawn.add_column(
                Text(column.title),
                justify="right" if column.number else "left",
                overflow="fold",
                max_width=widths[index],
            )
        for row in table.rows:
            drawn.add_row(*(Text(row[i].text, style=STYLES[row[i].mark]) for i in (0, *range(begin, end))))
        console.print(drawn)
        if end < len(table.columns):
            console.print()
        begin = end


def _line(console: Console, lead: str, rest: str, style: str = "bold") -> None:
    grid = Drawn.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(Text("·"), Text.assemble((lead, style), ": ", rest))
    console.print(grid)


def show(console: Console, fleet: Fleet, *, everything: bool) -> None:
    places = fleet.places if everything else fleet.places[:HEADLINES]
    for place in places:
        console.print(Text(f"{where(place)}: ns per element (time over the best; ~ not clearly slower)", style="bold"))
        _draw(console, tables.times(fleet, place))
        console.print()
    if everything:
        for place in places:
            console.print(Text(f"{where(place)}: what limits it (share of attainable)", style="bold"))
            _draw(console, tables.limits(fleet, place))
            console.print()
    elif len(places) < len(fleet.places):
        left = words.listed([where(place) for place in fleet.places[HEADLINES:]])
        console.print(Text(f"Not shown: {left}; --rows all or --level shows them\n", style="dim"))
    step = tables.adamw(fleet)
    if step:
        console.print(Text("One AdamW step, in DRAM on all threads", style="bold"))
        _draw(console, step)
        console.print()
    flagged = [(machine, flags(fleet, index)) for index, machine in enumerate(fleet.machines)]
    if any(found for _, found in flagged):
        console.print(Text("Warnings", style="bold yellow"))
        for said in unique("; ".join(found) for _, found in flagged if found):
            whom = [machine.label for machine, found in flagged if "; ".join(found) == said]
            _line(console, "every machine" if len(whom) == len(flagged) else words.listed(whom), said, "yellow")
        console.print()
    console.print(Text(f"{words.plural(len(fleet.machines), 'machine')} side by side", style="bold"))
    for lead, said in answer(fleet, outliers(fleet)):
        _line(console, lead, said, "bold red" if "low node" in lead else "bold")
