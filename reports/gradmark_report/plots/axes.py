"""Axes that several plots have."""

import math
from typing import Any

import altair as alt

from gradmark_report.plots import figures

_SIZE_LABEL = (
    "datum.value < 1024 ? datum.value + ' B'"
    " : datum.value < 1048576 ? datum.value / 1024 + ' KiB'"
    " : datum.value < 1073741824 ? datum.value / 1048576 + ' MiB'"
    " : datum.value / 1073741824 + ' GiB'"
)


def working_set(field: str = "size") -> alt.X:
    """Bytes, logarithmic, with a tick at every power of four."""
    return alt.X(
        f"{field}:Q",
        scale=alt.Scale(type="log", base=2, nice=False, padding=10),
        axis=alt.Axis(
            title="working set",
            values=[4**power for power in range(4, 22)],
            labelExpr=_SIZE_LABEL,
            labelOverlap=True,
            labelSeparation=8,
            grid=False,
        ),
    )


LOG = alt.Scale(type="log", nice=False, padding=8)


def log_ticks(channel: str, low: int = -6, high: int = 7) -> dict[str, Any]:
    """Ticks for a logarithmic axis: 1, 2, 5, and more of them where it covers little more than a decade."""
    decades = f"log(domain('{channel}')[1] / domain('{channel}')[0]) / LN10"
    values = f"{decades} < 1.2 ? {figures.finely(low, high)} : {figures.one_two_five(low, high)}"
    return {"values": {"expr": values}, "labelOverlap": True, "labelSeparation": 4, "format": "~r"}


def decades(low: float, high: float) -> dict[str, Any]:
    """The same where a loss becomes as small as it can: of many decades some, as 1e-12."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    if last - first <= 5:
        return log_ticks("y", first, last)
    step = math.ceil((last - first) / 8)
    return {"values": [float(f"1e{power}") for power in range(last, first - 1, -step)], "format": "~g"}


def time_per_element(field: str = "time", **scale: Any) -> alt.Y:
    return alt.Y(
        f"{field}:Q",
        scale=alt.Scale(type="log", nice=False, padding=8, **scale),
        axis=alt.Axis(title="ns per element", **log_ticks("y")),
    )
