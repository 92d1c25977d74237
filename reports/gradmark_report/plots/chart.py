"""What charts are made of: short figures, axes, layers, and how these become one. One view each, never several beside
one another: only a single view can be as wide as the page lets it."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
from altair.utils import schemapi
from numpy.typing import NDArray

from gradmark_report import faults
from gradmark_report.plots import controls
from gradmark_report.plots.plot import Control
from gradmark_report.plots.style import HALO, Styles

# Altair would hold every part of a chart against Vega-Lite's schema as it is made, and then the whole: half of a plot's
# time, to find what no file can bring about. The tests do it, for every chart that any of them makes.
schemapi.disable_debug_mode()

NOTHING = "Nothing was measured for this choice."
MOST_DOTS = 15  # raw samples drawn per point
ON_A_PHONE = "width < 420"  # in an expression: is the view as narrow as on a phone?

# ---- figures: short ones, because a page holds many thousands of them -----------------------------------------------


def short(value: float | None, digits: int = 5) -> float | None:
    """To so many significant digits, which is more than any measurement here has."""
    return None if value is None else float(f"{value:.{digits}g}")


def thinned(samples: NDArray[np.float64], most: int = MOST_DOTS) -> list[float]:
    """At most so many samples, evenly taken from the sorted ones, so that both extremes and the spread stay."""
    ordered = np.sort(samples)
    if ordered.size > most:
        ordered = ordered[np.linspace(0, ordered.size - 1, most).round().astype(int)]
    return [float(f"{sample:.4g}") for sample in ordered]


def means(points: Sequence[tuple[float, float, float]], most: int) -> list[tuple[float, float, float]]:
    """At most so many points: of more, neighbours become one, of which each figure is the mean. The first and the last
    stay as they are."""
    if len(points) <= most:
        return list(points)
    inner = np.array_split(np.array(points[1:-1], dtype=np.float64), most - 2)
    return [points[0], *((a, b, c) for a, b, c in (part.mean(axis=0).tolist() for part in inner)), points[-1]]


# ---- axes ------------------------------------------------------------------------------------------------------------

_SIZE_LABEL = (
    "datum.value < 1024 ? datum.value + ' B'"
    " : datum.value < 1048576 ? datum.value / 1024 + ' KiB'"
    " : datum.value < 1073741824 ? datum.value / 1048576 + ' MiB'"
    " : datum.value / 1073741824 + ' GiB'"
)


def working_set() -> alt.X:
    """The field `size`, bytes: logarithmic, with a tick at every power of four."""
    axis = alt.Axis(
        title="working set",
        values=[4**power for power in range(4, 22)],
        labelExpr=_SIZE_LABEL,
        labelOverlap=True,
        labelSeparation=8,
        grid=False,
    )
    return alt.X("size:Q", scale=alt.Scale(type="log", base=2, nice=False, padding=10), axis=axis)


def _ticks(low: int, high: int, *digits: float) -> list[float]:
    return [float(f"{digit}e{power}") for power in range(low, high + 1) for digit in digits]


def _log_ticks(channel: str, low: int, high: int) -> dict[str, Any]:
    """1, 2, 5, and more of them where the axis covers little more than a decade."""
    decades = f"log(domain('{channel}')[1] / domain('{channel}')[0]) / LN10"
    finely = _ticks(low, high, 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)
    values = f"{decades} < 1.2 ? {finely} : {_ticks(low, high, 1, 2, 5)}"
    return {"values": {"expr": values}, "labelOverlap": True, "labelSeparation": 4, "format": "~r"}


def logarithmic(
    channel: type[alt.X | alt.Y],
    field: str,
    title: str,
    *,
    low: int = -6,
    high: int = 7,
    grid: bool = True,
    **scale: Any,
) -> Any:
    """An axis with ticks between these powers of ten."""
    axis = alt.Axis(title=title, **_log_ticks(channel.__name__.lower(), low, high), grid=grid)
    return channel(f"{field}:Q", scale=alt.Scale(type="log", nice=False, **scale), axis=axis)


def decades(field: str, title: str, values: Sequence[float]) -> Any:
    """The same for a loss, which becomes as small as it can: of many decades some, as 1e-12."""
    first, last = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    if last - first <= 5:
        return logarithmic(alt.Y, field, title, low=first, high=last, padding=8)
    step = math.ceil((last - first) / 8)
    axis = alt.Axis(title=title, values=_ticks(first, last, 1)[::-step], format="~g")
    return alt.Y(f"{field}:Q", scale=alt.Scale(type="log", nice=False, padding=8), axis=axis)


# ---- layers ----------------------------------------------------------------------------------------------------------


def data(records: Iterable[Mapping[str, Any]]) -> alt.Chart:
    """Records as they are: equal ones become one dataset of the chart. A tuple, since Altair copies lists deeply at
    every step."""
    return alt.Chart(alt.InlineData(values=tuple(dict(record) for record in records)))


def tooltip(**fields: str | tuple[str, str]) -> list[alt.Tooltip]:
    """Of each field what it is called, and of a number its format."""
    return [
        alt.Tooltip(f"{field}:N", title=said)
        if isinstance(said, str)
        else alt.Tooltip(f"{field}:Q", title=said[0], format=said[1])
        for field, said in fields.items()
    ]


def room(bars: alt.Chart, field: str, narrow: float, wide: float, least: float = 0) -> alt.Chart:
    """Nothing to be seen: it makes room for the words at the longest bar's end, so many times its length."""
    chart: alt.Chart = (
        bars.transform_aggregate(end=f"max({field})")
        .transform_calculate(room=f"max({least}, datum.end * ({ON_A_PHONE} ? {narrow} : {wide}))")
        .mark_point(opacity=0)
        .encode(x="room:Q")
    )
    return chart


