"""Puts processes in order: a machine has a line of points, a point is one revision in one set of circumstances."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gradmark_report.comparison.circumstances import Circumstance, circumstances
from gradmark_report.comparison.sides import Side
from gradmark_report.result import Result, unique

SHORT = 9  # characters of a revision
# A point that is not the last one still takes a process of its own that began so soon after it: two revisions that were
# run by turns are two points, not twenty.
BY_TURNS = timedelta(hours=12)

# They say which rows there are, and who asked for them; a row that is there is the same.
_OF_NO_ROW = {
    "revision",
    "version",
    "bundle",
    "profile",
    "filter",
    "levels",
    "threads",
    "ISAs asked for",
    "rule for the ISA",
    "plug-ins",
    "sweep",
}


@dataclass(frozen=True)
class Change:
    """One circumstance that is another one since a point."""

    what: str
    before: str
    since: str


@dataclass(frozen=True)
class Point:
    label: str  # the revision, short; told apart by its date where it comes more than once
    revision: str | None
    runs: tuple[Result, ...]
    changes: tuple[Change, ...]  # against the point before

    @property
    def started(self) -> str:
        return self.runs[0].started

    @property
    def date(self) -> str:
        return self.started[:10]


@dataclass(frozen=True)
class Machine:
    processor: str
    host: str
    points: tuple[Point, ...]

    @property
    def name(self) -> str:
        return f"{self.host}, {self.processor}"

    @property
    def runs(self) -> int:
        return sum(len(point.runs) for point in self.points)


def _circumstances(base: Result, head: Result) -> list[Circumstance]:
    """Those that make a point another one. Another load is noise, no other machine."""
    found = circumstances(Side("before", "", (base,)), Side("since", "", (head,)))
    return [one for one in found if one.label not in _OF_NO_ROW and not one.of_a_moment]


def changes(before: Result, since: Result) -> tuple[Change, ...]:
    return tuple(
        Change(one.label, ", ".join(one.base), ", ".join(one.head))
        for one in _circumstances(before, since)
        if not one.same
    )


def _key(result: Result) -> tuple[object, ...]:
    same = tuple((one.label, one.base) for one in _circumstances(result, result))
    # Two processes of unknown revisions are taken for one revision on one day only.
    return (result.build["revision"] or f"unknown, {result.started[:10]}", same)


def _moment(result: Result) -> datetime:
    return datetime.strptime(result.started, "%Y-%m-%dT%H:%M:%SZ")


def _groups(runs: Sequence[Result]) -> list[list[Result]]:
    groups: list[list[Result]] = []
    last: dict[tuple[object, ...], list[Result]] = {}
    for run in runs:
        key = _key(run)
        group = last.get(key)
        if group is None or (group is not groups[-1] and _moment(run) - _moment(group[-1]) > BY_TURNS):
            group = []
            groups.append(group)
            last[key] = group
        group.append(run)
    return groups


def _short(revision: str | None) -> str:
    """A build of changed sources keeps the word that says so."""
    commit, dash, rest = (revision or "unknown").partition("-")
    return commit[:SHORT] + dash + rest[:SHORT]


def _labels(groups: Sequence[Sequence[Result]]) -> list[str]:
    short = [_short(group[0].build["revision"]) for group in groups]
    found: list[str] = []
    for name, group in zip(short, groups, strict=True):
        for label in (name, f"{name} {group[0].started[:10]}", f"{name} {group[0].started[:16].replace('T', ' ')}"):
            if label not in found and (label != name or short.count(name) == 1):
                found.append(label)
                break
        else:
            found.append(f"{name} #{len(found) + 1}")
    return found


def machines(results: Sequence[Result]) -> list[Machine]:
    """One for each processor and host, in the order of their first processes."""
    found = []
    for key in unique(f"{result.processor}\n{result.host}" for result in results):
        runs = [result for result in results if f"{result.processor}\n{result.host}" == key]
        groups = _groups(runs)
        points = []
        for index, (label, group) in enumerate(zip(_labels(groups), groups, strict=True)):
            changed = changes(groups[index - 1][-1], group[0]) if index else ()
            points.append(Point(label, group[0].build["revision"], tuple(group), changed))
        found.append(Machine(runs[0].processor, runs[0].host, tuple(points)))
    return found


def last(machine: Machine, number: int | None) -> Machine:
    return machine if number is None else Machine(machine.processor, machine.host, machine.points[-number:])
