"""Several machines in one report: which is best for what, and per euro where a price is given."""

import argparse
import math

from gradmark_report import json_file, selection
from gradmark_report.commands import form
from gradmark_report.errors import BadInput, Exit
from gradmark_report.result_file import read_with_times


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="result files, one for each machine")
    form.add_arguments(parser)
    parser.add_argument(
        "--price", action="append", default=[], metavar="HOST=EUR_PER_HOUR", help="a price, once for each machine"
    )
    parser.add_argument(
        "--name", action="append", default=[], metavar="FILE=LABEL", help="what to call the machine of a file"
    )
    parser.add_argument(
        "--rows", choices=("headline", "all"), default="headline", help="in the terminal (default: headline)"
    )
    parser.add_argument("--common", action="store_true", help="only what was measured on every machine")
    selection.add_arguments(parser)


def _pairs(option: str, given: list[str], what: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in given:
        name, equals, value = one.rpartition("=") if option == "--price" else one.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise BadInput(f"{option}: '{one}' is not {what}")
        if name.strip() in found:
            raise BadInput(f"{option}: '{name.strip()}' stands twice")
        found[name.strip()] = value.strip()
    return found


def _prices(given: list[str]) -> dict[str, float]:
    found = {}
    for host, text in _pairs("--price", given, "HOST=EUR_PER_HOUR").items():
        try:
            price = float(text)
        except ValueError:
            price = math.nan
        if not (math.isfinite(price) and price > 0):
            raise BadInput(f"--price: '{text}' euros per hour for '{host}' is no price; a positive number is")
        found[host] = price
    return found


def run(arguments: argparse.Namespace) -> int:
    kind = form.form(arguments)
    prices, named = _prices(arguments.price), _pairs("--name", arguments.name, "FILE=LABEL")
    chosen = selection.selection(arguments)
    if len(arguments.files) < 2:
        raise BadInput("one result file is one machine: to put machines side by side takes two or more")
    # What costs time, the statistics and the plots, is loaded when it is known to be needed.
    from gradmark_report.merge import cases, machines

    results = [read_with_times(path) for path in arguments.files]
    labels = machines.labels(results, named)
    fleet = cases.fleet(results, labels, prices, chosen, only_common=arguments.common)
    if kind == "json":
        from gradmark_report.merge import as_json

        form.put(json_file.written(as_json.document(fleet)), arguments)
        return Exit.PASS
    from gradmark_report.merge import document

    everything = kind == "terminal" and (arguments.rows == "all" or bool(chosen.levels))
    form.show(document.make(fleet, brief=kind != "html", everything=everything), kind, arguments)
    return Exit.PASS
