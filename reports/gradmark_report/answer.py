"""The answer: three to seven sentences made from the data, each with a lead word. Nothing here is said that the rows do
not show; what was not measured is left out or named."""

import math

from gradmark_report import faults, placement, states, words
from gradmark_report.choice import at, best, enough_threads, faster, preference
from gradmark_report.record import FIRST_MODEL
from gradmark_report.result import LEVELS, Result, Row

Points = list[tuple[str, str]]

FEWEST = 3  # sentences: where the rows do not give as many, what is missing is said, and how to get it
BINDS = {
    "divide/sqrt": "the divide and square-root unit binds it",
    "FMA": "the multiply-add units bind it",
    "other arithmetic": "arithmetic other than multiply-adds, divisions and roots binds it",
    "load/store": "the loads and stores of a core bind it",
    "DRAM": "the bandwidth of the memory binds it",
}


def _bound(row: Row) -> str:
    """As the end of a sentence; nothing where the run did not measure what binds it."""
    if row.bound_by is None:
        return ""
    return f"; {BINDS.get(row.bound_by, f'the bandwidth of the {row.bound_by} cache binds it')}"


def _time(row: Row) -> str:
    return words.nanoseconds(row.time.undisturbed if row.time else None)


def _threads(number: int) -> str:
    return words.plural(number, "thread")


def _headline(result: Result) -> str | None:
    """Of the ops with an exact row AdamW if it is one, else that with the most bytes."""
    ops = {row.op_name: row.bytes_per_element or 0.0 for row in result.scored if not row.fast}
    if not ops:
        return None
    return states.OP if states.OP in ops else max(ops, key=lambda op: ops[op])


def _counts(result: Result, op: str, level: str) -> list[int]:
    """The thread counts on which this op has an exact row at this level."""
    return [count for count in result.thread_counts if any(not row.fast for row in at(result, op, level, count))]


def _share(row: Row) -> str:
    if row.attainable_percent is None:
        return ""
    mark = faults.mark(row)
    return f", {words.percent(row.attainable_percent)} of what is attainable{f' ({mark})' if mark else ''}"


def _use(result: Result, op: str) -> Points:
    """What to use beyond the caches and within them."""
    points: Points = []
    outermost = next((level for level in reversed(LEVELS) if _counts(result, op, level)), None)
    if outermost is None:
        return points
    row = enough_threads(result, op, outermost)
    if row:
        place = "States larger than the caches" if outermost == "DRAM" else f"States that fit {outermost}"
        alone = " (the only count that was timed)" if len(_counts(result, op, outermost)) == 1 else ""
        sentence = f"{place}: {row.impl} on {placement.on(row)}{alone}, {_time(row)} per element of {op}"
        points.append(("Use", f"{sentence}{_share(row)}{_bound(row)}."))
    inner = next((level for level in ("L2", "L1", "L3") if level != outermost and at(result, op, level, 1)), None)
    if inner:
        rows = at(result, op, inner, 1)
        exact, quick = (best(rows, preference(result), with_fast=fast) for fast in (False, True))
        if exact and exact.time:
            sentence = f"{op} in {inner} on one thread: {exact.impl}, {_time(exact)}{_share(exact)}{_bound(exact)}."
            if quick and quick.fast and quick.time:
                sentence += f" {quick.impl} is {words.times(exact.time.undisturbed / quick.time.undisturbed)} as fast"
                if quick.max_ulp is not None:
                    sentence += f"; its largest error in the proof was {words.significant(quick.max_ulp, 2)} ulp"
                sentence += "."
            points.append(("In the caches", sentence))
    return points


def _avx512(result: Result) -> Points:
    """Where it pays over AVX2, and where not to use it."""
    wins: list[Row] = []
    ties: list[Row] = []
    losses: list[Row] = []
    for row in result.scored:
        if row.impl != "avx512":
            continue
        beside = at(result, row.op_name, row.level, row.threads)
        narrow = next((other for other in beside if other.impl == "avx2"), None)
        if narrow is None:
            continue
        (wins if faster(row, narrow) else losses if faster(narrow, row) else ties).append(row)
    total = len(wins) + len(ties) + len(losses)
    if not total:
        return []

    def named(rows: list[Row], most: int = 4) -> str:
        names = [f"{row.op_name} in {row.level} on {placement.on(row)}" for row in rows]
        return words.listed(names, most=most)

    if len(wins) == total:
        return [("AVX-512", f"It pays over AVX2 in {'the one case' if total == 1 else f'all {total} cases'} timed.")]
    if len(ties) == total:
        where = (
            "It does not pay over AVX2 in the one case"
            if total == 1
            else f"It pays over AVX2 in none of the {total} cases"
        )
        return [("AVX-512", f"{where} timed, and nowhere is AVX2 clearly faster (beyond doubt, and by 3%).")]
    sentence = f"It pays over AVX2 in {len(wins)} of {words.plural(total, 'case')}"
    if ties:
        sentence += f"; in {len(ties)} neither is clearly faster (beyond doubt, and by 3%)"
    if losses:
        sentence += f". Do not use it for {named(losses)}: there AVX2 was clearly faster in this run."
    else:
        sentence += ". Nowhere is AVX2 clearly faster."
    return [("AVX-512", sentence)]


