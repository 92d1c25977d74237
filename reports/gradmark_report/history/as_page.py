"""A history as a page that works offline."""

from collections.abc import Sequence

from gradmark_report import __version__, words
from gradmark_report.history import tables
from gradmark_report.history.findings import History, answer, summary
from gradmark_report.page import Answer, Listing, Page, Section, Text
from gradmark_report.page.blocks import Block
from gradmark_report.plots import trend

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


def page(histories: Sequence[History], skipped: Sequence[str], left_out: Sequence[str], folder: str) -> Page:
    several = len(histories) > 1
    sections = []
    for number, history in enumerate(histories, 1):
        end = f"-{number}" if several else ""
        of = f" on {history.machine.host}" if several else ""
        heading = f"The answer for {history.machine.name}" if several else "The answer"
        blocks: list[Block] = [Answer(answer(history))]
        blocks.append(trend.make(history, f"trend{end}"))
        sections.append(Section(f"answer{end}", heading, blocks))
        if history.events:
            sections.append(
                Section(f"changes{end}", f"Every change{of}", [Listing("Every change", tables.changes(history))])
            )
        rows = Listing("Every row, its last change and all changes together", tables.trends(history, history.trends))
        sections.append(Section(f"rows{end}", f"Every row{of}", [rows]))
        every = Listing("Every revision", tables.points(history))
        sections.append(Section(f"revisions{end}", f"Every revision{of}, and what else changed", [every]))
    if skipped:
        sections.append(Section("skipped", "Skipped files", [Text(list(skipped), "doubt")]))
    if left_out:
        sections.append(Section("left-out", "Left out", [Text(list(left_out), "note")]))
    sections.append(Section("reading", "How to read this", [Text(HOW_TO_READ)]))
    title = f"gradmark: history on {words.listed([history.machine.host for history in histories[:3]])}"
    subtitle = summary(histories[0]) if not several else f"{len(histories)} machines, each with its own history"
    footer = f"Made by gradmark-report {__version__} from {folder}. This file needs no network, and sends nothing."
    return Page(title, subtitle, sections, [footer])
