"""One row of two sides: in which state, how large the change, and what it amounts to."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.special import ndtri

from gradmark_report import words
from gradmark_report.result import Row
from gradmark_report.statistics.model import ComparedRow, Floats, Interval, Settings, Verdict
from gradmark_report.statistics.states import FEWEST_ROUNDS, by_state, enough, lower_quartile, shared_state
from gradmark_report.statistics.student import Estimate, difference, estimate

# Pairs, or processes a side. Fewer know too little of their own spread: at a noise of 2%, simulated as in student.py,
# three pairs alarm in 2% of comparisons of 200 unchanged rows, and with bursts in 21%; six in 0.05%, and with bursts
# in 2%.
FEWEST = 6
USUAL_PAIRS = 10  # what a row with too few is advised to have
# If the truth is what was estimated, the pairs that are said to decide a row do so about this often where it changed;
# where it did not, either end of the interval may lie beyond the margin, and 80% are decided.
POWER = 0.9


def compare(base: Sequence[Row], head: Sequence[Row], settings: Settings, *, paired: bool) -> ComparedRow | None:
    """One row of the processes of both sides; paired, the i-th ones ran side by side. None: they have no state in
    common."""
    sides = [[by_state(row) for row in rows] for rows in (base, head)]
    shared = shared_state(sides, paired=paired)
    if not shared:
        return None
    [state] = shared
    counted = [[enough(process, state) for process in side] for side in sides]
    if paired:
        counted = [[all(pair) for pair in zip(*counted, strict=True)]] * 2
    logs = [
        np.log([lower_quartile(process[state]) for process, counts in zip(side, which, strict=True) if counts])
        for side, which in zip(sides, counted, strict=True)
    ]
    pairs, alpha = min(map(len, logs)), settings.alpha_of_a_look
    if pairs >= FEWEST:
        effect = estimate(logs[1] - logs[0]) if paired else difference(*map(estimate, logs))
        ratio = effect.interval(alpha)
        verdict, reason, to_decide = _judged(ratio, effect, pairs, settings, paired=paired)
    else:
        ratio = Interval(math.exp(float(np.mean(logs[1]) - np.mean(logs[0]))) if pairs else math.nan)
        what = "pairs" if paired else "processes a side"
        verdict, to_decide = Verdict.TOO_FEW, USUAL_PAIRS
        reason = f"a verdict needs at least {FEWEST} {what} with {FEWEST_ROUNDS} rounds each, better {USUAL_PAIRS}"

    def time(rows: Sequence[Row], which: Sequence[bool], logs: Floats) -> Interval:
        if len(logs) > 1:
            return estimate(logs).interval(alpha)
        return _own(rows[which.index(True)], state) if len(logs) else Interval(math.nan)

    return ComparedRow(
        row=base[0],
        state=state,
        pairs=pairs,
        paired=paired,
        left_out=sum(not counts for which in counted[: 1 if paired else 2] for counts in which),
        times=(time(base, counted[0], logs[0]), time(head, counted[1], logs[1])),
        ratio=ratio,
        verdict=verdict,
        reason=reason,
        pairs_to_decide=to_decide,
    )


def _own(row: Row, state: str | None) -> Interval:
    """What one process says of its time in a state, with the interval that it wrote."""
    value, written = lower_quartile(by_state(row)[state]), row.figures.get(state)
    return Interval(value, written.low, written.high) if written else Interval(value)


def _ends(ratio: Interval) -> str:
    return words.span(*(f"{100 * (end - 1):+.3g}%" for end in (ratio.low, ratio.high)))


def _judged(
    ratio: Interval, effect: Estimate, pairs: int, settings: Settings, *, paired: bool
) -> tuple[Verdict, str, int | None]:
    """The verdict, why, and how many pairs would decide what is open."""
    limit = 1 + settings.margin
    said = f"the interval, {_ends(ratio)},"
    margin = f"the {100 * settings.margin:.3g}% margin"
    aside = "" if paired else "; not paired, so that a drift of the machine between the sides counts as a change"
    if ratio.low > limit or ratio.high < 1 / limit:
        verdict = Verdict.SLOWER if ratio.low > 1 else Verdict.FASTER
        return verdict, f"{said} lies wholly beyond {margin}{aside}", None
    if 1 / limit < ratio.low and ratio.high < limit:
        return Verdict.SAME, f"{said} lies wholly within {margin}{aside}", None
    if ratio.low > 1 or ratio.high < 1:
        return Verdict.SMALL_CHANGE, f"{said} leaves out no change and reaches into {margin}{aside}", None
    # It is decided where the interval is short enough to leave out 1, or to lie within the margin.
    size = abs(effect.value)
    reach = float(ndtri(1 - settings.alpha_of_a_look / 2) + ndtri(POWER)) * effect.error
    to_decide = max(pairs + 1, math.ceil(pairs * (reach / max(size, math.log(limit) - size)) ** 2) + 2)
    return (
        Verdict.INCONCLUSIVE,
        f"{said} holds both no change and one beyond {margin}{aside}",
        to_decide + to_decide % 2,
    )


def compare_processes(base: Sequence[Row], head: Sequence[Row], settings: Settings) -> ComparedRow | None:
    """As `compare`, of any number of processes that have no partners. Where a side has too few for their spread, each
    process speaks for itself: its interval is made to hold the next run. Such sides differ where all intervals of the
    one leave out all of the other, and by how much decides whether it matters."""
    found = compare(base, head, settings, paired=False)
    if found is None or found.verdict is not Verdict.TOO_FEW or not found.pairs:
        return found
    a, b = _hull(base, found.state), _hull(head, found.state)
    ratio = Interval(found.ratio.value, b.low / a.high, b.high / a.low)
    if not ratio.known:
        return found
    limit = 1 + settings.margin
    margin = f"the {100 * settings.margin:.3g}% margin"
    verdict, why = Verdict.INCONCLUSIVE, f"meet, and reach beyond {margin}"
    if ratio.low > 1 or ratio.high < 1:
        small = 1 / limit <= ratio.value <= limit
        verdict = Verdict.SMALL_CHANGE if small else Verdict.SLOWER if ratio.low > 1 else Verdict.FASTER
        why = "leave each other out"
    elif 1 / limit < ratio.low and ratio.high < limit:
        verdict, why = Verdict.SAME, f"lie within {margin} of each other"
    return replace(
        found,
        times=(a, b),
        ratio=ratio,
        verdict=verdict,
        reason=f"the intervals of single processes {why}: {_ends(ratio)}",
        pairs_to_decide=USUAL_PAIRS if verdict is Verdict.INCONCLUSIVE else None,
    )


def _hull(rows: Sequence[Row], state: str | None) -> Interval:
    """Of all processes of a side, each with its own interval."""
    each = [_own(row, state) for row in rows if enough(by_state(row), state)]
    middle = math.exp(float(np.mean(np.log([one.value for one in each]))))
    return Interval(middle, float(np.min([one.low for one in each])), float(np.max([one.high for one in each])))
