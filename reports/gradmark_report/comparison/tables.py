"""The tables of a comparison, for pages and for Markdown."""

import math
from collections.abc import Sequence

from gradmark_report.comparison import summary
from gradmark_report.comparison.circumstances import Circumstance, joined
from gradmark_report.comparison.contrast import Compared, Contrast
from gradmark_report.plots.plot import Cell, Column, Table
from gradmark_report.statistics import Verdict

MARKS = {
    Verdict.SLOWER: "bad",
    Verdict.FASTER: "good",
    Verdict.SMALL_CHANGE: "doubt",
    Verdict.INCONCLUSIVE: "doubt",
    Verdict.TOO_FEW: "doubt",
    Verdict.SAME: "",
}


def circumstance_table(listed: Sequence[Circumstance]) -> Table:
    return Table(
        (Column("circumstance"), Column("base"), Column("head")),
        [(Cell(one.label), Cell(joined(one.base)), Cell(joined(one.head))) for one in listed],
    )


def row_table(rows: Sequence[Compared], made: Contrast) -> Table:
    columns = (
        Column("row", code=True),
        Column("base", number=True),
        Column("head", number=True),
        Column("change", number=True),
        Column(f"{summary.level(made)} interval", number=True),
        Column("verdict"),
        Column("pairs" if made.paired else "processes", number=True),
    )
    return Table(columns, [_row(row) for row in rows])


def _sort(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _row(row: Compared) -> tuple[Cell, ...]:
    compared = row.comparison
    mark = MARKS[row.verdict]
    return (
        Cell(summary.named(row)),
        Cell(summary.time(compared.base), _sort(compared.base.value)),
        Cell(summary.time(compared.head), _sort(compared.head.value)),
        Cell(summary.change(row), row.change, mark if row.seen else ""),  # type: ignore[arg-type]
        Cell(summary.interval(row), row.interval.low if row.interval else None),
        Cell(row.verdict.value, list(MARKS).index(row.verdict), mark),  # type: ignore[arg-type]
        Cell(f"{compared.pairs}{f' ({compared.left_out} left out)' if compared.left_out else ''}", compared.pairs),
    )
