"""A row's time as all plots of one result have it: in a chart's records and tooltips, and in a table."""

from typing import Any

import altair as alt

from gradmark_report import placement, words
from gradmark_report.plots import figures
from gradmark_report.plots.plot import Cell, Column
from gradmark_report.result import Figures, Row

COLUMNS = (
    Column("undisturbed, ns", number=True),
    Column("±", number=True),
    Column("typical, ns", number=True),
    Column("on"),
)


def record(row: Row) -> dict[str, Any]:
    assert row.time
    return {
        "time": figures.short(row.time.undisturbed),
        "low": figures.short(row.time.low),
        "high": figures.short(row.time.high),
        "typical": figures.short(row.time.typical),
        "on": placement.of(row) or "one thread",
    }


def tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("time:Q", title="ns per element, undisturbed", format=".4~r"),
        alt.Tooltip("low:Q", title="its interval from", format=".4~r"),
        alt.Tooltip("high:Q", title="to", format=".4~r"),
        alt.Tooltip("typical:Q", title="ns per element, typical", format=".4~r"),
        alt.Tooltip("on:N", title="on"),
    ]


def _figures(time: Figures) -> list[Cell]:
    spread = figures.short(figures.spread(time.low, time.undisturbed, time.high))
    return [
        Cell(words.significant(time.undisturbed), time.undisturbed),
        Cell(words.plus_minus(time.undisturbed, time.low, time.high), spread),
    ]


def cells(row: Row) -> list[Cell]:
    """Of COLUMNS."""
    assert row.time
    return [
        *_figures(row.time),
        Cell(words.significant(row.time.typical), row.time.typical),
        Cell(placement.of(row)),
    ]


def others(row: Row) -> list[list[Cell]]:
    """The same of the states that the row's own figures are not of."""
    return [[*_figures(other), Cell(""), Cell(state)] for state, other in placement.others(row)]
