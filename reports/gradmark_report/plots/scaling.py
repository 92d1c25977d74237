"""What more threads bring: speed-up over one thread, and parallel efficiency."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from gradmark_report import faults, placement, words
from gradmark_report.plots import choices, figures, layers, looks
from gradmark_report.plots.plot import Cell, Column, Control, Plot, Table
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
        return Plot(NAME, TITLE, answer, "", None, _table([]))
    counts = sorted({several.threads for _, several in pairs})
    controls = _controls(pairs, lines=len(counts) > 1)
    chart = _lines(pairs, controls) if len(counts) > 1 else _dots(pairs, controls, counts[0])
    return Plot(NAME, TITLE, _answer(pairs), _reading(len(counts) > 1), chart, _table(pairs), controls)


def _pairs(rows: Sequence[Row]) -> list[Pair]:
    alone = {(row.op_name, row.impl, row.level): row for row in rows if row.threads == 1}
    pairs = []
    for row in rows:
        one = alone.get((row.op_name, row.impl, row.level))
        if one and row.threads > 1:
            pairs.append((one, row))
    return pairs


def speedup(pair: Pair) -> tuple[float, float, float]:
    """Low, value, high: from the ends of both intervals, so that it is rather too wide than too narrow."""
    if pair[0] is pair[1]:
        return 1.0, 1.0, 1.0
    assert pair[1].time
    return _over(pair[0], pair[1].time)


def _over(one: Row, several: Figures) -> tuple[float, float, float]:
    assert one.time
    return one.time.low / several.high, one.time.undisturbed / several.undisturbed, one.time.high / several.low


def _gain(pair: Pair) -> float:
    return speedup(pair)[1]


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
    impls = unique(one.impl for one, _ in pairs)
    ops = unique(one.op_name for one, _ in pairs)
    op = next((name for name in ops if name.startswith("adamw/")), ops[0])
    # The one that has the most pairs; of those the last, which is the widest vector that is exact.
    has = [(sum(one.impl == impl for one, _ in pairs), not looks.is_fast(impl), n) for n, impl in enumerate(impls)]
    impl = impls[max(has)[2]]
    controls = [choices.one("impl", "implementation", choices.named(impls), impl)]
    if lines:
        if not any((one.op_name, one.impl) == (op, impl) for one, _ in pairs):
            op = next(one.op_name for one, _ in pairs if one.impl == impl)
        measures = [("speedup", "speed-up"), ("efficiency", "parallel efficiency")]
        controls.insert(0, choices.one("op", "op", choices.named(ops), op))
        controls.append(choices.one("measure", "show", measures, "speedup"))
    return controls


def _record(pair: Pair, ops: Sequence[str]) -> dict[str, Any]:
    one, several = pair
    low, gain, high = speedup(pair)
    assert one.time
    assert several.time
    return {
        "op": several.op_name,
        "op_order": ops.index(several.op_name),
        "impl": several.impl,
        "doubted": not _believable(pair),
        "level": several.level,
        "level_order": LEVELS.index(several.level),
        "threads": several.threads,
        "on": placement.of(several) or "one thread",
        "speedup": figures.short(gain, 4),
        "low": figures.short(low, 4),
        "high": figures.short(high, 4),
        "efficiency": figures.short(_efficiency(pair), 4),
        "one": figures.short(one.time.undisturbed),
        "several": figures.short(several.time.undisturbed),
    }


def _source(pairs: Sequence[Pair]) -> tuple[alt.InlineData, list[str]]:
    ops = unique(one.op_name for one, _ in pairs)
    return layers.data(_record(pair, ops) for pair in pairs), ops


def _starts(pairs: Sequence[Pair]) -> list[Pair]:
    """Of each row on one thread the pair with itself, where its line begins."""
    return [(one, one) for one in {one.name: one for one, _ in pairs}.values()]


def _look(pairs: Sequence[Pair]) -> looks.Looks:
    return looks.levels([level for level in LEVELS if any(one.level == level for one, _ in pairs)])


def _dots(pairs: Sequence[Pair], controls: Sequence[Control], threads: int) -> alt.LayerChart:
    """Two thread counts: a line for each op, from 1 (the one thread) to what several threads bring."""
    source, ops = _source(pairs)
    look = _look(pairs)
    shown = choices.same("impl")
    points = alt.Chart(source).transform_filter(shown)
    # By the points: a wide interval may leave the view, and its ends are in the table.
    most = max(threads, *(_gain(pair) for pair in pairs)) * 1.12
    scale = alt.Scale(domain=[0, most], nice=False)
    x = alt.X(
        "speedup:Q",
        scale=scale,
        axis=alt.Axis(
            title=f"speed-up of {threads} threads, and efficiency",
            tickCount=5,
            labelExpr="[format(datum.value, '~g') + '×', format(datum.value / several_threads, '.0%')]",
        ),
    )
    y = alt.Y(
        "op_order:O",
        scale=alt.Scale(paddingInner=0.22, paddingOuter=0.3),
        axis=alt.Axis(title=None, labelExpr="op_names[datum.value]", labelLimit=looks.LONGEST_NAME, ticks=False),
    )
    offset = alt.YOffset("level:N", scale=alt.Scale(domain=look.names, paddingOuter=0))
    reference = alt.Chart(layers.data([{"at": 1, "label": "one thread"}, {"at": threads, "label": "ideal"}]))
    drawn = [
        reference.mark_rule(color="var(--muted)", strokeWidth=1.2).encode(
            x="at:Q",
            strokeDash=alt.condition("datum.at === 1", alt.value([1, 0]), alt.value([6, 3])),
        ),
        reference.mark_text(color="var(--muted)", align="right", baseline="top", dx=-4, fontSize=11).encode(
            x="at:Q", y=alt.value(2), text="label:N"
        ),
        points.transform_calculate(start="1")
        .mark_rule(strokeWidth=1.2, opacity=0.55)
        .encode(x=alt.X("start:Q"), x2="speedup:Q", y=y, yOffset=offset, color=look.color()),
        points.mark_rule(strokeWidth=3, opacity=0.5, clip=True).encode(
            x=alt.X("low:Q"), x2="high:Q", y=y, yOffset=offset, color=look.color()
        ),
        points.mark_point(size=46, opacity=1, strokeWidth=1.2).encode(
            x=x, y=y, yOffset=offset, **look.marks(), tooltip=_tooltip()
        ),
        *layers.doubted(points, x, y, yOffset=offset),
        *look.key(source, shown),
        layers.nothing(source, shown),
    ]
    chart = layers.drawn(drawn, controls, alt.Step(STEP, **{"for": "position"}))
    return chart.add_params(alt.param(name="op_names", value=ops), alt.param(name="several_threads", value=threads))


def _lines(pairs: Sequence[Pair], controls: Sequence[Control]) -> alt.LayerChart:
    """Several thread counts: speed-up, or efficiency, against threads."""
    starts = _starts(pairs)
    source, _ = _source([*starts, *pairs])
    look = _look(pairs)
    shown = choices.both(choices.same("op", "impl"))
    is_speed = "measure === 'speedup'"
    points = (
        alt.Chart(source)
        .transform_filter(shown)
        .transform_calculate(
            value=f"{is_speed} ? datum.speedup : datum.efficiency",
            value_low=f"{is_speed} ? datum.low : 100 * datum.low / datum.threads",
            value_high=f"{is_speed} ? datum.high : 100 * datum.high / datum.threads",
        )
    )
    counts = sorted({1, *(several.threads for _, several in pairs)})
    x = alt.X(
        "threads:Q",
        scale=alt.Scale(type="log", base=2, nice=False, padding=12),
        axis=alt.Axis(title="threads", values=counts, format="d", labelOverlap=True, grid=False),
    )
    y = alt.Y("value:Q", scale=alt.Scale(domainMin=0), axis=alt.Axis(title=None))
    # No axis can have a title that follows a parameter; a text beside it can.
    title = (
        alt.Chart(layers.data([{}]))
        .transform_calculate(words=f"{is_speed} ? 'speed-up over one thread' : 'parallel efficiency, %'")
        .mark_text(angle=270, fontWeight=600, x=-42, y=HEIGHT / 2)
        .encode(text="words:N")
    )
    ideal = (
        alt.Chart(layers.data([{"threads": count} for count in counts]))
        .transform_calculate(value=f"{is_speed} ? datum.threads : 100")
        .mark_line(color="var(--muted)", strokeDash=[6, 3], strokeWidth=1.2)
        .encode(x=x, y=y)
    )
    drawn = [
        title,
        ideal,
        points.mark_line(strokeWidth=1.5).encode(x=x, y=y, color=look.color()),
        points.mark_rule(strokeWidth=1.5).encode(x=x, y=alt.Y("value_low:Q"), y2="value_high:Q", color=look.color()),
        points.mark_point(size=50, opacity=1, strokeWidth=1.2).encode(x=x, y=y, **look.marks(), tooltip=_tooltip()),
        *layers.doubted(points, x, y, "height - 14"),
        *look.key(source, shown),
        layers.nothing(source, shown),
    ]
    return layers.drawn(drawn, controls, HEIGHT)


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("op:N"),
        alt.Tooltip("impl:N", title="implementation"),
        alt.Tooltip("level:N"),
        alt.Tooltip("threads:Q"),
        alt.Tooltip("on:N"),
        alt.Tooltip("speedup:Q", title="speed-up", format=".4~r"),
        alt.Tooltip("low:Q", title="from", format=".4~r"),
        alt.Tooltip("high:Q", title="to", format=".4~r"),
        alt.Tooltip("efficiency:Q", title="speed-up per thread, %", format=".1f"),
        alt.Tooltip("one:Q", title="ns per element, undisturbed, one thread", format=".4~r"),
        alt.Tooltip("several:Q", title="ns per element, undisturbed, these threads", format=".4~r"),
    ]


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


def _table(pairs: Sequence[Pair]) -> Table:
    columns = [
        Column("op", code=True),
        Column("implementation", code=True),
        Column("level"),
        Column("threads", number=True),
        Column("on"),
        Column("ns on one", number=True),
        Column("ns on these", number=True),
        Column("speed-up", number=True),
        Column("from – to", number=True),
        Column("efficiency", number=True),
    ]
    rows = []
    for pair in pairs:
        several = pair[1]
        assert several.time
        rows.append(_line(pair, several.time, placement.of(several)))
        rows += [_line(pair, other, state) for state, other in placement.others(several)]
    return Table(columns, rows)


def _line(pair: Pair, time: Figures, state: str) -> list[Cell]:
    one, several = pair
    low, gain, high = _over(one, time)
    efficiency = 100 * gain / several.threads
    assert one.time
    return [
        Cell(several.op_name),
        Cell(several.impl),
        Cell(several.level, LEVELS.index(several.level)),
        Cell(str(several.threads), several.threads),
        Cell(state),
        Cell(words.significant(one.time.undisturbed), one.time.undisturbed),
        Cell(words.significant(time.undisturbed), time.undisturbed),
        Cell(words.times(gain), gain, mark="bad" if high < 1 else "")
        if _believable(pair)
        else Cell(f"{words.times(gain)}, {faults.NOT_BELIEVABLE}", gain, mark="bad"),
        Cell(f"{words.significant(low)} – {words.significant(high)}", low),
        Cell(words.percent(efficiency), efficiency),
    ]
