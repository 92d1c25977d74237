"""One plot of a result file as a static picture: SVG, or PNG where the output file is called so."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gradmark_report import any_file
from gradmark_report.errors import BadInput, Exit
from gradmark_report.output import check_writable, write_whole
from gradmark_report.plots import static
from gradmark_report.plots.catalog import PLOTS, TRAINING_PLOTS
from gradmark_report.plots.chart import NOTHING
from gradmark_report.plots.plot import Control, Plot
from gradmark_report.record import Record
from gradmark_report.result import Result
from gradmark_report.text import one_line
from gradmark_report.training.model import Training
from gradmark_report.words import listed, plural


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a result file of gradmark run or gradmark train")
    parser.add_argument(
        "--plot",
        metavar="NAME",
        required=True,
        help=f"one of {', '.join(PLOTS)}; of a training one of {', '.join(TRAINING_PLOTS)}",
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="a new .svg or .png file (default: SVG to stdout)")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="what to show, as in the HTML report's controls: --set op=adamw/f32 --set impls=avx2,avx512; "
        "a wrong one lists what there is",
    )
    parser.add_argument("--force", action="store_true", help="overwrite the output file")


def run(arguments: argparse.Namespace) -> int:
    suffix = Path(arguments.output).suffix.lower() if arguments.output else ".svg"
    if suffix not in (".svg", ".png"):
        raise BadInput(f"{arguments.output}: a picture's name ends in .svg or .png")
    check_writable(arguments.output, force=arguments.force)
    result = any_file.read(arguments.file)
    plot = _plot(result, arguments.plot)
    chosen = choose(plot, arguments.set)
    subtitle = describe(plot, chosen, result)
    picture = static.svg(plot, chosen, subtitle)
    if NOTHING in picture:
        what = listed([f"{name}={_written(value)}" for name, value in chosen.items()])
        raise BadInput(f"nothing was measured for {what}")
    if suffix == ".png":
        write_whole(arguments.output, static.png(plot, chosen, subtitle), force=arguments.force)
    elif arguments.output:
        write_whole(arguments.output, picture, force=arguments.force)
    else:
        sys.stdout.write(picture + "\n")
    return Exit.PASS


def _plot(result: Result | Training, name: str) -> Plot:
    known = list(TRAINING_PLOTS if isinstance(result, Training) else PLOTS)
    if name not in known:
        raise BadInput(f"there is no plot '{_shown(name)}'; there are {listed(known)}")
    plot = TRAINING_PLOTS[name](result) if isinstance(result, Training) else PLOTS[name](result)
    if plot is None or plot.chart is None:
        why = plot.answer.rstrip(".") if plot else "this training has nothing of it"
        raise BadInput(f"there is nothing to draw: {why}")
    return plot


def _shown(text: str) -> str:
    return one_line(text)[:80]


def choose(plot: Plot, settings: Sequence[str]) -> dict[str, Any]:
    """What is shown: the plot's own choice with the reader's NAME=VALUEs over it, the last of one name."""
    controls = {control.param: control for control in plot.controls}
    chosen = {control.param: control.chosen for control in plot.controls}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals:
            raise BadInput(f"--set takes NAME=VALUE, not '{_shown(setting)}'")
        if name not in controls:
            raise BadInput(
                f"the plot {plot.name} has nothing called '{_shown(name)}' to set; it has {listed(list(controls))}"
            )
        chosen[name] = _value(controls[name], text)
    return chosen


def _value(control: Control, text: str) -> Any:
    """The value of which this is the text or the label."""
    options: dict[str, Any] = {}
    for value, label in control.options:
        options.setdefault(_written(value), value)
        options.setdefault(label, value)
    several = control.many and text not in options
    wanted = [part for part in text.split(",") if part] if several else [text]
    wrong = next((part for part in wanted if part not in options), None)
    if wrong is not None or not wanted:
        there = listed([_written(value) for value, _ in control.options], "or")
        raise BadInput(f"{control.param} cannot be '{_shown(wrong or text)}' in this file; it can be {there}")
    values = [options[part] for part in wanted]
    return values if control.many else values[0]


def _written(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(_written, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def describe(plot: Plot, chosen: dict[str, Any], record: Record) -> str:
    """What is chosen, in words, and on what it was measured."""
    parts = []
    for control in plot.controls:
        labels, value = dict(control.options), chosen[control.param]
        if control.many:
            parts.append(listed([labels[one] for one in value]) if len(value) < len(labels) else "")
        elif isinstance(value, bool):
            parts.append("" if value else f"{control.label} {labels[value]}")
        else:
            parts.append(labels[value])
    rows = plural(len(plot.table.rows), "row")
    return (", ".join(filter(None, parts)) or rows) + f" – {record.processor}"
