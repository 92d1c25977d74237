"""The command gradmark-report: one module in commands/ for each of its commands, loaded when it is asked for."""

import argparse
import importlib
import io
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from gradmark_report import __version__
from gradmark_report.ending import code_of, complain
from gradmark_report.errors import Exit
from gradmark_report.text import shown

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

NAME = "gradmark-report"
COMMANDS = {
    "html": "one page that answers, works offline and can be mailed",
    "md": "a Markdown page for a pull request or a README",
    "svg": "one plot as a static SVG or PNG",
    "compare": "two sets of result files: what differs, and whether it is faster or slower",
    "gate": "the same for machines: exit codes 0 to 4",
    "aa": "the tool tried on itself: its false alarms and what it finds",
    "history": "a folder of result files over time, with changepoints",
    "merge": "several machines side by side",
}


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        complain(NAME, f"{shown(message, 200)} (--help says more)")
        self.exit(Exit.USAGE)

    def print_help(self, file: "SupportsWrite[str] | None" = None) -> None:
        """argparse's own keeps silent where it cannot be printed."""
        print(self.format_help(), end="", file=file)


def _usage() -> str:
    commands = "\n".join(f"  {name:<9} {what}" for name, what in COMMANDS.items())
    return (
        f"usage: gradmark-report COMMAND [OPTION...]\n\n{commands}\n\n"
        "Each explains itself with --help. --version prints the version."
    )


def _run(arguments: Sequence[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_usage(), file=sys.stdout if arguments else sys.stderr)
        return Exit.PASS if arguments else Exit.USAGE
    if arguments[0] == "--version":
        print(f"gradmark-report {__version__}")
        return Exit.PASS
    name = arguments[0]
    if name not in COMMANDS:
        complain(NAME, f"there is no command '{shown(name)}'; there are {', '.join(COMMANDS)}")
        return Exit.USAGE
    command = importlib.import_module(f"gradmark_report.commands.{name}")
    parser = Parser(
        prog=f"gradmark-report {name}",
        description=command.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.add_arguments(parser)
    try:
        parsed = parser.parse_args(arguments[1:])
    except SystemExit as done:  # --help, or a wrong option, which has been complained of
        return int(done.code or Exit.PASS)
    return int(command.run(parsed))


def main(argv: Sequence[str] | None = None) -> int:
    for stream in (sys.stdout, sys.stderr):  # a terminal that cannot show a sign shows its number
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    return code_of(NAME, lambda: _run(sys.argv[1:] if argv is None else argv))
