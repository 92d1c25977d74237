"""Colours, one place for all plots and pages.

A chart names colours as CSS variables, `var(--ink)`: in a page the browser resolves them, so that dark mode and paper
need no second drawing; a static picture gets the light values written in."""

import re
from typing import Any

LIGHT = {
    "page": "#ffffff",
    "card": "#f6f7f9",
    "ink": "#1b1f24",
    "muted": "#59636e",
    "rule": "#d5dae0",
    "accent": "#0b5fad",
    "good": "#176f3d",
    "bad": "#b3261e",
    "doubt": "#8a5a00",
    "limit": "#c9ced6",
    "series-1": "#6b7280",
    "series-2": "#b45309",
    "series-3": "#1d6fb8",
    "series-4": "#3a8bcd",
    "series-5": "#7b2d8e",
    "series-6": "#b35cc6",
    "series-7": "#0f766e",
    "series-8": "#b91c4b",
    "series-9": "#4d7c0f",
    "series-10": "#92400e",
}
DARK = {
    "page": "#14171b",
    "card": "#1d2127",
    "ink": "#e8eaed",
    "muted": "#a3acb8",
    "rule": "#39414b",
    "accent": "#7cc0ff",
    "good": "#6fd495",
    "bad": "#ff8a80",
    "doubt": "#f2c063",
    "limit": "#3a424d",
    "series-1": "#9aa3b0",
    "series-2": "#f0a04b",
    "series-3": "#5eb0ff",
    "series-4": "#a9d6ff",
    "series-5": "#d58cf0",
    "series-6": "#efc4fa",
    "series-7": "#4fd1c5",
    "series-8": "#ff7d9c",
    "series-9": "#a7d65a",
    "series-10": "#e0a37a",
}
SERIES = 10
LINES = (3, 2, 7, 8, 5, 9, 1, 10, 4, 6)  # where names have no colours of their own: unlike ones first

# An implementation has the same colour in every plot; its `_fast` sibling a lighter one of the same hue.
_KNOWN = {"scalar": 1, "autovec": 2, "avx2": 3, "avx2_fast": 4, "avx512": 5, "avx512_fast": 6, "neon": 7}


def series(names: list[str]) -> dict[str, str]:
    """A colour for each name: implementations that everybody knows have theirs, others take what is left in order."""
    taken = {_KNOWN[name] for name in names if name in _KNOWN}
    free = [number for number in range(1, SERIES + 1) if number not in taken] or list(range(1, SERIES + 1))
    others = iter(number for _ in range(len(names)) for number in free)
    return {name: f"var(--series-{_KNOWN[name] if name in _KNOWN else next(others)})" for name in names}


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
