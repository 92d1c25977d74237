"""The plots in the order of the report, by the names that `gradmark-report svg --plot` knows."""

from collections.abc import Callable

from gradmark_report.plots import accuracy, attainable, confusion, curves, roofline, scaling, shares, speed, sweep
from gradmark_report.plots.plot import Plot
from gradmark_report.result import Result
from gradmark_report.training.model import Training

PLOTS: dict[str, Callable[[Result], Plot]] = {
    "sweep": sweep.make,
    "attainable": attainable.make,
    "scaling": scaling.make,
    "roofline": roofline.make,
    "accuracy": accuracy.make,
}

# None: the training has nothing of it.
TRAINING_PLOTS: dict[str, Callable[[Training], Plot | None]] = {
    "loss": curves.loss,
    "accuracy": curves.accuracy,
    "speed": speed.make,
    "kernels": shares.make,
    "confusion": confusion.make,
}
