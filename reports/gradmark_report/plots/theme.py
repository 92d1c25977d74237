"""Colours, one place for all plots and pages.

A chart names colours as CSS variables, `var(--ink)`: in a page the browser resolves them, so that dark mode and paper
need no second drawing; a static picture gets the light values written in."""

import re
from typing import Any

COLORS = {  # in the light, in the dark
    "page": ("#ffffff", "#14171b"),
    "card": ("#f6f7f9", "#1d2127"),
    "ink": ("#1b1f24", "#e8eaed"),
    "muted": ("#59636e", "#a3acb8"),
    "rule": ("#d5dae0", "#39414b"),
    "accent": ("#0b5fad", "#7cc0ff"),
    "good": ("#176f3d", "#6fd495"),
    "bad": ("#b3261e", "#ff8a80"),
    "doubt": ("#8a5a00", "#f2c063"),
    "limit": ("#c9ced6", "#3a424d"),
    "series-1": ("#6b7280", "#9aa3b0"),
    "series-2": ("#b45309", "#f0a04b"),
    "series-3": ("#1d6fb8", "#5eb0ff"),
    "series-4": ("#3a8bcd", "#a9d6ff"),
    "series-5": ("#7b2d8e", "#d58cf0"),
    "series-6": ("#b35cc6", "#efc4fa"),
    "series-7": ("#0f766e", "#4fd1c5"),
    "series-8": ("#b91c4b", "#ff7d9c"),
    "series-9": ("#4d7c0f", "#a7d65a"),
    "series-10": ("#92400e", "#e0a37a"),
}
LIGHT = {name: light for name, (light, _) in COLORS.items()}
DARK = {name: dark for name, (_, dark) in COLORS.items()}


def config() -> dict[str, Any]:
    """The Vega-Lite config of every chart."""
    text = {
        "labelColor": "var(--ink)",
        "titleColor": "var(--ink)",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": 600,
    }
    return {
        "aria": False,  # the page says in words what a chart shows; a name for every point would drown it
        "background": None,
        "font": "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif",
        "view": {"stroke": None},
        "axis": {
            **text,
            "gridColor": "var(--rule)",
            "domainColor": "var(--muted)",
            "tickColor": "var(--muted)",
            "gridOpacity": 0.7,
        },
        "legend": {**text, "symbolSize": 90},
        "header": text,
        "title": {"color": "var(--ink)", "fontSize": 13, "fontWeight": 600, "anchor": "start"},
        "text": {"color": "var(--ink)", "fontSize": 12},
        "rule": {"color": "var(--muted)"},
    }


def literal(value: Any, palette: dict[str, str]) -> Any:
    """The same chart with the palette's colours written in."""
    if isinstance(value, str):
        return re.sub(r"var\(--([a-z0-9-]+)\)", lambda match: palette.get(match[1], match[0]), value)
    if isinstance(value, list):
        return [literal(item, palette) for item in value]
    if isinstance(value, dict):
        return {key: literal(item, palette) for key, item in value.items()}
    return value


def css() -> str:
    """Both palettes as CSS variables: light, dark where the reader's system asks for it, light on paper."""

    def block(palette: dict[str, str]) -> str:
        return "".join(f"--{name}:{color};" for name, color in palette.items())

    return (
        f":root{{color-scheme:light dark;{block(LIGHT)}}}"
        f"@media (prefers-color-scheme:dark){{:root{{{block(DARK)}}}}}"
        f"@media print{{:root{{color-scheme:light;{block(LIGHT)}}}}}"
    )
