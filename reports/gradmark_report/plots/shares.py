"""Where the time of a training went: each kernel's share, and how much of it its limit would take."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from gradmark_report import faults, words
from gradmark_report.plots import choices, figures, layers
from gradmark_report.plots.plot import Cell, Column, Control, Plot, Table
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
    controls = [choices.one("run", "run", [(run.name, named[run.name]) for run in runs], first.name)]
    if len(runs) == 1:
        controls = []
    return Plot(
        NAME,
        TITLE,
        _answer(first, named[first.name] if controls else labels.what(first)),
        _READING,
        _chart(runs, first, controls),
        table(runs),
        controls,
    )


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


def _records(runs: Sequence[Run]) -> list[dict[str, Any]]:
    records = []
    for run in runs:
        for place, one in enumerate(sorted(run.kernels, key=lambda one: -one.share)):
            percent = one.attainable_percent
            records.append(
                {
                    "run": run.name,
                    "place": place,
                    "name": _named(one),
                    "share": figures.short(100 * one.share, 4),
                    "needed": figures.short(one.share * min(percent or 0.0, 100.0), 4) if _known(one) else None,
                    "known": _known(one),
                    "words": f"{words.share(one.share)}, {_reached(one)}",
                    "brief": f"{words.share(one.share)}{_brief(one)}",
                    "kernel": True,
                }
            )
        for number, (what, share) in enumerate(_rest(run)):
            records.append(
                {
                    "run": run.name,
                    "place": len(run.kernels) + number,
                    "name": what,
                    "share": figures.short(100 * share, 4),
                    "needed": None,
                    "known": False,
                    "words": words.share(share),
                    "brief": words.share(share),
                    "kernel": False,
                }
            )
    return records


def _chart(runs: Sequence[Run], first: Run, controls: Sequence[Control]) -> alt.LayerChart:
    records = _records(runs)
    source = layers.data(records)
    shown = choices.same("run") if controls else "true"
    bars = alt.Chart(source).transform_filter(shown)
    x = alt.X("share:Q", scale=alt.Scale(domainMin=0, nice=False), axis=alt.Axis(title="% of the time", tickCount=6))
    y = alt.Y("place:O", axis=None, scale=alt.Scale(paddingInner=0.1, paddingOuter=0.1))
    tooltip = [alt.Tooltip("name:N", title="kernel"), alt.Tooltip("words:N", title="of the time")]
    ends = bars.transform_calculate(shown_words="width < 420 ? datum.brief : datum.words")
    thick = {"height": 14, "yOffset": 8}
    drawn = [
        # Nothing to be seen: it makes room for the words at the longest bar's end.
        bars.transform_aggregate(end="max(share)")
        .transform_calculate(room="datum.end * (width < 420 ? 2 : 1.75)")
        .mark_point(opacity=0)
        .encode(x="room:Q"),
        bars.transform_filter("datum.kernel")
        .mark_bar(**thick, fill="var(--series-3)", fillOpacity=0.16, stroke="var(--series-3)", strokeWidth=1.2)
        .encode(
            x=x, y=y, strokeDash=alt.condition("datum.known", alt.value([1, 0]), alt.value([3, 2])), tooltip=tooltip
        ),
        bars.transform_filter("datum.known")
        .mark_bar(**thick, fill="var(--series-3)", fillOpacity=0.75)
        .encode(x=alt.X("needed:Q"), y=y, tooltip=tooltip),
        bars.transform_filter("!datum.kernel")
        .mark_bar(**thick, fill="var(--limit)", stroke="var(--muted)", strokeWidth=1)
        .encode(x=x, y=y, tooltip=tooltip),
        bars.mark_text(align="left", baseline="middle", dx=2, yOffset=-9, fontSize=12, limit=460).encode(
            x=alt.value(0), y=y, text="name:N"
        ),
        ends.mark_text(align="left", baseline="middle", dx=6, yOffset=8, fontSize=11).encode(
            x=x, y=y, text="shown_words:N"
        ),
        layers.nothing(source, shown),
    ]
    return layers.drawn(drawn, controls, alt.Step(STEP))


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


def table(runs: Sequence[Run]) -> Table:
    """Every kernel of these runs, those that take longest first."""
    named = labels.labels(runs)
    columns = [
        *([Column("run", code=True)] if len(runs) > 1 else []),
        Column("kernel", code=True),
        Column("shape"),
        Column("share", number=True),
        Column("seconds", number=True),
        Column("calls", number=True),
        Column("ns per element", number=True),
        Column("Gflop/s", number=True),
        Column("% of attainable", number=True),
        Column("95% interval", number=True),
        Column("bound by"),
    ]
    rows = []
    for run in runs:
        who = [Cell(named[run.name])] if len(runs) > 1 else []
        rows += [[*who, *_cells(one)] for one in sorted(run.kernels, key=lambda one: -one.share)]
        blank = Cell(words.UNKNOWN)
        rows += [
            [*who, Cell(what), blank, Cell(words.share(share), share), *([blank] * 7)] for what, share in _rest(run)
        ]
    return Table(columns, rows)


def _cells(one: Kernel) -> list[Cell]:
    interval = words.UNKNOWN
    if one.attainable_low is not None and one.attainable_high is not None:
        interval = f"{words.percent(one.attainable_low)} – {words.percent(one.attainable_high)}"
    return [
        Cell(one.name),
        Cell(one.what or words.UNKNOWN),
        Cell(words.share(one.share), one.share),
        Cell(words.significant(one.seconds), one.seconds),
        Cell(f"{one.calls:,}", one.calls),
        Cell(words.significant(one.ns_per_element), one.ns_per_element),
        Cell(words.significant(one.gflop_per_s), one.gflop_per_s),
        Cell(faults.percent(one), one.attainable_percent, faults.colour(one)),
        Cell(interval, one.attainable_low),
        Cell(one.bound_by or words.UNKNOWN),
    ]
