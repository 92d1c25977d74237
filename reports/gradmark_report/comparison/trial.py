"""The tool tried on itself: how often equal builds are called different, and how often a known slowdown is found.

A trial is the folder of `scripts/compare --self`: some arms of one and the same build, and arms whose times were
lengthened on purpose, all run by turns. Its processes are cut into comparisons of 40 pairs, or all are one, and
each is judged as `scripts/compare` would judge a campaign of so many pairs, by the last of its looks."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gradmark_report import words
from gradmark_report.comparison.comparison import EVERY_ROW, Comparison, compare_sides
from gradmark_report.comparison.schedule import looks
from gradmark_report.comparison.sides import Side, Sides, read_side
from gradmark_report.document import Document, Listing, Section, Text
from gradmark_report.errors import BadInput
from gradmark_report.plots.plot import Cell, Column, Table
from gradmark_report.result import Result, unique
from gradmark_report.selection import Selection
from gradmark_report.statistics import CHANGED, Interval, Settings, Verdict
from gradmark_report.statistics.compare import FEWEST
from gradmark_report.text import shown

# The folders, and by how many percent their times are lengthened. All names are of the same length, so that no process
# has a longer command than another.
ARMS = {"same-a": 0, "same-b": 0, "slow01": 1, "slow03": 3, "slow05": 5, "slow10": 10}
PAIRS = 40  # of a comparison: about what scripts/compare has time for, of all rows in L2, within its ten minutes


def rate(hits: int, of: int) -> Interval:
    """A share with its 95% interval, Wilson's: not of zero width at 0 or 1."""
    if not 0 <= hits <= of:
        raise ValueError(f"{hits} of {of} is no share")
    if of == 0:
        return Interval(float("nan"), 0.0, 1.0)
    from scipy.stats import binomtest  # it takes its time to load, and most commands do without

    interval = binomtest(hits, of).proportion_ci(0.95, method="wilson")
    return Interval(hits / of, float(interval.low), float(interval.high))


@dataclass(frozen=True)
class Outcome:
    """What became of the comparisons with one delay; 0 is that of equal builds."""

    delay: float  # percent
    comparisons: tuple[Comparison, ...]

    @property
    def verdicts(self) -> Counter[Verdict]:
        """Over all rows of all comparisons."""
        return Counter(row.verdict for made in self.comparisons for row in made.rows)

    @property
    def judged(self) -> int:
        """Rows that have a verdict. The others can give no alarm, so that no rate counts them."""
        return sum(self.verdicts.values()) - self.verdicts[Verdict.TOO_FEW]

    def share(self, *verdicts: Verdict) -> tuple[int, Interval]:
        """How many rows have one of these verdicts, and the interval of their share of the rows that were judged."""
        hits = sum(self.verdicts[verdict] for verdict in verdicts)
        return hits, rate(hits, self.judged)

    @property
    def changes(self) -> list[float]:
        """Every row's estimate, in percent."""
        return [row.change for made in self.comparisons for row in made.rows if row.change is not None]


@dataclass(frozen=True)
class Trial:
    result: Result  # any of them: the machine and the build
    settings: Settings
    pairs: int  # of each comparison
    outcomes: tuple[Outcome, ...]  # of equal builds, then of the delays

    @property
    def equal(self) -> Outcome:
        return self.outcomes[0]


# ---- read -----------------------------------------------------------------------------------------------------------


def _arms(folder: Path) -> tuple[Side, dict[float, Side]]:
    """The base, and by their delay the sides to compare with it; 0 is the other one of equal builds."""
    if not folder.is_dir():
        raise BadInput(f"{folder}: this is no folder; a trial is the folder that scripts/compare --self wrote")
    found: dict[float, list[Side]] = {0.0: []}
    for child in sorted(folder.iterdir()):
        if child.is_dir() and any(child.glob("*.json")):
            side = read_side(child.name, [child])
            delays = {float(result.settings["test_delay_percent"]) for result in side.results}
            if len(delays) > 1:
                raise BadInput(f"{child}: its processes do not have the same test delay")
            found.setdefault(delays.pop(), []).append(side)
    for delay, sides in found.items():
        if delay and len(sides) > 1:
            raise BadInput(f"{folder}: two of its folders have a test delay of {delay:g}%")
    if len(found[0]) < 2:
        raise BadInput(
            f"{folder}: a trial needs two folders of processes without a test delay, and has {len(found[0])}; "
            "scripts/compare --self makes one"
        )
    base = found[0].pop(0)
    return base, {delay: sides[0] for delay, sides in found.items()}


def _check_shared(folders: Sequence[Path], results: Sequence[Result]) -> None:
    """What all processes of all folders must share, or nobody knows what their differences should show."""
    for what, values in (
        ("revisions", unique(str(result.build["revision"]) for result in results)),
        ("hosts", unique(result.host for result in results)),
        ("processors", unique(result.processor for result in results)),
    ):
        if len(values) > 1:
            raise BadInput(
                f"{', '.join(map(str, folders))}: the processes are of different {what} "
                f"({shown(words.listed(values[:3]), 120)}), so that nobody knows what they should show"
            )


