"""In which form a command shows what it made, and where it goes."""

import argparse
from pathlib import Path

from gradmark_report import console
from gradmark_report.document import Document, markdown, terminal
from gradmark_report.errors import BadInput
from gradmark_report.output import check_writable, write_whole

FORMS = ("terminal", "md", "json", "html")
_ENDINGS = {".html": "html", ".htm": "html", ".md": "md", ".json": "json"}


def add_output(parser: argparse.ArgumentParser, help_: str, *, required: bool = False) -> None:
    parser.add_argument("-o", "--output", required=required, metavar="FILE", help=help_)
    parser.add_argument("--force", action="store_true", help="overwrite it if it exists")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_output(parser, "where to write (a name ending in .html: the page)")
    parser.add_argument("--format", choices=FORMS, help="default: by the name after -o")


def form(arguments: argparse.Namespace) -> str:
    """One of FORMS: what was asked for, else what the name of the file says, else the terminal. Raises BadInput where
    that cannot be, before any work is done."""
    asked, output = arguments.format, arguments.output
    chosen: str = asked or ("terminal" if output is None else _ENDINGS.get(Path(output).suffix.lower(), ""))
    if not chosen:
        raise BadInput(f"{output}: its name does not say what to write; --format does: md, json or html")
    if chosen == "terminal" and output is not None:
        raise BadInput("--format terminal is for the terminal; with -o choose md, json or html")
    if chosen == "html" and output is None:
        raise BadInput("a page needs a file: -o FILE.html")
    check_writable(output, force=arguments.force)
    return chosen


def show(made: Document, kind: str, arguments: argparse.Namespace) -> None:
    """In the form `kind`, which is not json."""
    if kind == "terminal":
        terminal.show(made, console.terminal())
    elif kind == "md":
        put(markdown.render(made), arguments)
    else:
        from gradmark_report.document import html  # takes its time to load

        put(html.render(made), arguments)


def put(made: str, arguments: argparse.Namespace) -> None:
    """Into the file that was named, else on the terminal."""
    if arguments.output is None:
        print(made, end="")
        return
    write_whole(arguments.output, made, force=arguments.force)
    print(f"{arguments.output} written")
