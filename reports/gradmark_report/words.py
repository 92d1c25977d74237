"""Figures in words for people: few digits, a unit, the same form in the terminal, in Markdown and in pages."""

import math
from collections.abc import Sequence

UNKNOWN = "–"


def significant(value: float | None, digits: int = 3) -> str:
    """1234 -> 1230, 0.04567 -> 0.0457; never an exponent within what is measured here."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(abs(value)))
    rounded = round(value, digits - 1 - exponent)
    exponent = math.floor(math.log10(abs(rounded)))
    if exponent < -6 or exponent > 14:
        return f"{rounded:.{digits - 1}e}"
    return f"{rounded:.{max(0, digits - 1 - exponent)}f}"


def nanoseconds(value: float | None) -> str:
    return significant(value) + (" ns" if value is not None and math.isfinite(value) else "")


def percent(value: float | None) -> str:
    return UNKNOWN if value is None or not math.isfinite(value) else f"{value:.0f}%"


def times(value: float | None) -> str:
    return UNKNOWN if value is None or not math.isfinite(value) else f"{significant(value)}×"


def size(value: float | None) -> str:
    """Bytes in binary units: 98304 -> 96 KiB."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    unit = "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if value < 1024:
            break
        value, unit = value / 1024, larger
    return f"{value:.0f} {unit}" if value == int(value) else f"{significant(value)} {unit}"


def duration(seconds: float | None) -> str:
    """0.0021 -> 2.1 ms, 95 -> 1.6 min."""
    if seconds is None or not math.isfinite(seconds):
        return UNKNOWN
    for least, scale, unit in (
        (86400, 86400, "days"),
        (3600, 3600, "h"),
        (60, 60, "min"),
        (1, 1, "s"),
        (1e-3, 1e-3, "ms"),
        (1e-6, 1e-6, "µs"),
    ):
        if seconds >= least:
            return f"{significant(seconds / scale, 2)} {unit}"
    return f"{significant(seconds / 1e-9, 2)} ns"


def count(number: float) -> str:
    """7e9 -> 7 billion."""
    for scale, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if number >= scale:
            return f"{number / scale:.3g} {word}"
    return f"{number:,.0f}"


def grouped(number: float) -> str:
    """16384 -> 16,000: two digits, for what is known roughly."""
    return f"{float(significant(number, 2)):,.0f}"


def gigabytes(number: float | None) -> str:
    """Decimal, as memory traffic is: 1.12e11 -> 112 GB."""
    return UNKNOWN if number is None else f"{significant(number / 1e9)} GB"


def plural(number: int, singular: str, many: str | None = None) -> str:
    return f"{number} {singular if number == 1 else many or singular + 's'}"


def listed(items: Sequence[str], last: str = "and") -> str:
    """a, b and c"""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def plus_minus(median: float, low: float, high: float) -> str:
    """Half the width of the interval over the median: ±1.2%."""
    half = 100 * (high - low) / 2 / median
    return UNKNOWN if not math.isfinite(half) else f"±{half:.1f}%"


def signed_percent(value: float | None) -> str:
    """A change: 4.93 -> +4.9%, -0.51 -> −0.5%, 31.2 -> +31%; what rounds to nothing has no sign."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    digits = 1 if abs(value) < 9.95 else 0
    text = f"{abs(value):.{digits}f}"
    if float(text) == 0:
        return f"{text}%"
    return f"{'+' if value > 0 else '−'}{text}%"


def probability(value: float | None) -> str:
    """0.00002 -> <0.001, 0.0123 -> 0.012, 0.434 -> 0.43."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    return "<0.001" if value < 0.001 else f"{value:.3f}" if value < 0.0995 else f"{value:.2f}"
