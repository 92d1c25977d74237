"""Figures as they go into a chart: short, because a page holds many thousands of them."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

MOST_DOTS = 15  # raw samples drawn per point


def short(value: float | None, digits: int = 5) -> float | None:
    """To so many significant digits, which is more than any measurement here has."""
    return None if value is None else float(f"{value:.{digits}g}")


def thinned(samples: NDArray[np.float64], most: int = MOST_DOTS) -> list[float]:
    """At most so many samples, evenly taken from the sorted ones, so that both extremes and the spread stay."""
    ordered = np.sort(samples)
    if ordered.size > most:
        ordered = ordered[np.linspace(0, ordered.size - 1, most).round().astype(int)]
    return [float(f"{sample:.4g}") for sample in ordered]


def means(points: Sequence[tuple[float, float, float]], most: int) -> list[tuple[float, float, float]]:
    """At most so many points: of more, neighbours become one, of which each figure is the mean. The first and the last
    stay as they are."""
    if len(points) <= most:
        return list(points)
    inner = np.array_split(np.array(points[1:-1], dtype=np.float64), most - 2)
    return [
        points[0],
        *((float(a), float(b), float(c)) for a, b, c in (part.mean(axis=0) for part in inner)),
        points[-1],
    ]


def spread(low: float, value: float, high: float) -> float:
    """Half the interval's width, in percent of its value."""
    return 100 * (high - low) / 2 / value


def one_two_five(low: int, high: int) -> list[float]:
    """1, 2 and 5 times the powers of ten from 10^low to 10^high: where a logarithmic axis has its ticks."""
    return [float(f"{digit}e{power}") for power in range(low, high + 1) for digit in (1, 2, 5)]


def finely(low: int, high: int) -> list[float]:
    """The same for an axis of less than a decade, where three ticks in ten are too few."""
    digits = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)
    return [float(f"{digit}e{power}") for power in range(low, high + 1) for digit in digits]


def bounds(values: Iterable[float]) -> tuple[float, float]:
    known = list(values)
    return min(known), max(known)
