"""Figures in words for people: few digits, a unit, the same form in the terminal, in Markdown and in pages."""

import math
from collections.abc import Sequence
from typing import TypeGuard

UNKNOWN = "–"  # in a table
NOT_VISIBLE = "not visible"  # what the machine does not show; never taken to be fine


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


def _known(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)


def nanoseconds(value: float | None) -> str:
    return f"{significant(value)} ns" if _known(value) else UNKNOWN


def percent(value: float | None) -> str:
    """Whole ones; what is less than one, or beyond all sense, in few digits."""
    if not _known(value):
        return UNKNOWN
    return f"{significant(value, 1 if abs(value) < 1 else 3)}%" if not 0.95 <= abs(value) < 1e5 else f"{value:.0f}%"


def share(value: float | None) -> str:
    """Of 1, in percent with one decimal; two where it would seem to be all, and is not: 0.981 -> 98.1%."""
    if not _known(value):
        return UNKNOWN
    text = f"{100 * value:.1f}%"
    return f"{100 * value:.2f}%" if text == "100.0%" and value < 1 else "100%" if value == 1 else text


def rate(value: float | None) -> str:
    """Per second: 90123 -> 90,100."""
    if not _known(value):
        return UNKNOWN
    short = significant(value)
    return f"{float(short):,.0f}" if 1000 <= value < 1e15 else short


def times(value: float | None) -> str:
    return f"{significant(value)}×" if _known(value) else UNKNOWN


def size(value: float | None) -> str:
    """Bytes in binary units: 98304 -> 96 KiB."""
    if not _known(value):
        return UNKNOWN
    unit = "B"
    for larger in ("KiB", "MiB", "GiB", "TiB", "PiB"):
        if value < 1023.5:
            break
        value, unit = value / 1024, larger
    whole = value == int(value) or 1000 <= value < 1e5
    return f"{value:.0f} {unit}" if whole else f"{significant(value)} {unit}"


def duration(seconds: float | None) -> str:
    """0.0021 -> 2.1 ms, 95 -> 1.6 min. What would round to a whole larger unit has it: 59.6 s -> 1.0 min."""
    if not _known(seconds):
        return UNKNOWN
    if seconds < 0:
        return f"-{duration(-seconds)}"
    for least, scale, unit in (
        (23.5 * 3600, 86400, "days"),
        (59.5 * 60, 3600, "h"),
        (59.5, 60, "min"),
        (0.995, 1, "s"),
        (0.995e-3, 1e-3, "ms"),
        (0.995e-6, 1e-6, "µs"),
    ):
        if seconds >= least:
            return f"{significant(seconds / scale, 2)} {unit}"
    return f"{significant(seconds / 1e-9, 2)} ns"


def count(number: float | None) -> str:
    """7e9 -> 7 billion."""
    if not _known(number):
        return UNKNOWN
    for scale, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if number >= 0.9995 * scale:
            scaled = number / scale
            return f"{scaled:.3g} {word}" if scaled < 999.5 else f"{grouped(scaled)} {word}"
    return f"{number:,.0f}"


def grouped(number: float | None) -> str:
    """16384 -> 16,000: two digits, for what is known roughly."""
    if not _known(number):
        return UNKNOWN
    short = significant(number, 2)
    return short if "e" in short or abs(number) < 1 else f"{float(short):,.0f}"


def gigabytes(number: float | None) -> str:
    """Decimal, as memory traffic is: 1.12e11 -> 112 GB."""
    return f"{significant(number / 1e9)} GB" if _known(number) else UNKNOWN


def plural(number: int, singular: str, many: str | None = None) -> str:
    return f"{number} {singular if number == 1 else many or singular + 's'}"


def listed(items: Sequence[str], last: str = "and", most: int | None = None) -> str:
    """a, b and c; of more than `most` the first: a, b and 7 more"""
    if most is not None and len(items) > most:
        items = [*items[:most], f"{len(items) - most} more"]
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def some(items: Sequence[str], most: int = 3, last: str = " and") -> str:
    """a, b and 3 more"""
    return ", ".join(items[:most]) + (f"{last} {len(items) - most} more" if len(items) > most else "")


def span(low: str, high: str) -> str:
    """What lies between two figures in words; one figure is said once."""
    return low if low == high else f"{low} to {high}"


def state(name: str) -> str:
    """Where threads ran: 2 cores, far -> 2 cores far apart; a comma would end it within a sentence."""
    return name.replace(", far", " far apart")


def plus_minus(value: float, low: float, high: float) -> str:
    """Half the width of the interval over its value: ±1.2%."""
    half = 100 * (high - low) / 2 / value if value else math.nan
    if not math.isfinite(half):
        return UNKNOWN
    return f"±{half:.1f}%" if half < 999.5 else f"±{significant(half)}%"


def signed_percent(value: float | None) -> str:
    """A change: 4.93 -> +4.9%, -0.51 -> −0.5%, 31.2 -> +31%; what rounds to nothing has no sign."""
    if not _known(value):
        return UNKNOWN
    text = (
        f"{abs(value):.1f}"
        if abs(value) < 9.95
        else f"{abs(value):.0f}"
        if abs(value) < 1e5
        else significant(abs(value))
    )
    if float(text) == 0:
        return f"{text}%"
    return f"{'+' if value > 0 else '−'}{text}%"
