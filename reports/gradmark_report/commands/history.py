"""A folder of result files over time: the trend of every row, and where it changed."""

import argparse
from pathlib import Path

from rich.console import Console

from gradmark_report import selection
from gradmark_report.errors import BadInput, Exit, NotComparable
from gradmark_report.history import folder, points
from gradmark_report.output import check_writable, write_whole
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
    parser.add_argument("-o", "--output", metavar="FILE", help="where to write (a name ending in .html: the page)")
    parser.add_argument("--force", action="store_true", help="overwrite it if it exists")
    parser.add_argument("--format", choices=("terminal", "md", "json", "html"), help="default: by the name after -o")
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
    kind = format_of(arguments.format, arguments.output)
    check_writable(arguments.output, force=arguments.force)
    chosen = selection.selection(arguments)
    read = folder.read(arguments.folder, strict=arguments.strict)
    found = [points.last(machine, arguments.last) for machine in points.machines(read.results)]
    long_enough = [machine for machine in found if len(machine.points) > 1]
    name = one_line(harmless(str(Path(arguments.folder))))
    if not long_enough:
        raise BadInput(
            f"{name}: a history needs two revisions of one machine, and there is one of {_each(found)}"
            + (f"; {len(read.skipped)} broken files were skipped" if read.skipped else "")
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
    notes = [
        *read.skipped,
        *(f"{machine.name}: one revision alone, which has no history" for machine in found if len(machine.points) < 2),
    ]
    every_row = arguments.rows == "all"
    if kind == "terminal":
        from gradmark_report.history import terminal

        if arguments.output:
            raise BadInput("--format terminal is for the terminal; with -o choose md, json or html")
        terminal.show(Console(highlight=False, markup=False, emoji=False), histories, notes, every_row=every_row)
        return Exit.PASS
    if kind == "md":
        from gradmark_report.history import as_markdown

        made = as_markdown.page(histories, notes, every_row=every_row)
    elif kind == "json":
        from gradmark_report.history import as_json

        made = as_json.text(histories, notes)
    else:
        from gradmark_report.history import as_page
        from gradmark_report.page import render

        if not arguments.output:
            raise BadInput("a page needs a file: -o FILE.html")
        made = render(as_page.page(histories, notes, name))
    if arguments.output:
        write_whole(arguments.output, made, force=arguments.force)
        print(f"{arguments.output} written")
    else:
        print(made, end="")
    return Exit.PASS


def _each(machines: list[points.Machine]) -> str:
    return "each machine" if len(machines) > 1 else machines[0].name


def format_of(asked: str | None, output: str | None) -> str:
    """What was asked for, else what the name of the file says, else the terminal."""
    if asked:
        return asked
    if output is None:
        return "terminal"
    ending = Path(output).suffix.lower()
    known = {".html": "html", ".htm": "html", ".md": "md", ".json": "json"}
    if ending not in known:
        raise BadInput(f"{output}: its name does not say what to write; --format does: md, json or html")
    return known[ending]
