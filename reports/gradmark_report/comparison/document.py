"""A comparison as a document: the answer first, then what differs, then the rows. A page has plots, every row and how
to read it; the brief form leaves out rows in which nothing was seen where there are many."""

import math
from collections.abc import Sequence
from typing import Literal

from gradmark_report import words
from gradmark_report.comparison import summary
from gradmark_report.comparison.circumstances import Circumstance, period
from gradmark_report.comparison.comparison import Comparison
from gradmark_report.document import Answer, Block, Document, Facts, Listing, Section, Text
from gradmark_report.plots.plot import Cell, Column, Table
from gradmark_report.result import unique
from gradmark_report.statistics import CHANGED, ComparedRow, Interval, Verdict
from gradmark_report.text import shown

HOW_TO_READ = (
    "The unit is a process: repetitions within one share its moment, and say little of the next. Each gives its "
    "undisturbed time, the lower quartile of the medians of its rounds; the change is the mean of the logarithms' "
    "differences without the extreme eighths, and its interval is Student's.",
    "Paired means that both sides ran by turns, so that each process has a partner from about the same moment, and "
    "drift of the machine cancels out.",
    "Several threads are compared in the state, such as two cores, that most rounds of both sides were in.",
    "The margin is what a change must exceed to count.",
)

MARKS: dict[Verdict, Literal["", "good", "bad", "doubt"]] = {
    Verdict.SLOWER: "bad",
    Verdict.FASTER: "good",
    Verdict.SMALL_CHANGE: "doubt",
    Verdict.INCONCLUSIVE: "doubt",
    Verdict.TOO_FEW: "doubt",
    Verdict.SAME: "",
}


def _row_table(rows: Sequence[ComparedRow], made: Comparison) -> Table:
    columns = (
        Column("row", code=True),
        Column("base", number=True),
        Column("head", number=True),
        Column("change", number=True),
        Column(f"{summary.level(made)} interval", number=True),
        Column("verdict"),
        Column("pairs" if made.paired else "processes", number=True),
    )
    return Table(columns, [_cells(row) for row in rows])


def _cells(row: ComparedRow) -> tuple[Cell, ...]:
    mark = MARKS[row.verdict]
    return (
        Cell(summary.named(row)),
        *(Cell(summary.time(time), time.value if math.isfinite(time.value) else None) for time in row.times),
        Cell(summary.change(row), row.change, mark if row.seen else ""),
        Cell(summary.interval(row), row.interval.low if row.interval else None),
        Cell(row.verdict.value, list(Verdict).index(row.verdict), mark),
        Cell(f"{row.pairs} ({row.left_out} left out)" if row.left_out else f"{row.pairs}", row.pairs),
    )


def _answer(made: Comparison) -> list[Block]:
    points = []
    if made.broken:
        points.append(("Broken", f"{', '.join(made.broken)} failed the proof in the head alone."))
    for verdict in CHANGED:
        if rows := made.of(verdict):
            points.append((verdict.value.capitalize(), f"{_named(rows)}."))
    if not made.of(*CHANGED):
        small = made.of(Verdict.SMALL_CHANGE)
        largest = f" The largest of the small changes: {_named(small)}." if small else ""
        points.append(("No verdict of change", f"No row is called slower or faster.{largest}"))
    points.append(("Counted", f"{summary.counted(made)}."))
    points.extend(("To decide", f"{sentence}.") for sentence in summary.to_decide(made))
    reasons = {row.reason for row in made.of(Verdict.TOO_FEW)}
    points.extend(("Too few", f"{reason[0].upper()}{reason[1:]}.") for reason in sorted(reasons))
    return [Answer(points), *(Text([f"{warning}."], "doubt") for warning in made.warnings)]


def _named(rows: Sequence[ComparedRow]) -> str:
    return words.some([f"{row.name} {summary.change(row)} ({summary.interval(row)})" for row in rows], 4, ", and")


