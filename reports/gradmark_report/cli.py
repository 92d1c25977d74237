"""The command gradmark-report: one module in commands/ for each of its commands, loaded when it is asked for."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from gradmark_report import __version__
from gradmark_report.errors import Exit, ReportError

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
        self.exit(Exit.USAGE, f"gradmark-report: {message} (--help says more)\n")


def _usage() -> str:
    lines = [f"  {name:<9} {what}" for name, what in COMMANDS.items()]
    return "\n".join(
        [
            "usage: gradmark-report COMMAND [OPTION...]",
            "",
            *lines,
            "",
            "Each explains itself with --help. --version prints the version.",
        ]
    )


def main(argv: Sequence[str] | None = None) -> int:
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_usage(), file=sys.stdout if arguments else sys.stderr)
        return Exit.PASS if arguments else Exit.USAGE
    if arguments[0] == "--version":
        print(f"gradmark-report {__version__}")
        return Exit.PASS
    name = arguments[0]
    if name not in COMMANDS:
        print(f"gradmark-report: there is no command '{name}'; there are {', '.join(COMMANDS)}", file=sys.stderr)
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
        code = int(command.run(parser.parse_args(arguments[1:])))
        sys.stdout.flush()
    except ReportError as error:
        print(f"gradmark-report: {error}", file=sys.stderr)
        return error.exit
    except BrokenPipeError:  # the reader of a pipe had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.PASS
    except KeyboardInterrupt:
        print("gradmark-report: interrupted; nothing was written", file=sys.stderr)
        return 130
    return code
