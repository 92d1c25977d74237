"""The options that `compare` and `gate` share, and what is made of them."""

import argparse
import math

from gradmark_report.commands import form
from gradmark_report.commands.form import put
from gradmark_report.comparison import document, json_form, junit, sides
from gradmark_report.comparison.contrast import Contrast, contrast_of_paths
from gradmark_report.document import terminal
from gradmark_report.errors import BadInput
from gradmark_report.output import check_writable
from gradmark_report.statistics import Settings

MARGIN = 0.03
FORMATS = ("terminal", "md", "json", "junit", "html")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="A",
        help="result files, or folders of them (each file one process): A B, or A... vs B...",
    )
    parser.add_argument("--format", choices=FORMATS, default="terminal", help="terminal is the default")
    form.add_output(parser, "where to write it (default: the terminal)")
    parser.add_argument(
        "--margin",
        type=percent,
        default=MARGIN,
        metavar="PERCENT",
        help="a change within it does not count (default: 3)",
    )
    parser.add_argument("--filter", metavar="RE", help="only rows whose name matches")
    parser.add_argument(
        "--looks",
        type=_looks,
        default=1,
        metavar="N",
        help="how often the verdicts were to be looked at while the processes ran (default: 1, only now)",
    )
    parser.add_argument("--all", action="store_true", help="every row, those in which nothing was seen, too")


def percent(text: str) -> float:
    try:
        value = float(text.removesuffix("%"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of percent") from None
    if not (math.isfinite(value) and 0 < value <= 100):
        raise argparse.ArgumentTypeError(f"{text} percent is no margin: it lies above 0 and is at most 100")
    return value / 100


def _looks(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of looks: it is a whole number from 1 to 1000")
    return int(text)


def make(arguments: argparse.Namespace) -> Contrast:
    check_writable(arguments.output, force=arguments.force)
    base, head = sides.split(arguments.paths)
    settings = Settings(margin=arguments.margin, looks=arguments.looks)
    return contrast_of_paths(base, head, settings, wanted=arguments.filter)


def show(made: Contrast, arguments: argparse.Namespace) -> None:
    """In the form that was asked for, into the file that was named, else on the terminal."""
    kind = arguments.format
    if kind in ("json", "junit"):
        put((json_form if kind == "json" else junit).text(made), arguments)
        return
    brief = kind != "html"
    shown = document.make(made, brief=brief, every_row=not brief or arguments.all)
    if kind == "terminal" and arguments.output:
        put(terminal.text(shown), arguments)
    else:
        form.show(shown, kind, arguments)


def refuse_page_on_terminal(arguments: argparse.Namespace) -> None:
    if arguments.format == "html" and not arguments.output:
        raise BadInput("a page goes into a file: --format html needs -o FILE")
