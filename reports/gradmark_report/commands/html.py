"""Writes one HTML page that works offline: of one file the report, of several results of gradmark run the machines side
by side."""

import argparse

from gradmark_report import any_file
from gradmark_report.commands import form
from gradmark_report.errors import BadInput, Exit
from gradmark_report.output import check_writable
from gradmark_report.page import Page, render
from gradmark_report.result_file import with_times
from gradmark_report.text import shown_path
from gradmark_report.training.model import Training


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="result files of gradmark run, or one of gradmark train"
    )
    form.add_output(parser, "the page to write", required=True)


def run(arguments: argparse.Namespace) -> int:
    check_writable(arguments.output, force=arguments.force)
    form.put(render(_page(arguments.files)), arguments)
    return Exit.PASS


def _page(files: list[str]) -> Page:
    results = []
    for file in files:
        read = any_file.read(file)
        if not isinstance(read, Training):
            results.append(with_times(read))
        elif len(files) > 1:
            raise BadInput(f"{shown_path(file)}: the result of a training makes a page of its own: give it alone")
        else:
            from gradmark_report.training import as_page

            return as_page.page(read)
    if len(results) == 1:
        from gradmark_report.report import page

        return page(results[0])
    from gradmark_report.merge import page as machines

    return machines(results, None, None)
