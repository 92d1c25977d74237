"""Options that comparisons and campaigns share."""

import argparse
from collections.abc import Callable

from gradmark_report.statistics import Settings


def add_margin(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--margin",
        type=lambda text: number("percent", "is no margin", 100)(text.removesuffix("%")) / 100,
        default=Settings.margin,
        metavar="PERCENT",
        help="a change within it does not count (default: 3)",
    )


def number(unit: str, refused: str, most: float) -> Callable[[str], float]:
    """For argparse: one above 0 and not above `most`. What is not is refused in these words."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"'{text}' is no number of {unit}") from None
        if not 0 < value <= most:
            raise argparse.ArgumentTypeError(f"{text} {unit} {refused}: it lies above 0 and is at most {most:g}")
        return value

    return read


def whole(unit: str, most: int) -> Callable[[str], int]:
    """For argparse: a count from 1 to `most`."""

    def read(text: str) -> int:
        if not text.isdecimal() or not 1 <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"'{text}' is no number of {unit}: it is a whole number from 1 to {most}")
        return int(text)

    return read
