"""The answer: three to six sentences made from the data, each with a lead word. Nothing here is said that the rows do
not show; what was not measured is left out or named."""

from gradmark_report import words
from gradmark_report.choice import at, best, enough_threads, faster, preference
from gradmark_report.result import LEVELS, Result, Row

Points = list[tuple[str, str]]

BYTES_PER_PARAMETER = {"adamw/f32": 16}  # what must be held in memory: params, grads and both moments
LIMITS = {
    "divide/root unit": "the divide and square-root unit",
    "FMA": "the arithmetic units",
    "load/store": "loads and stores",
    "DRAM": "the bandwidth of the memory",
}


def _bound(row: Row) -> str:
    """As the end of a sentence; nothing where the run did not measure what binds it."""
    if row.bound_by is None:
        return ""
    return f"; {LIMITS.get(row.bound_by, f'the bandwidth of the {row.bound_by} cache')} binds it"


def _time(row: Row) -> str:
    return words.nanoseconds(row.time.median if row.time else None)


def _threads(number: int) -> str:
    return words.plural(number, "thread")


def _headline(result: Result) -> str | None:
    """AdamW if it was timed, else the op with the most bytes."""
    ops = {row.op_name: row.bytes_per_element or 0.0 for row in result.levels}
    if not ops:
        return None
    return "adamw/f32" if "adamw/f32" in ops else max(ops, key=lambda op: ops[op])


def _counts(result: Result, op: str, level: str) -> list[int]:
    """The thread counts on which this op has an exact row at this level."""
    return [count for count in result.thread_counts if any(not row.fast for row in at(result, op, level, count))]


def _share(row: Row) -> str:
    return "" if row.attainable_percent is None else f", {words.percent(row.attainable_percent)} of what is attainable"


def _use(result: Result, op: str) -> Points:
    """What to use beyond the caches and within them."""
    points: Points = []
    outermost = next(
        (level for level in reversed(LEVELS) if any(at(result, op, level, n) for n in result.thread_counts)), None
    )
    if outermost is None:
        return points
    row = enough_threads(result, op, outermost)
    if row:
        place = "States larger than the caches" if outermost == "DRAM" else f"States that fit {outermost}"
        alone = " (the only count that was timed)" if len(_counts(result, op, outermost)) == 1 else ""
        sentence = f"{place}: {row.impl} on {_threads(row.threads)}{alone}, {_time(row)} per element of {op}"
        points.append(("Use", f"{sentence}{_share(row)}{_bound(row)}."))
    inner = next((level for level in ("L2", "L1", "L3") if level != outermost and at(result, op, level, 1)), None)
    if inner:
        rows = at(result, op, inner, 1)
        exact, quick = (best(rows, preference(result), with_fast=fast) for fast in (False, True))
        if exact and exact.time:
            sentence = f"{op} in {inner} on one thread: {exact.impl}, {_time(exact)}{_share(exact)}{_bound(exact)}."
            if quick and quick.fast and quick.time:
                sentence += f" {quick.impl} is {words.times(exact.time.median / quick.time.median)} as fast"
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
    for row in result.levels:
        if row.impl != "avx512":
            continue
        narrow = result.find(row.op_name, "avx2", row.level, row.threads)
        if narrow is None:
            continue
        (wins if faster(row, narrow) else losses if faster(narrow, row) else ties).append(row)
    total = len(wins) + len(ties) + len(losses)
    if not total:
        return []

    def named(rows: list[Row], most: int = 4) -> str:
        names = [f"{row.op_name} in {row.level} on {_threads(row.threads)}" for row in rows]
        more = len(names) - most
        return words.listed([*names[:most], f"{more} more"] if more > 0 else names)

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
    one = best(at(result, op, "DRAM", 1), preference(result), with_fast=False)
    sentence = f"DRAM-sized states want {_threads(enough.threads)}"
    if one and one.time and enough.time and enough.threads > 1:
        gain = one.time.median / enough.time.median
        sentence += f", {words.times(gain)} as fast as one ({words.percent(100 * gain / enough.threads)} efficiency)"
    sentence += "; more gain nothing." if enough.threads < max(counts) else "."
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
    op = "adamw/f32"
    row = enough_threads(result, op, "DRAM")
    if row is None or row.time is None:
        return []
    seconds = [f"{words.duration(n * row.time.median * 1e-9)} on {words.count(n)} parameters" for n in (1e9, 7e9)]
    sentence = f"One AdamW step would take {words.listed(seconds)}"
    if row.bytes_per_element and row.gb_per_s:
        sentence += (
            f": each parameter moves {row.bytes_per_element:g} bytes, "
            f"and {_threads(row.threads)} of {row.impl} {'moves' if row.threads == 1 else 'move'} "
            f"{words.significant(row.gb_per_s)} GB/s"
        )
    memory = result.machine["memory"]  # a container's limit counts, where it is the smaller
    total = min((size for size in (memory["total_bytes"], memory["limit_bytes"]) if size), default=None)
    needs = [(n, n * BYTES_PER_PARAMETER[op]) for n in (1e9, 7e9)]
    small = [f"{words.count(n)} ({words.gigabytes(need)})" for n, need in needs if total and need > total]
    sentence += "."
    if small:
        sentence += (
            f" The states of {words.listed(small)} do not fit the {words.gigabytes(total)} that this machine has."
        )
    return [("AdamW step", sentence)]


def _trust(result: Result) -> Points:
    """How far the figures can be trusted; always said."""
    widths = sorted((row.time.high - row.time.low) / 2 / row.time.median for row in result.timed if row.time)
    typical, wide = widths[len(widths) // 2], widths[int(0.9 * (len(widths) - 1))]
    sentence = f"Half of the times are known to {words.plus_minus(1, 1 - typical, 1 + typical)}"
    sentence += f", nine in ten to {words.plus_minus(1, 1 - wide, 1 + wide)} (within this one process)"
    if result.warnings:
        sentence += f"; {words.plural(len(result.warnings), 'warning')} below"
    sentence += "."
    if result.environment["emulated"]:
        sentence += " An emulator ran this: the times say nothing about any processor."
    if result.partial:
        missing = sum(row.status == "skipped" for row in result.rows)
        sentence += f" The run was interrupted before its end: {words.plural(missing, 'row')} not reached."
    delay = result.settings["test_delay_percent"]
    if delay:
        sentence += f" Every time was lengthened on purpose by {delay:g}%: a test, no measurement."
    failed = [row.name for row in result.rows if row.status == "failed"]
    if len(failed) == 1:
        sentence += f" One row failed its proof and was not timed: {failed[0]}."
    elif failed:
        sentence += f" {len(failed)} rows failed their proof and were not timed, such as {failed[0]}."
    return [("Trust", sentence)]


def answer(result: Result) -> Points:
    """(lead, sentence) for a result with at least one timed row."""
    op = _headline(result)
    points: Points = []
    if op:
        points += _use(result, op) + _avx512(result) + _threads_for_memory(result, op) + _step(result)
    return points + _trust(result)
