"""Which rows of the two sides can be compared, and why the others cannot."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gradmark_report import faults, words
from gradmark_report.comparison.order import Turns
from gradmark_report.comparison.sides import Side
from gradmark_report.errors import BadInput, NotComparable
from gradmark_report.result import Result, Row, unique
from gradmark_report.statistics.states import counted_rounds

# Working sets that differ by less are the same work: rounding to whole pages and cache lines moves them.
SAME_WORK = 0.01


@dataclass(frozen=True)
class Common:
    """One row that both sides timed, of each process; where they are pairs, the i-th of both are one."""

    base: list[Row]
    head: list[Row]


@dataclass(frozen=True)
class Matched:
    common: dict[str, Common] = field(default_factory=dict)
    only_base: tuple[str, ...] = ()
    only_head: tuple[str, ...] = ()
    not_compared: dict[str, str] = field(default_factory=dict)  # name: the reason
    broken: tuple[str, ...] = ()  # failed their proof on the head, and passed it on the base


def _by_name(side: Side, wanted: re.Pattern[str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for result in side.results:
        for row in result.rows:
            if wanted.search(row.name):
                found.setdefault(row.name, []).append(row)
    return found


def _timed(results: Iterable[Result]) -> list[dict[str, Row]]:
    """By process, what it timed."""
    return [{row.name: row for row in result.timed} for result in results]


def _other_work(base: Sequence[Row], head: Sequence[Row]) -> str | None:
    def sizes(rows: Sequence[Row]) -> list[int]:
        return [row.working_set_bytes for row in rows if row.working_set_bytes]

    known = sizes(base) + sizes(head)
    if not known or max(known) <= min(known) * (1 + SAME_WORK):
        return None
    shown = [" or ".join(unique(words.size(size) for size in sorted(sizes(side)))) for side in (base, head)]
    if shown[0] == shown[1]:
        return f"its working set is not the same in all processes ({shown[0]})"
    return f"its working set is {shown[0]} in the base and {shown[1]} in the head: that is other work"


def _not_believable(sides: Sequence[Sequence[Row]]) -> str | None:
    where = [label for label, rows in zip(("base", "head"), sides, strict=True) if not all(r.believable for r in rows)]
    if not where:
        return None
    percent = words.percent(faults.BELIEVED)
    return f"its time in the {words.listed(where)} is not believable: above {percent} of attainable ({faults.COMMAND})"


def _other_states(base: Sequence[Row], head: Sequence[Row]) -> str | None:
    """Several threads are compared where both sides ran alike: a row on two cores says nothing of one on two threads of
    one core."""
    states = [
        unique(one.state or "no known state" for row in rows for one in counted_rounds(row)) for rows in (base, head)
    ]
    if set(states[0]) & set(states[1]):
        return None
    return f"its threads ran on {words.listed(states[0])} in the base and on {words.listed(states[1])} in the head"


def _pattern(text: str | None) -> re.Pattern[str]:
    try:
        return re.compile(text or "")
    except re.error as error:
        raise BadInput(f"--filter {text}: this is no regular expression: {error}") from None


def _nothing_in_common(base: Side, head: Side, found: Matched) -> NotComparable:
    if found.not_compared:
        name, why = next(iter(found.not_compared.items()))
        more = len(found.not_compared) - 1
        others = f" (and {words.plural(more, 'other row')} for such a reason)" if more else ""
        return NotComparable(f"the two sides have no row that could be compared: {name}: {why}{others}")
    machines = [unique(str(r.machine["processor"]["architecture"]) for r in side.results) for side in (base, head)]
    why = (
        f"; base is {words.listed(machines[0])}, head is {words.listed(machines[1])}"
        if machines[0] != machines[1]
        else ""
    )
    names = [
        words.listed(unique(name.split("/")[0] for name in names)[:4]) or "no timed row"
        for names in (found.only_base, found.only_head)
    ]
    return NotComparable(
        f"the two sides have no row in common: base has {len(found.only_base)} ({names[0]}), "
        f"head has {len(found.only_head)} ({names[1]}){why}"
    )


def match(base: Side, head: Side, turns: Turns, wanted: str | None = None) -> Matched:
    """Raises NotComparable if no row is left and nothing broke; BadInput if the filter leaves no row on either side."""
    pattern = _pattern(wanted)
    sides = [_by_name(side, pattern) for side in (base, head)]
    if wanted and not sides[0] and not sides[1]:
        raise BadInput(f"--filter {wanted} matches no row of either side")
    timed = [{name for name, rows in side.items() if any(row.time for row in rows)} for side in sides]
    failed = [{name for name, rows in side.items() if any(row.status == "failed" for row in rows)} for side in sides]
    if turns:
        taken = [_timed(base for base, _ in turns.pairs), _timed(head for _, head in turns.pairs)]
    else:
        taken = [_timed(base.results), _timed(head.results)]
    common: dict[str, Common] = {}
    not_compared: dict[str, str] = {}
    order = [name for name in unique([*sides[0], *sides[1]]) if name in timed[0] | timed[1] | failed[0] | failed[1]]
    for name in order:
        where = [label for label, names in (("base", failed[0]), ("head", failed[1])) if name in names]
        if where:
            not_compared[name] = f"it failed its proof in the {words.listed(where)}, and is not timed"
            continue
        if name not in timed[0] or name not in timed[1]:
            continue
        rows = [[row for row in side[name] if row.time] for side in sides]
        why = _not_believable(rows) or _other_work(*rows)
        if why:
            not_compared[name] = why
            continue
        if turns:
            both = [(a[name], b[name]) for a, b in zip(*taken, strict=True) if name in a and name in b]
            processes = Common([a for a, _ in both], [b for _, b in both])
        else:
            processes = Common(*([one[name] for one in side if name in one] for side in taken))
        if not processes.base:
            not_compared[name] = "no process that timed it has a partner that did"
        elif why := _other_states(processes.base, processes.head):
            not_compared[name] = why
        else:
            common[name] = processes
    found = Matched(
        common,
        tuple(name for name in order if name in timed[0] - timed[1] and name not in not_compared),
        tuple(name for name in order if name in timed[1] - timed[0] and name not in not_compared),
        not_compared,
        tuple(name for name in order if name in failed[1] - failed[0]),
    )
    if not common and not found.broken:
        raise _nothing_in_common(base, head, found)
    return found
