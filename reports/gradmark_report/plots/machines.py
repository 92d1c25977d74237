"""Several machines: for each op a line of dots, one for each machine, at its time over the best one's."""

from typing import Any

import altair as alt

from gradmark_report import words
from gradmark_report.merge import tables
from gradmark_report.merge.cases import WHO, Fleet, where
from gradmark_report.merge.findings import best_at
from gradmark_report.plots import theme
from gradmark_report.plots.plot import Control, Plot
from gradmark_report.result import LEVELS, unique

NAME = "machines"
TITLE = "Time over the best machine's"
LEAST_STEP, STEP, MOST_STEP = 30, 10, 160  # pixels of an op: at least, for each machine, at most
SHAPES = ("circle", "square", "diamond", "triangle-up", "cross", "triangle-down", "triangle-right", "triangle-left")
READING = (
    "Each line is an op, each dot a machine with the best exact implementation that it has: how many times as long as "
    "the best machine it takes. The best stands at 1, and its own time per element stands beside the op. Thread counts "
    "are each machine's own. What was not measured on a machine has no dot."
)

# Of the key, as many as have room: a label is at most 150 pixels wide.
COLUMNS = "max(1, min(4, floor(width / 175)))"


def _records(fleet: Fleet) -> list[dict[str, Any]]:
    return [
        {
            # The line's name says what 1 stands for.
            "line": f"{case.op}, {words.nanoseconds(case.ns(case.fastest))}",
            "op": case.op,
            "level": case.level,
            "threads": case.who,
            "machine": machine.label,
            "ratio": float(f"{case.ratio(index) or 1.0:.5g}"),
            "ns": words.nanoseconds(case.ns(index)),
            "how": f"{row.impl}, t{row.threads}",
        }
        for case in fleet.cases
        if not case.fast and case.measured > 1 and case.alike
        for index, (machine, row) in enumerate(zip(fleet.machines, case.rows, strict=True))
        if row is not None
    ]


def make(fleet: Fleet) -> Plot:
    records = _records(fleet)
    place = next((place for place in fleet.places if any(_at(record, place) for record in records)), None)
    table = tables.times(fleet, place or fleet.places[0])
    if place is None:
        return Plot(NAME, TITLE, "No exact implementation was measured on two machines.", READING, None, table)
    labels = [machine.label for machine in fleet.machines]
    colours = theme.series(labels)
    params = [alt.param(name="level", value=place[0]), alt.param(name="threads", value=place[1])]
    base = alt.Chart(alt.InlineData(values=records)).transform_filter(
        "datum.level === level && datum.threads === threads"  # parameters' values: never a file's text
    )
    y = alt.Y(
        "line:N",
        title=None,
        scale=alt.Scale(paddingInner=0.3),
        sort=unique(record["line"] for record in records),
        axis=alt.Axis(grid=True, labelLimit=300),
    )
    x = alt.X(
        "ratio:Q",
        title="time over the best machine's",
        scale=alt.Scale(zero=False, domainMin=1, nice=True),
        axis=alt.Axis(tickCount=6),
    )
    legend = alt.Legend(title=None, orient="top", symbolLimit=0, labelLimit=150, columns=alt.ExprRef(COLUMNS))
    dots = base.mark_point(filled=True, size=110, opacity=0.9).encode(
        x=x,
        y=y,
        # Beside each other, so that equal machines do not hide each other.
        yOffset=alt.YOffset("machine:N", sort=labels, scale=alt.Scale(domain=labels)),
        color=alt.Color(
            "machine:N", scale=alt.Scale(domain=labels, range=[colours[label] for label in labels]), legend=legend
        ),
        shape=alt.Shape(
            "machine:N",
            scale=alt.Scale(domain=labels, range=[SHAPES[index % len(SHAPES)] for index in range(len(labels))]),
            legend=legend,
        ),
        tooltip=[
            alt.Tooltip("op:N", title="op"),
            alt.Tooltip("machine:N", title="machine"),
            alt.Tooltip("ns:N", title="per element"),
            alt.Tooltip("ratio:Q", title="over the best", format=".3"),
            alt.Tooltip("how:N", title="with"),
        ],
    )
    step = min(MOST_STEP, max(LEAST_STEP, STEP * len(labels)))
    ops = max(sum(case.place == place for case in fleet.cases if not case.fast) for place in fleet.places)
    chart = dots.add_params(*params).properties(width="container", height=max(3, ops) * step)
    controls = [
        Control(
            "level", "Level", False, [(one, one) for one in LEVELS if any(r["level"] == one for r in records)], place[0]
        ),
        Control(
            "threads",
            "Threads",
            False,
            [
                (who, f"{who} {'thread' if who == 'one' else 'threads'}")
                for who in WHO
                if any(r["threads"] == who for r in records)
            ],
            place[1],
        ),
    ]
    said = best_at(fleet, place)
    return Plot(NAME, TITLE, f"In {where(place)}: {said}", READING, chart, table, controls)


def _at(record: dict[str, Any], place: tuple[str, str]) -> bool:
    return (record["level"], record["threads"]) == place
