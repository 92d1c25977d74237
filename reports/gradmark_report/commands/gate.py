"""Judges two sets of result files: did anything become slower? For a CI: a short answer and an exit code.

    gate before/ after/
    gate a1.json a2.json vs b1.json b2.json

Exit codes: 0 pass (faster passes, too); 1 regression: a row is slower, or failed its proof in the head alone; 2 a wrong
command or a broken file; 3 under --strict, a row has no verdict; 4 the sides have nothing in common."""

import argparse

from rich.text import Text

from gradmark_report.commands import compare
from gradmark_report.comparison import summary
from gradmark_report.console import terminal
from gradmark_report.errors import Exit

_STYLES = {Exit.PASS: "bold green", Exit.REGRESSION: "bold red", Exit.INCONCLUSIVE: "bold yellow"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    compare.add_arguments(parser)
    parser.add_argument("--strict", action="store_true", help="a row without a verdict does not pass (exit code 3)")


def run(arguments: argparse.Namespace) -> int:
    made = compare.make(arguments)
    code, sentence = summary.judged(made, strict=arguments.strict)
    if arguments.output or arguments.format != "terminal":
        compare.show(made, arguments)
    if arguments.output or arguments.format == "terminal":
        console = terminal()
        for line in summary.grounds(made):
            console.print(Text(line))
        console.print(Text(sentence, _STYLES[code]))
    return code
