"""A verdict in one plain sentence."""

import math

from gradmark_report.statistics.effect import Effect
from gradmark_report.statistics.effects import fewest
from gradmark_report.statistics.model import Settings, Verdict
from gradmark_report.statistics.row import Row


def _percent(log_ratio: float) -> str:
    return f"{100 * math.expm1(log_ratio):+.3g}%"


def _body(
    row: Row, effect: Effect | None, verdict: Verdict, margin: float, p_adjusted: float | None, settings: Settings
) -> str:
    if verdict is Verdict.UNSTABLE:
        return "more than a quarter of the processes never settled at a time"
    if effect is None or p_adjusted is None:
        what = "pairs" if row.paired else "processes a side"
        return f"a verdict needs at least {fewest(paired=row.paired)} {what}, better ten"
    low, high = effect.interval(settings.alpha_of_a_look)
    of_a_look = "the interval of one look" if settings.looks > 1 else "the interval"
    interval = f"{of_a_look}, {_percent(low)} to {_percent(high)}," if math.isfinite(high - low) else of_a_look
    limits = f"{100 * margin:.3g}% margin"
    if verdict in (Verdict.SLOWER, Verdict.FASTER):
        return f"{interval} lies wholly beyond the {limits}"
    if verdict is Verdict.SAME:
        return f"{interval} lies wholly within the {limits}"
    if verdict is Verdict.SMALL_CHANGE:
        return f"{interval} leaves out no change and reaches into the {limits}"
    if not math.isfinite(high - low):
        return f"{row.pairs} {'pairs' if row.paired else 'processes a side'} are too few for this many looks"
    if low > 0 or high < 0:
        return (
            f"{interval} leaves out no change, but among so many rows that can be chance (adjusted p {p_adjusted:.2g})"
        )
    return f"{interval} holds both no change and one beyond the {limits}"


def sentence(
    row: Row, effect: Effect | None, verdict: Verdict, margin: float, p_adjusted: float | None, settings: Settings
) -> str:
    parts = [_body(row, effect, verdict, margin, p_adjusted, settings)]
    if verdict not in (Verdict.UNSTABLE, Verdict.TOO_FEW):
        if not row.paired:
            parts.append("not paired, so that a drift of the machine between the sides counts as a change")
        whole = "pairs" if row.paired else "processes"
        if row.disturbed:
            parts.append(f"disturbed {whole} left out: {row.disturbed}")
        if row.unsteady:
            parts.append(f"{whole} that never settled left out: {row.unsteady}")
    return "; ".join(parts)
