"""Made-up comparisons whose truth is known.

The noise model: the time of a sample is the row's level times

  exp(drift(t) + placement + burst + sample),    times the head's slowdown of this row

- drift: of the machine, the same for all rows of a process; a wave of `drift` either way, as long as the run or longer,
  and a random walk of `walk` from one process to the next. The processes of a pair are neighbours in time, in ABBA or
  BAAB blocks at random.
- placement: where a process's pages and code happen to lie; one value for each process and row, Student's t with
  `tails` degrees of freedom, scaled to the standard deviation `between`.
- burst: another tenant makes a whole process 30 to 80% too slow; of a single row with the chance `burst`, of all rows
  of a process with the chance `storm`.
- sample: Student's t with `tails` degrees of freedom, scaled to the standard deviation `within`.
- warm-up: the first samples of a process are slower by 20%, 6.6%, 2.2% ...

`between` is the spread of processes of infinitely many samples; that of the median of 20 samples is larger by their
part: with 0.85% and 2% within, process medians scatter by 0.95%."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from gradmark_report.statistics import Samples
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Machine:
    within: float = 0.02
    between: float = 0.0085
    tails: float = 4.0
    drift: float = 0.01
    walk: float = 0.001
    burst: float = 0.01
    storm: float = 0.002
    warm_up: float = 0.2

    def noisier(self, factor: float) -> "Machine":
        return replace(self, within=factor * self.within, between=factor * self.between)


def _tailed(rng: np.random.Generator, machine: Machine, sigma: float, shape: tuple[int, ...]) -> Floats:
    if np.isinf(machine.tails):
        return rng.normal(0, sigma, shape)
    return np.asarray(rng.standard_t(machine.tails, shape) * sigma / np.sqrt(machine.tails / (machine.tails - 2)))


def _slots(rng: np.random.Generator, pairs: int) -> NDArray[np.intp]:
    """pairs x 2: at which time the base's and the head's process of each pair ran."""
    slots = np.empty((pairs, 2), dtype=np.intp)
    head_first = False
    for pair in range(pairs):
        head_first = bool(rng.integers(2)) if pair % 2 == 0 else not head_first
        slots[pair] = [2 * pair + 1, 2 * pair] if head_first else [2 * pair, 2 * pair + 1]
    return slots


def comparison(
    rng: np.random.Generator,
    machine: Machine,
    *,
    rows: int = 60,
    pairs: int = 10,
    samples: int = 20,
    slowdowns: Mapping[int, float] | None = None,
) -> dict[str, tuple[Samples, Samples]]:
    """One whole comparison: `slowdowns` maps a row's index to the head's true ratio."""
    times = 2 * pairs
    drift = machine.drift * np.sin(2 * np.pi * (rng.random() + np.arange(times) / times * rng.uniform(0.25, 1)))
    drift += np.cumsum(rng.normal(0, machine.walk, times))
    slots = _slots(rng, pairs)
    shape = (rows, pairs, 2)
    logs = drift[slots] + _tailed(rng, machine, machine.between, shape)
    hit = (rng.random(shape) < machine.burst) | (rng.random((pairs, 2)) < machine.storm)
    logs = logs + np.where(hit, np.log(rng.uniform(1.3, 1.8, shape)), 0.0)
    for row, ratio in (slowdowns or {}).items():
        logs[row, :, 1] += np.log(ratio)
    x = np.exp(logs[..., None] + _tailed(rng, machine, machine.within, (*shape, samples)))
    x *= 1 + machine.warm_up * 3.0 ** -np.arange(samples)
    x *= rng.uniform(0.05, 5.0, rows)[:, None, None, None]
    return {f"row{row}": (list(x[row, :, 0]), list(x[row, :, 1])) for row in range(rows)}
