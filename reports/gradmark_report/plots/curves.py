"""What a training learns: loss and accuracy against steps and against seconds, one line for each run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from gradmark_report import words
from gradmark_report.plots import axes, choices, figures, layers, looks
from gradmark_report.plots.plot import Cell, Column, Control, Plot, Table
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
    controls = _controls(training, name, runs, curves)
    return Plot(
        name,
        TITLES[name],
        _answer(training, name, runs),
        _reading(name, curves),
        _chart(name, runs, curves, controls),
        _table(name, runs),
        controls,
    )


def _curves(run: Run, name: str, most: int) -> list[Curve]:
    found = []
    if name == LOSS:
        losses = [(float(one.step), one.seconds, one.loss) for one in run.curve if one.loss is not None]
        found.append(Curve(run, _BATCHES, figures.means(losses, most)))
    for measure, value in _OF_EVALUATIONS[name].items():
        known = [(float(one.step), one.seconds, value(one)) for one in run.evaluations]
        found.append(Curve(run, measure, figures.means([(s, t, v) for s, t, v in known if v is not None], most)))
    return [curve for curve in found if curve.points]


def _controls(training: Training, name: str, runs: Sequence[Run], curves: Sequence[Curve]) -> list[Control]:
    measures = [measure for measure in _MEASURES if any(curve.measure == measure for curve in curves)]
    first = "test" if (name == ACCURACY or len(runs) > MANY) and "test" in measures else measures[0]
    against = [("step", "against steps"), ("seconds", "against seconds"), ("log", "against seconds, logarithmic")]
    first_axis = "step"
    if len(labels.tasks(runs)) == 1 < len(runs):  # they differ in their seconds alone
        seconds = [run.seconds for run in runs if run.seconds > 0]
        first_axis = "log" if seconds and max(seconds) > FAR_APART * min(seconds) else "seconds"
    controls = [choices.one("against", "drawn", against, first_axis)]
    if len(measures) > 1:
        controls.append(choices.one("measure", f"{name} of", [(one, _MEASURES[one]) for one in measures], first))
    if name == ACCURACY and _upper_end(curves) is not None:
        controls.append(
            choices.one(
                "axis", "axis", [("all", "all of it"), ("end", "its upper end")], "end" if len(runs) > MANY else "all"
            )
        )
    return controls + _series(training, runs)


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
    controls: list[Control] = []
    for dimension in reversed(labels.dimensions(runs)):
        values = unique(labels.value_of(run, dimension) for run in runs)
        few = left > MOST_LINES
        chosen = [labels.value_of(best, dimension)] if few and labels.value_of(best, dimension) in values else values
        left = left * len(chosen) // len(values)
        if dimension == "threads":
            options: list[tuple[Any, str]] = [(one, words.plural(int(one[1:]), "thread")) for one in values]
        else:
            options = choices.named(values)
        controls.insert(0, choices.many(*_SERIES[dimension], options, chosen))
    return controls


def _records(name: str, runs: Sequence[Run], curves: Sequence[Curve]) -> tuple[list[dict[str, Any]], list[str]]:
    """Each run's line has the place of its name in the list of labels; none of these is a field's name."""
    named = labels.labels(runs)
    names = [named[run.name] for run in runs]
    order = {run.name: number for number, run in enumerate(runs)}
    least = min((v for curve in curves for _, _, v in curve.points if v > 0), default=1.0)
    negative = any(v < 0 for curve in curves for _, _, v in curve.points)
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
                    "line_order": order[curve.run.name],
                    "measure": curve.measure,
                    **{f"in_{one}": labels.value_of(curve.run, one) for one in labels.dimensions(runs)},
                    "step": figures.short(step),
                    "seconds": figures.short(seconds),
                    "value": figures.short(100 * value if name == ACCURACY else value),
                    # A loss of nothing has no place on a logarithmic axis.
                    "drawn": figures.short(
                        100 * value if name == ACCURACY else value if negative else max(value, least)
                    ),
                    "mark": number in marks,
                }
            )
    return records, names


def _chart(name: str, runs: Sequence[Run], curves: Sequence[Curve], controls: Sequence[Control]) -> alt.LayerChart:
    records, names = _records(name, runs, curves)
    y = _y(name, curves, records)
    look = looks.lines("line", names)
    source = layers.data(records)
    dimensions = labels.dimensions(runs)
    # A control stands only where there is a choice.
    measure = [choices.same("measure")] if any(control.param == "measure" for control in controls) else []
    shown = choices.both("true", *measure, *(choices.among(f"in_{one}", _SERIES[one][0]) for one in dimensions))
    points = (
        alt.Chart(source)
        .transform_filter(shown)
        .transform_filter("against !== 'log' || datum.seconds > 0")
        .transform_calculate(
            x="against === 'step' ? datum.step : against === 'log' ? log(datum.seconds) / LN10 : datum.seconds"
        )
    )
    ticks = "against === 'log' ? format(pow(10, datum.value), '.2~s') + 's' : datum.label"
    x = alt.X(
        "x:Q",
        scale=alt.Scale(nice=False, zero=False),
        axis=alt.Axis(title=" ", tickCount=6, grid=False, labelExpr=ticks),
    )
    title = (
        alt.Chart(layers.data([{}]))
        .transform_calculate(words="against === 'step' ? 'steps' : 'seconds of training'")
        .mark_text(fontWeight=600, baseline="top", x=alt.ExprRef("width / 2"), y=HEIGHT + 24)
        .encode(text="words:N")
    )
    tooltip = [
        alt.Tooltip("line:N", title="run"),
        alt.Tooltip("value:Q", title=name, format=".4~r"),
        alt.Tooltip("step:Q", title="step", format=",d"),
        alt.Tooltip("seconds:Q", title="seconds", format=".3~r"),
    ]
    drawn = [
        title,
        points.mark_line(strokeWidth=1.5, clip=True).encode(x=x, y=y, color=look.color(), order="step:Q"),
        points.transform_filter("datum.mark")
        .mark_point(size=alt.ExprRef("width < 420 ? 22 : 36"), strokeWidth=1.3, opacity=1, clip=True)
        .encode(x=x, y=y, tooltip=tooltip, **look.marks()),
        *(look.key(source, shown) if len(names) > 1 else ()),
        layers.nothing(source, shown),
    ]
    return layers.drawn(drawn, controls, HEIGHT)


def _y(name: str, curves: Sequence[Curve], records: list[dict[str, Any]]) -> alt.Y:
    measures = {curve.measure for curve in curves}
    title = f"{name} of {_MEASURES[measures.pop()]}" if len(measures) == 1 else name
    if name == ACCURACY:
        end = _upper_end(curves)
        low = 100 * min(value for curve in curves for _, _, value in curve.points)
        begin = low if end is None else alt.ExprRef(f"axis === 'end' ? {figures.short(end)} : {figures.short(low)}")
        high = 100 * max(value for curve in curves for _, _, value in curve.points)
        scale = alt.Scale(zero=False, nice=False, padding=6, domainMin=begin, domainMax=max(high, low + 1))
        return alt.Y("drawn:Q", scale=scale, axis=alt.Axis(title=f"{title}, %", tickCount=6))
    if any(record["value"] < 0 for record in records):
        return alt.Y("drawn:Q", scale=alt.Scale(zero=False), axis=alt.Axis(title=title, tickCount=6))
    drawn = [record["drawn"] for record in records]
    return alt.Y("drawn:Q", scale=axes.LOG, axis=alt.Axis(title=title, **axes.decades(min(drawn), max(drawn))))


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
    columns = [Column("run", code=True), Column("steps", number=True), Column("seconds", number=True)]
    if name == LOSS:
        columns += [Column(title, number=True) for title in ("first batch", "last batch", "test set, at the end")]
    else:
        thresholds = labels.thresholds(runs)
        columns += [Column("accuracy at the end", number=True)]
        columns += [Column(f"seconds to {100 * one:g}%", number=True) for one in thresholds]
    columns += [Column("model"), Column("ended")]
    rows = []
    for run in runs:
        cells = [Cell(named[run.name]), Cell(f"{run.steps:,}", run.steps)]
        cells.append(Cell(words.significant(run.seconds), run.seconds))
        if name == LOSS:
            batches = [one.loss for one in run.curve if one.loss is not None]
            test = run.test.loss if run.test else None
            values = (batches[0] if batches else None, batches[-1] if batches else None, test)
            cells += [Cell(words.significant(value), value) for value in values]
        else:
            reached = {one.accuracy: one.seconds for one in run.seconds_to}
            cells.append(Cell(words.share(run.accuracy), run.accuracy))
            cells += [Cell(words.significant(reached.get(one)), reached.get(one)) for one in thresholds]
        cells += [Cell(model_of(run.layers)), Cell(run.status, mark="bad" if run.status == "diverged" else "")]
        rows.append(cells)
    return Table(columns, rows)
