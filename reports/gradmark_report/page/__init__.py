"""One offline HTML page made of sections of blocks. Everything that reaches it is text: nothing here takes markup."""

from gradmark_report.page.blocks import (
    Answer,
    Block,
    Facts,
    Gallery,
    GalleryItem,
    Listing,
    Page,
    Picture,
    Section,
    Text,
)
from gradmark_report.page.render import render

__all__ = [
    "Answer",
    "Block",
    "Facts",
    "Gallery",
    "GalleryItem",
    "Listing",
    "Page",
    "Picture",
    "Section",
    "Text",
    "render",
]