def title(expression: str, **mark: Any) -> alt.Chart:
    """What an axis is called that follows a parameter: no axis's own title can, a text beside it can."""
    chart: alt.Chart = data([{}]).transform_calculate(words=expression).mark_text(fontWeight=600, **mark)
    return chart.encode(text="words:N")


def names(rows: alt.Chart, **mark: Any) -> alt.Chart:
    """The field `name` of each row at the left end of its line, over what is drawn there."""
    chart: alt.Chart = rows.mark_text(align="left", baseline="middle", limit=460, **mark)
    return chart.encode(x=alt.value(0), text="name:N")


BAR: dict[str, Any] = {"height": 14, "yOffset": 8}  # of a bar whose name stands over it


def places() -> alt.Y:
    """The field `place`: rows of such bars, from the top."""
    return alt.Y("place:O", axis=None, scale=alt.Scale(paddingInner=0.1, paddingOuter=0.1))


def bar_words(bars: alt.Chart, field: str) -> list[alt.Chart]:
    """The name over each bar, and at its end what is said of it."""
    end = bars.mark_text(align="left", baseline="middle", dx=6, yOffset=8, fontSize=11)
    return [names(bars, dx=2, yOffset=-9, fontSize=12), end.encode(text=f"{field}:N")]


def intervals(
    points: alt.Chart, styles: Styles, channel: str, said: list[alt.Tooltip], size: int, **mark: Any
) -> list[alt.Chart]:
    """Each point upon the line from `low` to `high`."""
    line = points.mark_rule(strokeWidth=1.6, **mark).encode(
        color=styles.color(), **{channel: "low:Q", f"{channel}2": "high:Q"}
    )
    point = points.mark_point(opacity=1, size=size, strokeWidth=1.6, **mark).encode(tooltip=said, **styles.marks())
    return [line, point]


def with_halos(*texts: alt.Chart) -> list[alt.Chart]:
    """Upon their halos, so that what they lie on does not cross them."""
    halos = [text.copy() for text in texts]
    for halo in halos:
        halo.mark = alt.MarkDef(**{**halo.mark.to_dict(), **HALO})
    return [*halos, *texts]


def doubted(points: alt.Chart, at: str = "14") -> list[alt.Chart]:
    """A cross over each point that is not believable (the field `doubted`), and once what it says: at the right, at the
    height `at`."""
    here = points.transform_filter("datum.doubted")
    any_here = alt.Chart(points.data, transform=here.transform).transform_aggregate(count="count()")
    place: dict[str, Any] = {"x": alt.ExprRef("width - 6"), "y": alt.ExprRef(at), "align": "right"}
    return with_halos(
        here.mark_text(text="✕", fontSize=17, color="var(--bad)"),  # larger than any point
        any_here.transform_filter("datum.count > 0")
        .mark_text(**place, color="var(--bad)", fontSize=11)
        .encode(text=alt.value(f"✕ {faults.NOT_BELIEVABLE}")),
    )


def _nothing(source: Any, choices: Sequence[Control]) -> alt.Chart:
    """A sentence in the middle where the reader's choice leaves no record."""
    chart: alt.Chart = (
        alt.Chart(source)
        .transform_calculate(here=f"({controls.shown(choices)}) ? 1 : 0")
        .transform_aggregate(here="sum(here)")
        .transform_filter("datum.here === 0")
        .mark_text(color="var(--muted)", fontSize=13, x=alt.ExprRef("width / 2"), y=60)
        .encode(text=alt.value(NOTHING))
    )
    return chart


def layered(
    layers: Sequence[alt.Chart],
    records: alt.Chart,
    choices: Sequence[Control],
    height: int | alt.Step,
    key: Styles | None = None,
    **lists: Any,
) -> alt.LayerChart:
    """The chart of these layers, of which `records` are what the reader has chosen. `lists`: parameters for those
    expressions that take names from a list."""
    over = [*(key.key(records) if key else ()), *([_nothing(records.data, choices)] if choices else ())]
    params = {**{one.param: one.chosen for one in choices}, **lists}
    chart = alt.layer(*layers, *over).add_params(*(alt.param(name=name, value=value) for name, value in params.items()))
    assert isinstance(chart, alt.LayerChart)
    return chart.properties(width="container", height=height)
