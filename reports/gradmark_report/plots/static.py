"""A chart as a picture that needs nothing: SVG or PNG, in light colours."""

from typing import Any

import vl_convert

from gradmark_report.plots import theme
from gradmark_report.plots.plot import Plot

VEGA_LITE = "6.4"  # the newest that the pinned vl-convert has; its bundle in the page is the same


def _spec(plot: Plot, *, background: bool) -> dict[str, Any]:
    spec = plot.spec()
    spec["background"] = theme.LIGHT["page"] if background else None
    return dict(theme.literal(spec, theme.LIGHT))


def svg(plot: Plot) -> str:
    return vl_convert.vegalite_to_svg(_spec(plot, background=True), vl_version=VEGA_LITE)


def png(plot: Plot, scale: float = 2) -> bytes:
    return vl_convert.vegalite_to_png(_spec(plot, background=True), vl_version=VEGA_LITE, scale=scale)
