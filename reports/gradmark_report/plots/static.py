"""A chart as a picture that needs nothing: SVG or PNG, in light colours."""

from collections.abc import Mapping
from typing import Any

import vl_convert

from gradmark_report.plots import theme
from gradmark_report.plots.plot import Plot

WIDTH = 720  # pixels of the drawing, without axes
VEGA_LITE = "6.4"  # the newest that the pinned vl-convert has; its bundle in the page is the same


def _spec(plot: Plot, chosen: Mapping[str, Any], subtitle: str) -> dict[str, Any]:
    spec = plot.spec(WIDTH, chosen)
    spec["background"] = theme.LIGHT["page"]
    spec["padding"] = 12
    spec["title"] = {"text": plot.title, "subtitle": subtitle, "offset": 14, "subtitleColor": "var(--muted)"}
    return dict(theme.literal(spec, theme.LIGHT))


def svg(plot: Plot, chosen: Mapping[str, Any] | None = None, subtitle: str = "") -> str:
    """`subtitle` names what a page shows by its controls."""
    return vl_convert.vegalite_to_svg(_spec(plot, chosen or {}, subtitle), vl_version=VEGA_LITE)


def png(plot: Plot, chosen: Mapping[str, Any] | None = None, subtitle: str = "", scale: float = 2) -> bytes:
    return vl_convert.vegalite_to_png(_spec(plot, chosen or {}, subtitle), vl_version=VEGA_LITE, scale=scale)
