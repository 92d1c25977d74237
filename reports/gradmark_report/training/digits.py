"""What was taken for another class, as pictures: PNG of grey pixels, made without any library for pictures."""

import struct
import zlib

from gradmark_report import words
from gradmark_report.document import Gallery, GalleryItem
from gradmark_report.training.model import Run, Wrong

SCALE = 3  # pixels of the picture for one of the data: readers that enlarge pictures blur them


def png(one: Wrong) -> bytes:
    """Dark on white, as ink is."""
    rows = []
    for row in range(one.rows):
        line = bytes(
            255 - value for value in one.pixels[row * one.columns : (row + 1) * one.columns] for _ in range(SCALE)
        )
        rows += [b"\0" + line] * SCALE  # 0: no filter

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", one.columns * SCALE, one.rows * SCALE, 8, 0, 0, 0, 0)  # 8 bits, grey
    image = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"".join(rows), 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + image


def _a(label: int) -> str:
    """a 4, an 8"""
    number = str(abs(label))
    return f"{'an' if label >= 0 and (number[0] == '8' or label in (11, 18)) else 'a'} {label}"


def description(one: Wrong) -> str:
    """a 4 taken for a 9, 71% sure"""
    sure = "" if one.confidence is None else f", {words.percent(100 * one.confidence)} sure"
    return f"{_a(one.label)} taken for {_a(one.predicted)}{sure}"


def gallery(run: Run) -> Gallery:
    """The surest mistakes first."""
    ordered = sorted(run.wrong, key=lambda one: -(one.confidence or 0.0))
    items = []
    for one in ordered:
        sure = "" if one.confidence is None else f" {words.percent(100 * one.confidence)}"
        items.append(GalleryItem(png(one), description(one), f"{one.label} → {one.predicted}{sure}"))
    return Gallery("Pictures that were taken for another class", items)
