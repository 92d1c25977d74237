"""Which implementation to use: the rule that the terminal's findings follow, too (harness/run/findings.c)."""

from collections.abc import Sequence

from gradmark_report.result import Figures, Result, Row

WORTH_SAYING = 1.03  # a ratio nearer to 1 is called no difference, however sure


def _alike(a: Row, b: Row) -> tuple[Figures, Figures] | None:
    """The figures of both that can be held against each other: on as many threads those of one state."""
    if a.time is None or b.time is None:
        return None
    if a.threads != b.threads:
        return a.time, b.time
    return next(((its, b.figures[state]) for state, its in a.figures.items() if state in b.figures), None)


def faster(a: Row, b: Row) -> bool:
    """`a` is faster than `b` beyond doubt (their intervals are apart) and by enough to care. Where they have no state
    in common nothing can be said."""
    alike = _alike(a, b)
    if alike is None:
        return False
    one, other = alike
    return one.high < other.low and other.undisturbed >= WORTH_SAYING * one.undisturbed


def preference(result: Result) -> dict[str, int]:
    """Later in the list of ISAs is preferred among equals."""
    return {isa["name"]: index for index, isa in enumerate(result.machine["isas"])}


def best(rows: Sequence[Row], preferred: dict[str, int], *, with_fast: bool) -> Row | None:
    """Of the timed rows of one cell: among those that the fastest does not beat clearly an exact one before a `_fast`
    one, and of these the most preferred."""
    timed = [row for row in rows if row.time and (with_fast or not row.fast)]
    if not timed:
        return None
    fastest = min(timed, key=lambda row: row.time.undisturbed if row.time else 0.0)
    equal = [row for row in timed if _alike(fastest, row) and not faster(fastest, row)]
    return max(equal, key=lambda row: (not row.fast, preferred.get(row.impl, -1)))


def at(result: Result, op: str, level: str, threads: int) -> list[Row]:
    """The rows of one cell that are scored."""
    return [row for row in result.scored if (row.op_name, row.level, row.threads) == (op, level, threads)]


def enough_threads(result: Result, op: str, level: str) -> Row | None:
    """Of the best exact rows of an op at a level, one per thread count, that with the fewest threads which the fastest
    does not beat clearly: more threads gain nothing."""
    preferred = preference(result)
    bests = []
    for threads in result.thread_counts:
        row = best(at(result, op, level, threads), preferred, with_fast=False)
        if row:
            bests.append(row)
    if not bests:
        return None
    fastest = min(bests, key=lambda row: row.time.undisturbed if row.time else 0.0)
    return next(row for row in bests if not faster(fastest, row))
