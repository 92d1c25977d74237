"""What more threads bring: speed-up over one thread, and parallel efficiency."""

from collections.abc import Sequence

import altair as alt

from gradmark_report import faults, words
from gradmark_report.plots import chart, columns, controls, rows, style
from gradmark_report.plots.plot import Cell, Control, Plot
from gradmark_report.result import LEVELS, Figures, Result, Row, unique

NAME = "scaling"
TITLE = "Thread scaling"
HEIGHT = 360
STEP = 40  # pixels of an op, where two thread counts are compared: about nine for each level

Pair = tuple[Row, Row]  # on one thread, on several


def make(result: Result) -> Plot:
    pairs = _pairs(result.levels)
    if not pairs:
        counts = sorted({row.threads for row in result.levels})
        have = f"this file has only {words.listed([words.plural(c, 'thread') for c in counts])}" if counts else "no row"
        answer = (
            "Scaling needs the same op, implementation and level on one thread and on several; "
            f"{have}: gradmark run without --threads measures both, --profile full all powers of two."
        )
        return Plot(NAME, TITLE, answer, "", None, columns.table(_COLUMNS, []))
    counts = sorted({several.threads for _, several in pairs})
    choices = _controls(pairs, lines=len(counts) > 1)
    drawn = _lines(pairs, choices) if len(counts) > 1 else _dots(pairs, choices, counts[0])
    table = columns.table(_COLUMNS, ((one, line) for one, row in pairs for line in rows.in_every_state([row])))
    return Plot(NAME, TITLE, _answer(pairs), _reading(len(counts) > 1), drawn, table, choices)


def _pairs(levels: Sequence[Row]) -> list[Pair]:
    alone = {(row.op_name, row.impl, row.level): row for row in levels if row.threads == 1}
    several = (row for row in levels if row.threads > 1)
    return [(one, row) for row in several if (one := alone.get((row.op_name, row.impl, row.level)))]


def _speedup(pair: Pair) -> tuple[float, float, float]:
    """Low, value, high: from the ends of both intervals, so that it is rather too wide than too narrow."""
    if pair[0] is pair[1]:
        return 1.0, 1.0, 1.0
    assert pair[1].time
    return _over(pair[0], pair[1].time)


def _over(one: Row, several: Figures) -> tuple[float, float, float]:
    assert one.time
    return one.time.low / several.high, one.time.undisturbed / several.undisturbed, one.time.high / several.low


def _gain(pair: Pair) -> float:
    return _speedup(pair)[1]


def _by_state(pairs: Sequence[Pair], level: str) -> dict[str | None, list[float]]:
    """What several threads brought at a level in each state that was seen."""
    gains: dict[str | None, list[float]] = {}
    for one, several in pairs:
        if one.level == level:
            for state, time in several.figures.items():
                gains.setdefault(state, []).append(_over(one, time)[1])
    return gains


def _believable(pair: Pair) -> bool:
    return all(row.believable for row in pair)


def _efficiency(pair: Pair) -> float:
    return 100 * _gain(pair) / pair[1].threads


def _controls(pairs: Sequence[Pair], *, lines: bool) -> list[Control]:
    alone = [one for one, _ in pairs]
    impl = controls.widest(alone, alone)
    if not lines:
        return controls.of_rows(alone, impl=impl)
    op = controls.first_op([one for one in alone if one.impl == impl])
    measures = [("speedup", "speed-up"), ("efficiency", "parallel efficiency")]
    return [*controls.of_rows(alone, op=op, impl=impl), Control("measure", "show", measures, "speedup")]


def _records(pairs: Sequence[Pair], choices: Sequence[Control]) -> alt.Chart:
    made = []
    ops = unique(one.op_name for one, _ in pairs)
    for pair in pairs:
        one, several = pair
        low, gain, high = _speedup(pair)
        made.append(
            {
                **rows.record(several),
                "op_order": ops.index(several.op_name),
                "doubted": not _believable(pair),
                "speedup": chart.short(gain, 4),
                "low": chart.short(low, 4),
                "high": chart.short(high, 4),
                "efficiency": chart.short(_efficiency(pair), 4),
                "one": chart.short(rows.undisturbed(one)),
            }
        )
    return chart.data(made).transform_filter(controls.shown(choices))


def _styles(pairs: Sequence[Pair]) -> style.Styles:
    return style.levels([level for level in LEVELS if any(one.level == level for one, _ in pairs)])


