"""One row made ready: which processes of it count, and what each reads."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradmark_report.statistics.disturbed import undisturbed
from gradmark_report.statistics.model import Floats, Samples
from gradmark_report.statistics.steady import steady_samples

# More processes than this without a steady state are no accident: the row is called unstable.
LARGEST_UNSTEADY_SHARE = 0.25


@dataclass(frozen=True)
class Side:
    """The processes that count."""

    samples: list[Floats]  # steady ones
    medians: Floats

    def __len__(self) -> int:
        return len(self.medians)

    @property
    def logs(self) -> Floats:
        return np.log(self.medians)


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


def _side(samples: list[Floats | None], kept: NDArray[np.bool_]) -> Side:
    chosen = [one for one, keep in zip(samples, kept, strict=True) if keep and one is not None]
    return Side(chosen, np.array([np.median(one) for one in chosen], dtype=np.float64))


def _steady(samples: list[Floats | None]) -> NDArray[np.bool_]:
    return np.array([one is not None for one in samples], dtype=np.bool_)


def _without_disturbed(side: Side) -> Side:
    return _side([*side.samples], undisturbed(side.logs)) if len(side) else side


def _paired(base: list[Floats | None], head: list[Floats | None]) -> Row:
    if len(base) != len(head):
        raise ValueError(f"{len(base)} processes of the base and {len(head)} of the head are no pairs")
    steady = _steady(base) & _steady(head)
    a, b = _side(base, steady), _side(head, steady)
    unsteady = int(np.count_nonzero(~steady))
    unstable = unsteady > LARGEST_UNSTEADY_SHARE * len(steady)
    if not len(a):
        return Row(a, b, True, unsteady, 0, unstable)
    kept = undisturbed(b.logs - a.logs)
    return Row(
        _side([*a.samples], kept), _side([*b.samples], kept), True, unsteady, int(np.count_nonzero(~kept)), unstable
    )


def _unpaired(base: list[Floats | None], head: list[Floats | None]) -> Row:
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
    flat = steady_samples([samples for row in rows for side in row for samples in side])
    found = []
    at = 0
    for base, head in rows:
        a = flat[at : at + len(base)]
        b = flat[at + len(base) : at + len(base) + len(head)]
        at += len(base) + len(head)
        found.append(_paired(a, b) if paired else _unpaired(a, b))
    return found
