"""Slow nodes of a fleet: among five or more machines of the same processor, those that stand apart from the others.

A node's slowness at a level is the median, over the rows that all of them have, of the logarithm of its time over the
nodes' median time. It is an outlier where that is 3.5 robust standard deviations (from the median absolute deviation)
above the others' median, and at least 3% slower: identical nodes deviate by so little that the first alone would name
half a percent."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, multimode

from gradmark_report import words
from gradmark_report.merge.cases import PLACES, Fleet, where
from gradmark_report.merge.machines import Machine
from gradmark_report.result import Row, unique
from gradmark_report.statistics.model import SIGMA_OF_MAD

FEWEST = 5
DEVIATIONS = 3.5
LEAST = 1.03
QUIETEST = 0.005  # a smaller deviation is luck


@dataclass(frozen=True)
class Outlier:
    machine: Machine
    place: tuple[str, str]
    ratio: float  # its time over the median of the nodes
    z: float
    nodes: int  # of the same processor, itself included
    reasons: tuple[str, ...]


def _scores(nodes: Sequence[dict[str, Row]], of: Callable[[Row], float | None]) -> list[float] | None:
    common = [name for name in nodes[0] if all(name in node for node in nodes)]
    logs = []
    for name in common:
        values = [of(node[name]) for node in nodes]
        if all(values):
            middle = median(value for value in values if value)
            logs.append([math.log((value or middle) / middle) for value in values])
    return [median(column) for column in zip(*logs, strict=True)] if logs else None


def _z(scores: Sequence[float]) -> list[float]:
    middle = median(scores)
    deviation = SIGMA_OF_MAD * median(abs(score - middle) for score in scores)
    return [(score - middle) / max(deviation, QUIETEST) for score in scores]


def outliers(fleet: Fleet) -> list[Outlier]:
    """The slowest first."""
    found = []
    for processor in unique(machine.result.processor for machine in fleet.machines):
        group = [machine for machine in fleet.machines if machine.result.processor == processor]
        if len(group) >= FEWEST:
            for place in PLACES:
                found += _at(group, place)
    return sorted(found, key=lambda outlier: -outlier.ratio)


def _at(group: Sequence[Machine], place: tuple[str, str]) -> list[Outlier]:
    level, who = place
    nodes = [
        {row.name: row for row in machine.result.scored if (row.level, row.threads) == (level, machine.threads(who))}
        for machine in group
    ]
    scores = _scores(nodes, lambda row: row.time.undisturbed if row.time else None)
    if scores is None:
        return []
    twins, cores = (_scores(nodes, of) for of in (lambda row: row.twin_ns, lambda row: row.core_twin_ns))
    found = []
    for index, (score, z) in enumerate(zip(scores, _z(scores), strict=True)):
        if z > DEVIATIONS and score > math.log(LEAST):
            limits = []
            for name, ratios in (("memory is slow: the twin", twins), ("core is slow: the core twin", cores)):
                if ratios and ratios[index] > max(score / 2, math.log(LEAST)):
                    limits.append(f"its {name} needs {words.times(math.exp(ratios[index]))} the time as well")
            reasons = (*limits, *_reasons(group, index), *_pages(nodes, index))
            found.append(Outlier(group[index], place, math.exp(score), z, len(group), reasons))
    return found


def _reasons(group: Sequence[Machine], index: int) -> list[str]:
    """Where its circumstances are not what the other nodes' are."""
    own, others = group[index].result, [machine.result for at, machine in enumerate(group) if at != index]
    found = []
    for name, item in own.environment["items"].items():
        usual = [other.environment["items"].get(name) for other in others]
        values = [_said(one) for one in usual if one]
        if not values:
            continue
        common = multimode(values)[0]
        mine = _said(item)
        if mine != common and values.count(common) > len(others) / 2:
            found.append(f"{item['label']}: {mine}, elsewhere {common}")
    usual_warnings = [warning["id"] for other in others for warning in other.warnings]
    for warning in own.warnings:
        if usual_warnings.count(warning["id"]) <= len(others) / 2:
            found.append(f"it alone warns: {warning['what']}")
    for label, of in (
        ("microcode", lambda result: result.machine["processor"]["microcode"]),
        ("kernel", lambda result: result.machine["kernel"]),
        ("compiler", lambda result: f"{result.build['compiler']} {result.build['compiler_version']}"),
    ):
        values = [str(of(other) or words.NOT_VISIBLE) for other in others]
        common, mine = multimode(values)[0], str(of(own) or words.NOT_VISIBLE)
        if mine != common and values.count(common) > len(others) / 2:
            found.append(f"{label}: {mine}, elsewhere {common}")
    return found


def _said(item: dict[str, object]) -> str:
    """A figure of a moment (the load, the stolen time) differs everywhere: there the state is what counts."""
    if item["state"] == words.NOT_VISIBLE or (item["number"] is not None and item["state"] == "fine"):
        return str(item["state"])
    return str(item["value"] or item["state"])


def _pages(nodes: Sequence[dict[str, Row]], index: int) -> list[str]:
    shares = []
    for node in nodes:
        known = [row for row in node.values() if row.huge_page_bytes is not None and row.working_set_bytes]
        total = sum(row.working_set_bytes or 0 for row in known)
        shares.append(
            sum(min(row.huge_page_bytes or 0, row.working_set_bytes or 0) for row in known) / total if total else 0
        )
    usual = median(share for at, share in enumerate(shares) if at != index)
    if usual > 0.5 and shares[index] < usual / 2:
        return [f"huge pages hold {100 * shares[index]:.0f}% of its working sets, elsewhere {100 * usual:.0f}%"]
    return []


def sentence(outlier: Outlier) -> str:
    why = "; ".join(outlier.reasons[:4]) or "nothing that was recorded explains it"
    return (
        f"{outlier.machine.label} needs {words.times(outlier.ratio)} the time of the {outlier.nodes} nodes' median in "
        f"{where(outlier.place)} ({words.significant(outlier.z, 2)} robust deviations): {why}."
    )
