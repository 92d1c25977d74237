"""Whether the processes of the two sides were run by turns, so that whatever drifts in the machine hits both alike.

They were, if both sides ran on one machine, never at once, and neither side was ever ahead by more than one process:
each process then has a partner of the other side that ran right before or after it. That holds for A B A B and for
ABBA blocks; it does not for all of A and then all of B."""

from dataclasses import dataclass
from itertools import pairwise

from gradmark_report.comparison.sides import Side
from gradmark_report.result import Result


@dataclass(frozen=True)
class Turns:
    """`pairs` is empty where the processes have no partners, and `why_not` says why."""

    pairs: tuple[tuple[Result, Result], ...]
    why_not: str = ""

    def __bool__(self) -> bool:
        return bool(self.pairs)


def _machine(result: Result) -> tuple[str, ...]:
    processor = result.machine["processor"]
    return (result.host, result.processor, str(processor["architecture"]), str(processor["model"]))


def turns(base: Side, head: Side) -> Turns:
    """The pairs in the order in which they ran; a last process without a partner is left out."""
    if len({_machine(result) for side in (base, head) for result in side.results}) > 1:
        return Turns((), "the processes ran on more than one machine")
    if min(len(base.results), len(head.results)) < 2:
        return Turns((), "one process of a side has no turns to take")
    line = sorted(
        [(result, False) for result in base.results] + [(result, True) for result in head.results],
        key=lambda one: (one[0].started, one[0].finished),
    )
    for (earlier, _), (later, _) in pairwise(line):
        if later.started < earlier.finished or later.started == earlier.started:
            return Turns((), "some of the processes ran at the same time")
    ahead = 0
    for _, of_head in line:
        ahead += 1 if of_head else -1
        if abs(ahead) > 1:
            return Turns((), "the processes of the two sides did not take turns")
    return Turns(tuple(zip(base.results, head.results, strict=False)))
