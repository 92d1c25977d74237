"""How implementations, levels and other names look in every plot: a colour, and never that alone.

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
# Of a text, so that no line crosses it.
HALO: dict[str, Any] = {"stroke": PAGE, "strokeWidth": 4, "strokeJoin": "round"}
LONGEST_NAME = 150  # pixels of a name in a key: what is longer is cut with an ellipsis


class Styles:
    """Of the names that a field has: scales for the channels of a mark, which agree in every layer."""

    def __init__(self, field: str, names: Sequence[str], styles: Sequence[tuple[str, str, bool]]) -> None:
        self.field = field
        self.names = list(names)
        self.colors = [color for color, _, _ in styles]
        self.shapes = [shape for _, shape, _ in styles]
        self.hollow = [hollow for _, _, hollow in styles]

    def _channel(self, kind: Any, values: Sequence[Any]) -> Any:
        return kind(f"{self.field}:N", scale=alt.Scale(domain=self.names, range=list(values)), legend=None)

    def color(self) -> alt.Color:
        return self._channel(alt.Color, self.colors)

    def outlined(self) -> dict[str, Any]:
        """The channels of what has an area: hollow ones have the page's colour within."""
        fills = [PAGE if hollow else color for color, hollow in zip(self.colors, self.hollow, strict=True)]
        return {"fill": self._channel(alt.Fill, fills), "stroke": self._channel(alt.Stroke, self.colors)}

    def marks(self) -> dict[str, Any]:
        """The channels of a point."""
        return {**self.outlined(), "shape": self._channel(alt.Shape, self.shapes)}

    def line(self) -> dict[str, Any]:
        """The channels of a line."""
        dashes = [[5, 3] if hollow else [1, 0] for hollow in self.hollow]
        return {"color": self.color(), "strokeDash": self._channel(alt.StrokeDash, dashes)}

    def key(self, records: alt.Chart) -> list[alt.Chart]:
        """The key over the plot, in as many columns as the width has. Vega's own legends have every name of the scale,
        of a training many more than are drawn; this one has the names of these records."""
        cell = 26 + min(LONGEST_NAME, round(6.7 * max(len(name) for name in self.names)))
        place = (
            records.transform_aggregate(here="count()", groupby=[self.field])
            .transform_calculate(order=f"indexof({self.field}_names, datum.{self.field})")
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
        point = place.mark_point(size=70, opacity=1, strokeWidth=1.7, **at).encode(**self.marks())
        name = place.mark_text(align="left", dx=9, baseline="middle", limit=LONGEST_NAME, **at)
        names = alt.param(name=f"{self.field}_names", value=self.names)
        return [point.add_params(names), name.encode(text=f"{self.field}:N")]


def implementations(names: Sequence[str]) -> Styles:
    colors = theme.series(list(names))
    free = [shape for shape in SHAPES if shape not in _KNOWN.values()] + list(SHAPES)
    shapes: dict[str, str] = {}
    for name in names:
        base = name.removesuffix("_fast")
        if base not in shapes:
            shapes[base] = _KNOWN.get(base) or free[len(set(shapes) - set(_KNOWN)) % len(free)]
    styles = [(colors[name], shapes[name.removesuffix("_fast")], name.endswith("_fast")) for name in names]
    return Styles("impl", names, styles)


def by_place(field: str, names: Sequence[str]) -> Styles:
    """Of what is known by its place alone: as many colours as there are, and other shapes with each round of them."""
    styles = []
    for number in range(len(names)):
        turn = number // theme.SERIES
        shape = SHAPES[(number + turn) % len(SHAPES)]
        styles.append((f"var(--series-{theme.LINES[number % theme.SERIES]})", shape, bool(turn % 2)))
    return Styles(field, names, styles)


def levels(names: Sequence[str]) -> Styles:
    return Styles("level", names, [(*LEVELS[name], False) for name in names])
