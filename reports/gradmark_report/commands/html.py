"""Writes one HTML page that works offline: of one file the report, of several results of gradmark run the machines side
by side."""

import argparse

from gradmark_report import any_file
from gradmark_report.commands import form
from gradmark_report.document import Document
from gradmark_report.errors import BadInput, Exit
from gradmark_report.output import check_writable
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
    form.show(_document(arguments.files), "html", arguments)
    return Exit.PASS


def _document(files: list[str]) -> Document:
    results = []
    for file in files:
        read = any_file.read(file)
        if not isinstance(read, Training):
            results.append(with_times(read))
        elif len(files) > 1:
            raise BadInput(f"{shown_path(file)}: the result of a training makes a page of its own: give it alone")
        else:
            from gradmark_report.training import document

            return document.make(read, brief=False)
    if len(results) == 1:
        from gradmark_report import report

        return report.make(results[0])
    from gradmark_report.merge import cases
    from gradmark_report.merge import document as machines

    return machines.make(cases.fleet(results), brief=False)
