"""What an effect amounts to.

Two things must hold before a change is called, and they answer two questions:

- Is there a change at all? The p-value against a ratio of 1, adjusted for all rows of the comparison (Holm for a gate:
  no false alarm anywhere; Benjamini-Hochberg for a report: few of those named are false), must not exceed the alpha of
  a look.
- Does it matter? The row's own interval of that level must lie wholly beyond the margin.

The adjustment guards against many unchanged rows, of which one looks changed by chance. How large a change is, is asked
of one row at a time, and so is sameness. An interval widened for m rows, too, would guard against rows that did change
by just the margin; with sixty rows and ten pairs it would miss about half of all slowdowns of 5%.

The interval that a table shows is not adjusted for anything: it is this row's own, of level 1-alpha. With one look it
is also the one that is held against the margin."""

import math
from functools import cache

import numpy as np
from scipy.special import ndtri, stdtrit

from gradmark_report.statistics.effect import Effect
from gradmark_report.statistics.model import Floats, Settings, Verdict

POWER = 0.8  # the pairs that are said to decide a row do so this often, if the truth is what was estimated
MOST_PAIRS = 10_000  # beyond, nobody waits for it


_EVEN = np.arange(2, MOST_PAIRS + 1, 2)


@cache
def _quantiles(alpha: float) -> Floats:
    """Student's t, two-sided, for every number of pairs in _EVEN."""
    return np.asarray(stdtrit(_EVEN - 1, 1 - alpha / 2))


def decide(effect: Effect, p_adjusted: float, margin: float, settings: Settings) -> Verdict:
    low, high = effect.interval(settings.alpha_of_a_look)
    limit = math.log1p(margin)
    changed = p_adjusted <= settings.alpha_of_a_look
    if changed and low > limit:
        return Verdict.SLOWER
    if changed and high < -limit:
        return Verdict.FASTER
    if -limit < low and high < limit:
        return Verdict.SAME
    if changed and (low > 0 or high < 0):
        return Verdict.SMALL_CHANGE
    return Verdict.INCONCLUSIVE


def pairs_to_decide(
    effect: Effect, pairs: int, rows: int, margin: float, noise: float | None, settings: Settings
) -> int | None:
    """The smallest even number of pairs, more than there are, at which a verdict other than inconclusive is expected.

    The estimate stays, its error shrinks with the root of the number, and so does the noise that a margin may rest on.
    Decided means: the interval leaves out 1 and passes Bonferroni's bound for this many rows, or lies within the
    margin; both with Student's t for the number, and far enough for POWER."""
    error = effect.error
    if not math.isfinite(error):
        return None
    n = _EVEN[pairs // 2 :]
    errors = error * np.sqrt(pairs / n)
    limit = np.log1p(
        np.full(len(n), margin) if noise is None else np.maximum(settings.margin, 2 * noise * np.sqrt(pairs / n))
    )
    alpha = settings.alpha_of_a_look
    reach = float(ndtri(POWER))
    size = abs(effect.value)
    same = size + (_quantiles(alpha)[pairs // 2 :] + reach) * errors < limit
    changed = size > (_quantiles(alpha / max(rows, 1))[pairs // 2 :] + reach) * errors
    decided = np.flatnonzero(same | changed)
    return int(n[decided[0]]) if len(decided) else None
