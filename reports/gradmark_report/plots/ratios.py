"""The change of every row with its interval, sorted by change, and the margin within which a change does not count."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from gradmark_report import words
from gradmark_report.plots import chart
from gradmark_report.plots.plot import Plot, Table
from gradmark_report.plots.style import Styles
from gradmark_report.statistics import Verdict

NAME = "ratios"
TITLE = "Change of every row"
MOST_ROWS = 40
STEP = 30  # pixels of a row: its name stands over its interval, so that a narrow page has room for both

# Colour, shape, hollow: what has a verdict is filled.
_STYLES: dict[Verdict, tuple[str, str, bool]] = {
    Verdict.SLOWER: ("var(--bad)", "triangle-right", False),
    Verdict.FASTER: ("var(--good)", "triangle-left", False),
    Verdict.SMALL_CHANGE: ("var(--doubt)", "diamond", False),
    Verdict.SAME: ("var(--muted)", "circle", False),
    Verdict.INCONCLUSIVE: ("var(--doubt)", "square", True),
    Verdict.TOO_FEW: ("var(--doubt)", "circle", True),
}


@dataclass(frozen=True)
class Change:
    """A row's change as fractions of the base's time: value, interval and margin."""

    name: str
    value: float
    low: float
    high: float
    margin: float
    verdict: Verdict


def _record(place: int, change: Change) -> dict[str, Any]:
    return {
        "place": place,
        "name": change.name,
        "change": chart.short(100 * change.value),
        "low": chart.short(100 * change.low),
        "high": chart.short(100 * change.high),
        "above": chart.short(100 * change.margin),
        "below": chart.short(100 * (1 / (1 + change.margin) - 1)),
        "verdict": change.verdict.value,
        "told": words.span(words.signed_percent(100 * change.low), words.signed_percent(100 * change.high)),
    }


def _drawn(changes: Sequence[Change]) -> list[Change]:
    """The slowest first. Of more than can be drawn, the largest changes."""
    kept = sorted(changes, key=lambda change: -abs(change.value))[:MOST_ROWS]
    return sorted(kept, key=lambda change: -change.value)


def make(changes: Sequence[Change], table: Table, answer: str, level: float = 0.95) -> Plot:
    drawn = _drawn(changes)
    if not drawn:
        return Plot(
            NAME, TITLE, f"{answer} No row has a ratio with an interval, so that nothing is drawn.", "", None, table
        )
    left = len(changes) - len(drawn)
    if left:
        answer += f" The {len(drawn)} largest changes are drawn; the table has {words.plural(left, 'row')} more."
    return Plot(NAME, TITLE, answer, _reading(level), _chart(drawn), table)


def _chart(drawn: Sequence[Change]) -> alt.LayerChart:
    verdicts = [verdict for verdict in _STYLES if any(change.verdict == verdict for change in drawn)]
    styles = Styles("verdict", [verdict.value for verdict in verdicts], [_STYLES[verdict] for verdict in verdicts])
    records = chart.data(_record(place, change) for place, change in enumerate(drawn))
    rows = records.encode(y=alt.Y("place:O", axis=None, scale=alt.Scale(padding=0)))
    axis = alt.Axis(title="change of the time, percent", format="+.3~g")
    points = rows.encode(x=alt.X("change:Q", axis=axis, scale=alt.Scale(nice=True, zero=True)))
    percent = ("change, percent", "+.3~g")
    said = chart.tooltip(name="row", change=percent, told="interval", verdict="verdict")
    layers = [
        rows.mark_bar(color="var(--limit)", opacity=0.55, height=STEP).encode(x="below:Q", x2="above:Q"),
        chart.data([{"zero": 0}]).mark_rule(color="var(--muted)").encode(x="zero:Q"),
        *chart.intervals(points, styles, "x", said, 64, yOffset=6),
        chart.names(rows, dx=4, dy=-7, fontSize=11),
    ]
    return chart.layered(layers, records, (), STEP * len(drawn), styles)


def _reading(level: float) -> str:
    return (
        f"A point is the ratio of head to base as a change in percent, its line the {100 * level:.0f}% interval; right "
        "is slower, left is faster. The shaded band is the margin: a change within it does not count. A line wholly to "
        "the right of the band is slower, wholly to the left faster, wholly inside the same; one that crosses a border "
        "of the band is a small change if it leaves out 0, and inconclusive if not. Filled points have a verdict, "
        "hollow ones need more processes."
    )