def _threads_for_memory(result: Result, op: str) -> Points:
    counts = _counts(result, op, "DRAM")
    if len(counts) < 2:
        return []
    enough = enough_threads(result, op, "DRAM")
    if not enough:
        return []
    one, most = (best(at(result, op, "DRAM", n), preference(result), with_fast=False) for n in (1, max(counts)))
    sentence = f"DRAM-sized states want {placement.on(enough)}"
    if one and one.time and enough.time and enough.threads > 1:
        gain = one.time.undisturbed / enough.time.undisturbed
        sentence += f": {words.times(gain)} as fast as one ({words.percent(100 * gain / enough.threads)} efficiency)"
    sentence += "; more gain nothing" if enough.threads < max(counts) else ""
    if one and one.time and most and most.time and most.placement:
        if most is not enough:
            sentence += f" ({placement.on(most)}: {words.times(one.time.undisturbed / most.time.undisturbed)})"
        for other in most.placement.others:
            gain = one.time.undisturbed / other.undisturbed
            sentence += f"; {_threads(most.threads)}, on {words.state(other.state)}: {words.times(gain)}"
    sentence += "."
    cost = result.machine["threads_cost"]
    if cost and cost["pays_from_elements"]:
        elements = words.grouped(cost["pays_from_elements"])
        sentence += (
            f" Entering {_threads(cost['threads'])} costs {words.duration(cost['entry_seconds'])}, "
            f"so they pay from about {elements} elements of {cost['impl']} on."
        )
    return [("Threads", sentence)]


def _step(result: Result) -> Points:
    """What one AdamW step on 1e9 and 7e9 parameters would take."""
    row = enough_threads(result, states.OP, "DRAM")
    if row is None or row.time is None:
        return []
    time, sizes = row.time, (1e9, 7e9)
    seconds = [f"{words.duration(n * time.undisturbed * 1e-9)} on {words.count(n)} parameters" for n in sizes]
    spread = words.plus_minus(time.undisturbed, time.low, time.high)
    typical = words.listed([words.duration(n * time.typical * 1e-9) for n in sizes])
    sentence = f"One AdamW step would take {words.listed(seconds)} ({spread})"
    if time.typical != time.undisturbed:
        sentence += f" undisturbed, typically {typical}"
    if row.bytes_per_element and row.gb_per_s:
        sentence += (
            f": each parameter moves {row.bytes_per_element:g} bytes, "
            f"and {row.impl} moves {words.significant(row.gb_per_s)} GB/s on {placement.on(row)}"
        )
    small = [n for n in (1e9, 7e9) if states.fit(result, n) is False]
    sentence += "."
    if small:
        needs = words.listed([f"{words.count(n)} ({words.gigabytes(states.size(n))})" for n in small])
        there = words.gigabytes(result.memory_bytes)
        sentence += f" The states of {needs} do not fit the {there} that a process may use here."
    return [("AdamW step", sentence)]


def _limits(result: Result) -> Points:
    """What is wrong with them."""
    said = FIRST_MODEL if result.first_model else faults.sentence(result.timed)
    return [("Limits", said)] if said else []


def _known_to(result: Result, share: float) -> str:
    """The half-width that so many of the intervals do not exceed."""
    widths = sorted((row.time.high - row.time.low) / 2 / row.time.undisturbed for row in result.timed if row.time)
    width = widths[math.ceil(share * len(widths)) - 1]
    return words.plus_minus(1, 1 - width, 1 + width)


