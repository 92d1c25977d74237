"""Compares two sets of result files: what differs in their circumstances, and which rows became faster or slower.

    compare before.json after.json            two paths are a side each: files, or folders of files
    compare a1.json a2.json vs b1.json b2.json

The first side is the base. Each file is one process; a verdict needs some ten of a side, and is surest where they ran
by turns, as scripts/compare runs them. Exit codes: 0 compared, whatever came out (gate judges); 2 a wrong command or
a broken file; 4 the sides have nothing in common."""

import argparse

from gradmark_report import selection
from gradmark_report.commands import form
from gradmark_report.comparison import document, json_form, junit, options, sides
from gradmark_report.comparison.comparison import Comparison, compare_sides
from gradmark_report.document import terminal
from gradmark_report.errors import BadInput, Exit
from gradmark_report.output import check_writable
from gradmark_report.statistics import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="A",
        help="result files, or folders of them (each file one process): A B, or A... vs B...",
    )
    parser.add_argument(
        "--format",
        choices=("terminal", "md", "json", "junit", "html"),
        default="terminal",
        help="terminal is the default",
    )
    form.add_output(parser, "where to write it (default: the terminal)")
    options.add_margin(parser)
    selection.add_arguments(parser, level=False)
    parser.add_argument(
        "--looks",
        type=options.whole("looks", 1000),
        default=1,
        metavar="N",
        help="how often the verdicts were to be looked at while the processes ran (default: 1, only now)",
    )
    parser.add_argument("--all", action="store_true", help="every row, those in which nothing was seen, too")


def make(arguments: argparse.Namespace) -> Comparison:
    if arguments.format == "html" and not arguments.output:
        raise BadInput("a page goes into a file: --format html needs -o FILE")
    check_writable(arguments.output, force=arguments.force)
    base, head = sides.split(arguments.paths)
    settings = Settings(margin=arguments.margin, looks=arguments.looks)
    return compare_sides(sides.read_sides(base, head), settings, selection.selection(arguments))


def show(made: Comparison, arguments: argparse.Namespace) -> None:
    """In the form that was asked for, into the file that was named, else on the terminal."""
    kind = arguments.format
    if kind in ("json", "junit"):
        form.put((json_form if kind == "json" else junit).text(made), arguments)
        return
    brief = kind != "html"
    shown = document.make(made, brief=brief, every_row=not brief or arguments.all)
    if kind == "terminal" and arguments.output:
        form.put(terminal.text(shown), arguments)
    else:
        form.show(shown, kind, arguments)


def run(arguments: argparse.Namespace) -> int:
    show(make(arguments), arguments)
    return Exit.PASS
