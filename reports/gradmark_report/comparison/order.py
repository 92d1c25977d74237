"""Whether the processes of the two sides were run by turns, so that whatever drifts in the machine hits both alike.

Best are processes that were alive together and measured a few samples each in turn (`gradmark run --turns`): they name
their group, and the two of one group are a pair.

Else they took turns, if both sides ran on one machine, never at once, and neither side was ever ahead by more than one
process: each process then has a partner of the other side that ran right before or after it. That holds for A B A B and
for ABBA blocks; it does not for all of A and then all of B."""

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


def _of_groups(base: Side, head: Side) -> Turns:
    """A process without its partner, whose campaign was stopped, is left out."""
    groups = []
    for side in (base, head):
        of_side = {result.settings["turns_group"]: result for result in side.results}
        if len(of_side) < len(side.results) or None in of_side:
            return Turns((), "the processes were not all measured by turns with one of the other side")
        groups.append(of_side)
    pairs = tuple((result, groups[1][group]) for group, result in groups[0].items() if group in groups[1])
    return Turns(pairs, "" if pairs else "no process was measured by turns with one of the other side")


def turns(base: Side, head: Side) -> Turns:
    """The pairs in the order in which they ran; a last process without a partner is left out."""
    if len({_machine(result) for side in (base, head) for result in side.results}) > 1:
        return Turns((), "the processes ran on more than one machine")
    if min(len(base.results), len(head.results)) < 2:
        return Turns((), "one process of a side has no turns to take")
    if any(result.settings["turns_group"] for side in (base, head) for result in side.results):
        return _of_groups(base, head)
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
