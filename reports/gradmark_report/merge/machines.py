"""The machines of a report: one for each result file, each with a label of its own, and a price where one was given."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gradmark_report.errors import BadInput, NotComparable
from gradmark_report.result import Result, unique
from gradmark_report.text import harmless, one_line

_NAME = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")


@dataclass(frozen=True)
class Machine:
    label: str
    result: Result
    euros_per_hour: float | None

    def threads(self, who: str) -> int | None:
        """`one` is one thread; `all` the most that were timed, unless that is one thread of several."""
        most = max(self.result.thread_counts)
        if who == "one":
            return 1 if 1 in self.result.thread_counts else None
        return most if most > 1 or self.result.machine["topology"]["pus"] == 1 else None


def labels(results: Sequence[Result], given: Mapping[str, str] | None = None) -> list[str]:
    """What was given for a file, else the host; where that is the same twice, the time of the start with it, then the
    file's name, then a number."""
    given = given or {}
    known = {str(result.path) for result in results} | {result.path.name for result in results}
    for file in given:
        if file not in known:
            files = ", ".join(_shown(str(result.path)) for result in results)
            raise BadInput(f"--name: '{_shown(file)}' is none of the files; they are {files}")
    hosts = unique(result.host for result in results)
    short = {host: _short(host, hosts) for host in hosts}
    candidates = [
        [
            short[result.host],
            f"{short[result.host]} {result.started[5:10]} {result.started[11:16]}",
            f"{short[result.host]} {result.path.name}",
            f"{short[result.host]} {result.path}",
        ]
        for result in results
    ]
    named = [given.get(str(result.path), given.get(result.path.name)) for result in results]
    found: list[str] = []
    for own, name in zip(candidates, named, strict=True):
        choices = [name] if name is not None else [one for one in own if _alone(one, candidates, named)]
        label = next((choice for choice in choices if choice not in found), None)
        if label is None:
            label = f"{name or own[0]} #{len(found) + 1}"
        found.append(_shown(label))
    return found


def _short(host: str, hosts: Sequence[str]) -> str:
    """Without its domain, where that leaves no two alike; an address stays whole."""
    first = host.partition(".")[0]
    alike = [other for other in hosts if other.partition(".")[0] == first]
    return first if len(alike) == 1 and _NAME.fullmatch(host) and not first.isdigit() else host


def _alone(label: str, candidates: Sequence[Sequence[str]], named: Sequence[str | None]) -> bool:
    """No other file would be called the same."""
    unnamed = [own for own, name in zip(candidates, named, strict=True) if name is None]
    return label not in named and sum(label in own for own in unnamed) == 1


def _shown(text: str) -> str:
    return one_line(harmless(text))


def machines(
    results: Sequence[Result], names: Sequence[str] | None = None, prices: Mapping[str, float] | None = None
) -> list[Machine]:
    """`prices` are euros per hour, by host or by label."""
    if len(results) < 2:
        raise NotComparable("one result file is one machine: to put machines side by side takes two or more")
    seen: dict[tuple[object, ...], Path] = {}
    for result in results:
        if not result.timed:
            raise BadInput(f"{_shown(str(result.path))}: none of its rows was timed")
        key = result.fingerprint
        if key in seen:
            raise BadInput(f"{_shown(str(result.path))} and {_shown(str(seen[key]))} hold the same process")
        seen[key] = result.path
    called = list(names) if names else labels(results)
    if len(called) != len(results) or len(set(called)) != len(called):
        raise BadInput("every machine needs a name of its own")
    hosts = unique([*called, *(result.host for result in results)])
    for host, price in (prices or {}).items():
        if host not in hosts:
            raise BadInput(f"--price: there is no machine '{_shown(host)}'; there are {', '.join(map(_shown, hosts))}")
        if not (math.isfinite(price) and price > 0):
            raise BadInput(f"--price: {price:g} euros per hour for '{_shown(host)}' is no price; it must be positive")
    price_of = prices or {}
    return [
        Machine(label, result, price_of.get(label, price_of.get(result.host)))
        for label, result in zip(called, results, strict=True)
    ]