def _trust(result: Result) -> Points:
    """How far the figures can be trusted; always said."""
    half, most = (_known_to(result, share) for share in (0.5, 0.9))
    what = "within this one process" if result.before_rounds else "another run should agree within that"
    sentence = f"Half of the undisturbed times are known to {half}, nine in ten to {most} ({what})"
    if result.warnings:
        sentence += f"; {words.plural(len(result.warnings), 'warning')} below"
    sentence += "."
    if placement.moved(result):
        sentence += f" {placement.seen(result)}"
    if result.before_rounds:
        sentence += f" {placement.BEFORE_ROUNDS}"
    if result.environment["emulated"]:
        sentence += " An emulator ran this: the times say nothing about any processor."
    if result.partial:
        missing = sum(row.status == "skipped" and row.why_not is None for row in result.rows)
        sentence += f" The run was interrupted before its end: {words.plural(missing, 'row')} not reached."
    if result.left_out:
        was = "was" if len(result.left_out) == 1 else "were"
        sentence += f" {words.plural(len(result.left_out), 'row')} {was} left out for want of time."
    delay = result.settings["test_delay_percent"]
    if delay:
        sentence += f" Every time was lengthened on purpose by {delay:g}%: a test, no measurement."
    failed = [row.name for row in result.rows if row.status == "failed"]
    if len(failed) == 1:
        sentence += f" One row failed its proof and was not timed: {failed[0]}."
    elif failed:
        sentence += f" {len(failed)} rows failed their proof and were not timed, such as {failed[0]}."
    return [("Trust", sentence)]


def _estimates(result: Result) -> Points:
    """Where nothing exact was scored at a level: the quickest of the others, at the outermost one."""
    level = next((level for level in reversed(LEVELS) if any(row.level == level for row in result.scored)), None)
    rows = [row for row in result.scored if row.level == level and row.time]
    if not rows:
        return []
    op = states.OP if any(row.op_name == states.OP for row in rows) else rows[0].op_name
    row = min((row for row in rows if row.op_name == op), key=lambda one: one.time.undisturbed if one.time else 0.0)
    return [
        (
            "Estimates alone",
            f"{op} in {level} on {placement.on(row)}: {row.impl} is the quickest that was timed, {_time(row)} per "
            f"element{_share(row)}{_bound(row)}; it estimates divisions and roots.",
        )
    ]


def _sweep(result: Result) -> Points:
    """From the smallest working set to the largest, for a file that says little of levels."""
    sweep = [row for row in result.sweep if row.believable]
    if not sweep:
        return []
    op = states.OP if any(row.op_name == states.OP for row in sweep) else sweep[0].op_name
    threads = min(row.threads for row in sweep if row.op_name == op)
    every = [row for row in sweep if (row.op_name, row.threads) == (op, threads) and row.working_set_bytes]
    rows = [row for row in every if not row.fast] or every
    sizes = sorted({row.working_set_bytes or 0 for row in rows})
    parts = []
    for size in sizes[:1] + sizes[1:][-1:]:  # the smallest and the largest
        here = [row for row in rows if row.working_set_bytes == size]
        row = min(here, key=lambda one: one.time.undisturbed if one.time else 0.0)
        parts.append(f"{_time(row)} per element in {words.size(size)} ({row.impl})")
    if not parts:
        return []
    which = "estimating" if rows[0].fast else "exact"
    return [("Sweep", f"{op} on {placement.on(*rows)}, the quickest {which} implementation: {' and '.join(parts)}.")]


def _missing(result: Result) -> Points:
    """What would be said, and how to get it."""
    points: Points = []
    if _headline(result) is None:
        scored = "exact implementation" if result.scored else "row"
        level = "at a level, well within it and believable, so that nothing can be recommended"
        points.append(
            ("What to use", f"No {scored} was timed {level}; gradmark run with its own choice of rows does it.")
        )
    if not _counts(result, states.OP, "DRAM"):
        sentence = (
            f"How long one would take here is not known: no exact row of {states.OP} in DRAM was timed and scored; "
            "gradmark run --filter '^adamw/f32/' --level DRAM does it."
        )
        points.append(("AdamW step", sentence))
    return points


def answer(result: Result) -> Points:
    """(lead, sentence), three to seven of them, for a result with at least one timed row."""
    op = _headline(result)
    points: Points = []
    if op:
        points += _use(result, op) + _avx512(result) + _threads_for_memory(result, op) + _step(result)
    else:
        points += _estimates(result)
    if len(points) < FEWEST - 1:
        points += _sweep(result)
    if len(points) < FEWEST - 1:
        points += _missing(result)
    return points + _limits(result) + _trust(result)