def _dots(pairs: Sequence[Pair], choices: Sequence[Control], threads: int) -> alt.LayerChart:
    """Two thread counts: a line for each op, from 1 (the one thread) to what several threads bring."""
    styles = _styles(pairs)
    # By the points: a wide interval may leave the view, and its ends are in the table.
    most = max(threads, *(_gain(pair) for pair in pairs)) * 1.12
    x = alt.X(
        "speedup:Q",
        scale=alt.Scale(domain=[0, most], nice=False),
        axis=alt.Axis(
            title=f"speed-up of {threads} threads, and efficiency",
            tickCount=5,
            labelExpr="[format(datum.value, '~g') + '×', format(datum.value / several_threads, '.0%')]",
        ),
    )
    y = alt.Y(
        "op_order:O",
        scale=alt.Scale(paddingInner=0.22, paddingOuter=0.3),
        axis=alt.Axis(title=None, labelExpr="op_names[datum.value]", labelLimit=style.LONGEST_NAME, ticks=False),
    )
    offset = alt.YOffset("level:N", scale=alt.Scale(domain=styles.names, paddingOuter=0))
    records = _records(pairs, choices)
    lines = records.encode(y=y, yOffset=offset, color=styles.color())
    points = records.encode(x=x, y=y, yOffset=offset)
    reference = chart.data([{"at": 1, "label": "one thread"}, {"at": threads, "label": "ideal"}]).encode(x="at:Q")
    drawn = [
        reference.mark_rule(color="var(--muted)", strokeWidth=1.2).encode(
            strokeDash=alt.condition("datum.at === 1", alt.value([1, 0]), alt.value([6, 3]))
        ),
        reference.mark_text(color="var(--muted)", align="right", baseline="top", dx=-4, fontSize=11).encode(
            y=alt.value(2), text="label:N"
        ),
        lines.transform_calculate(start="1")
        .mark_rule(strokeWidth=1.2, opacity=0.55)
        .encode(x="start:Q", x2="speedup:Q"),
        lines.mark_rule(strokeWidth=3, opacity=0.5, clip=True).encode(x="low:Q", x2="high:Q"),
        points.mark_point(size=46, opacity=1, strokeWidth=1.2).encode(**styles.marks(), tooltip=_tooltip()),
        *chart.doubted(points),
    ]
    ops = unique(one.op_name for one, _ in pairs)
    height = alt.Step(STEP, **{"for": "position"})
    return chart.layered(drawn, records, choices, height, styles, op_names=ops, several_threads=threads)


def _lines(pairs: Sequence[Pair], choices: Sequence[Control]) -> alt.LayerChart:
    """Several thread counts: speed-up, or efficiency, against threads. A line begins at the row on one thread, paired
    with itself."""
    starts = [(one, one) for one in {one.name: one for one, _ in pairs}.values()]
    records = _records([*starts, *pairs], choices)
    styles = _styles(pairs)
    is_speed = "measure === 'speedup'"
    counts = sorted({1, *(several.threads for _, several in pairs)})
    x = alt.X(
        "threads:Q",
        scale=alt.Scale(type="log", base=2, nice=False, padding=12),
        axis=alt.Axis(title="threads", values=counts, format="d", labelOverlap=True, grid=False),
    )
    y = alt.Y("value:Q", scale=alt.Scale(domainMin=0), axis=alt.Axis(title=None))
    points = records.transform_calculate(
        value=f"{is_speed} ? datum.speedup : datum.efficiency",
        value_low=f"{is_speed} ? datum.low : 100 * datum.low / datum.threads",
        value_high=f"{is_speed} ? datum.high : 100 * datum.high / datum.threads",
    ).encode(x=x, y=y)
    measures = f"{is_speed} ? 'speed-up over one thread' : 'parallel efficiency, %'"
    ideal = (
        chart.data([{"threads": count} for count in counts])
        .transform_calculate(value=f"{is_speed} ? datum.threads : 100")
        .mark_line(color="var(--muted)", strokeDash=[6, 3], strokeWidth=1.2)
        .encode(x=x, y=y)
    )
    drawn = [
        chart.title(measures, angle=270, x=-42, y=HEIGHT / 2),
        ideal,
        points.mark_line(strokeWidth=1.5).encode(color=styles.color()),
        points.mark_rule(strokeWidth=1.5).encode(y="value_low:Q", y2="value_high:Q", color=styles.color()),
        points.mark_point(size=50, opacity=1, strokeWidth=1.2).encode(**styles.marks(), tooltip=_tooltip()),
        *chart.doubted(points, "height - 14"),
    ]
    return chart.layered(drawn, records, choices, HEIGHT, styles)


