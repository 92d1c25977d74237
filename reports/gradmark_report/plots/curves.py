"""What a training learns: loss and accuracy against steps and against seconds, one line for each run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from gradmark_report import words
from gradmark_report.plots import chart, columns, controls, style
from gradmark_report.plots.plot import Cell, Control, Plot, Table
from gradmark_report.result import unique
from gradmark_report.training import labels
from gradmark_report.training.model import Evaluation, Run, Training, model_of

LOSS, ACCURACY = "loss", "accuracy"
TITLES = {LOSS: "Loss while training", ACCURACY: "Accuracy while training"}
HEIGHT = 340
MOST_POINTS, MOST_OF_RUN = 6_000, 250  # drawn, of all runs and of one
MOST_LINES = 12  # shown at first
_SERIES = {  # of what runs differ in: the parameter, and what the reader calls it
    "optimizer": ("optimizers", "optimizers"),
    "part": ("parts", "parts"),
    "isa": ("impls", "implementations"),
    "threads": ("threads", "threads"),
}
MANY = 3  # lines of single batches; more are a brush
FAR_APART = 4.0  # speeds that leave the faster ones no room on a linear axis of seconds
MARKERS = 8  # shapes along a line, so that lines can be told apart without colours


@dataclass(frozen=True)
class Curve:
    """One measure of a run: step, seconds and value of each point."""

    run: Run
    measure: str
    points: list[tuple[float, float, float]]


# Of each plot its measures: what an evaluation tells of it.
_OF_EVALUATIONS: dict[str, dict[str, Callable[[Evaluation], float | None]]] = {
    LOSS: {
        "test": lambda one: one.test_loss,
        "validation": lambda one: one.validation_loss,
        "train": lambda one: one.train_loss,
    },
    ACCURACY: {"test": lambda one: one.test_accuracy, "validation": lambda one: one.validation_accuracy},
}
_BATCHES = "batches"
_MEASURES = {
    _BATCHES: "single batches",
    "train": "the training set",
    "validation": "the validation set",
    "test": "the test set",
}


def loss(training: Training) -> Plot | None:
    return _make(training, LOSS)


def accuracy(training: Training) -> Plot | None:
    return _make(training, ACCURACY)


def _make(training: Training, name: str) -> Plot | None:
    """None where no run has two points of it."""
    most = min(MOST_OF_RUN, max(20, MOST_POINTS // len(training.runs)))
    curves = [curve for run in training.runs for curve in _curves(run, name, most)]
    if not any(len(curve.points) > 1 for curve in curves):
        return None
    runs = [run for run in training.runs if any(curve.run is run for curve in curves)]
    choices = _controls(training, name, runs, curves)
    drawn = _chart(name, runs, curves, choices)
    answer, reading = _answer(training, name, runs), _reading(name, curves)
    return Plot(name, TITLES[name], answer, reading, drawn, _table(name, runs), choices)


def _curves(run: Run, name: str, most: int) -> list[Curve]:
    found = []
    if name == LOSS:
        losses = [(float(one.step), one.seconds, one.loss) for one in run.curve if one.loss is not None]
        found.append(Curve(run, _BATCHES, chart.means(losses, most)))
    for measure, value in _OF_EVALUATIONS[name].items():
        known = [(float(one.step), one.seconds, value(one)) for one in run.evaluations]
        found.append(Curve(run, measure, chart.means([(s, t, v) for s, t, v in known if v is not None], most)))
    return [curve for curve in found if curve.points]


def _controls(training: Training, name: str, runs: Sequence[Run], curves: Sequence[Curve]) -> list[Control]:
    measures = [measure for measure in _MEASURES if any(curve.measure == measure for curve in curves)]
    first = "test" if (name == ACCURACY or len(runs) > MANY) and "test" in measures else measures[0]
    against = [("step", "against steps"), ("seconds", "against seconds"), ("log", "against seconds, logarithmic")]
    first_axis = "step"
    if len(labels.tasks(runs)) == 1 < len(runs):  # they differ in their seconds alone
        seconds = [run.seconds for run in runs if run.seconds > 0]
        first_axis = "log" if seconds and max(seconds) > FAR_APART * min(seconds) else "seconds"
    choices = [Control("against", "drawn", against, first_axis)]
    if len(measures) > 1:
        options = [(one, _MEASURES[one]) for one in measures]
        choices.append(Control("measure", f"{name} of", options, first, "measure"))
    if name == ACCURACY and _upper_end(curves) is not None:
        ends = [("all", "all of it"), ("end", "its upper end")]
        choices.append(Control("axis", "axis", ends, "end" if len(runs) > MANY else "all"))
    return choices + _series(training, runs)


def _upper_end(curves: Sequence[Curve]) -> float | None:
    """Where an axis begins that shows what comes at the end, in percent. None: the whole axis shows it well."""
    values = [value for curve in curves for _, _, value in curve.points]
    least = min(curve.points[-1][2] for curve in curves)
    begin = min(least - (max(values) - least) / 2 - 0.01, max(values) - 0.1)
    return 100 * begin if begin > min(values) + 0.1 else None


def _series(training: Training, runs: Sequence[Run]) -> list[Control]:
    """What to leave out, one control for each thing in which the runs differ. Where there are too many for one picture,
    only those are shown at first that differ from the best one in the fewest of these."""
    best, left = labels.subject(training), len(runs)
    choices: list[Control] = []
    for dimension in reversed(labels.dimensions(runs)):
        values = unique(labels.value_of(run, dimension) for run in runs)
        few = left > MOST_LINES
        chosen = [labels.value_of(best, dimension)] if few and labels.value_of(best, dimension) in values else values
        left = left * len(chosen) // len(values)
        if dimension == "threads":
            options: list[tuple[Any, str]] = [(one, words.plural(int(one[1:]), "thread")) for one in values]
        else:
            options = controls.named(values)
        choices.insert(0, Control(*_SERIES[dimension], options, chosen, f"in_{dimension}"))
    return choices


def _records(name: str, runs: Sequence[Run], curves: Sequence[Curve]) -> list[dict[str, Any]]:
    named = labels.labels(runs)
    order = {run.name: number for number, run in enumerate(runs)}
    least = min((v for curve in curves for _, _, v in curve.points if v > 0), default=1.0)
    # A loss of nothing has no place on a logarithmic axis.
    plain = name == ACCURACY or any(v < 0 for curve in curves for _, _, v in curve.points)
    unit = 100 if name == ACCURACY else 1
    records = []
    for curve in curves:
        # At other places on each line, so that lines that lie upon one another show what they are.
        at = order[curve.run.name] % 5 / 5
        last = len(curve.points) - 1
        marks = {round((place + at) * last / MARKERS) for place in range(MARKERS)} | ({last} if not at else set())
        for number, (step, seconds, value) in enumerate(curve.points):
            records.append(
                {
                    "line": named[curve.run.name],
                    "measure": curve.measure,
                    **{f"in_{one}": labels.value_of(curve.run, one) for one in labels.dimensions(runs)},
                    "step": chart.short(step),
                    "seconds": chart.short(seconds),
                    "value": chart.short(unit * value),
                    "drawn": chart.short(unit * (value if plain else max(value, least))),
                    "mark": number in marks,
                }
            )
    return records


def _chart(name: str, runs: Sequence[Run], curves: Sequence[Curve], choices: Sequence[Control]) -> alt.LayerChart:
    made = _records(name, runs, curves)
    styles = style.by_place("line", list(labels.labels(runs).values()))
    records = chart.data(made).transform_filter(controls.shown(choices))
    ticks = "against === 'log' ? format(pow(10, datum.value), '.2~s') + 's' : datum.label"
    x = alt.X(
        "x:Q",
        scale=alt.Scale(nice=False, zero=False),
        axis=alt.Axis(title=" ", tickCount=6, grid=False, labelExpr=ticks),
    )
    points = (
        records.transform_filter("against !== 'log' || datum.seconds > 0")
        .transform_calculate(
            x="against === 'step' ? datum.step : against === 'log' ? log(datum.seconds) / LN10 : datum.seconds"
        )
        .encode(x=x, y=_y(name, curves, made))
    )
    against = "against === 'step' ? 'steps' : 'seconds of training'"
    said = chart.tooltip(line="run", value=(name, ".4~r"), step=("step", ",d"), seconds=("seconds", ".3~r"))
    drawn = [
        chart.title(against, baseline="top", x=alt.ExprRef("width / 2"), y=HEIGHT + 24),
        points.mark_line(strokeWidth=1.5, clip=True).encode(color=styles.color(), order="step:Q"),
        points.transform_filter("datum.mark")
        .mark_point(size=alt.ExprRef(f"{chart.ON_A_PHONE} ? 22 : 36"), strokeWidth=1.3, opacity=1, clip=True)
        .encode(tooltip=said, **styles.marks()),
    ]
    return chart.layered(drawn, records, choices, HEIGHT, styles if len(runs) > 1 else None)


def _y(name: str, curves: Sequence[Curve], records: Sequence[dict[str, Any]]) -> Any:
    measures = {curve.measure for curve in curves}
    title = f"{name} of {_MEASURES[measures.pop()]}" if len(measures) == 1 else name
    if name == ACCURACY:
        end = _upper_end(curves)
        low = 100 * min(value for curve in curves for _, _, value in curve.points)
        begin = low if end is None else alt.ExprRef(f"axis === 'end' ? {chart.short(end)} : {chart.short(low)}")
        high = 100 * max(value for curve in curves for _, _, value in curve.points)
        scale = alt.Scale(zero=False, nice=False, padding=6, domainMin=begin, domainMax=max(high, low + 1))
        return alt.Y("drawn:Q", scale=scale, axis=alt.Axis(title=f"{title}, %", tickCount=6))
    if any(record["value"] < 0 for record in records):
        return alt.Y("drawn:Q", scale=alt.Scale(zero=False), axis=alt.Axis(title=title, tickCount=6))
    drawn = [record["drawn"] for record in records]
    return chart.decades("drawn", title, drawn)


def _last(run: Run, name: str) -> float | None:
    return run.last_loss if name == LOSS else run.accuracy


def _answer(training: Training, name: str, runs: Sequence[Run]) -> str:
    groups = labels.tasks(runs)
    ends = [(group[0], _last(max(group, key=lambda one: one.accuracy or 0.0), name)) for group in groups]
    known = [(run, value) for run, value in ends if value is not None]
    if not known:
        return "No run came to an end that has a figure."
    form = words.significant if name == LOSS else words.share
    best = (min if name == LOSS else max)(known, key=lambda one: one[1])
    worst = (max if name == LOSS else min)(known, key=lambda one: one[1])
    if form(best[1]) == form(worst[1]):
        text = f"{name.capitalize()} at the end: {form(best[1])}{' of all' if len(known) > 1 else ''}."
    else:
        named = labels.task_labels(runs)
        text = f"At the end {named[best[0].name]} has the best {name}, {form(best[1])}, "
        text += f"and {named[worst[0].name]} the worst, {form(worst[1])}."
    alike = sum(len(group) > 1 for group in labels.alike(runs))
    if alike:
        text += " Runs that ended in the same bits lie upon one another against steps, and apart against seconds."
    return text


def _reading(name: str, curves: Sequence[Curve]) -> str:
    text = "A line is a run; the shapes along it tell it from others. Seconds are those of the training, without "
    text += "evaluations; on their logarithm a run that is twice as fast lies the same way to the left everywhere. "
    if name == ACCURACY:
        return text + "Higher is better; the axis does not begin at zero. A point is an evaluation."
    text += "Lower is better"
    if all(v >= 0 for curve in curves for _, _, v in curve.points):
        text += "; the axis of the loss is logarithmic, and a loss of nothing stands at its lower end"
    return text + (
        ". The loss of each batch jumps from one to the next; where more were kept than can be drawn, a point is the "
        "mean of its neighbours. Where a line ends early its run did, or its loss was no longer a number."
    )


def _table(name: str, runs: Sequence[Run]) -> Table:
    named = labels.labels(runs)
    made: list[columns.Made[Run]] = [
        columns.name("run", lambda run: named[run.name]),
        columns.number("steps", lambda run: run.steps, columns.whole),
        columns.number("seconds", lambda run: run.seconds),
    ]
    if name == LOSS:
        made += [
            columns.number("first batch", lambda run: next(iter(_losses(run)), None)),
            columns.number("last batch", lambda run: next(reversed(_losses(run)), None)),
            columns.number("test set, at the end", lambda run: run.test.loss if run.test else None),
        ]
    else:
        made.append(columns.number("accuracy at the end", lambda run: run.accuracy, words.share))
        made += [_seconds_to(accuracy) for accuracy in labels.thresholds(runs)]
    made += [
        columns.text("model", lambda run: model_of(run.layers)),
        columns.cell("ended", lambda run: Cell(run.status, mark="bad" if run.status == "diverged" else "")),
    ]
    return columns.table(made, runs)


def _losses(run: Run) -> list[float]:
    return [one.loss for one in run.curve if one.loss is not None]


def _seconds_to(accuracy: float) -> columns.Made[Run]:
    return columns.number(
        f"seconds to {100 * accuracy:g}%",
        lambda run: next((one.seconds for one in run.seconds_to if one.accuracy == accuracy), None),
    )
