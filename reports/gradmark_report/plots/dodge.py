"""Labels beside their points that do not lie on one another: Vega places them only without looking."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LINE = 13.0  # pixels of a line of text
LETTER = 6.2  # pixels of a letter, on average
GAP = 8.0  # between a point and its label


@dataclass(frozen=True)
class Label:
    x: float  # pixels of its point
    y: float
    letters: int
    left: bool = False  # the text ends at the point, rather than beginning there

    def reach(self) -> tuple[float, float]:
        width = GAP + LETTER * self.letters
        return (self.x - width, self.x) if self.left else (self.x, self.x + width)


def apart(labels: Sequence[Label], height: float) -> list[float]:
    """A y for each label of a view so high: in the order of their points, as near to them as the others let it. Made
    for a narrow view: in a wide one points are farther from one another, and nothing that was apart meets again. Where
    there are more than fit below one another, they stand closer than their height."""
    placed = [0.0] * len(labels)
    for column in columns(labels):
        order = sorted(column, key=lambda i: labels[i].y)
        lines = min(LINE, (height - 2 * LINE) / max(len(order) - 1, 1)) * np.arange(len(order))
        wanted = np.array([labels[i].y for i in order]) - lines
        # Between where each would be if those above it pushed it down, and if those below it pushed it up.
        down, up = np.maximum.accumulate(wanted), np.minimum.accumulate(wanted[::-1])[::-1]
        middle = np.clip((down + up) / 2, LINE, height - LINE - lines[-1]) + lines
        for index, y in zip(order, middle, strict=True):
            placed[index] = float(y)
    return placed


def columns(labels: Sequence[Label]) -> list[list[int]]:
    """Labels whose texts share a stretch of the x axis, directly or by way of others."""
    found: list[list[int]] = []
    end = float("-inf")
    for index in sorted(range(len(labels)), key=lambda i: labels[i].reach()[0]):
        if labels[index].reach()[0] >= end:
            found.append([])
        found[-1].append(index)
        end = max(end, labels[index].reach()[1])
    return found
