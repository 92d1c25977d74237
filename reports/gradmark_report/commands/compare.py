"""Compares two sets of result files: what differs in their circumstances, and which rows became faster or slower.

    compare before.json after.json            two paths are a side each: files, or folders of files
    compare a1.json a2.json vs b1.json b2.json

The first side is the base. Each file is one process; a verdict needs some ten of a side, and is surest where they ran
by turns, as scripts/compare runs them. Exit codes: 0 compared, whatever came out (gate judges); 2 a wrong command or
a broken file; 4 the sides have nothing in common."""

import argparse

from gradmark_report.comparison import options
from gradmark_report.errors import Exit


def add_arguments(parser: argparse.ArgumentParser) -> None:
    options.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    options.refuse_page_on_terminal(arguments)
    made = options.make(arguments)
    options.show(made, arguments)
    return Exit.PASS
