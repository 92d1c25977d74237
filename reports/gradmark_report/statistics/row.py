"""One row made ready: which processes of it count, and what each reads."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gradmark_report.statistics.disturbed import undisturbed
from gradmark_report.statistics.model import Floats, Samples
from gradmark_report.statistics.noise import pair_noise
from gradmark_report.statistics.steady import Steady, steady_states

# More processes than this without a steady state are no accident: the row is called unstable.
LARGEST_UNSTEADY_SHARE = 0.25


@dataclass(frozen=True)
class Side:
    """The processes that count."""

    processes: list[Steady]

    def __len__(self) -> int:
        return len(self.processes)

    @cached_property
    def medians(self) -> Floats:
        return np.array([one.median for one in self.processes], dtype=np.float64)

    @cached_property
    def logs(self) -> Floats:
        return np.asarray(np.log(self.medians))


@dataclass(frozen=True)
class Row:
    base: Side
    head: Side
    paired: bool
    unsteady: int  # pairs, or processes if unpaired, that were left out because they never became steady
    disturbed: int  # and because they were disturbed from outside
    unstable: bool

    @property
    def pairs(self) -> int:
        return min(len(self.base), len(self.head))

    @property
    def differences(self) -> Floats:
        return self.head.logs - self.base.logs


def _side(samples: list[Steady | None], kept: NDArray[np.bool_]) -> Side:
    return Side([one for one, keep in zip(samples, kept, strict=True) if keep and one is not None])


def _steady(samples: list[Steady | None]) -> NDArray[np.bool_]:
    return np.array([one is not None for one in samples], dtype=np.bool_)


def _without_disturbed(side: Side) -> Side:
    of_two = pair_noise(side.medians, side.medians)
    return side if of_two is None else _side([*side.processes], undisturbed(side.logs, of_two / math.sqrt(2)))


def _paired(base: list[Steady | None], head: list[Steady | None]) -> Row:
    if len(base) != len(head):
        raise ValueError(f"{len(base)} processes of the base and {len(head)} of the head are no pairs")
    steady = _steady(base) & _steady(head)
    a, b = _side(base, steady), _side(head, steady)
    unsteady = int(np.count_nonzero(~steady))
    unstable = unsteady > LARGEST_UNSTEADY_SHARE * len(steady)
    of_a_pair = pair_noise(a.medians, b.medians)
    if of_a_pair is None:
        return Row(a, b, True, unsteady, 0, unstable)
    kept = undisturbed(b.logs - a.logs, of_a_pair)
    return Row(
        _side([*a.processes], kept), _side([*b.processes], kept), True, unsteady, int(np.count_nonzero(~kept)), unstable
    )


def _unpaired(base: list[Steady | None], head: list[Steady | None]) -> Row:
    sides = []
    unsteady = disturbed = 0
    unstable = False
    for samples in (base, head):
        steady = _steady(samples)
        side = _side(samples, steady)
        lost = int(np.count_nonzero(~steady))
        unsteady += lost
        unstable |= lost > LARGEST_UNSTEADY_SHARE * len(samples)
        rest = _without_disturbed(side)
        disturbed += len(side) - len(rest)
        sides.append(rest)
    return Row(sides[0], sides[1], False, unsteady, disturbed, unstable)


def ready(rows: list[tuple[Samples, Samples]], *, paired: bool) -> list[Row]:
    # All processes of all rows at once, since few are of another length: a call for each would take most of the time.
    flat = steady_states([samples for row in rows for side in row for samples in side])
    found = []
    at = 0
    for base, head in rows:
        a = flat[at : at + len(base)]
        b = flat[at + len(base) : at + len(base) + len(head)]
        at += len(base) + len(head)
        found.append(_paired(a, b) if paired else _unpaired(a, b))
    return found
