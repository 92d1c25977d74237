"""A comparison as a document: the answer first, then what differs, then the rows. A page has plots, every row and how
to read it; the brief form leaves out rows in which nothing was seen where there are many."""

from collections.abc import Sequence

from gradmark_report.comparison import summary
from gradmark_report.comparison.circumstances import joined
from gradmark_report.comparison.contrast import Compared, Contrast, known
from gradmark_report.comparison.tables import circumstance_table, row_table
from gradmark_report.document import Answer, Block, Document, Facts, Listing, Section, Text
from gradmark_report.result import unique
from gradmark_report.statistics import Interval, Verdict


def _answer(made: Contrast) -> list[Block]:
    points = []
    slower, faster = made.of(Verdict.SLOWER), made.of(Verdict.FASTER)
    if made.matched.broken:
        points.append(("Broken", f"{', '.join(made.matched.broken)} failed the proof in the head alone."))
    if slower:
        points.append(("Slower", f"{_named(slower)}."))
    if faster:
        points.append(("Faster", f"{_named(faster)}."))
    if not slower and not faster:
        small = made.of(Verdict.SMALL_CHANGE)
        largest = f" The largest of the small changes: {_named(small)}." if small else ""
        points.append(("No verdict of change", f"No row is called slower or faster.{largest}"))
    points.append(("Counted", f"{summary.counted(made)}."))
    points.extend(("To decide", f"{sentence}.") for sentence in summary.to_decide(made))
    reasons = unique(row.comparison.reason for row in made.rows if row.verdict is Verdict.TOO_FEW)
    points.extend(("Too few", f"{reason[0].upper()}{reason[1:]}.") for reason in sorted(reasons) if reason)
    blocks: list[Block] = [Answer(points)]
    blocks.extend(Text([f"{warning}."], "doubt") for warning in made.warnings)
    return blocks


def _named(rows: Sequence[Compared]) -> str:
    named = [f"{row.name} {summary.change(row)} ({summary.interval(row)})" for row in rows[:4]]
    return ", ".join(named) + (f", and {len(rows) - 4} more" if len(rows) > 4 else "")


def _circumstances(made: Contrast, brief: bool) -> list[Block]:
    sides = []
    for side in (made.base, made.head):
        label, processes, revisions, period = summary.side_facts(side)
        given = side.given if not brief or len(side.given) <= 60 else f"{side.given[:28]} … {side.given[-28:]}"
        sides.append((label, f"{processes}, revision {revisions}, {period}, {given}"))
    blocks: list[Block] = [Facts(sides)]
    if made.differences:
        blocks.append(Listing("What differs", circumstance_table(made.differences)))
    else:
        blocks.append(Text(["Nothing that is recorded differs between the sides, but the dates."]))
    blocks.append(Text([f"{summary.same_in_one_line(made)}."], "note"))
    if not brief:
        every = circumstance_table(made.circumstances)
        blocks.append(Listing("Every circumstance of both sides", every, folded=True))
    return blocks


def _interval(interval: Interval) -> tuple[float, float, float]:
    """Without known ends the value stands for them: the point has no line."""
    if not known(interval):
        return interval.value, interval.value, interval.value
    return interval.value, interval.low, interval.high


def _plots(made: Contrast) -> tuple[Block, Block]:
    """Of the changes, and of the times on both sides."""
    from gradmark_report.plots import ratios, sides  # take their time to load

    changes = [
        ratios.Change(row.name, ratio.value - 1, ratio.low - 1, ratio.high - 1, made.settings.margin, row.verdict)
        for row in made.rows
        if (ratio := row.interval) is not None
    ]
    rows = [
        sides.Both(row.row, (_interval(row.comparison.base), _interval(row.comparison.head)))
        for row in made.rows
        if row.comparison.ratio is not None
    ]
    answer = f"{summary.counted(made)}. {'. '.join(summary.over_the_table(made))}."
    of_changes = ratios.make(changes, row_table([], made), answer, 1 - made.settings.alpha_of_a_look)
    return of_changes, sides.make(rows, made.settings.alpha_of_a_look)


def _rows(made: Contrast, brief: bool, every_row: bool) -> list[Block]:
    rows, hidden = summary.shown(made, every_row or not brief)
    listing = Listing("Every row" if len(rows) == len(made.rows) else "Rows", row_table(rows, made), by_op=True)
    left_out = [f"{sentence}." for sentence in (hidden, *summary.left_out(made)) if sentence]
    note: list[Block] = [Text(left_out, "note")] if left_out else []
    if brief:
        said = [f"{sentence}." for sentence in summary.over_the_table(made)] if made.rows else []
        return [Text(said, "note"), listing, *note]
    changes, times = _plots(made)
    return [changes, listing, *note, times]


def _how_to_read(made: Contrast) -> list[Block]:
    return [
        Text(
            [
                "The unit is a process: repetitions within one share its moment, and say little of the next. Each "
                "gives its undisturbed time, the lower quartile of the medians of its rounds; the change is the mean "
                "of the logarithms' differences without the extreme eighths, and its interval is Student's.",
                "Paired means that both sides ran by turns, so that each process has a partner from about the same "
                "moment, and drift of the machine cancels out.",
                "Several threads are compared in the state, such as two cores, that most rounds of both sides were in.",
                "The margin is what a change must exceed to count.",
            ]
        ),
        Facts([(verdict.value, meaning) for verdict, meaning in summary.MEANING.items()]),
    ]


def _title(made: Contrast) -> str:
    """What differs first: mostly the revisions, else that which sets the sides apart."""
    first = next(iter(made.differences), None)
    if first is None:
        return f"gradmark: revision {summary.side_facts(made.base)[2]} against itself"
    label = "" if first.label == "revision" else f"{first.label} "
    return f"gradmark: {label}{_cut(joined(first.base))} against {_cut(joined(first.head))}"


def _cut(text: str, most: int = 60) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _machines(made: Contrast) -> str:
    sides = [unique(f"{result.processor}, {result.host}" for result in side.results) for side in (made.base, made.head)]
    return " against ".join(unique("; ".join(machines) for machines in sides))


def make(made: Contrast, *, brief: bool, every_row: bool = True) -> Document:
    sections = [
        Section("answer", "The answer", _answer(made)),
        Section("circumstances", "What differs", _circumstances(made, brief)),
        Section("rows", "Row by row", _rows(made, brief, every_row)),
    ]
    if brief:
        meanings = Facts([(verdict.value, meaning) for verdict, meaning in summary.MEANING.items()], caption="Verdicts")
        sections.append(Section("reading", "How to read this", [meanings]))
    else:
        sections.append(Section("reading", "How to read this", _how_to_read(made)))
    return Document(_title(made), _machines(made), sections)
