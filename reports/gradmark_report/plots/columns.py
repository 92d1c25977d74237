"""Tables of records: each column says what it is called and how it makes its cell of a record."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from gradmark_report import words
from gradmark_report.plots.plot import Cell, Column, Table

Record = TypeVar("Record")
Made = tuple[Column, Callable[[Record], Cell]]


def name(title: str, of: Callable[[Record], str]) -> Made[Record]:
    return Column(title, code=True), lambda record: Cell(of(record))


def text(title: str, of: Callable[[Record], str | None]) -> Made[Record]:
    return Column(title), lambda record: Cell(words.UNKNOWN if (found := of(record)) is None else found)


def number(
    title: str, of: Callable[[Record], float | None], form: Callable[..., str] = words.significant
) -> Made[Record]:
    return Column(title, number=True), lambda record: Cell(form(of(record)), of(record))


def whole(value: float | None) -> str:
    """7 -> 7; 12345 -> 12,345"""
    return words.UNKNOWN if value is None else f"{value:,}"


def cell(title: str, of: Callable[[Record], Cell], *, is_number: bool = False) -> Made[Record]:
    return Column(title, number=is_number), of


def table(columns: Sequence[Made[Record]], records: Iterable[Record]) -> Table:
    return Table([column for column, _ in columns], [[of(record) for _, of in columns] for record in records])
