"""What a trial found, as a document."""

from gradmark_report import words
from gradmark_report.comparison.trial import CHANGED, Outcome, Trial, median_change
from gradmark_report.document import Document, Listing, Section, Text
from gradmark_report.plots.plot import Cell, Column, Table
from gradmark_report.statistics import Interval, Verdict, rate

_NAMED = (
    Verdict.SLOWER,
    Verdict.SMALL_CHANGE,
    Verdict.SAME,
    Verdict.INCONCLUSIVE,
    Verdict.FASTER,
    Verdict.TOO_FEW,
)


def _range(share: Interval) -> str:
    """0 to 5.1%"""
    return words.span(words.significant(100 * share.low, 2), words.significant(100 * share.high, 2)) + "%"


def false_alarms(made: Trial) -> list[str]:
    hits, share = made.equal.share(*CHANGED)
    whole, count = made.equal.alarmed, len(made.equal.comparisons)
    return [
        f"False alarms: of {words.plural(made.equal.judged, 'row')} that did not change, {hits} "
        f"{'was' if hits == 1 else 'were'} called slower or faster ({_range(share)}); of "
        f"{words.plural(count, 'whole comparison')}, {whole} had such a row ({_range(rate(whole, count))})",
        "Rows of one process share its noise, so that the true uncertainty of the rows' rates is larger than these "
        "intervals (Wilson's, 95%) say; that of whole comparisons is not",
    ]


def by_design(made: Trial) -> str:
    return (
        f"A slowdown below the margin ({made.margin_percent:.3g}%) must not be called slower: the margin says "
        "that nobody minds it. It should read as small change or same, and one just above the margin needs more pairs "
        "than one far above"
    )


def what_was_tried(made: Trial) -> str:
    result = made.result
    count = len(made.equal.comparisons)
    return (
        f"{result.processor}, {result.host}, revision {result.revision}: "
        f"{words.plural(count, 'comparison')} of {words.plural(made.pairs, 'pair')} for each line, judged as "
        f"scripts/compare judges a campaign of so many at the last of its {words.plural(made.settings.looks, 'look')}"
    )


def table(made: Trial) -> Table:
    """A line for each delay, a column for each verdict that any row has."""
    shown = [verdict for verdict in _NAMED if any(one.verdicts[verdict] for one in (made.equal, *made.delayed))]
    columns = (
        Column("slowed by"),
        Column("reads as (median, 5% to 95% of rows)", number=True),
        Column("rows judged", number=True),
        *(Column(verdict.value, number=True) for verdict in shown),
    )

    def line(outcome: Outcome) -> tuple[Cell, ...]:
        cells = [
            Cell("nothing" if not outcome.delay else f"{outcome.delay:g}%"),
            Cell(median_change(outcome)),
            Cell(str(outcome.judged)),
        ]
        for verdict in shown:
            hits, share = outcome.share(verdict)
            cells.append(Cell(str(hits) if verdict is Verdict.TOO_FEW else f"{hits} ({_range(share)})"))
        return tuple(cells)

    return Table(columns, [line(one) for one in (made.equal, *made.delayed)])


def make(made: Trial) -> Document:
    said = [f"{sentence}." for sentence in (*false_alarms(made), by_design(made))]
    title = "What was found of slowdowns put in on purpose"
    rates = Section("rates", title, [Listing(title, table(made)), Text(said)])
    return Document("gradmark: one build against itself", f"{what_was_tried(made)}.", [rates])
