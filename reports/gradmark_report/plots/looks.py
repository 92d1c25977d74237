"""How implementations and levels look in every plot: a colour, and never that alone.

An implementation has its shape too; a `_fast` one has that of its exact sibling, hollow, and its line is dashed."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from gradmark_report.plots import theme

SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left")
_KNOWN = {"scalar": "cross", "autovec": "triangle-down", "avx2": "circle", "avx512": "square", "neon": "diamond"}
LEVELS = {
    "L1": ("var(--series-9)", "triangle-up"),
    "L2": ("var(--series-2)", "circle"),
    "L3": ("var(--series-3)", "square"),
    "DRAM": ("var(--series-5)", "diamond"),
}
PAGE = "var(--page)"
LONGEST_NAME = 150  # pixels of a name in a key: what is longer is cut with an ellipsis


def is_fast(impl: str) -> bool:
    return impl.endswith("_fast")


class Looks:
    """Of names (implementations, or levels): scales for the channels of a mark, which agree in every layer."""

    def __init__(self, field: str, names: Sequence[str], styles: Sequence[tuple[str, str, bool]]) -> None:
        self.field = field
        self.names = list(names)
        self.colors = [color for color, _, _ in styles]
        self.shapes = [shape for _, shape, _ in styles]
        self.hollow = [hollow for _, _, hollow in styles]

    def _scale(self, values: Sequence[Any]) -> alt.Scale:
        return alt.Scale(domain=self.names, range=list(values))

    def color(self) -> alt.Color:
        return alt.Color(f"{self.field}:N", scale=self._scale(self.colors), legend=None)

    def stroke(self) -> alt.Stroke:
        return alt.Stroke(f"{self.field}:N", scale=self._scale(self.colors), legend=None)

    def fill(self) -> alt.Fill:
        fills = [PAGE if hollow else color for color, hollow in zip(self.colors, self.hollow, strict=True)]
        return alt.Fill(f"{self.field}:N", scale=self._scale(fills), legend=None)

    def shape(self) -> alt.Shape:
        return alt.Shape(f"{self.field}:N", scale=self._scale(self.shapes), legend=None)

    def dash(self) -> alt.StrokeDash:
        dashes = [[5, 3] if hollow else [1, 0] for hollow in self.hollow]
        return alt.StrokeDash(f"{self.field}:N", scale=self._scale(dashes), legend=None)

    def marks(self) -> dict[str, Any]:
        """The channels of a point."""
        return {"fill": self.fill(), "stroke": self.stroke(), "shape": self.shape()}

    def key(self, source: alt.InlineData, shown: str) -> list[alt.Chart]:
        """The key over the plot: only what the filter `shown` leaves, in as many columns as the width has."""
        cell = 26 + min(LONGEST_NAME, round(6.7 * max(len(name) for name in self.names)))
        place = (
            alt.Chart(source)
            .transform_filter(shown)
            .transform_aggregate(order=f"min({self.field}_order)", groupby=[self.field])
            .transform_window(number="row_number()", sort=[alt.SortField("order")])
            .transform_joinaggregate(total="count()")
            .transform_calculate(columns=f"max(1, floor(width / {cell}))")
            .transform_calculate(
                left=f"((datum.number - 1) % datum.columns) * {cell} + 6",
                top="-18 * (ceil(datum.total / datum.columns) - floor((datum.number - 1) / datum.columns)) + 4",
            )
        )
        # Not as channels: a second scale for y would take the step away from charts whose height is in steps.
        at: dict[str, Any] = {"x": alt.ExprRef("datum.left"), "y": alt.ExprRef("datum.top")}
        return [
            place.mark_point(size=70, opacity=1, strokeWidth=1.7, **at).encode(**self.marks()),
            place.mark_text(align="left", dx=9, baseline="middle", limit=LONGEST_NAME, **at).encode(
                text=f"{self.field}:N"
            ),
        ]


def implementations(names: Sequence[str]) -> Looks:
    colors = theme.series(list(names))
    free = [shape for shape in SHAPES if shape not in _KNOWN.values()] + list(SHAPES)
    shapes: dict[str, str] = {}
    for name in names:
        base = name.removesuffix("_fast")
        if base not in shapes:
            shapes[base] = _KNOWN.get(base) or free[len(set(shapes) - set(_KNOWN)) % len(free)]
    return Looks("impl", names, [(colors[name], shapes[name.removesuffix("_fast")], is_fast(name)) for name in names])


def lines(field: str, names: Sequence[str]) -> Looks:
    """Of what is known by its place alone: as many colours as there are, and other shapes with each round of them."""
    styles = []
    for number in range(len(names)):
        turn = number // theme.SERIES
        shape = SHAPES[(number + turn) % len(SHAPES)]
        styles.append((f"var(--series-{theme.LINES[number % theme.SERIES]})", shape, bool(turn % 2)))
    return Looks(field, names, styles)


def levels(names: Sequence[str]) -> Looks:
    return Looks("level", names, [(*LEVELS[name], False) for name in names])
