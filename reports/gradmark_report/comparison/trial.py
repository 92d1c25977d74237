"""The tool tried on itself: how often equal builds are called different, and how often a known slowdown is found.

A trial is the folder of `scripts/compare --self`: some arms of one and the same build, and arms whose times were
lengthened on purpose, all run by turns. Its processes are cut into comparisons of 40 pairs, or all are one, and
each is judged as `scripts/compare` would judge a campaign of so many pairs, by the last of its looks."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gradmark_report import words
from gradmark_report.comparison.contrast import Contrast, contrast
from gradmark_report.comparison.schedule import looks
from gradmark_report.comparison.sides import Side, read_side
from gradmark_report.errors import BadInput
from gradmark_report.result import Result, unique
from gradmark_report.statistics import Interval, Settings, Verdict, rate
from gradmark_report.statistics.compare import FEWEST
from gradmark_report.text import shown

EQUAL = ("same-a", "same-b")  # of the same length as the others, so that no process has a longer command than another
DELAYS = (1, 3, 5, 10)  # percent
PAIRS = 40  # of a comparison: about what scripts/compare has time for, of all rows in L2, within its ten minutes

CHANGED = (Verdict.SLOWER, Verdict.FASTER)

# What all processes of all folders share, or nobody knows what their differences should show.
_SHARED: tuple[tuple[str, Callable[[Result], str]], ...] = (
    ("revisions", lambda result: str(result.build["revision"])),
    ("hosts", lambda result: result.host),
    ("processors", lambda result: result.processor),
)


def folder_of(delay: int) -> str:
    return f"slow{delay:02}"


@dataclass(frozen=True)
class Outcome:
    """What became of the comparisons with one delay; 0 is that of equal builds."""

    delay: float  # percent
    comparisons: tuple[Contrast, ...]

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
    def alarmed(self) -> int:
        """Comparisons in which at least one row was called slower or faster."""
        return sum(any(row.verdict in CHANGED for row in made.rows) for made in self.comparisons)

    @property
    def changes(self) -> list[float]:
        """Every row's estimate, in percent."""
        return [row.change for made in self.comparisons for row in made.rows if row.change is not None]


@dataclass(frozen=True)
class Trial:
    folders: tuple[Path, ...]
    result: Result  # any of them: the machine and the build
    settings: Settings
    pairs: int  # of each comparison
    equal: Outcome
    delayed: tuple[Outcome, ...]

    @property
    def margin_percent(self) -> float:
        return 100 * self.settings.margin


def _arms(folder: Path) -> tuple[list[Side], dict[float, Side]]:
    """The sides of equal builds, and those with a delay."""
    if not folder.is_dir():
        raise BadInput(f"{folder}: this is no folder; a trial is the folder that scripts/compare --self wrote")
    sides = [
        read_side(child.name, [child])
        for child in sorted(folder.iterdir())
        if child.is_dir() and any(child.glob("*.json"))
    ]
    equal: list[Side] = []
    delayed: dict[float, Side] = {}
    for side in sides:
        delays = {float(result.settings["test_delay_percent"]) for result in side.results}
        if len(delays) > 1:
            raise BadInput(f"{folder / side.label}: its processes do not have the same test delay")
        delay = delays.pop()
        if not delay:
            equal.append(side)
        elif delay in delayed:
            raise BadInput(f"{folder}: two of its folders have a test delay of {delay:g}%")
        else:
            delayed[delay] = side
    if len(equal) < 2:
        raise BadInput(
            f"{folder}: a trial needs two folders of processes without a test delay, and has {len(equal)}; "
            "scripts/compare --self makes one"
        )
    return equal, delayed


def _check_shared(folders: Sequence[Path], results: Sequence[Result]) -> None:
    for what, of in _SHARED:
        values = unique(map(of, results))
        if len(values) > 1:
            raise BadInput(
                f"{', '.join(map(str, folders))}: the processes are of different {what} "
                f"({shown(words.listed(values[:3]), 120)}), so that nobody knows what they should show"
            )


def _size(sides: Sequence[Side], pairs: int) -> int:
    """Pairs of each comparison: as many as asked for, or as all arms of all folders have."""
    size = min(pairs, *(len(side.results) for side in sides))
    if size < FEWEST:
        smallest = min(sides, key=lambda side: len(side.results))
        has = (
            f"--pairs {pairs} is too small"
            if size == pairs
            else f"{smallest.given} has {words.plural(size, 'process', 'processes')}"
        )
        raise BadInput(
            f"{has}: rates of verdicts need comparisons of {FEWEST} pairs at the least, better of {PAIRS}; "
            "for more pairs give scripts/compare --self a longer --time-limit, or fewer rows by --filter"
        )
    return size


def _cut(base: Side, head: Side, size: int) -> list[tuple[Side, Side]]:
    """Comparisons of so many pairs, one after the other; what is left over is no comparison."""
    return [
        (
            Side("base", base.given, base.results[begin : begin + size]),
            Side("head", head.given, head.results[begin : begin + size]),
        )
        for begin in range(0, min(len(base.results), len(head.results)) - size + 1, size)
    ]


def read(folders: Sequence[Path], settings: Settings, *, pairs: int = PAIRS, wanted: str | None = None) -> Trial:
    """Raises BadInput for what is no trial, or too small for any rate."""
    trials = [_arms(folder) for folder in folders]
    sides = [side for same, slow in trials for side in (*same, *slow.values())]
    results = [result for side in sides for result in side.results]
    _check_shared(folders, results)
    size = _size(sides, pairs)
    settings = replace(settings, looks=len(looks(size)))

    def judged(base: Side, head: Side) -> list[Contrast]:
        return [contrast(a, b, settings, wanted=wanted) for a, b in _cut(base, head, size)]

    equal = Outcome(0, tuple(made for same, _ in trials for made in judged(same[0], same[1])))
    if not equal.judged:
        raise BadInput(
            f"{', '.join(map(str, folders))}: no row of equal builds has a verdict, so that there is no rate: all "
            "failed their proof, or have too few processes in one state"
        )
    delays = sorted({delay for _, slow in trials for delay in slow})
    delayed = tuple(
        Outcome(delay, tuple(made for same, slow in trials if delay in slow for made in judged(same[0], slow[delay])))
        for delay in delays
    )
    return Trial(tuple(folders), results[0], settings, size, equal, delayed)


def median_change(outcome: Outcome) -> str:
    changes = outcome.changes
    if not changes:
        return words.UNKNOWN
    low, middle, high = np.quantile(changes, [0.05, 0.5, 0.95])
    return f"{words.signed_percent(middle)} ({words.span(words.signed_percent(low), words.signed_percent(high))})"