def _circumstance_table(listed: Sequence[Circumstance]) -> Table:
    return Table(
        (Column("circumstance"), Column("base"), Column("head")),
        [(Cell(one.label), Cell(words.some(one.base)), Cell(words.some(one.head))) for one in listed],
    )


def _circumstances(made: Comparison, brief: bool) -> list[Block]:
    sides = []
    for side in made.sides:
        processes = words.plural(len(side.results), "process", "processes")
        given = side.given if not brief or len(side.given) <= 60 else f"{side.given[:28]} … {side.given[-28:]}"
        sides.append((side.label, f"{processes}, revision {summary.revisions(side)}, {period(side)}, {given}"))
    blocks: list[Block] = [Facts(sides)]
    if made.differences:
        blocks.append(Listing("What differs", _circumstance_table(made.differences)))
    else:
        blocks.append(Text(["Nothing that is recorded differs between the sides, but the dates."]))
    blocks.append(Text([f"{summary.same_in_one_line(made)}."], "note"))
    every = Listing("Every circumstance of both sides", _circumstance_table(made.circumstances), folded=True)
    return blocks if brief else [*blocks, every]


def _interval(interval: Interval) -> tuple[float, float, float]:
    """Without known ends the value stands for them: the point has no line."""
    if not interval.known:
        return interval.value, interval.value, interval.value
    return interval.value, interval.low, interval.high


def _plots(made: Comparison) -> tuple[Block, Block]:
    """Of the changes, and of the times on both sides."""
    from gradmark_report.plots import ratios, sides  # take their time to load

    changes = [
        ratios.Change(row.name, ratio.value - 1, ratio.low - 1, ratio.high - 1, made.settings.margin, row.verdict)
        for row in made.rows
        if (ratio := row.interval) is not None
    ]
    rows = [sides.Both(row.row, (_interval(row.times[0]), _interval(row.times[1]))) for row in made.rows if row.pairs]
    answer = f"{summary.counted(made)}. {'. '.join(summary.over_the_table(made))}."
    of_changes = ratios.make(changes, _row_table([], made), answer, 1 - made.settings.alpha_of_a_look)
    return of_changes, sides.make(rows, made.settings.alpha_of_a_look)


def _rows(made: Comparison, brief: bool, every_row: bool) -> list[Block]:
    rows, hidden = summary.shown(made, every_row or not brief)
    listing = Listing("Every row" if len(rows) == len(made.rows) else "Rows", _row_table(rows, made), by_op=True)
    left_out = [f"{sentence}." for sentence in (hidden, *summary.left_out(made)) if sentence]
    note: list[Block] = [Text(left_out, "note")] if left_out else []
    if brief:
        said = [f"{sentence}." for sentence in summary.over_the_table(made)] if made.rows else []
        return [Text(said, "note"), listing, *note]
    changes, times = _plots(made)
    return [changes, listing, *note, times]


def _title(made: Comparison) -> str:
    """What differs first: mostly the revisions, else that which sets the sides apart."""
    first = next(iter(made.differences), None)
    if first is None:
        return f"gradmark: revision {summary.revisions(made.sides[0])} against itself"
    label = "" if first.label == "revision" else f"{first.label} "
    return f"gradmark: {label}{shown(words.some(first.base), 60)} against {shown(words.some(first.head), 60)}"


def _machines(made: Comparison) -> str:
    sides = [unique(f"{result.processor}, {result.host}" for result in side.results) for side in made.sides]
    return " against ".join(unique("; ".join(machines) for machines in sides))


def make(made: Comparison, *, brief: bool, every_row: bool = True) -> Document:
    meanings = [(verdict.value, meaning) for verdict, meaning in summary.MEANING.items()]
    reading: list[Block] = [Facts(meanings, caption="Verdicts")] if brief else [Text(HOW_TO_READ), Facts(meanings)]
    sections = [
        Section("answer", "The answer", _answer(made)),
        Section("circumstances", "What differs", _circumstances(made, brief)),
        Section("rows", "Row by row", _rows(made, brief, every_row)),
        Section("reading", "How to read this", reading),
    ]
    return Document(_title(made), _machines(made), sections)
