"""What a command says, as sections of blocks, and the three ways to show it: html, markdown and terminal. Everything
that reaches them is plain text, and they escape it: nothing here takes markup."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from gradmark_report.plots.plot import Plot, Table


@dataclass(frozen=True)
class Text:
    paragraphs: Sequence[str]
    kind: Literal["plain", "note", "good", "bad", "doubt"] = "plain"


@dataclass(frozen=True)
class Answer:
    """The sentences that matter, each led by a word or two in bold."""

    points: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Facts:
    """Label and value, in two columns; `mark` colours the value where it says something is not as it should be. Folded
    away, where that can be done and there is a caption for it."""

    facts: Sequence[tuple[str, str]]
    marks: dict[str, Literal["good", "bad", "doubt"]] = field(default_factory=dict)  # by label
    caption: str = ""
    copied: str = ""  # the label of a command: in Markdown a block of code, which can be copied as it is


@dataclass(frozen=True)
class Listing:
    """A sortable table; folded away under its caption where `folded`. On a terminal rows whose names (op/dtype/...) are
    of one op stand under it where `by_op`."""

    caption: str
    table: Table
    folded: bool = False
    by_op: bool = False


@dataclass(frozen=True)
class Picture:
    """An SVG that another program drew. It is shown as an image, so that nothing in it can run."""

    svg: bytes
    description: str


@dataclass(frozen=True)
class GalleryItem:
    png: bytes
    description: str  # for who cannot see it
    caption: str


@dataclass(frozen=True)
class Gallery:
    """Small pictures beside one another, each with a line under it."""

    label: str
    items: Sequence[GalleryItem]


Block = Text | Answer | Facts | Listing | Picture | Gallery | Plot


@dataclass(frozen=True)
class Section:
    id: str  # for links within the page
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Document:
    """Pictures, galleries and plots are for pages alone, and what is folded away is not for a terminal, where the
    answer comes last."""

    title: str
    subtitle: str
    sections: Sequence[Section]
    footer: Sequence[str] = ()
