"""How fast each run trained: samples per second, and how that compares with scalar."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from gradmark_report import words
from gradmark_report.plots import figures, layers, looks
from gradmark_report.plots.plot import Cell, Column, Plot, Table
from gradmark_report.training import labels
from gradmark_report.training.model import Run, Training

NAME = "speed"
TITLE = "Speed of training"
STEP = 38  # pixels of a run: its name stands over its bar, so that a narrow page has room for both


def make(training: Training) -> Plot | None:
    """None where there is nothing to compare."""
    runs = [run for run in training.runs if run.samples_per_second]
    if len(runs) < 2:
        return None
    reading = _READING + (_SCALAR if any(_beside(run, runs) for run in runs) else "")
    return Plot(NAME, TITLE, _answer(runs), reading, _chart(runs), _table(runs))


def _speed(run: Run) -> float:
    assert run.samples_per_second is not None
    return run.samples_per_second


def _beside(run: Run, runs: Sequence[Run]) -> str:
    """10x scalar; 17x scalar t1, where that ran on other threads"""
    beside = labels.over_scalar(run, runs)
    if beside is None:
        return ""
    ratio, scalar = beside
    return f"{words.times(ratio)} scalar" + ("" if scalar.threads == run.threads else f" t{scalar.threads}")


def _records(runs: Sequence[Run]) -> list[dict[str, Any]]:
    named = labels.labels(runs)
    ordered = sorted(runs, key=_speed, reverse=True)
    records = []
    for place, run in enumerate(ordered):
        beside = _beside(run, runs)
        records.append(
            {
                "place": place,
                "name": named[run.name],
                "impl": run.isa,
                "impl_order": labels.isas(runs).index(run.isa),
                "speed": figures.short(run.samples_per_second),
                "words": f"{words.rate(run.samples_per_second)}/s" + (f", {beside}" if beside else ""),
            }
        )
    return records


def _chart(runs: Sequence[Run]) -> alt.LayerChart:
    look = looks.implementations(labels.isas(runs))
    bars = alt.Chart(layers.data(_records(runs)))
    x = alt.X(
        "speed:Q",
        scale=alt.Scale(domainMin=0, nice=False),
        axis=alt.Axis(title="samples per second", tickCount=5, labelOverlap=True),
    )
    y = alt.Y("place:O", axis=None, scale=alt.Scale(paddingInner=0.1, paddingOuter=0.1))
    tooltip = [alt.Tooltip("name:N", title="run"), alt.Tooltip("words:N", title="speed")]
    name = bars.mark_text(align="left", baseline="middle", dx=2, yOffset=-9, fontSize=12, limit=420)
    drawn = [
        # Nothing to be seen: it makes room for the words at the longest bar's end.
        bars.transform_aggregate(end="max(speed)")
        .transform_calculate(room="datum.end * (width < 420 ? 1.9 : 1.4)")
        .mark_point(opacity=0)
        .encode(x="room:Q"),
        bars.mark_bar(height=14, yOffset=8, strokeWidth=1.2, fillOpacity=0.75).encode(
            x=x, y=y, fill=look.fill(), stroke=look.stroke(), tooltip=tooltip
        ),
        name.encode(x=alt.value(0), y=y, text="name:N"),
        bars.mark_text(align="left", baseline="middle", dx=6, yOffset=8, fontSize=11).encode(x=x, y=y, text="words:N"),
    ]
    return layers.drawn(drawn, (), STEP * len(runs))


def _answer(runs: Sequence[Run]) -> str:
    named = labels.labels(runs)
    first, last = max(runs, key=_speed), min(runs, key=_speed)
    if len({run.layers for run in runs}) > 1:
        each = [f"{named[run.name]} does {words.rate(_speed(run))} samples/s" for run in runs]
        return f"The models differ in size: {words.listed(each[:6])}."
    close = labels.as_fast(first, runs)
    if len(close) == len(runs) - 1:
        return f"All {len(runs)} runs are about as fast as {named[first.name]}: {words.rate(_speed(first))} samples/s."
    text = f"{named[first.name]} is the fastest with {words.rate(_speed(first))} samples/s"
    if close:
        text += f", though as speeds varied {named[close[0].name]} may be as fast"
    beside = _beside(first, runs)
    if beside:
        text += f" ({beside})"
    ratio = words.times(_speed(first) / _speed(last))
    return f"{text}; the slowest, {named[last.name]}, does {words.rate(_speed(last))}: between them are {ratio}."


_READING = (
    "A longer bar is faster. Each run was timed once: the answer above says how much speeds varied. The seconds of "
    "evaluations are not in it."
)
_SCALAR = (
    " The words at its end say how many times as fast it is as the scalar run that trains the same on the fewest "
    "threads."
)


def _table(runs: Sequence[Run]) -> Table:
    named = labels.labels(runs)
    columns = [
        Column("run", code=True),
        Column("implementation", code=True),
        Column("threads", number=True),
        Column("samples/s", number=True),
        Column("over scalar", number=True),
        Column("seconds", number=True),
        Column("in kernels", number=True),
    ]
    rows = []
    for run in runs:
        beside = labels.over_scalar(run, runs)
        rows.append(
            [
                Cell(named[run.name]),
                Cell(run.isa),
                Cell(str(run.threads), run.threads),
                Cell(words.rate(run.samples_per_second), run.samples_per_second),
                Cell(_beside(run, runs) or words.UNKNOWN, beside[0] if beside else None),
                Cell(words.significant(run.seconds), run.seconds),
                Cell(words.share(run.kernel_share), run.kernel_share),
            ]
        )
    return Table(columns, rows)
