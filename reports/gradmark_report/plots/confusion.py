"""What was taken for what: the confusion matrix of the test set."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from gradmark_report import words
from gradmark_report.plots import chart, columns, controls
from gradmark_report.plots.plot import Control, Plot, Table
from gradmark_report.training import labels
from gradmark_report.training.model import Run, Test, Training

NAME = "confusion"
TITLE = "What was taken for what"
STEP = 30  # pixels of a class
FAINTEST, DARKEST = 0.12, 0.45  # opacities: figures must stand out against the darkest


def tested(training: Training) -> list[tuple[Run, Test, str]]:
    """One run for each way in which the test came out, the one that stands for all first where it has one; with its
    label. Runs of the same bits have the same matrix."""
    best = labels.subject(training)
    named = labels.labels(training.runs)
    found: dict[object, list[Run]] = {}
    for run in (best, *(run for run in training.runs if run is not best)):
        if run.test:
            found.setdefault((run.test.confusion, labels.task(run)), []).append(run)
    made = []
    for runs in found.values():
        more = f" and {len(runs) - 1} alike" if len(runs) > 1 else ""
        if runs[0].test:
            made.append((runs[0], runs[0].test, f"{named[runs[0].name]}{more}"))
    return made


def make(training: Training) -> Plot | None:
    """None where nothing was classified."""
    runs = tested(training)
    if not runs:
        return None
    options = [(run.name, label) for run, _, label in runs]
    choices = [Control("run", "run", options, runs[0][0].name, "run")] if len(runs) > 1 else []
    test = runs[0][1]
    who = f"{runs[0][2]}: " if len(runs) > 1 else ""
    return Plot(NAME, TITLE, who + _answer(test), _READING, _chart(runs, choices), matrix(test), choices)


def _records(runs: Sequence[tuple[Run, Test, str]]) -> list[dict[str, Any]]:
    records = []
    for run, test, _ in runs:
        most_wrong = max((n for i, row in enumerate(test.confusion) for j, n in enumerate(row) if i != j), default=0)
        for place, (one, row) in enumerate(zip(test.classes, test.confusion, strict=True)):
            for column, number in enumerate(row):
                right = place == column
                of = one.samples if right else most_wrong
                shade = FAINTEST + (DARKEST - FAINTEST) * number / of if number and of else 0.0
                records.append(
                    {
                        "run": run.name,
                        "row": place,
                        "column": column,
                        "label": one.label,
                        "taken": test.classes[column].label,
                        "number": number,
                        "words": f"{number:,}" if number else "·",
                        "share": words.share(number / one.samples) if one.samples else words.UNKNOWN,
                        "kind": "right" if right else "wrong",
                        "shade": chart.short(shade, 3),
                    }
                )
    return records


def _chart(runs: Sequence[tuple[Run, Test, str]], choices: Sequence[Control]) -> alt.LayerChart:
    records = chart.data(_records(runs)).transform_filter(controls.shown(choices))
    classes = max((test.classes for _, test, _ in runs), key=len)
    scale = alt.Scale(paddingInner=0.06, paddingOuter=0.03)
    look: dict[str, Any] = {"labelExpr": "class_names[datum.value]", "ticks": False, "domain": False, "labelAngle": 0}
    x = alt.X("column:O", scale=scale, axis=alt.Axis(title="taken for", orient="top", labelOverlap=True, **look))
    y = alt.Y("row:O", scale=scale, axis=alt.Axis(title="is", labelOverlap=True, **look))
    cells = records.encode(x=x, y=y)
    right = alt.condition("datum.kind === 'right'", alt.value("var(--series-3)"), alt.value("var(--series-8)"))
    said = chart.tooltip(label="is", taken="taken for", number=("samples", ",d"), share="of its class")
    digits = max(2, *(len(f"{one.samples:,}") for _, test, _ in runs for one in test.classes))
    size = alt.ExprRef(f"max(7, min(12, width / {len(classes)} / {digits} * 1.5))")
    drawn = [
        cells.mark_rect(cornerRadius=2).encode(color=right, opacity=alt.Opacity("shade:Q", scale=None), tooltip=said),
        cells.mark_text(fontSize=size, color="var(--ink)").encode(text="words:N"),
    ]
    return chart.layered(drawn, records, choices, alt.Step(STEP), class_names=[one.label for one in classes])


def _answer(test: Test) -> str:
    mistakes = [
        (number, test.classes[i].label, test.classes[j].label)
        for i, row in enumerate(test.confusion)
        for j, number in enumerate(row)
        if number and i != j
    ]
    if not mistakes:
        return f"All {test.samples:,} samples of the test set were taken for what they are."
    wrong = sum(number for number, _, _ in mistakes)
    most = sorted(mistakes, key=lambda one: -one[0])[:3]
    named = words.listed(
        [f"{is_} for {taken} ({'once' if number == 1 else f'{number:,} times'})" for number, is_, taken in most]
    )
    return f"{wrong:,} of {test.samples:,} samples of the test set were taken for another class; most often {named}."


_READING = (
    "A row is a true class, a column what it was taken for; the figures are samples of the test set. What is right is "
    "on the diagonal, darker the larger its part of its class is; mistakes are in another colour, darker the more "
    "there are of them beside the most frequent one. Precision, recall and F1 of each class are in the table below."
)


def matrix(test: Test) -> Table:
    def taken_for(place: int) -> columns.Made[int]:
        return columns.number(str(test.classes[place].label), lambda row: test.confusion[row][place], columns.whole)

    places = range(len(test.classes))
    label: columns.Made[int] = columns.number("is ↓ taken for →", lambda row: test.classes[row].label, str)
    return columns.table([label, *map(taken_for, places)], places)
