"""Layers of charts, and how they become one. One view each, never several beside one another: only a single view can be
as wide as the page lets it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import altair as alt
from altair.utils import schemapi

from gradmark_report import faults
from gradmark_report.plots import choices
from gradmark_report.plots.plot import Control

# Altair would hold every part of a chart against Vega-Lite's schema as it is made, and then the whole: half of a plot's
# time, to find what no file can bring about. The tests do it, for every chart that any of them makes.
schemapi.disable_debug_mode()

NOTHING = "Nothing was measured for this choice."


def data(records: Iterable[Mapping[str, Any]]) -> alt.InlineData:
    """Records as they are: equal ones become one dataset of the chart. A tuple, since Altair copies lists deeply at
    every step."""
    return alt.InlineData(values=tuple(dict(record) for record in records))


def nothing(source: alt.InlineData, shown: str) -> alt.Chart:
    """A sentence in the middle where the reader's choice leaves no record."""
    chart: alt.Chart = (
        alt.Chart(source)
        .transform_calculate(here=f"({shown}) ? 1 : 0")
        .transform_aggregate(here="sum(here)")
        .transform_filter("datum.here === 0")
        .mark_text(color="var(--muted)", fontSize=13, x=alt.ExprRef("width / 2"), y=60)
        .encode(text=alt.value(NOTHING))
    )
    return chart


def doubted(points: alt.Chart, x: alt.X, y: alt.Y, at: str = "14", **offset: Any) -> list[alt.Chart]:
    """A cross over each point that is not believable (the field `doubted`), and once what it says: at the right, at the
    height `at`."""
    here = points.transform_filter("datum.doubted")
    any_here = here.transform_aggregate(count="count()").transform_filter("datum.count > 0")
    cross = {"text": "✕", "fontSize": 17, "color": "var(--bad)"}  # larger than any point
    said: dict[str, Any] = {"align": "right", "color": "var(--bad)", "fontSize": 11}
    drawn = []
    for halo in ({"stroke": "var(--page)", "strokeWidth": 4, "strokeJoin": "round"}, {}):
        drawn += [
            here.mark_text(**cross, **halo).encode(x=x, y=y, **offset),
            any_here.mark_text(**said, **halo, x=alt.ExprRef("width - 6"), y=alt.ExprRef(at)).encode(
                text=alt.value(f"✕ {faults.NOT_BELIEVABLE}")
            ),
        ]
    return drawn


def drawn(layers: Sequence[alt.Chart], controls: Iterable[Control], height: int | alt.Step) -> alt.LayerChart:
    chart = alt.layer(*layers).add_params(*choices.params(controls))
    assert isinstance(chart, alt.LayerChart)
    return chart.properties(width="container", height=height)