def _tooltip() -> list[alt.Tooltip]:
    return chart.tooltip(
        op="op",
        impl="implementation",
        level="level",
        threads="threads",
        on="on",
        speedup=("speed-up", ".4~r"),
        low=("from", ".4~r"),
        high=("to", ".4~r"),
        efficiency=("speed-up per thread, %", ".1f"),
        one=("ns per element, undisturbed, one thread", ".4~r"),
        time=("ns per element, undisturbed, these threads", ".4~r"),
    )


def _answer(pairs: Sequence[Pair]) -> str:
    doubted = sum(not _believable(pair) for pair in pairs)
    pairs = [pair for pair in pairs if _believable(pair)]
    if not pairs:
        return f"No row on several threads is believable, or its like on one is not ({faults.COMMAND})."
    most_threads = max(several.threads for _, several in pairs)
    widest = [pair for pair in pairs if pair[1].threads == most_threads]
    parts: dict[str | None, list[str]] = {}
    for level in LEVELS:
        for state, gains in _by_state(widest, level).items():
            low, high = words.times(min(gains)), words.times(max(gains))
            parts.setdefault(state, []).append(f"{level} {words.span(low, high)}")
    brings = [f"{f', on {words.state(state)}' if state else ''}: {'; '.join(said)}" for state, said in parts.items()]
    text = (
        f"Over all ops and implementations, going from one thread to {most_threads} brings{'. The same'.join(brings)}."
    )
    slower = [pair for pair in widest if _gain(pair) < 1]
    if slower:
        worst = min(slower, key=_gain)
        rows = f"{words.plural(len(slower), 'row is', 'rows are')} slower than on one thread"
        state = f", on {words.state(worst[1].placement.state)}" if worst[1].placement else ""
        text += f" {rows}; the worst is {worst[1].name} at {words.times(_gain(worst))}{state}."
    if doubted:
        text += f" {words.plural(doubted, 'speed-up')} left out: a row of it is not believable ({faults.COMMAND})."
    return text


def _reading(lines: bool) -> str:
    text = (
        "Speed-up is the undisturbed time per element on one thread over that on several, of the same implementation; "
        "parallel efficiency is the speed-up per thread. "
    )
    text += (
        "The dashed line is ideal; the other lines join the thread counts that were measured. "
        if lines
        else "A line begins at one thread's speed, a rule at 1, and ends at its point; the dashed rule is ideal. "
    )
    return text + (
        "The thick part is what both intervals allow. A point is of the state that its "
        "row's figures are of; other states are in the table. In caches that each core has for itself every thread "
        "brings its own share, so that the working set grows with the threads; its name is the level it lives in."
    )


Line = tuple[Row, rows.Line]  # on one thread, on several


def _gain_cell(line: Line) -> Cell:
    one, several = line
    _, gain, high = _over(one, several.time)
    if not _believable((one, several.row)):
        return Cell(f"{words.times(gain)}, {faults.NOT_BELIEVABLE}", gain, "bad")
    return Cell(words.times(gain), gain, "bad" if high < 1 else "")


def _interval(line: Line) -> Cell:
    low, _, high = _over(line[0], line[1].time)
    return Cell(f"{words.significant(low)} – {words.significant(high)}", low)


_COLUMNS: Sequence[columns.Made[Line]] = (
    columns.name("op", lambda line: line[0].op_name),
    columns.name("implementation", lambda line: line[0].impl),
    columns.cell("level", lambda line: rows.level_cell(line[0].level)),
    columns.number("threads", lambda line: line[1].row.threads, str),
    columns.text("on", lambda line: line[1].state),
    columns.number("ns on one", lambda line: rows.undisturbed(line[0])),
    columns.number("ns on these", lambda line: line[1].time.undisturbed),
    columns.cell("speed-up", _gain_cell, is_number=True),
    columns.cell("from – to", _interval, is_number=True),
    columns.number(
        "efficiency", lambda line: 100 * _over(line[0], line[1].time)[1] / line[1].row.threads, words.percent
    ),
)