def _size(sides: Sequence[Side], pairs: int) -> int:
    """Pairs of each comparison: as many as asked for, or as all arms of all folders have."""
    smallest = min(sides, key=lambda side: len(side.results))
    size = min(pairs, len(smallest.results))
    if size < FEWEST:
        has = f"{smallest.given} has {words.plural(size, 'process', 'processes')}"
        raise BadInput(
            f"{has if size < pairs else f'--pairs {pairs} is too small'}: rates of verdicts need comparisons of "
            f"{FEWEST} pairs at the least, better of {PAIRS}; "
            "for more pairs give scripts/compare --self a longer --time-limit, or fewer rows by --filter"
        )
    return size


def _cut(base: Side, head: Side, size: int) -> list[Sides]:
    """Comparisons of so many pairs, one after the other; what is left over is no comparison."""
    return [
        (
            Side("base", base.given, base.results[begin : begin + size]),
            Side("head", head.given, head.results[begin : begin + size]),
        )
        for begin in range(0, min(len(base.results), len(head.results)) - size + 1, size)
    ]


def read(folders: Sequence[Path], settings: Settings, *, pairs: int = PAIRS, selection: Selection = EVERY_ROW) -> Trial:
    """Raises BadInput for what is no trial, or too small for any rate."""
    trials = [_arms(folder) for folder in folders]
    sides = [side for base, heads in trials for side in (base, *heads.values())]
    results = [result for side in sides for result in side.results]
    _check_shared(folders, results)
    size = _size(sides, pairs)
    settings = replace(settings, looks=len(looks(size)))
    outcomes = []
    for delay in sorted({delay for _, heads in trials for delay in heads}):
        pieces = [piece for base, heads in trials if delay in heads for piece in _cut(base, heads[delay], size)]
        outcomes.append(Outcome(delay, tuple(compare_sides(piece, settings, selection) for piece in pieces)))
        if not outcomes[0].judged:
            raise BadInput(
                f"{', '.join(map(str, folders))}: no row of equal builds has a verdict, so that there is no rate: all "
                "failed their proof, or have too few processes in one state"
            )
    return Trial(results[0], settings, size, tuple(outcomes))


# ---- shown ----------------------------------------------------------------------------------------------------------


# The columns of the table, as far as any row has such a verdict.
_COLUMNS = (
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


def median_change(outcome: Outcome) -> str:
    if not outcome.changes:
        return words.UNKNOWN
    low, middle, high = map(words.signed_percent, np.quantile(outcome.changes, [0.05, 0.5, 0.95]))
    return f"{middle} ({words.span(low, high)})"


def table(made: Trial) -> Table:
    """A line for each delay, a column for each verdict that any row has."""
    verdicts = [verdict for verdict in _COLUMNS if any(one.verdicts[verdict] for one in made.outcomes)]
    columns = (
        Column("slowed by"),
        Column("reads as (median, 5% to 95% of rows)", number=True),
        Column("rows judged", number=True),
        *(Column(verdict.value, number=True) for verdict in verdicts),
    )

    def line(outcome: Outcome) -> tuple[Cell, ...]:
        cells = [
            Cell("nothing" if not outcome.delay else f"{outcome.delay:g}%"),
            Cell(median_change(outcome)),
            Cell(str(outcome.judged)),
        ]
        for verdict in verdicts:
            hits, share = outcome.share(verdict)
            cells.append(Cell(str(hits) if verdict is Verdict.TOO_FEW else f"{hits} ({_range(share)})"))
        return tuple(cells)

    return Table(columns, [line(one) for one in made.outcomes])


def document(made: Trial) -> Document:
    result, rows, count = made.result, made.equal.judged, len(made.equal.comparisons)
    hits, share = made.equal.share(*CHANGED)
    alarmed = sum(bool(one.of(*CHANGED)) for one in made.equal.comparisons)
    said = [
        f"False alarms: of {words.plural(rows, 'row')} that did not change, {hits} {'was' if hits == 1 else 'were'} "
        f"called slower or faster ({_range(share)}); of {words.plural(count, 'whole comparison')}, {alarmed} had such "
        f"a row ({_range(rate(alarmed, count))}).",
        "Rows of one process share its noise, so that the true uncertainty of the rows' rates is larger than these "
        "intervals (Wilson's, 95%) say; that of whole comparisons is not.",
        f"A slowdown below the margin ({100 * made.settings.margin:.3g}%) must not be called slower: the margin says "
        "that nobody minds it. It should read as small change or same, and one just above the margin needs more pairs "
        "than one far above.",
    ]
    tried = (
        f"{result.processor}, {result.host}, revision {result.revision}: "
        f"{words.plural(count, 'comparison')} of {words.plural(made.pairs, 'pair')} for each line, judged as "
        f"scripts/compare judges a campaign of so many at the last of its {words.plural(made.settings.looks, 'look')}."
    )
    title = "What was found of slowdowns put in on purpose"
    rates = Section("rates", title, [Listing(title, table(made)), Text(said)])
    return Document("gradmark: one build against itself", tried, [rates])
