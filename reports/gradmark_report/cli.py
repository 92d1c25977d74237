"""The command gradmark-report: one module in commands/ for each of its commands, loaded when it is asked for."""

import argparse
import contextlib
import importlib
import io
import os
import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from gradmark_report import __version__
from gradmark_report.errors import Exit, ReportError
from gradmark_report.text import shown, shown_path

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

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
        _complain(f"{shown(message, 200)} (--help says more)")
        self.exit(Exit.USAGE)

    def print_help(self, file: "SupportsWrite[str] | None" = None) -> None:
        """argparse's own keeps silent where it cannot be printed."""
        print(self.format_help(), end="", file=file)


def _complain(message: str) -> None:
    """Exactly one line, whatever a file or an argument had in it."""
    print(f"gradmark-report: {shown(message, 280)}", file=sys.stderr)


def _give_up_output() -> None:
    """What is still unwritten goes nowhere, so that Python does not complain of it at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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


def _run(arguments: Sequence[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_usage(), file=sys.stdout if arguments else sys.stderr)
        return Exit.PASS if arguments else Exit.USAGE
    if arguments[0] == "--version":
        print(f"gradmark-report {__version__}")
        return Exit.PASS
    name = arguments[0]
    if name not in COMMANDS:
        _complain(f"there is no command '{shown(name)}'; there are {', '.join(COMMANDS)}")
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
    try:
        code = _run(sys.argv[1:] if argv is None else argv)
        sys.stdout.flush()
    except ReportError as error:
        _complain(str(error))
        return error.exit
    except BrokenPipeError:  # the reader of a pipe had enough; it did not see all, so that this is no PASS
        _give_up_output()
        return 128 + signal.SIGPIPE
    except OSError as error:  # such as a full disk behind what is printed
        _give_up_output()
        where = f"{shown_path(error.filename)}: " if isinstance(error.filename, str) else ""
        _complain(f"{where}{error.strerror or error}")
        return Exit.USAGE
    except MemoryError:
        _complain("there is not enough memory for this")
        return Exit.USAGE
    except KeyboardInterrupt:
        _complain("interrupted")
        return 128 + signal.SIGINT
    return code
