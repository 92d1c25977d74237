"""What a command says, as sections of blocks, and the three ways to show it: html, markdown and terminal. Everything
that reaches them is text: nothing here takes markup."""

from gradmark_report.document.blocks import (
    Answer,
    Block,
    Document,
    Facts,
    Gallery,
    GalleryItem,
    Listing,
    Picture,
    Section,
    Text,
)

__all__ = [
    "Answer",
    "Block",
    "Document",
    "Facts",
    "Gallery",
    "GalleryItem",
    "Listing",
    "Picture",
    "Section",
    "Text",
]
