"""A history as a document: a page has every row and how to read it, the brief form the rows that changed."""

from collections.abc import Sequence

from gradmark_report import record_sections, words
from gradmark_report.document import Answer, Block, Document, Facts, Listing, Section, Text
from gradmark_report.history import tables
from gradmark_report.history.findings import History, answer, at, changed, summary

HOW_TO_READ = (
    "The value of a row at a revision is the median of the undisturbed times of the processes that timed it there, on "
    "several threads in the state named beside it: that which most of them were in. A change is a point where "
    "the level of these values moves by more than their own noise explains; it is not a comparison of two revisions, "
    "for which scripts/compare runs both by turns on one machine.",
    "A change takes two values before it and two since: a row with fewer than four is not judged.",
    "Percentages are of the time: +6% needs 6% more time than before, −50% half of it. ~ is no change seen.",
    "Where a compiler, a kernel, microcode or a setting changed at the same point, that explains a change better than "
    "the code does.",
    "Only rows at a level are followed, none of the sweep, none at a border between two levels and none that is not "
    "believable (above 150% of attainable).",
)


def _rows(history: History, every_row: bool) -> list[Block]:
    rows = list(history.trends) if every_row else history.changed
    caption = "Every row, its last change and all changes together" if every_row else "Rows that changed"
    blocks: list[Block] = [Listing(caption, tables.trends(history, rows))]
    left = len(history.trends) - len(rows)
    if left:
        blocks.append(Text([f"{words.plural(left, 'row')} without a change not shown: --rows all"], "note"))
    return blocks


def _plot(history: History, name: str) -> Block:
    from gradmark_report.plots import trend  # takes its time to load

    return trend.make(history, name)


def make(
    histories: Sequence[History],
    skipped: Sequence[str],
    left_out: Sequence[str],
    folder: str,
    *,
    brief: bool,
    every_row: bool = True,
) -> Document:
    several = len(histories) > 1
    sections = []
    for number, history in enumerate(histories, 1):
        end = f"-{number}" if several else ""
        of = f" on {history.machine.host}" if several else ""
        heading = f"The answer for {history.machine.name}" if several else "The answer"
        plot = [] if brief else [_plot(history, f"trend{end}")]
        about = [Text([summary(history)], "note")] if several else []
        sections.append(Section(f"answer{end}", heading, [*about, Answer(answer(history)), *plot]))
        if history.events:
            every = Listing("Every change", tables.changes(history), folded=brief)
            sections.append(Section(f"changes{end}", f"Every change{of}", [every]))
        sections.append(Section(f"rows{end}", f"Every row{of}", _rows(history, every_row)))
        points = [(at(point), changed(point.changes, 5)) for point in history.machine.points if point.changes]
        blocks: list[Block] = [Facts(points)] if brief and points else []
        blocks.append(Listing("Every revision", tables.points(history), folded=brief))
        sections.append(Section(f"revisions{end}", f"Every revision{of}, and what else changed", blocks))
    if skipped:
        sections.append(Section("skipped", "Skipped files", [Text(list(skipped), "doubt")]))
    if left_out:
        sections.append(Section("left-out", "Left out", [Text(list(left_out), "note")]))
    if not brief:
        sections.append(Section("reading", "How to read this", [Text(HOW_TO_READ)]))
    title = f"gradmark: history on {words.listed([history.machine.host for history in histories[:3]])}"
    subtitle = summary(histories[0]) if not several else f"{len(histories)} machines, each with its own history"
    return Document(title, subtitle, sections, record_sections.made_by(f" from {folder}", brief=brief))
