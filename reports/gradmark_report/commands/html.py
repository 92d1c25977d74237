"""Writes one HTML page that works offline: of one result file the report, of several the machines side by side."""

import argparse

from gradmark_report.commands import form
from gradmark_report.errors import Exit
from gradmark_report.output import check_writable
from gradmark_report.page import render
from gradmark_report.result_file import read_with_times


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="result files of gradmark run -o")
    form.add_output(parser, "the page to write", required=True)


def run(arguments: argparse.Namespace) -> int:
    check_writable(arguments.output, force=arguments.force)
    results = [read_with_times(path) for path in arguments.files]
    if len(results) == 1:
        from gradmark_report.report import page

        made = page(results[0])
    else:
        from gradmark_report.merge import page as machines

        made = machines(results, None, None)
    form.put(render(made), arguments)
    return Exit.PASS
