"""The options that `compare` and `gate` share, and what is made of them."""

import argparse
import math
from collections.abc import Callable

from gradmark_report.comparison import json_form, junit, markdown, sides, terminal
from gradmark_report.comparison.contrast import Contrast, contrast_of_paths
from gradmark_report.errors import BadInput
from gradmark_report.output import check_writable, write_whole
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
    parser.add_argument("-o", "--output", metavar="FILE", help="where to write it (default: the terminal)")
    parser.add_argument("--force", action="store_true", help="overwrite FILE if it exists")
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


def formatted(made: Contrast, arguments: argparse.Namespace) -> str:
    every_row: bool = arguments.all
    forms: dict[str, Callable[[], str]] = {
        "terminal": lambda: terminal.text(made, every_row=every_row),
        "md": lambda: markdown.text(made, every_row=every_row),
        "json": lambda: json_form.text(made),
        "junit": lambda: junit.text(made),
        "html": lambda: _page(made),
    }
    return forms[arguments.format]()


def _page(made: Contrast) -> str:
    from gradmark_report.comparison import html  # plots take their time to load

    return html.text(made)


def put(content: str, arguments: argparse.Namespace) -> None:
    if arguments.output:
        write_whole(arguments.output, content, force=arguments.force)
        print(f"{arguments.output} written")
    else:
        print(content, end="")


def refuse_page_on_terminal(arguments: argparse.Namespace) -> None:
    if arguments.format == "html" and not arguments.output:
        raise BadInput("a page goes into a file: --format html needs -o FILE")
