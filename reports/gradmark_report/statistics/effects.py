"""The effect of every row: rows of equal shape are resampled together."""

import math
from collections.abc import Sequence

import numpy as np

from gradmark_report.statistics import bootstrap, hodges_lehmann, ranks
from gradmark_report.statistics.effect import Effect, RankEffect, StudentEffect
from gradmark_report.statistics.model import Floats, Settings
from gradmark_report.statistics.row import Row

FEWEST_RESAMPLED = 8  # processes a side from which on the bootstrap holds
# Below, the exact rank interval where one exists at 95%: from six pairs on (2/2^6 = 3%; five: 6%), or, unpaired, from
# four processes a side (2/70 = 3%; three: 10%).
FEWEST_PAIRS = 6
FEWEST_UNPAIRED = 4


def fewest(*, paired: bool) -> int:
    return FEWEST_PAIRS if paired else FEWEST_UNPAIRED


def _exact(row: Row) -> Effect:
    if row.paired:
        return RankEffect(hodges_lehmann.walsh_averages(row.differences), ranks.signed_rank(row.pairs))
    small, large = sorted((len(row.base), len(row.head)))
    return RankEffect(hodges_lehmann.differences(row.base.logs, row.head.logs), ranks.rank_sum(small, large))


def _medians(rows: Sequence[Row], settings: Settings) -> tuple[Floats, Floats]:
    """rows x processes x MEDIANS of either side."""
    found = []
    for sides in ([row.base for row in rows], [row.head for row in rows]):
        table = bootstrap.resampled_medians([one.samples for side in sides for one in side.processes], settings.seed)
        found.append(table.reshape(len(rows), -1, bootstrap.MEDIANS))
    return found[0], found[1]


def _freedom(base: Floats, head: Floats) -> float:
    """Welch's degrees of freedom of a difference between two sides of their own variances."""
    a, b = (float(np.var(side, ddof=1)) / len(side) for side in (base, head))
    if a + b == 0:
        return float(min(len(base), len(head)) - 1)
    return (a + b) ** 2 / (a**2 / (len(base) - 1) + b**2 / (len(head) - 1))


def _resampled(rows: Sequence[Row], settings: Settings) -> list[Effect]:
    medians = _medians(rows, settings)
    if rows[0].paired:
        d = np.stack([row.differences for row in rows])
        values = hodges_lehmann.middle(hodges_lehmann.walsh_averages(d))
        errors = bootstrap.paired_errors(d, *medians, settings)
        freedom = [float(row.pairs - 1) for row in rows]
    else:
        base = np.stack([row.base.logs for row in rows])
        head = np.stack([row.head.logs for row in rows])
        values = hodges_lehmann.middle(hodges_lehmann.differences(base, head))
        errors = bootstrap.unpaired_errors(base, head, *medians, settings)
        freedom = [_freedom(a, b) for a, b in zip(base, head, strict=True)]
    return [StudentEffect(float(v), float(e), f) for v, e, f in zip(values, errors, freedom, strict=True)]


def effects(rows: Sequence[Row], settings: Settings) -> list[Effect | None]:
    """None where there are too few processes for any interval, or no steady state."""
    found: list[Effect | None] = [None] * len(rows)
    by_shape: dict[tuple[int, int], list[int]] = {}
    for index, row in enumerate(rows):
        if row.unstable or row.pairs < fewest(paired=row.paired):
            continue
        if row.pairs < FEWEST_RESAMPLED:
            found[index] = _exact(row)
        else:
            by_shape.setdefault((len(row.base), len(row.head)), []).append(index)
    for indexes in by_shape.values():
        for index, effect in zip(indexes, _resampled([rows[index] for index in indexes], settings), strict=True):
            found[index] = effect
    return found


def estimate(row: Row) -> float:
    """The log ratio alone; nan without a process on either side."""
    if not row.pairs:
        return math.nan
    ordered = (
        hodges_lehmann.walsh_averages(row.differences)
        if row.paired
        else hodges_lehmann.differences(row.base.logs, row.head.logs)
    )
    return float(hodges_lehmann.middle(ordered))
