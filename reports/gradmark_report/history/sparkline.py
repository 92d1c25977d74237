"""A trend in a few characters of a terminal."""

import math
from collections.abc import Sequence

BARS = "▁▂▃▄▅▆▇█"
LEAST = 0.10  # of the logarithm: from bottom to top at least some 10%, so that noise does not look like mountains


def sparkline(values: Sequence[float | None], width: int) -> str:
    """The newest at the right; a gap where there is no value. More values than characters: the median of neighbours."""
    if len(values) > width:
        values = [_middle(values[i * len(values) // width : (i + 1) * len(values) // width]) for i in range(width)]
    logs = [None if value is None else math.log(value) for value in values]
    known = [value for value in logs if value is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    extra = max(0.0, LEAST - (high - low))
    low, high = low - extra / 2, high + extra / 2
    steps = len(BARS) - 1
    return "".join(" " if value is None else BARS[round((value - low) / (high - low) * steps)] for value in logs)


def _middle(values: Sequence[float | None]) -> float | None:
    known = sorted(value for value in values if value is not None)
    return known[len(known) // 2] if known else None
