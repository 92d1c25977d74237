"""Writes a Markdown page of one result file, for a pull request or a README."""

import argparse

from gradmark_report import any_file, report, selection
from gradmark_report.commands import form
from gradmark_report.document import Document
from gradmark_report.errors import BadInput, Exit, NotComparable
from gradmark_report.output import check_writable
from gradmark_report.result import Result
from gradmark_report.result_file import with_times
from gradmark_report.text import shown_path
from gradmark_report.training.model import Training


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="result file of gradmark run or gradmark train")
    form.add_output(parser, "where to write the page (default: the terminal)")
    selection.add_arguments(parser)
    parser.add_argument(
        "--rows",
        choices=("best", "all"),
        default="best",
        help="best: the best of each op, of a training the best run's kernels (default); all: every row, every run's",
    )


def run(arguments: argparse.Namespace) -> int:
    check_writable(arguments.output, force=arguments.force)
    chosen = selection.selection(arguments)
    read, everything = any_file.read(arguments.file), arguments.rows == "all"
    made = _training(read, chosen, everything) if isinstance(read, Training) else _run(read, chosen, everything)
    form.show(made, "md", arguments)
    return Exit.PASS


def _run(read: Result, chosen: selection.Selection, everything: bool) -> Document:
    result = with_times(read)
    if not chosen.of(result.levels):
        raise NotComparable(f"{shown_path(result.path)}: none of its timed rows matches {chosen}")
    return report.make(result, brief=True, selection=chosen, all_rows=everything)


def _training(training: Training, chosen: selection.Selection, everything: bool) -> Document:
    if str(chosen):
        name = shown_path(training.path)
        raise BadInput(f"{name}: {chosen} chooses rows, and this is the result of a training, which has none")
    from gradmark_report.training import document  # with plots, which take their time to load

    return document.make(training, brief=True, every_run=everything)
