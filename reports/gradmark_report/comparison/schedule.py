"""In which order the processes of a campaign run, and when the verdicts are looked at."""

import random
from collections.abc import Iterator, Sequence
from typing import TypeVar

AnyArm = TypeVar("AnyArm")

# Pairs at which the verdicts are looked at: the interim looks of sequential testing. Each look is a chance of a false
# alarm, so that they are few, they are planned before the first one, and the statistics are told their number.
_LOOKS = (10, 14, 20, 28, 40, 56, 80, 112, 160, 224, 320)

PAIRS_OF_A_BLOCK = 2


def blocks(arms: Sequence[AnyArm], seed: int) -> Iterator[tuple[AnyArm, ...]]:
    """Without end: all arms in a random order, then in the mirrored one. Of any two arms this is a chain of ABBA and
    BAAB, in which a drift that is steady within a block hits both alike, and whose order nothing periodic follows."""
    order = random.Random(seed)
    while True:
        half = list(arms)
        order.shuffle(half)
        yield (*half, *reversed(half))


def looks(most_pairs: int) -> tuple[int, ...]:
    """The planned looks where the time is enough for so many pairs; the last of them is at the end."""
    early = [look for look in _LOOKS if look < most_pairs]
    return (*early, most_pairs)
