"""Everything that a comparison says, before anybody shows it."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gradmark_report import words
from gradmark_report.comparison.circumstances import Circumstance, circumstances, joined
from gradmark_report.comparison.order import Turns, turns
from gradmark_report.comparison.rows import Matched, match
from gradmark_report.comparison.sides import Side, read_side, same_process_on_both
from gradmark_report.result import Row
from gradmark_report.statistics import Comparison, Interval, Settings, Verdict, compare

# In the order of how much they matter to a reader.
ORDER = (
    Verdict.SLOWER,
    Verdict.FASTER,
    Verdict.SMALL_CHANGE,
    Verdict.INCONCLUSIVE,
    Verdict.TOO_FEW,
    Verdict.SAME,
)
UNDECIDED = (Verdict.INCONCLUSIVE, Verdict.TOO_FEW)


def known(interval: Interval) -> bool:
    """Are there two ends to it?"""
    return math.isfinite(interval.low) and math.isfinite(interval.high)


@dataclass(frozen=True)
class Compared:
    """One row of both sides. `row` is the base's: what names it, and its op, are the same in the head's."""

    row: Row
    comparison: Comparison

    @property
    def name(self) -> str:
        return self.row.name

    @property
    def verdict(self) -> Verdict:
        return self.comparison.verdict

    @property
    def change(self) -> float | None:
        """In percent of the base's time; positive is slower."""
        ratio = self.comparison.ratio
        return None if ratio is None else 100 * (ratio.value - 1)

    @property
    def interval(self) -> Interval | None:
        """Of the ratio; None where there are too few processes to know it."""
        ratio = self.comparison.ratio
        return ratio if ratio is not None and known(ratio) else None

    @property
    def seen(self) -> bool:
        """Is there anything but chance to be seen: does the ratio's interval leave out 1? Where there are too few
        processes for it, do the intervals of the times leave each other out; and where even they are not known, nobody
        can say that nothing was seen."""
        if self.comparison.ratio is None:
            return False
        if self.interval:
            return not self.interval.low <= 1 <= self.interval.high
        base, head = self.comparison.base, self.comparison.head
        return not (known(base) and known(head)) or base.high < head.low or head.high < base.low


@dataclass(frozen=True)
class Contrast:
    base: Side
    head: Side
    turns: Turns
    circumstances: tuple[Circumstance, ...]
    warnings: tuple[str, ...]
    rows: tuple[Compared, ...]
    matched: Matched
    settings: Settings

    @property
    def differences(self) -> tuple[Circumstance, ...]:
        return tuple(one for one in self.circumstances if not one.same)

    @property
    def paired(self) -> bool:
        return bool(self.turns)

    def of(self, *verdicts: Verdict) -> list[Compared]:
        """The rows of these verdicts, the largest change first."""
        return sorted((row for row in self.rows if row.verdict in verdicts), key=lambda row: -abs(row.change or 0))

    def counts(self) -> dict[Verdict, int]:
        """How many rows have each verdict; those that none has are not in it."""
        counted = Counter(row.verdict for row in self.rows)
        return {verdict: counted[verdict] for verdict in ORDER if counted[verdict]}


def _warnings_of_sides(base: Side, head: Side, order: Turns, found: Sequence[Circumstance]) -> list[str]:
    warnings = []
    if same_process_on_both(base, head):
        warnings.append("One process is on both sides: it is compared with itself")
    if not order and min(len(base.results), len(head.results)) > 1:
        warnings.append(
            f"Not paired, because {order.why_not}: a drift of the machine between the sides cannot be told from a "
            "change. scripts/compare runs them by turns"
        )
    for one in (one for one in found if not one.of_a_moment):
        for label, values in (("base", one.base), ("head", one.head)):
            if len(values) > 1:
                warnings.append(f"The {label} is no single thing: {one.label} {joined(values)}")
    for side in (base, head):
        cut = sum(result.partial for result in side.results)
        if cut:
            warnings.append(
                f"{cut} of {words.plural(len(side.results), 'file')} of the {side.label} "
                f"{'is' if cut == 1 else 'are'} of an interrupted run: rows that it did not reach are missing"
            )
        delays = sorted({r.settings["test_delay_percent"] for r in side.results if r.settings["test_delay_percent"]})
        if delays:
            percent = words.listed([f"{delay:g}%" for delay in delays])
            warnings.append(f"The times of the {side.label} were lengthened on purpose, by {percent} (--test-delay)")
        if any(result.environment["emulated"] for result in side.results):
            warnings.append(f"The {side.label} ran under an emulator: its times say nothing of any processor")
    return warnings


def _pages(found: Matched) -> list[str]:
    def got(row: Row) -> float | None:
        if row.huge_page_bytes is None or not row.working_set_bytes or row.working_set_bytes < 4 << 20:
            return None
        return row.huge_page_bytes / row.working_set_bytes

    other = []
    for name, one in found.common.items():
        base, head = got(one.base[0]), got(one.head[0])
        if base is not None and head is not None and (base > 0.5) != (head > 0.5):
            other.append(name)
    if not other:
        return []
    return [
        f"{words.plural(len(other), 'row')} got huge pages on one side only, such as {other[0]}: "
        "that alone may change a time"
    ]


def _warnings_of_runs(base: Side, head: Side) -> list[str]:
    """What the runs themselves warned of, each once, with where it was seen."""
    first: dict[str, str] = {}
    seen: Counter[tuple[str, str]] = Counter()
    for side in (base, head):
        for result in side.results:
            for warning in {warning["id"]: warning for warning in result.warnings}.values():
                first.setdefault(warning["id"], warning["what"])
                seen[warning["id"], side.label] += 1
    sentences = []
    for id_, what in first.items():
        counts = [seen[id_, side.label] for side in (base, head)]
        if counts == [len(base.results), len(head.results)]:
            where = "both sides"
        else:
            of = [
                f"{n} of {len(side.results)} of the {side.label}" for n, side in zip(counts, (base, head), strict=True)
            ]
            where = words.listed([text for text, n in zip(of, counts, strict=True) if n])
        sentences.append(f"{' '.join(what.split())} ({where})")
    return sentences


def contrast(base: Side, head: Side, settings: Settings, *, wanted: str | None = None) -> Contrast:
    """Raises NotComparable where the sides say nothing of each other."""
    order = turns(base, head)
    found = match(base, head, order, wanted)
    all_circumstances = circumstances(base, head)
    rows = []
    for one in found.common.values():
        compared = compare(one.base, one.head, settings, paired=bool(order))
        assert compared, "match left out what has no state in common"
        rows.append(Compared(one.base[0], compared))
    return Contrast(
        base,
        head,
        order,
        tuple(all_circumstances),
        (
            *_warnings_of_sides(base, head, order, all_circumstances),
            *_pages(found),
            *_warnings_of_runs(base, head),
        ),
        tuple(rows),
        found,
        settings,
    )


def contrast_of_paths(
    base: Sequence[str | Path], head: Sequence[str | Path], settings: Settings, *, wanted: str | None = None
) -> Contrast:
    return contrast(read_side("base", base), read_side("head", head), settings, wanted=wanted)
