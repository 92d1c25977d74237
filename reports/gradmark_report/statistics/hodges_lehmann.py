"""Hodges and Lehmann's estimates: the middle of what pairs of values say, a median's robustness at nearly a mean's
precision. Along the last axis, for any number of samples at once."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

F = TypeVar("F", np.float32, np.float64)


def walsh_averages(d: NDArray[F]) -> NDArray[F]:
    """(d_i + d_j)/2 for all i <= j, sorted."""
    i, j = np.triu_indices(d.shape[-1])
    sums = d[..., i] + d[..., j]
    sums.sort(axis=-1)  # a full sort is vectorised where a selection is not, and faster at this size
    sums /= 2
    return sums


def differences(base: NDArray[F], head: NDArray[F]) -> NDArray[F]:
    """b_j - a_i for all i and j, sorted."""
    all_of_them = head[..., :, None] - base[..., None, :]
    flat = all_of_them.reshape(*all_of_them.shape[:-2], -1)
    flat.sort(axis=-1)
    return flat


def middle(ordered: NDArray[F]) -> NDArray[F]:
    count = ordered.shape[-1]
    middle_two: NDArray[F] = ordered[..., (count - 1) // 2] + ordered[..., count // 2]
    middle_two /= 2
    return middle_two
