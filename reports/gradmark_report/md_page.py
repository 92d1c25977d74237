"""One result file as a Markdown page: the answer, the best implementation of each op, then all that it rests on."""

from collections.abc import Sequence

from gradmark_report import faults, markdown, placement, record_markdown, words
from gradmark_report.answer import answer
from gradmark_report.choice import best, preference
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


def _tables(result: Result, selection: Selection, every_row: bool) -> list[str]:
    """One for each level and thread count."""
    preferred = preference(result)
    rows = selection.of(result.levels)
    opened, folded = [], []
    most = max(result.thread_counts)
    for level in LEVELS:
        for threads in result.thread_counts:
            here = [row for row in rows if (row.level, row.threads) == (level, threads)]
            if not here:
                continue
            shown = here if every_row else best_rows(here, preferred)
            made = _table(COLUMNS, [line for row in shown for line in _lines(row, row.op_name)], here)
            title = _where(level, threads)
            count = {1: "one", most: "all"}
            open_ = bool(str(selection)) or every_row or (level, count.get(threads)) in OPEN or most == 1
            if open_:
                opened.append(f"### {title}\n\n{made}")
            else:
                folded.append(markdown.details(f"{title}: {words.plural(len(shown), 'row')}", made))
    return opened + folded


def _every_row(result: Result, selection: Selection) -> str:
    """All rows at levels, those that were not timed with what became of them. Without the sweep, which is many times as
    long: a comment of a pull request has at most 65,536 characters."""
    return _listing([row for row in selection.of(result.rows) if not row.sweep], "All {} at levels")


def _sweep(result: Result, selection: Selection, every_row: bool) -> str:
    rows = [row for row in selection.of(result.rows) if row.sweep]
    if not rows:
        return ""
    if every_row:
        return _listing(rows, "All {} of the sweep")
    return f"{words.plural(len(rows), 'row')} of the sweep not shown (`--rows all` lists them)."


def _listing(rows: Sequence[Row], title: str) -> str:
    columns = [Column("row", code=True), *COLUMNS[2:]]
    lines = []
    for row in rows:
        if row.time:
            lines += [[cells[0], *cells[2:]] for cells in _lines(row, row.name)]
        else:
            status = Cell(f"{row.status}: {row.why_not}" if row.why_not else row.status, mark="bad")
            lines.append([Cell(row.name), status, *[Cell(words.UNKNOWN)] * (len(columns) - 2)])
    return markdown.details(title.format(words.plural(len(rows), "row")), _table(columns, lines, rows))


def _table(columns: Sequence[Column], lines: Sequence[Sequence[Cell]], rows: Sequence[Row]) -> str:
    """Without the states where these rows have none."""
    if not placement.known(rows):
        without = [index for index, column in enumerate(columns) if column.title != "on"]
        columns, lines = [columns[index] for index in without], [[line[index] for index in without] for line in lines]
    return markdown.table(Table(columns, lines))


def _placement(result: Result) -> str:
    """Where the threads ran."""
    if result.before_rounds:
        return ""
    tables = [markdown.table(placement.states(result))]
    pairs = placement.pairs(result)
    if pairs.rows:
        title = f"{words.plural(len(pairs.rows), 'pair')} of processors"
        tables.append(markdown.details(title, markdown.table(pairs)))
    return "\n\n".join(
        filter(None, ["## Where the threads ran", *map(markdown.literal, placement.sentences(result)), *tables])
    )


def _not_measured(result: Result) -> str:
    if not result.left_out:
        return ""
    made = Table([Column("row", code=True)], [[Cell(name)] for name in result.left_out])
    return markdown.details(
        f"{words.plural(len(result.left_out), 'row')} of the profile left out for want of time", markdown.table(made)
    )


def _settings(result: Result) -> str:
    settings = result.settings
    asked = [f"{key} {settings[key]}" for key in ("filter", "isa", "isa_rule", "plugins") if settings[key]]
    return ", ".join(
        [
            f"profile {settings['profile']}",
            f"{settings['pages']} pages",
            f"{settings['placement']} placement",
            f"samples of {words.duration(settings['sample_seconds'])}",
            *asked,
        ]
    )


def _left_out(result: Result, selection: Selection) -> str:
    left = len(result.rows) - len(selection.of(result.rows))
    return (
        f"Only rows that {markdown.code(str(selection))} leaves; {left} of {len(result.rows)} are not shown."
        if left
        else ""
    )


def page(result: Result, selection: Selection, *, every_row: bool) -> str:
    legend = (
        "The best exact implementation of each op and, where there is one, the best `_fast` one, whose divisions and "
        "roots are estimates."
        if not every_row
        else ""
    )
    return markdown.page(
        [
            *record_markdown.head(result),
            markdown.bullets(answer(result)),
            "## Times",
            " ".join(part for part in (legend, _left_out(result, selection)) if part),
            "" if result.before_rounds else placement.TIMES,
            *_tables(result, selection, every_row),
            _placement(result),
            record_markdown.warnings(result),
            "## All that this rests on",
            "" if every_row else _every_row(result, selection),
            _sweep(result, selection, every_row),
            _not_measured(result),
            record_markdown.circumstances(result, _settings(result)),
            *record_markdown.foot(result),
        ]
    )
