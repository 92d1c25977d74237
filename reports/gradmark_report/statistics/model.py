"""What goes into a comparison and what comes out."""

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from gradmark_report.result import Row

Floats = NDArray[np.float64]

# Of a normal distribution: standard deviation over the median absolute deviation.
SIGMA_OF_MAD = 1.4826


class Verdict(str, Enum):
    """In the order of how much they matter to a reader."""

    SLOWER = "slower"
    FASTER = "faster"
    SMALL_CHANGE = "small change"
    INCONCLUSIVE = "inconclusive"
    TOO_FEW = "too few"
    SAME = "same"


CHANGED = (Verdict.SLOWER, Verdict.FASTER)
UNDECIDED = (Verdict.INCONCLUSIVE, Verdict.TOO_FEW)


@dataclass(frozen=True)
class Interval:
    """What there is too little to know is nan: the ends, or all."""

    value: float
    low: float = math.nan
    high: float = math.nan

    @property
    def known(self) -> bool:
        """Are there two ends to it?"""
        return math.isfinite(self.low) and math.isfinite(self.high)


@dataclass(frozen=True)
class Settings:
    margin: float = 0.03  # as a fraction: a change within it does not count
    alpha: float = 0.05
    looks: int = 1  # interim looks at the verdicts, planned beforehand, the one when measuring has ended included

    def __post_init__(self) -> None:
        if not 0 < self.margin < 10:
            raise ValueError(f"a margin is a positive fraction, not {self.margin}")
        if not 0 < self.alpha < 1:
            raise ValueError(f"alpha lies between 0 and 1, {self.alpha} does not")
        if self.looks < 1:
            raise ValueError(f"there is at least one look, not {self.looks}")

    @property
    def alpha_of_a_look(self) -> float:
        """Bonferroni: whatever the schedule, the looks together err no more often than alpha."""
        return self.alpha / self.looks


@dataclass(frozen=True)
class ComparedRow:
    """One row of two sides. Every interval is of the level 1 - alpha of a look: the one that is shown also judges."""

    row: Row  # of a process of the base: what names it, and its op, are the same in the head's
    state: str | None  # where the threads ran, in all rounds that count; None: one thread, or nobody knew
    pairs: int  # that the ratio rests on; unpaired, the processes of the smaller side
    paired: bool
    left_out: int  # pairs (unpaired: processes) with too few rounds in the state, in no figure here
    times: tuple[Interval, Interval]  # of base and head, ns per element; of a single process what it says of itself
    ratio: Interval  # head/base
    verdict: Verdict
    reason: str
    pairs_to_decide: int | None  # in all, those there are included; None where nothing is inconclusive

    @property
    def name(self) -> str:
        return self.row.name

    @property
    def change(self) -> float | None:
        """In percent of the base's time; positive is slower."""
        return 100 * (self.ratio.value - 1) if self.pairs else None

    @property
    def interval(self) -> Interval | None:
        """Of the ratio; None where there are too few processes to know it."""
        return self.ratio if self.ratio.known else None

    @property
    def seen(self) -> bool:
        """Is there anything but chance to be seen: does the ratio's interval leave out 1? Where there are too few
        processes for it, do the intervals of the times leave each other out; and where even they are not known, nobody
        can say that nothing was seen."""
        if not self.pairs:
            return False
        if self.ratio.known:
            return not self.ratio.low <= 1 <= self.ratio.high
        base, head = self.times
        return not (base.known and head.known) or base.high < head.low or head.high < base.low
