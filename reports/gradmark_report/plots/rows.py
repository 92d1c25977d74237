"""What all plots of one result's rows have in common: a row in a chart's records and tooltips, and in a table."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gradmark_report import placement, words
from gradmark_report.plots import chart, columns
from gradmark_report.plots.plot import Cell
from gradmark_report.result import LEVELS, Figures, Row

SAID: dict[str, str | tuple[str, str]] = {  # of a time, in a tooltip
    "time": ("ns per element, undisturbed", ".4~r"),
    "low": ("its interval from", ".4~r"),
    "high": ("to", ".4~r"),
    "typical": ("ns per element, typical", ".4~r"),
    "on": "on",
}


def undisturbed(row: Row) -> float:
    assert row.time
    return row.time.undisturbed


def record(row: Row) -> dict[str, Any]:
    assert row.time
    return {
        "op": row.op_name,
        "level": row.level,
        "threads": row.threads,
        "impl": row.impl,
        "time": chart.short(row.time.undisturbed),
        "low": chart.short(row.time.low),
        "high": chart.short(row.time.high),
        "typical": chart.short(row.time.typical),
        "on": placement.of(row) or "one thread",
        "percent": chart.short(row.attainable_percent, 4),
        "bound": row.bound_by or words.UNKNOWN,
        "doubted": not row.believable,
    }


@dataclass(frozen=True)
class Line:
    """Of a table: a row with its own figures, or with those of another state."""

    row: Row
    time: Figures
    state: str
    own: bool = True


def own(rows: Sequence[Row]) -> list[Line]:
    return [Line(row, row.time, placement.of(row)) for row in rows if row.time]


def in_every_state(rows: Sequence[Row]) -> Iterator[Line]:
    for line in own(rows):
        yield line
        yield from (Line(line.row, other, state, own=False) for state, other in placement.others(line.row))


def of_row(of: Callable[[Row], Cell]) -> Callable[[Line], Cell]:
    """What only the row's own figures have."""
    return lambda line: of(line.row) if line.own else Cell("")


def level_cell(level: str) -> Cell:
    return Cell(level, LEVELS.index(level))


def time_cell(time: Figures) -> Cell:
    return Cell(words.significant(time.undisturbed), time.undisturbed)


def _spread(time: Figures) -> Cell:
    """Half of the interval."""
    percent = chart.short(100 * (time.high - time.low) / 2 / time.undisturbed)
    return Cell(words.plus_minus(time.undisturbed, time.low, time.high), percent)


def _typical(row: Row) -> Cell:
    assert row.time
    return Cell(words.significant(row.time.typical), row.time.typical)


NAME_COLUMNS: Sequence[columns.Made[Line]] = (
    columns.name("op", lambda line: line.row.op_name),
    columns.name("implementation", lambda line: line.row.impl),
    columns.cell("level", lambda line: level_cell(line.row.level)),
    columns.number("threads", lambda line: line.row.threads, str),
)
TIME_COLUMNS: Sequence[columns.Made[Line]] = (
    columns.cell("undisturbed, ns", lambda line: time_cell(line.time), is_number=True),
    columns.cell("±", lambda line: _spread(line.time), is_number=True),
    columns.cell("typical, ns", of_row(_typical), is_number=True),
    columns.text("on", lambda line: line.state),
)
