"""How implementations, levels and other names look in every plot: a colour, and never that alone.

An implementation has its shape too; a `_fast` one has that of its exact sibling, hollow, and its line is dashed."""

from collections.abc import Sequence
from itertools import cycle
from typing import Any

import altair as alt

SERIES = 10  # colours: var(--series-1), ...
UNLIKE = (3, 2, 7, 8, 5, 9, 1, 10, 4, 6)  # where names have no colours of their own: unlike ones first
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left")
_KNOWN = {  # the same in every plot; a `_fast` sibling has a lighter colour of the same hue
    "scalar": (1, "cross"),
    "autovec": (2, "triangle-down"),
    "avx2": (3, "circle"),
    "avx2_fast": (4, "circle"),
    "avx512": (5, "square"),
    "avx512_fast": (6, "square"),
    "neon": (7, "diamond"),
}
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


def _color(number: int) -> str:
    return f"var(--series-{number})"


def implementations(names: Sequence[str]) -> Styles:
    """What is not known takes, in order, the colours that are left, and first the shapes that nothing known has."""
    taken = {_KNOWN[name][0] for name in names if name in _KNOWN}
    colors = cycle([number for number in range(1, SERIES + 1) if number not in taken] or range(1, SERIES + 1))
    shapes = {base: shape for base, (_, shape) in _KNOWN.items()}
    free = cycle([*(shape for shape in SHAPES if shape not in shapes.values()), *SHAPES])
    styles = []
    for name in names:
        base = name.removesuffix("_fast")
        if base not in shapes:
            shapes[base] = next(free)
        color = _KNOWN[name][0] if name in _KNOWN else next(colors)
        styles.append((_color(color), shapes[base], name != base))
    return Styles("impl", names, styles)


def by_place(field: str, names: Sequence[str]) -> Styles:
    """Of what is known by its place alone: as many colours as there are, and other shapes with each round of them."""
    styles = []
    for number in range(len(names)):
        turn = number // SERIES
        shape = SHAPES[(number + turn) % len(SHAPES)]
        styles.append((_color(UNLIKE[number % SERIES]), shape, bool(turn % 2)))
    return Styles(field, names, styles)


def levels(names: Sequence[str]) -> Styles:
    return Styles("level", names, [(*LEVELS[name], False) for name in names])
