"""The plots in the order of the report, by the names that `gradmark-report svg --plot` knows."""

from collections.abc import Callable

from gradmark_report.plots import accuracy, attainable, roofline, scaling, sweep
from gradmark_report.plots.plot import Plot
from gradmark_report.result import Result

PLOTS: dict[str, Callable[[Result], Plot]] = {
    "sweep": sweep.make,
    "attainable": attainable.make,
    "scaling": scaling.make,
    "roofline": roofline.make,
    "accuracy": accuracy.make,
}
