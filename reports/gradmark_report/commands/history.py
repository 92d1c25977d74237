"""A folder of result files over time: the trend of every row, and where it changed."""

import argparse
from pathlib import Path

from gradmark_report import json_file, selection, words
from gradmark_report.commands import form
from gradmark_report.errors import BadInput, Exit, NotComparable
from gradmark_report.history import folder, points
from gradmark_report.text import harmless, one_line


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 2:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of revisions; a history needs two or more")
    return number


def _percent(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 100:
        raise argparse.ArgumentTypeError(f"'{text}' is no percentage from 0 to 100")
    return number


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", help="a folder of result files, one or more for each revision")
    form.add_arguments(parser)
    parser.add_argument("--last", type=_positive, metavar="N", help="only the last N revisions of each machine")
    parser.add_argument(
        "--rows",
        choices=("changed", "all"),
        default="changed",
        help="in the terminal and in Markdown (default: changed)",
    )
    parser.add_argument(
        "--least",
        type=_percent,
        default=1.0,
        metavar="PERCENT",
        help="changes of a level smaller than this are not reported (default: 1)",
    )
    parser.add_argument("--strict", action="store_true", help="a broken file in the folder is an error, not skipped")
    selection.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    kind = form.form(arguments)
    chosen = selection.selection(arguments)
    read = folder.read(arguments.folder, strict=arguments.strict)
    found = [points.last(machine, arguments.last) for machine in points.machines(read.results)]
    long_enough = [machine for machine in found if len(machine.points) > 1]
    name = one_line(harmless(str(Path(arguments.folder))))
    if not long_enough:
        raise BadInput(
            f"{name}: a history needs two revisions of one machine, and there is one of {_each(found)}"
            + (f"; {words.plural(len(read.skipped), 'broken file')} skipped" if read.skipped else "")
            + "".join(f"; {said.rstrip('.')}" for said in read.left_out)
        )
    # What costs time, the statistics and the plots, is loaded when it is known to be needed.
    from gradmark_report.history import trends
    from gradmark_report.history.findings import History

    histories = [
        History(machine, tuple(trends.trends(machine, chosen, arguments.least / 100))) for machine in long_enough
    ]
    if not any(history.trends for history in histories):
        also = f" that match {chosen}" if str(chosen) else ""
        raise NotComparable(f"{name}: its revisions have no rows in common{also}")
    alone = [f"{one.name}: one revision alone, which has no history." for one in found if len(one.points) < 2]
    left_out = [*read.left_out, *alone]
    if kind == "json":
        from gradmark_report.history import as_json

        form.put(json_file.written(as_json.document(histories, read.skipped, left_out)), arguments)
        return Exit.PASS
    from gradmark_report.history import document

    brief = kind != "html"
    made = document.make(
        histories, read.skipped, left_out, name, brief=brief, every_row=not brief or arguments.rows == "all"
    )
    form.show(made, kind, arguments)
    return Exit.PASS


def _each(machines: list[points.Machine]) -> str:
    return "each machine" if len(machines) > 1 else machines[0].name
