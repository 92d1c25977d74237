"""Which rows a command is about: what --filter and --level leave of them."""

import argparse
import re
from collections.abc import Iterable
from dataclasses import dataclass

from gradmark_report.errors import BadInput
from gradmark_report.result import LEVELS, Row


@dataclass(frozen=True)
class Selection:
    pattern: re.Pattern[str] | None = None
    levels: tuple[str, ...] = ()  # none named: all

    def __contains__(self, row: Row) -> bool:
        return (not self.levels or row.level in self.levels) and (
            self.pattern is None or self.pattern.search(row.name) is not None
        )

    def of(self, rows: Iterable[Row]) -> list[Row]:
        return [row for row in rows if row in self]

    def __str__(self) -> str:
        """What stands in a sentence about what was left out; empty where nothing was."""
        parts = [f"--filter '{self.pattern.pattern}'"] if self.pattern else []
        return " ".join([*parts, *([f"--level {','.join(self.levels)}"] if self.levels else [])])


def add_arguments(parser: argparse.ArgumentParser, *, level: bool = True) -> None:
    parser.add_argument(
        "--filter",
        metavar="RE",
        help="only rows whose name (op/dtype/impl/level/threads) has a match of this expression",
    )
    if level:
        parser.add_argument("--level", metavar="L1,L2,L3,DRAM", help="only rows at these levels")


def selection(arguments: argparse.Namespace) -> Selection:
    pattern = None
    if arguments.filter is not None:
        try:
            pattern = re.compile(arguments.filter)
        except re.error as error:
            raise BadInput(f"--filter: '{arguments.filter}' is no regular expression: {error}") from None
    levels = tuple(name.strip() for name in (getattr(arguments, "level", None) or "").split(",") if name.strip())
    for name in levels:
        if name not in LEVELS:
            raise BadInput(f"--level: there is no level '{name}'; there are {', '.join(LEVELS)}")
    return Selection(pattern, levels)
