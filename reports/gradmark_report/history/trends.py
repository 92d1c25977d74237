"""The trend of each row on one machine: its time at every point, and where its level changed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np

from gradmark_report import words
from gradmark_report.history.points import Machine
from gradmark_report.result import Figures, Row
from gradmark_report.selection import Selection
from gradmark_report.statistics.changepoints import FEWEST as FEWEST_JUDGED
from gradmark_report.statistics.changepoints import changepoints
from gradmark_report.statistics.model import SIGMA_OF_MAD
from gradmark_report.statistics.states import by_state, lower_quartile

LEAST = 0.01  # a smaller change of a level is not reported
FEWEST = 2  # points that a row must have been timed at


@dataclass(frozen=True)
class Value:
    """The undisturbed time of a row at one point of its machine: ns per element."""

    point: int
    processes: tuple[float, ...]  # of each, in the order of their starts
    spread: float  # standard error of the logarithm of `ns`, from what was seen here alone

    @property
    def ns(self) -> float:
        return median(self.processes)


@dataclass(frozen=True)
class Segment:
    """Values between two changes: nothing tells them apart."""

    first: int  # points, both included
    last: int
    ns: float


@dataclass(frozen=True)
class Step:
    point: int  # the first one at the new level
    before: float
    since: float

    @property
    def ratio(self) -> float:
        return self.since / self.before


@dataclass(frozen=True)
class Trend:
    row: str
    state: str | None  # that all its values are of; None: one thread, or nobody knew
    values: tuple[Value, ...]
    segments: tuple[Segment, ...]

    @property
    def name(self) -> str:
        """The row, and on several threads the state."""
        return f"{self.row} on {words.state(self.state)}" if self.state else self.row

    @property
    def judged(self) -> bool:
        """With fewer values no change could show, however large."""
        return len(self.values) >= FEWEST_JUDGED

    @property
    def steps(self) -> tuple[Step, ...]:
        pairs = pairwise(self.segments)
        return tuple(Step(since.first, before.ns, since.ns) for before, since in pairs)

    @property
    def total(self) -> float | None:
        """The last level over the first one; None where the level never changed."""
        return self.segments[-1].ns / self.segments[0].ns if len(self.segments) > 1 else None

    @property
    def now(self) -> float:
        return self.segments[-1].ns


@dataclass(frozen=True)
class _Seen:
    """What one process says of a row in one state."""

    point: int
    ns: float  # by its rounds, as a comparison has it: of a file from before there were rounds, too
    figures: Figures


def _seen(point: int, row: Row) -> dict[str | None, _Seen]:
    medians = by_state(row)
    return {
        state: _Seen(point, lower_quartile(medians[state]), figures)
        for state, figures in row.figures.items()
        if state in medians
    }


def _value(seen: Sequence[_Seen]) -> Value:
    """Of the processes of one point."""
    times = tuple(one.ns for one in seen)
    logs = np.log(times)
    if len(times) > 1:
        spread = SIGMA_OF_MAD * float(np.median(np.abs(logs - np.median(logs)))) / len(times) ** 0.5
    else:  # what the process says of itself
        spread = float(np.log(seen[0].figures.high / seen[0].figures.low)) / 2 / 1.96
    return Value(seen[0].point, times, spread)


def _levels(values: Sequence[Value], starts: Sequence[int]) -> tuple[Segment, ...]:
    found = []
    for first, end in zip([0, *starts], [*starts, len(values)], strict=True):
        part = values[first:end]
        found.append(Segment(part[0].point, part[-1].point, median(value.ns for value in part)))
    return tuple(found)


def _segments(values: Sequence[Value], least: float) -> tuple[Segment, ...]:
    """Neighbours whose levels differ by less than `least` are one, the closest ones first: such a change may be real,
    and is not worth anybody's time."""
    logs = [float(np.log(value.ns)) for value in values]
    starts = sorted({int(index) for index in changepoints(logs, [value.spread for value in values])} - {0})
    while starts:
        segments = _levels(values, starts)
        sizes = [abs(float(np.log(b.ns / a.ns))) for a, b in pairwise(segments)]
        smallest = sizes.index(min(sizes))
        if sizes[smallest] >= float(np.log1p(least)):
            break
        del starts[smallest]
    return _levels(values, starts)


def trends(machine: Machine, selection: Selection, least: float = LEAST) -> list[Trend]:
    """Of every row that is scored (none of the sweep, none at a border, none that is not believable) and was timed at
    two points or more, in the order of the files. Each is followed in the state that most of its processes were in."""
    timed: dict[str, list[dict[str | None, _Seen]]] = {}
    for index, point in enumerate(machine.points):
        for run in point.runs:
            for row in selection.of(run.scored):
                timed.setdefault(row.name, []).append(_seen(index, row))
    found = []
    for name, processes in timed.items():
        states = Counter(state for process in processes for state in process)
        for state, _ in states.most_common(1):
            by_point: dict[int, list[_Seen]] = {}
            for one in (process[state] for process in processes if state in process):
                by_point.setdefault(one.point, []).append(one)
            if len(by_point) >= FEWEST:
                values = tuple(_value(by_point[index]) for index in sorted(by_point))
                found.append(Trend(name, state, values, _segments(values, least)))
    return found
