"""The rows of a result file as tables: the best implementation of each op by level and threads, and every row."""

from collections.abc import Sequence

from gradmark_report import faults, placement, words
from gradmark_report.choice import best, preference
from gradmark_report.document import Listing
from gradmark_report.plots.plot import Cell, Column, Table
from gradmark_report.result import LEVELS, Figures, Result, Row
from gradmark_report.selection import Selection

COLUMNS = (
    Column("op", code=True),
    Column("implementation", code=True),
    Column("undisturbed, ns", number=True),
    Column("±", number=True),
    Column("typical, ns", number=True),
    Column("on"),
    Column("GB/s", number=True),
    Column("of attainable", number=True),
    Column("bound by"),
    Column("over scalar", number=True),
    Column("over autovec", number=True),
    Column("ulp", number=True),
)
OPEN = (("L2", "one"), ("DRAM", "all"))  # the tables that are not folded away where no level was asked for


def _figures(time: Figures) -> list[Cell]:
    return [
        Cell(words.significant(time.undisturbed)),
        Cell(words.plus_minus(time.undisturbed, time.low, time.high)),
    ]


def _lines(row: Row, name: str) -> list[list[Cell]]:
    """The row, and under it its figures in other states."""
    nothing = Cell("")
    return [
        _cells(row, name),
        *(
            [nothing, nothing, *_figures(other), nothing, Cell(state), *[nothing] * (len(COLUMNS) - 6)]
            for state, other in placement.others(row)
        ),
    ]


def _cells(row: Row, name: str) -> list[Cell]:
    time = row.time
    assert time is not None
    return [
        Cell(name),
        Cell(row.impl),
        *_figures(time),
        Cell(words.significant(time.typical)),
        Cell(placement.of(row)),
        Cell(words.significant(row.gb_per_s)),
        Cell("border" if row.status == "border" else faults.percent(row), mark=faults.colour(row)),
        Cell(row.bound_by or words.UNKNOWN),
        Cell(words.times(row.speedup_scalar)),
        Cell(words.times(row.speedup_autovec)),
        Cell(words.significant(row.max_ulp, 2)),
    ]


def best_rows(rows: Sequence[Row], preferred: dict[str, int]) -> list[Row]:
    """Of each op the best exact implementation, and the best fast one where it has any."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.op_name, []).append(row)
    found = []
    for group in groups.values():
        for fast in (False, True):
            chosen = best([row for row in group if row.fast == fast and row.believable], preferred, with_fast=True)
            if chosen:
                found.append(chosen)
    return found


def _where(level: str, threads: int) -> str:
    return f"{level}, {words.plural(threads, 'thread')}"


def best_of_each_op(result: Result, selection: Selection, *, every_row: bool) -> list[Listing]:
    """One for each level and thread count, those that are not folded away first."""
    preferred = preference(result)
    rows = selection.of(result.levels)
    most = max(result.thread_counts)
    listings = []
    for level in LEVELS:
        for threads in result.thread_counts:
            here = [row for row in rows if (row.level, row.threads) == (level, threads)]
            if not here:
                continue
            shown = here if every_row else best_rows(here, preferred)
            table = _table(COLUMNS, [line for row in shown for line in _lines(row, row.op_name)], here)
            opened = str(selection) or every_row or (level, {1: "one", most: "all"}.get(threads)) in OPEN or most == 1
            listings.append(Listing(_where(level, threads), table, folded=not opened))
    return sorted(listings, key=lambda one: one.folded)


def every_row(rows: Sequence[Row], caption: str) -> Listing:
    """Those that were not timed with what became of them."""
    columns = [Column("row", code=True), *COLUMNS[2:]]
    lines = []
    for row in rows:
        if row.time:
            lines += [[cells[0], *cells[2:]] for cells in _lines(row, row.name)]
        else:
            status = Cell(f"{row.status}: {row.why_not}" if row.why_not else row.status, mark="bad")
            lines.append([Cell(row.name), status, *[Cell(words.UNKNOWN)] * (len(columns) - 2)])
    return Listing(caption, _table(columns, lines, rows), folded=True)


def _table(columns: Sequence[Column], lines: Sequence[Sequence[Cell]], rows: Sequence[Row]) -> Table:
    """Without the states where these rows have none."""
    if not placement.known(rows):
        without = [index for index, column in enumerate(columns) if column.title != "on"]
        columns, lines = [columns[index] for index in without], [[line[index] for index in without] for line in lines]
    return Table(columns, lines)
