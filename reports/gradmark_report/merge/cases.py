"""What can be compared: an op at a level, on one thread or on all, with the best implementation that each machine has
for it. Thread counts and instruction sets are each machine's own."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

from gradmark_report import words
from gradmark_report.choice import best, faster, preference
from gradmark_report.errors import NotComparable
from gradmark_report.merge.machines import Machine, machines
from gradmark_report.result import LEVELS, Figures, Result, Row, unique
from gradmark_report.selection import Selection
from gradmark_report.statistics import Settings, Verdict, compare_processes

WHO = ("one", "all")
PLACES = tuple((level, who) for level in LEVELS for who in WHO)
HEADLINES = (("DRAM", "all"), ("L2", "one"))  # the summary speaks of these first


def slower(row: Row, than: Row) -> bool:
    """Beyond doubt and by enough to care. Of as many threads as `compare` judges, which knows states; threads of each
    machine's own are in no state in common."""
    if row.threads != than.threads:
        return faster(than, row)
    found = compare_processes([than], [row], Settings())
    return found is not None and found.verdict is Verdict.SLOWER


@dataclass(frozen=True)
class Case:
    op: str  # op/dtype
    level: str
    who: str  # one or all: the threads
    fast: bool  # divisions and roots may be estimates
    rows: tuple[Row | None, ...]  # one for each machine; None where it was not measured

    @property
    def place(self) -> tuple[str, str]:
        return (self.level, self.who)

    @property
    def name(self) -> str:
        return f"{self.op} (fast)" if self.fast else self.op

    @property
    def measured(self) -> int:
        return sum(row is not None for row in self.rows)

    @cached_property
    def _state(self) -> str | None:
        """Of as many threads on every machine, where all of them were seen; of several that of the most headlines."""
        rows = [row for row in self.rows if row]
        own = Counter(next(iter(row.figures)) for row in rows)
        shared = [state for state in rows[0].figures if all(state in row.figures for row in rows)]
        return max(shared, key=lambda state: own[state]) if shared and self.same_threads else None

    @cached_property
    def same_threads(self) -> bool:
        return len({row.threads for row in self.rows if row}) == 1

    @property
    def alike(self) -> bool:
        """Its times can be held against each other: they are in one state, or each machine has threads of its own."""
        return not self.same_threads or all(self._state in row.figures for row in self.rows if row)

    def time(self, index: int) -> Figures | None:
        """In the state that all machines have in common, where there is one."""
        row = self.rows[index]
        return row.figures.get(self._state, row.time) if row else None

    def state(self, index: int) -> str | None:
        row = self.rows[index]
        return self._state or (row.placement.state if row and row.placement else None)

    def ns(self, index: int) -> float | None:
        time = self.time(index)
        return time.undisturbed if time else None

    @property
    def fastest(self) -> int:
        """The machine with the least time."""
        times = [(ns, index) for index in range(len(self.rows)) if (ns := self.ns(index)) is not None]
        return min(times)[1]

    def ratio(self, index: int) -> float | None:
        """Its time over the least one: 1 is the best. Says nothing where they are not alike."""
        ns, least = self.ns(index), self.ns(self.fastest)
        return None if ns is None or least is None else ns / least

    def best(self, index: int) -> bool:
        """The least time, or one that cannot be told from it."""
        row, least = self.rows[index], self.rows[self.fastest]
        return row is not None and least is not None and not slower(row, least)


@dataclass(frozen=True)
class Fleet:
    machines: tuple[Machine, ...]
    cases: tuple[Case, ...]

    def at(self, place: tuple[str, str]) -> list[Case]:
        return [case for case in self.cases if case.place == place]

    @property
    def places(self) -> list[tuple[str, str]]:
        """Those that there are cases for, the headlines first."""
        there = {case.place for case in self.cases}
        order = [*HEADLINES, *(place for place in PLACES if place not in HEADLINES)]
        return [place for place in order if place in there]

    @property
    def common(self) -> list[Case]:
        """The cases that were measured on every machine."""
        return [case for case in self.cases if case.measured == len(self.machines)]

    @property
    def averaged(self) -> list[Case]:
        """The exact ones of these whose times can be held against each other."""
        return [case for case in self.common if not case.fast and case.alike]

    def geometric_means(self) -> list[float] | None:
        """Of each machine's ratios to the best, over the cases that are averaged; None where there are none."""
        cases = self.averaged
        if not cases:
            return None
        return [
            math.exp(fmean(math.log(case.ratio(index) or 1.0) for case in cases)) for index in range(len(self.machines))
        ]


def where(place: tuple[str, str]) -> str:
    return f"{place[0]} on {'one thread' if place[1] == 'one' else 'all threads'}"


def _cases(fleet: Sequence[Machine], selection: Selection) -> list[Case]:
    found = []
    by_machine: list[dict[tuple[str, str, int], list[Row]]] = []
    for machine in fleet:
        groups: dict[tuple[str, str, int], list[Row]] = {}
        for row in selection.of(machine.result.scored):
            groups.setdefault((row.op_name, row.level, row.threads), []).append(row)
        by_machine.append(groups)
    ops = unique(op for groups in by_machine for op, _, _ in groups)
    for level, who in PLACES:
        for op in ops:
            for fast in (False, True):
                rows = []
                for machine, groups in zip(fleet, by_machine, strict=True):
                    here = groups.get((op, level, machine.threads(who) or 0), [])
                    own = [row for row in here if row.fast == fast]
                    rows.append(best(own, preference(machine.result), with_fast=True))
                if any(rows):
                    found.append(Case(op, level, who, fast, tuple(rows)))
    return found


def fleet(
    results: Sequence[Result],
    names: Sequence[str] | None = None,
    prices: Mapping[str, float] | None = None,
    selection: Selection | None = None,
    *,
    only_common: bool = False,
) -> Fleet:
    """Raises NotComparable where no case was measured on two machines."""
    found = machines(results, names, prices)
    chosen = selection or Selection()
    cases = [case for case in _cases(found, chosen) if case.measured == len(found) or not only_common]
    if not any(case.measured > 1 for case in cases):
        also = f" that match {chosen}" if str(chosen) else ""
        what = "all of them have" if only_common else "any two of them have"
        raise NotComparable(
            f"the {words.plural(len(found), 'machine')} cannot be put side by side: there are no rows{also} that "
            f"{what} in common (an op at a level, on one thread or on all)"
        )
    return Fleet(tuple(found), tuple(cases))
