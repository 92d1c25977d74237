"""How much ratios of equal builds scatter on this machine, from the processes of a comparison themselves."""

import math

import numpy as np

from gradmark_report.statistics.model import Floats
from gradmark_report.statistics.steady import SIGMA_OF_MAD

# A Hodges-Lehmann estimate of n normal values has the variance pi/3 sigma^2/n.
HODGES_LEHMANN = math.sqrt(math.pi / 3)


def noise_of_pairs(differences: Floats) -> float | None:
    """Standard deviation of d = ln(B/A) of one pair of processes of equal builds, from pairs of builds that may differ.

    A change moves every d alike, so that |d_i - d_j| of two pairs does not see it: sigma = 1.4826 median |d_i - d_j| /
    sqrt(2) over all i < j. It is what pairing leaves: processes that measured by turns share what the machine did
    meanwhile, and their d scatters far less than neighbouring processes of one build do."""
    i, j = np.triu_indices(len(differences), 1)
    apart = np.abs(differences[i] - differences[j])
    return float(SIGMA_OF_MAD * np.median(apart) / math.sqrt(2)) if len(apart) else None


def pair_noise(base: Floats, head: Floats) -> float | None:
    """The same where there are no pairs; None where no side has two processes.

    Of each side, e_j = ln(m_(j+1)/m_j) compares neighbouring processes of one and the same build, as far apart in time
    as pairs are or further, and so scatters as ln(B/A) does: twice the variance of one process, and of a drift the part
    between neighbours. Its expectation is zero, so sigma = 1.4826 median |e_j| over both sides; a burst spoils two of
    the e_j and does not move a median."""
    logs = [np.diff(np.log(side)) for side in (base, head)]
    differences = np.abs(np.concatenate(logs))
    return float(SIGMA_OF_MAD * np.median(differences)) if len(differences) else None


def ratio_noise(of_a_pair: float, base: int, head: int) -> float:
    """Standard deviation, as a fraction, of the ratio that a comparison of so many processes estimates.

    sqrt(pi/3) sigma/sqrt(n) for n pairs. Unpaired, one process has the variance sigma^2/2, and the shift between two
    sides (1/n_A + 1/n_B) of it, which for equal sides is the same."""
    return math.expm1(HODGES_LEHMANN * of_a_pair * math.sqrt((1 / base + 1 / head) / 2))
