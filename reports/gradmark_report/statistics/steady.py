"""The steady state of a process: what its samples read once the warm-up is over, if they ever settle.

A rule for some twenty samples, in two steps.

Warm-up: the second half of the samples is the reference. The samples before the first two neighbours that lie within
three robust standard deviations of the reference's median (or within 1% of it) are dropped, never more than half.
Dropping too much costs a little precision; keeping a few samples too many hardly moves a median.

Steadiness: the first and the last 40% of the rest must agree. They do not where their medians differ by more than 5%
and by more than 3.5 standard deviations, taken about each end's own median. Noise alone, however large, does not
reach the second limit; a drift or a shift too small to matter beside a margin of some percent does not reach the first.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradmark_report.statistics.model import Floats

# Of a normal distribution: standard deviation over the median, and over the mean absolute deviation.
SIGMA_OF_MAD = 1.4826
SIGMA_OF_MEAN = 1.2533

FEWEST_JUDGED = 6  # with fewer samples nothing can be told from noise: all of them count
WARM_UP_SIGMAS = 3.0
WARM_UP_TOLERANCE = 0.01
END = 0.4  # share of the samples that each end has
SHIFT_SIGMAS = 3.5
SHIFT_TOLERANCE = math.log(1.05)


@dataclass(frozen=True)
class Steady:
    """A process after its warm-up."""

    samples: Floats
    median: float


def _first_steady(x: Floats) -> NDArray[np.intp]:
    """How many samples the warm-up of each process (a line of `x`) takes."""
    half = x.shape[1] // 2
    reference = x[:, half:]
    middle = np.median(reference, axis=1, keepdims=True)
    sigma = SIGMA_OF_MAD * np.median(np.abs(reference - middle), axis=1, keepdims=True)
    inside = np.abs(x[:, : half + 1] - middle) <= np.maximum(WARM_UP_SIGMAS * sigma, WARM_UP_TOLERANCE * middle)
    two = inside[:, :-1] & inside[:, 1:]
    return np.where(two.any(axis=1), two.argmax(axis=1), half)


def _settled(x: Floats) -> NDArray[np.bool_]:
    logs = np.log(x)  # of which a decay of any depth is a trend that its own scatter does not hide
    length = math.ceil(END * x.shape[1])
    first, last = logs[:, :length], logs[:, -length:]
    before, after = np.median(first, axis=1, keepdims=True), np.median(last, axis=1, keepdims=True)
    deviations = np.abs(np.concatenate([first - before, last - after], axis=1))
    # The mean deviation, and not the median one: samples that jump between two levels all the time are steady, and the
    # median deviation of such is often zero. A median takes one degree of freedom from each end.
    sigma = SIGMA_OF_MEAN * np.mean(deviations, axis=1) * math.sqrt(length / (length - 1))
    shift = np.abs(after - before)[:, 0]
    settled: NDArray[np.bool_] = shift <= np.maximum(SHIFT_SIGMAS * sigma, SHIFT_TOLERANCE)
    return settled


def steady_states(processes: Sequence[Floats]) -> list[Steady | None]:
    """Of each process; None where there are no samples, or no steady state, or where a sample is no time (not finite or
    not above zero)."""
    found: list[Steady | None] = [None] * len(processes)
    by_length: dict[int, list[int]] = {}
    for index, samples in enumerate(processes):
        if len(samples) and np.isfinite(samples).all() and (samples > 0).all():
            by_length.setdefault(len(samples), []).append(index)
    for length, indexes in by_length.items():
        x = np.stack([np.asarray(processes[index], dtype=np.float64) for index in indexes])
        if length < FEWEST_JUDGED:
            for index, line in zip(indexes, x, strict=True):
                found[index] = Steady(line, float(np.median(line)))
            continue
        starts = _first_steady(x)
        for start in np.unique(starts):
            lines = np.flatnonzero(starts == start)
            rest = x[lines, int(start) :]
            medians = np.median(rest, axis=1)
            for line, settled, kept, median in zip(lines, _settled(rest), rest, medians, strict=True):
                if settled:
                    found[indexes[line]] = Steady(kept, float(median))
    return found


def steady_median(samples: Floats | Sequence[float]) -> float | None:
    """Median of one process after its warm-up; None if it never became steady."""
    steady = steady_states([np.asarray(samples, dtype=np.float64)])[0]
    return None if steady is None else steady.median
