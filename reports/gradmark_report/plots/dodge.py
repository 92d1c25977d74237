"""Labels beside their points that do not lie on one another: Vega places them only without looking."""

from collections.abc import Sequence
from dataclasses import dataclass

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
    for a narrow view: in a wide one points are farther from one another, and nothing that was apart meets again."""
    placed = [0.0] * len(labels)
    top, bottom = LINE, height - LINE
    for column in columns(labels):
        blocks: list[tuple[float, list[int]]] = []  # each a stack of labels, by the middle that they would like
        for index in sorted(column, key=lambda i: labels[i].y):
            stack, middle = [index], labels[index].y
            while blocks and middle - LINE * len(stack) / 2 < blocks[-1][0] + LINE * len(blocks[-1][1]) / 2:
                stack = blocks.pop()[1] + stack
                middle = sum(labels[i].y for i in stack) / len(stack)
                half = LINE * len(stack) / 2
                middle = max(min(middle, bottom - half), top + half)
            blocks.append((middle, stack))
        for middle, stack in blocks:
            for place, index in enumerate(stack):
                placed[index] = middle + LINE * (place - (len(stack) - 1) / 2)
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
