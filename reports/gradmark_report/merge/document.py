"""Several machines as a document: a page has the plot, every place and how to read it, the brief form the headlines."""

from gradmark_report import faults, record_sections, words
from gradmark_report.document import Answer, Block, Document, Listing, Section, Text
from gradmark_report.merge import tables
from gradmark_report.merge.cases import Fleet, where
from gradmark_report.merge.findings import answer, flags
from gradmark_report.merge.outliers import outliers, sentence
from gradmark_report.result import unique

HEADLINES = 2  # places that are shown unasked

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


def _plot(fleet: Fleet) -> list[Section]:
    from gradmark_report.plots import machines as plot  # takes its time to load

    return [Section("machines", "Machines side by side", [plot.make(fleet)])]


def _warnings(fleet: Fleet) -> list[str]:
    """Each once, with whose it is."""
    flagged = ["; ".join(flags(fleet, index)) for index in range(len(fleet.machines))]
    said = []
    for warning in unique(one for one in flagged if one):
        whose = [machine.label for machine, one in zip(fleet.machines, flagged, strict=True) if one == warning]
        said.append(f"{'every machine' if len(whose) == len(flagged) else words.listed(whose)}: {warning}")
    return said


def make(fleet: Fleet, *, brief: bool, everything: bool = False) -> Document:
    """`everything`: no place is folded away."""
    slow = outliers(fleet)
    sections = [Section("answer", "The answer", [Answer(answer(fleet, slow))])]
    if slow:
        sections.append(Section("slow", "Slow nodes", [Text([sentence(one) for one in slow], "bad")]))
    if not brief:
        sections += _plot(fleet)
    step = tables.adamw(fleet)
    if step:
        sections.append(Section("step", "One AdamW step, in DRAM on all threads", [Listing("One AdamW step", step)]))
    opened = len(fleet.places) if everything else HEADLINES
    times: list[Block] = [
        Listing(
            f"{where(place)}: ns per element (time over the best; ~ not clearly slower)",
            tables.times(fleet, place),
            folded=number >= opened,
        )
        for number, place in enumerate(fleet.places)
    ]
    if brief and len(fleet.places) > opened:
        left = words.listed([where(place) for place in fleet.places[opened:]])
        times.append(Text([f"On a terminal {left} are not shown; --rows all or --level shows them"], "note"))
    sections.append(Section("times", "Times", times))
    limits: list[Block] = [
        Listing(
            f"{where(place)}: share of attainable, and what binds it",
            tables.limits(fleet, place),
            folded=not everything,
        )
        for place in (fleet.places[:opened] if brief else fleet.places)
    ]
    sections.append(Section("limits", "What limits each", limits))
    what: list[Block] = [
        Listing("What the machines are, and their warnings", tables.circumstances(fleet), folded=brief)
    ]
    if brief and (warned := _warnings(fleet)):
        what.append(Text(warned, "doubt"))
    sections.append(Section("circumstances", "The machines", what))
    if not brief:
        sections.append(Section("reading", "How to read this", [Text(HOW_TO_READ)]))
    names = [machine.label for machine in fleet.machines]
    return Document(
        f"gradmark: {words.plural(len(names), 'machine')} side by side",
        words.listed(names, most=4),
        sections,
        record_sections.made_by("", brief=brief),
    )
