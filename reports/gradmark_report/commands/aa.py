"""Tells from a trial (a folder that `scripts/compare --self` wrote) how far the verdicts can be trusted here: the rate
of false alarms between equal builds, and what was found of slowdowns put in on purpose. Its pairs are cut into
comparisons of 40, or all are one; six are needed at the least, since fewer have no verdict.

    aa results/self-*                    several trials count together

Exit codes: 0; 2 a wrong command, or a folder that is no trial."""

import argparse
from pathlib import Path

from gradmark_report import selection
from gradmark_report.commands import form
from gradmark_report.comparison import options, trial
from gradmark_report.errors import Exit
from gradmark_report.statistics import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folders", nargs="+", metavar="DIR", help="what scripts/compare --self wrote")
    form.add_output(parser, "where to write the table")
    parser.add_argument("--format", choices=("terminal", "md"), default="terminal", help="md: a table for a README")
    options.add_margin(parser)
    selection.add_arguments(parser, level=False)
    parser.add_argument(
        "--pairs",
        type=int,
        default=trial.PAIRS,
        metavar="N",
        help=f"of each comparison, at most (default: {trial.PAIRS})",
    )


def run(arguments: argparse.Namespace) -> int:
    folders = [Path(folder) for folder in arguments.folders]
    settings = Settings(margin=arguments.margin)
    made = trial.read(folders, settings, pairs=arguments.pairs, selection=selection.selection(arguments))
    form.show(trial.document(made), arguments.format, arguments)
    return Exit.PASS
