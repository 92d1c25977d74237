"""What a plot is: a chart for the eyes, and the same in words and in a table."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from gradmark_report.plots import theme

if TYPE_CHECKING:  # it takes its time to load, and tables do without
    import altair as alt


@dataclass(frozen=True)
class Column:
    title: str
    number: bool = False  # to be aligned and sorted as one
    code: bool = False  # a name of a program's: in a fixed-width font


@dataclass(frozen=True)
class Cell:
    """What is shown, and what it is sorted by where that is another thing (a duration in words, a percent)."""

    text: str
    sort: float | str | None = None
    mark: Literal["", "good", "bad", "doubt"] = ""


@dataclass(frozen=True)
class Table:
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Control:
    """A choice that the reader has: `param` is the Vega parameter that gets the chosen value (or list of values)."""

    param: str
    label: str
    options: Sequence[tuple[Any, str]]  # value, label
    chosen: Any  # what is shown first: a value; a list of values where the reader may choose many
    field: str = ""  # only records are shown whose field has the value, or one of the values

    @property
    def many(self) -> bool:
        return isinstance(self.chosen, list)


@dataclass(frozen=True)
class Plot:
    name: str  # of `gradmark-report svg --plot`
    title: str
    answer: str  # what it shows here, in one or two sentences made from the data
    reading: str  # how to read it: what a point, a line, a shade is
    chart: "alt.TopLevelMixin | None"  # None: there is nothing to draw, and `answer` says why
    table: Table
    controls: Sequence[Control] = field(default_factory=tuple)

    def spec(
        self, width: int | Literal["container"] = "container", chosen: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The Vega-Lite chart, with the theme and with a description for those who cannot see it. A page gives it the
        width of its container; a picture has no container and needs a number of pixels. `chosen`: values of parameters
        other than those that are shown first."""
        if self.chart is None:
            raise ValueError(f"the plot {self.name} has no chart")
        spec: dict[str, Any] = json.loads(self.chart.to_json(validate=False))
        spec["width"] = width
        if width == "container":
            # Laid out again whenever the reader's choice or the window changes: a key may then need more lines.
            spec["autosize"] = {"type": "fit-x", "contains": "padding", "resize": True}
        for param in spec.get("params", ()):
            if chosen and param["name"] in chosen:
                param["value"] = chosen[param["name"]]
        spec["config"] = theme.config()
        spec["description"] = f"{self.title}. {self.answer}"
        return spec
