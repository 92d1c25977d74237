"""Where SIGMA_OF_MAD was."""

from gradmark_report.statistics.model import SIGMA_OF_MAD

__all__ = ["SIGMA_OF_MAD"]
