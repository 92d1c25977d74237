"""What a process says of one row: the lower quartile of its rounds' medians, in one state of the machine.

A row on several threads takes another time on two cores than on two threads of one, and nothing but the state says
which it was. So the sides are compared in the state that they have in common most often, and in no other. Rounds whose
state was not the same before and after them belong to none, and are left out. Where no round of a row has a state (one
thread; files from before there were states) all of them count together, as the state None."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from gradmark_report.result import Round, Row
from gradmark_report.statistics.model import Floats

FEWEST_ROUNDS = 3  # of a process in the state; with fewer, a burst of a neighbour may have had all of them


def lower_quartile(values: Floats) -> float:
    """The ceil(n/4)-th smallest of n, as the program that measures defines it: no interpolation, so that it is a time
    that a round took."""
    return float(np.sort(values)[-(-len(values) // 4) - 1])


def _median(samples: Floats) -> float:
    ordered = np.sort(samples)  # far quicker than np.median, of which there would be tens of thousands
    return float(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def counted_rounds(row: Row) -> list[Round]:
    """Those that belong to a state; all of them where none has one."""
    rounds = row.time.rounds if row.time else ()
    return [one for one in rounds if one.state is not None] or list(rounds)


def by_state(row: Row) -> dict[str | None, Floats]:
    """The medians of its rounds, for each state that it has."""
    found: dict[str | None, list[float]] = {}
    for one in counted_rounds(row):
        found.setdefault(one.state, []).append(_median(one.samples))
    return {state: np.array(medians) for state, medians in found.items()}


Process = dict[str | None, Floats]  # what by_state says of it


def enough(process: Process, state: str | None) -> bool:
    return len(process.get(state, ())) >= FEWEST_ROUNDS


def shared_state(sides: Sequence[Sequence[Process]], *, paired: bool) -> list[str | None]:
    """The state that both sides have in the most pairs (unpaired: in the most processes a side) and, where these are
    equally many, in the most rounds. None is one, too: the list is empty where they have no state in common."""
    base, head = (
        Counter({state: sum(len(one.get(state, ())) for one in side) for state in {s for one in side for s in one}})
        for side in sides
    )
    rounds = base & head

    def units(state: str | None) -> int:
        counted = [[enough(one, state) for one in side] for side in sides]
        return sum(map(all, zip(*counted, strict=True))) if paired else min(map(sum, counted))

    return sorted(rounds, key=lambda state: (-units(state), -rounds[state], state or ""))[:1]
