"""Where the time of a training went: each kernel's share, and how much of it its limit would take."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from gradmark_report import faults, words
from gradmark_report.plots import chart, columns, controls
from gradmark_report.plots.plot import Cell, Control, Plot, Table
from gradmark_report.training import labels
from gradmark_report.training.model import Kernel, Run, Training

NAME = "kernels"
TITLE = "Where the time went"
STEP = 38  # pixels of a kernel: its name stands over its bar
LEAST = 0.0005  # a share that is worth a bar


def make(training: Training) -> Plot | None:
    """None where no run called its kernels."""
    runs = [run for run in training.runs if any(one.calls for one in run.kernels)]
    if not runs:
        return None
    best = labels.subject(training)
    first = best if best in runs else runs[0]
    named = labels.labels(runs)
    options = [(run.name, named[run.name]) for run in runs]
    choices = [Control("run", "run", options, first.name, "run")] if len(runs) > 1 else []
    answer = _answer(first, named[first.name] if choices else labels.what(first))
    return Plot(NAME, TITLE, answer, _READING, _chart(runs, choices), table(runs), choices)


def _named(one: Kernel) -> str:
    return f"{one.name}, {one.what}" if one.what else one.name


def _reached(one: Kernel) -> str:
    if one.attainable_percent is None:
        return "limit not known"
    parts = (f"{words.percent(one.attainable_percent)} of attainable", one.bound_by, faults.mark(one))
    return ", ".join(part for part in parts if part)


def _brief(one: Kernel) -> str:
    """What there is room for on a phone."""
    percent = "" if one.attainable_percent is None else f"{words.percent(one.attainable_percent)} of att."
    said = faults.mark(one) or percent
    return f", {said}" if said else ""


def _known(one: Kernel) -> bool:
    """Its limit, so well that a share of the time follows from it."""
    return one.attainable_percent is not None and one.believable


def _rest(run: Run) -> list[tuple[str, float]]:
    """What the kernels listed do not take: the data, and the loop around all."""
    parts = []
    listed = sum(one.share for one in run.kernels)
    if run.kernel_share is not None and run.kernel_share - listed > LEAST:
        parts.append(("other kernels", run.kernel_share - listed))
    if run.data_share is not None:
        parts.append(("the data: fetching and shuffling", run.data_share))
    inner = listed if run.kernel_share is None else run.kernel_share
    rest = 1 - inner - (run.data_share or 0.0)
    if rest > LEAST:
        parts.append(("everything else", rest))
    return parts


def _records(run: Run) -> list[dict[str, Any]]:
    """Kernels, those that take longest first, and what else takes time."""
    bars: list[tuple[str, float, Kernel | None]] = [(_named(one), one.share, one) for one in _ordered(run)]
    bars += [(what, share, None) for what, share in _rest(run)]
    records = []
    for place, (name, share, one) in enumerate(bars):
        known = one is not None and _known(one)
        needed = share * min(one.attainable_percent or 0.0, 100.0) if one and known else None
        records.append(
            {
                "run": run.name,
                "place": place,
                "name": name,
                "share": chart.short(100 * share, 4),
                "needed": chart.short(needed, 4),
                "known": known,
                "words": words.share(share) + (f", {_reached(one)}" if one else ""),
                "brief": words.share(share) + (_brief(one) if one else ""),
                "kernel": one is not None,
            }
        )
    return records


def _ordered(run: Run) -> list[Kernel]:
    return sorted(run.kernels, key=lambda one: -one.share)


def _chart(runs: Sequence[Run], choices: Sequence[Control]) -> alt.LayerChart:
    records = chart.data(record for run in runs for record in _records(run)).transform_filter(controls.shown(choices))
    x = alt.X("share:Q", scale=alt.Scale(domainMin=0, nice=False), axis=alt.Axis(title="% of the time", tickCount=6))
    bars = records.encode(x=x, y=chart.places())
    said = chart.tooltip(name="kernel", words="of the time")
    blue: dict[str, Any] = {**chart.BAR, "fill": "var(--series-3)"}
    drawn = [
        chart.room(records, "share", 2, 1.75),
        bars.transform_filter("datum.kernel")
        .mark_bar(**blue, fillOpacity=0.16, stroke="var(--series-3)", strokeWidth=1.2)
        .encode(strokeDash=alt.condition("datum.known", alt.value([1, 0]), alt.value([3, 2])), tooltip=said),
        bars.transform_filter("datum.known").mark_bar(**blue, fillOpacity=0.75).encode(x="needed:Q", tooltip=said),
        bars.transform_filter("!datum.kernel")
        .mark_bar(**chart.BAR, fill="var(--limit)", stroke="var(--muted)", strokeWidth=1)
        .encode(tooltip=said),
        *chart.bar_words(bars.transform_calculate(end=f"{chart.ON_A_PHONE} ? datum.brief : datum.words"), "end"),
    ]
    return chart.layered(drawn, records, choices, alt.Step(STEP))


def _answer(run: Run, who: str) -> str:
    most = max(run.kernels, key=lambda one: one.share)
    text = f"{who}: {_named(most)} takes the most, {words.share(most.share)}"
    known = [one for one in run.kernels if _known(one)]
    if not known:
        return f"{text}. No kernel's limit is known."
    gains = [(one, one.share * (1 - min(one.attainable_percent or 100.0, 100.0) / 100)) for one in known]
    one, gain = max(gains, key=lambda pair: pair[1])
    if gain < 0.005:
        return f"{text}. All whose limit is known are at it."
    text += f". The most that is left to gain is in {_named(one)}: at its limit the whole "
    return f"{text}training would take {words.share(gain)} less time."


_READING = (
    "A bar is a kernel's share of the training's seconds, and its name and shape stand over it. The filled part is "
    "what its limit would take: the larger time of its twin, which moves the same data without the arithmetic, and its "
    "core twin, which does the same arithmetic without moving data, both timed for this shape. What is light could be "
    "gained. A dashed outline says that the limit is not known, or not believable. Grey bars are what no kernel does."
)


@dataclass(frozen=True)
class _Line:
    """Of the table: a kernel, or what else took time."""

    run: Run
    name: str
    share: float
    kernel: Kernel | None = None


def _of_kernel(
    title: str, of: Callable[[Kernel], float | None], form: Callable[..., str] = words.significant
) -> columns.Made[_Line]:
    return columns.number(title, lambda line: of(line.kernel) if line.kernel else None, form)


def _attained(line: _Line) -> Cell:
    one = line.kernel
    return Cell(faults.percent(one), one.attainable_percent, faults.colour(one)) if one else Cell(words.UNKNOWN)


def _interval(line: _Line) -> Cell:
    one = line.kernel
    if one is None or one.attainable_low is None or one.attainable_high is None:
        return Cell(words.UNKNOWN, one.attainable_low if one else None)
    return Cell(f"{words.percent(one.attainable_low)} – {words.percent(one.attainable_high)}", one.attainable_low)


_COLUMNS: Sequence[columns.Made[_Line]] = (
    columns.name("kernel", lambda line: line.name),
    columns.text("shape", lambda line: line.kernel.what or None if line.kernel else None),
    columns.number("share", lambda line: line.share, words.share),
    _of_kernel("seconds", lambda one: one.seconds),
    _of_kernel("calls", lambda one: one.calls, columns.whole),
    _of_kernel("ns per element", lambda one: one.ns_per_element),
    _of_kernel("Gflop/s", lambda one: one.gflop_per_s),
    columns.cell("% of attainable", _attained, is_number=True),
    columns.cell("95% interval", _interval, is_number=True),
    columns.text("bound by", lambda line: line.kernel.bound_by or None if line.kernel else None),
)


def table(runs: Sequence[Run]) -> Table:
    """Every kernel of these runs, those that take longest first."""
    named = labels.labels(runs)
    lines = []
    for run in runs:
        lines += [_Line(run, one.name, one.share, one) for one in _ordered(run)]
        lines += [_Line(run, what, share) for what, share in _rest(run)]
    who: list[columns.Made[_Line]] = [columns.name("run", lambda line: named[line.run.name])] if len(runs) > 1 else []
    return columns.table([*who, *_COLUMNS], lines)
