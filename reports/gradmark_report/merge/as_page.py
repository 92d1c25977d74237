"""Several machines as a page that works offline."""

from collections.abc import Mapping, Sequence

from gradmark_report import __version__, faults, words
from gradmark_report.merge import cases, tables
from gradmark_report.merge.cases import Fleet, where
from gradmark_report.merge.findings import answer
from gradmark_report.merge.outliers import outliers, sentence
from gradmark_report.page import Answer, Listing, Page, Section, Text
from gradmark_report.page.blocks import Block
from gradmark_report.plots import machines as plot
from gradmark_report.result import Result

HOW_TO_READ = (
    "Machines are compared by what each does best: of every op the best implementation that it has, exact ones and "
    "fast ones (whose divisions and roots are estimates) apart. All threads are as many as were timed on that machine.",
    "Each figure is a row's undisturbed time, from one process: the lower quartile of the medians of its rounds. The "
    "best is marked, and so is what cannot be told from it: whose interval, which is to hold the next run, touches the "
    "best one's (with ~ before its ratio), or which is less than 3% slower. On several threads machines are compared "
    "in a state that all of them were seen in (as how many cores the threads were); where there is none, they are not "
    "told apart.",
    "– stands where a machine was not measured, or at a border between two levels, where figures are not scored, or "
    "where no figure is believable. " + faults.MEANING,
    "The time of a step is the time per parameter times the parameters; a machine whose memory cannot hold them and "
    "their states is named.",
    "A slow node is looked for where five or more machines have the same processor.",
)


def page(
    results: Sequence[Result], labels: Sequence[str] | None = None, prices: Mapping[str, float] | None = None
) -> Page:
    """Raises NotComparable where they have nothing in common. `prices`: euros per hour, by host or by label."""
    return of(cases.fleet(results, labels, prices))


def of(fleet: Fleet) -> Page:
    slow = outliers(fleet)
    sections = [Section("answer", "The answer", [Answer(answer(fleet, slow))])]
    if slow:
        sections.append(Section("slow", "Slow nodes", [Text([sentence(one) for one in slow], "bad")]))
    sections.append(Section("machines", "Machines side by side", [plot.make(fleet)]))
    step = tables.adamw(fleet)
    if step:
        title = "One AdamW step"
        sections.append(Section("step", title, [Listing("One AdamW step, in DRAM on all threads", step)]))
    headlines, others = fleet.places[:2], fleet.places[2:]
    for number, place in enumerate(headlines, 1):
        caption = f"{where(place)}: ns per element (time over the best)"
        title = f"Times in {where(place)}"
        sections.append(Section(f"times-{number}", title, [Listing(caption, tables.times(fleet, place))]))
    folded: list[Block] = [
        Listing(f"{where(place)}: ns per element (time over the best)", tables.times(fleet, place), folded=True)
        for place in others
    ]
    if folded:
        sections.append(Section("times", "Times elsewhere", folded))
    limits: list[Block] = [
        Listing(f"{where(place)}: share of attainable, and what binds it", tables.limits(fleet, place), folded=True)
        for place in fleet.places
    ]
    sections.append(Section("limits", "What limits each", limits))
    what = [Listing("What the machines are, and their warnings", tables.circumstances(fleet))]
    sections.append(Section("circumstances", "The machines", what))
    sections.append(Section("reading", "How to read this", [Text(HOW_TO_READ)]))
    names = [machine.label for machine in fleet.machines]
    shown = [*names[:4], f"{len(names) - 4} more"] if len(names) > 4 else names
    return Page(
        f"gradmark: {words.plural(len(names), 'machine')} side by side",
        words.listed(shown),
        sections,
        [f"Made by gradmark-report {__version__}. This file needs no network, and sends nothing."],
    )
