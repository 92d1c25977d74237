"""How fast each run trained: samples per second, and how that compares with scalar."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from gradmark_report import words
from gradmark_report.plots import chart, columns, style
from gradmark_report.plots.plot import Cell, Plot, Table
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
    return [
        {
            "place": place,
            "name": named[run.name],
            "impl": run.isa,
            "speed": chart.short(run.samples_per_second),
            "words": ", ".join(filter(None, (f"{words.rate(run.samples_per_second)}/s", _beside(run, runs)))),
        }
        for place, run in enumerate(sorted(runs, key=_speed, reverse=True))
    ]


def _chart(runs: Sequence[Run]) -> alt.LayerChart:
    styles = style.implementations(labels.isas(runs))
    records = chart.data(_records(runs))
    x = alt.X(
        "speed:Q",
        scale=alt.Scale(domainMin=0, nice=False),
        axis=alt.Axis(title="samples per second", tickCount=5, labelOverlap=True),
    )
    bars = records.encode(x=x, y=chart.places())
    drawn = [
        chart.room(records, "speed", 1.9, 1.4),
        bars.mark_bar(**chart.BAR, strokeWidth=1.2, fillOpacity=0.75).encode(
            **styles.outlined(), tooltip=chart.tooltip(name="run", words="speed")
        ),
        *chart.bar_words(bars, "words"),
    ]
    return chart.layered(drawn, records, (), STEP * len(runs))


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

    def beside(run: Run) -> Cell:
        found = labels.over_scalar(run, runs)
        return Cell(_beside(run, runs) or words.UNKNOWN, found[0] if found else None)

    made: Sequence[columns.Made[Run]] = (
        columns.name("run", lambda run: named[run.name]),
        columns.name("implementation", lambda run: run.isa),
        columns.number("threads", lambda run: run.threads, str),
        columns.number("samples/s", lambda run: run.samples_per_second, words.rate),
        columns.cell("over scalar", beside, is_number=True),
        columns.number("seconds", lambda run: run.seconds),
        columns.number("in kernels", lambda run: run.kernel_share, words.share),
    )
    return columns.table(made, runs)
