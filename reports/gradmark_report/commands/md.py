"""Writes a Markdown page of one result file, for a pull request or a README."""

import argparse

from gradmark_report import md_page, selection
from gradmark_report.commands import form
from gradmark_report.errors import Exit, NotComparable
from gradmark_report.output import check_writable
from gradmark_report.result_file import read_with_times


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="result file of gradmark run -o")
    form.add_output(parser, "where to write the page (default: the terminal)")
    selection.add_arguments(parser)
    parser.add_argument(
        "--rows", choices=("best", "all"), default="best", help="best: the best of each op (default); all: every row"
    )


def run(arguments: argparse.Namespace) -> int:
    check_writable(arguments.output, force=arguments.force)
    chosen = selection.selection(arguments)
    result = read_with_times(arguments.file)
    if not chosen.of(result.levels):
        raise NotComparable(f"{arguments.file}: none of its timed rows matches {chosen}")
    form.put(md_page.page(result, chosen, every_row=arguments.rows == "all"), arguments)
    return Exit.PASS
