"""Made-up comparisons whose truth is known.

The noise model: the time of a round is the row's level times

  exp(drift(t) + placement + burst + round),    times the head's slowdown of this row

- drift: of the machine, the same for all rows of a process; a wave of `drift` either way, as long as the run or longer,
  and a random walk of `walk` from one pair to the next. Both processes of a pair meet the same.
- placement: where a process's pages and code happen to lie; one value for each process and row, Student's t with
  `tails` degrees of freedom, scaled to the standard deviation `between`.
- burst: another tenant makes a whole process 30% too slow; of a single row with the chance `burst`, of all rows of a
  process with the chance `storm`.
- round: a neighbour's burst of a second or two makes a round 5 to 60% too slow, with the chance `busy`; else nothing
  but noise of the standard deviation `within`.

With the usual figures the logarithm of a pair's ratio scatters by 1%."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from gradmark_report.result import Placement, Round, Row, Time
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ROUNDS = 8


@dataclass(frozen=True)
class Machine:
    within: float = 0.01
    between: float = 0.005
    tails: float = 4.0
    drift: float = 0.03
    walk: float = 0.003
    burst: float = 0.01
    storm: float = 0.002
    busy: float = 0.25

    def noisier(self, factor: float) -> "Machine":
        return replace(self, within=factor * self.within, between=factor * self.between)


def row(
    rounds: Sequence[tuple[Sequence[float], str | None]],
    *,
    low: float | None = None,
    high: float | None = None,
    placement: Placement | None = None,
) -> Row:
    """One that took these rounds, each its samples and its state. Without `low` and `high` its interval is 1% to either
    side of its first sample."""
    made = tuple(Round(np.array(samples, dtype=np.float64), state) for samples, state in rounds)
    first = float(made[0].samples[0])
    time = Time(first, low or 0.99 * first, high or 1.01 * first, first, made)
    nothing = dict.fromkeys(Row.__dataclass_fields__)
    return Row(**{**nothing, "name": "adamw/f32/avx2/L2/t1", "time": time, "placement": placement})  # type: ignore[arg-type]


def rows(logs: Floats) -> list[Row]:
    """A process for each logarithm, whose rounds all took that; of a matrix, a process for each line of rounds."""
    lines = np.exp(logs if logs.ndim > 1 else np.tile(logs[:, None], ROUNDS))
    return [row([([one], None) for one in line]) for line in lines]


def _tailed(random: np.random.Generator, machine: Machine, sigma: float, shape: tuple[int, ...]) -> Floats:
    if np.isinf(machine.tails):
        return random.normal(0, sigma, shape)
    return np.asarray(random.standard_t(machine.tails, shape) * sigma / np.sqrt(machine.tails / (machine.tails - 2)))


def comparison(
    random: np.random.Generator,
    machine: Machine,
    *,
    count: int = 60,
    pairs: int = 10,
    slowdowns: Mapping[int, float] | None = None,
) -> list[tuple[list[Row], list[Row]]]:
    """One whole comparison of `count` rows: `slowdowns` maps a row's number to the head's true ratio."""
    drift = machine.drift * np.sin(2 * np.pi * (random.random() + np.arange(pairs) / pairs * random.uniform(0.25, 1)))
    drift += np.cumsum(random.normal(0, machine.walk, pairs))
    shape = (count, pairs, 2)
    logs = drift[:, None] + _tailed(random, machine, machine.between, shape)
    hit = (random.random(shape) < machine.burst) | (random.random((pairs, 2)) < machine.storm)
    logs = logs + np.where(hit, np.log(1.3), 0.0)
    for number, ratio in (slowdowns or {}).items():
        logs[number, :, 1] += np.log(ratio)
    each = (*shape, ROUNDS)
    busy = np.where(random.random(each) < machine.busy, np.log(random.uniform(1.05, 1.6, each)), 0.0)
    x = logs[..., None] + busy + random.normal(0, machine.within, each)
    return [(rows(one[:, 0]), rows(one[:, 1])) for one in x]
