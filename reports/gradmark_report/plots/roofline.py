"""Roofline: what memory, multiply-adds and the divider of this machine allow, and where each op is."""

import math
from collections.abc import Sequence
from typing import Any

import altair as alt

from gradmark_report import faults, placement, words
from gradmark_report.plots import axes, choices, dodge, figures, layers, looks
from gradmark_report.plots.plot import Cell, Column, Control, Plot, Table
from gradmark_report.record import FIRST_MODEL
from gradmark_report.result import LEVELS, Result, Row, unique

NAME = "roofline"
TITLE = "Roofline"
HEIGHT = 440
NARROW = 240  # pixels of the view on a phone
LONGEST = 20  # letters of a label
HALO: dict[str, Any] = {"stroke": "var(--page)", "strokeWidth": 4, "strokeJoin": "round"}


def make(result: Result) -> Plot:
    rated = [row for row in result.levels if row.gflop_per_s and row.gb_per_s]
    rows = [row for row in rated if row.believable]
    if not rows:
        answer = "No timed row of this file has both its rate of operations and its rate of bytes, and is believable."
        return Plot(NAME, TITLE, answer, "", None, _table([], [], []))
    if result.first_model:
        return Plot(NAME, TITLE, FIRST_MODEL, "", None, _table(rows, [], []))
    memory, compute = _memory_roofs(result.scored), _compute_roofs(result, rows)
    controls = _controls(rows)
    return Plot(
        NAME,
        TITLE,
        _answer(rows, memory, compute, controls) + _left_out(len(rated) - len(rows)),
        _READING,
        _chart(rows, memory, compute, controls),
        _table(rows, memory, compute),
        controls,
    )


def _left_out(doubted: int) -> str:
    are = "is" if doubted == 1 else "are"
    return f" {words.plural(doubted, 'row')} {are} {faults.NOT_BELIEVABLE} and left out." if doubted else ""


def intensity(row: Row) -> float:
    """Operations per byte."""
    return _rate(row) / float(row.gb_per_s or 1)


def _rate(row: Row) -> float:
    return float(row.gflop_per_s or 1)


def limit_rate(row: Row) -> float | None:
    """Gflop/s at the row's own attainable limit."""
    return _rate(row) * row.time.undisturbed / row.limit_ns if row.time and row.limit_ns else None


def _memory_roofs(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Per level and thread count the best bandwidth that any twin had there. Streaming stores move less than what is
    counted, and so say nothing of it."""
    best: dict[tuple[str, int], float] = {}
    for row in rows:
        if row.twin_ns and row.bytes_per_element and row.twin_stores != "streaming":
            key = (row.level, row.threads)
            best[key] = max(best.get(key, 0.0), row.bytes_per_element / row.twin_ns)
    return [
        {"level": level, "threads": threads, "gb": gb}
        for (level, threads), gb in sorted(best.items(), key=lambda item: (item[0][1], LEVELS.index(item[0][0])))
    ]


def _compute_roofs(result: Result, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Per implementation that has its own loops, on so many cores: multiply-adds alone, which are two operations each
    (without fused ones a multiplication, and an addition beside it), and the other kinds alone."""
    impls = set(unique(row.impl for row in rows))
    cores = result.machine["topology"].get("cores") or math.inf
    roofs = []
    for ceiling in result.machine["ceilings"]:
        if ceiling["isa"] in impls:
            lanes = ceiling["lanes"] * min(ceiling["threads"], cores)
            for unit, operations, ns in (
                ("multiply-adds", 2, ceiling["fma_ns"]),
                ("other arithmetic", 1, ceiling["other_ns"]),
                ("roots", 1, ceiling["sqrt_ns"]),
                ("divisions", 1, ceiling["divide_ns"]),
            ):
                roofs.append(
                    {
                        "impl": ceiling["isa"],
                        "threads": ceiling["threads"],
                        "unit": unit,
                        "gflops": operations * lanes / ns,
                    }
                )
    return roofs


def _controls(rows: Sequence[Row]) -> list[Control]:
    """First: DRAM, one thread, and the exact implementation that has the most ops; of several the last, which is the
    widest."""
    places = [level for level in LEVELS if any(row.level == level for row in rows)]
    threads = min(row.threads for row in rows if row.level == places[-1])
    impls = unique(row.impl for row in rows)
    here = [row for row in rows if (row.level, row.threads) == (places[-1], threads)]
    has = [(sum(row.impl == impl for row in here), not looks.is_fast(impl), n) for n, impl in enumerate(impls)]
    return [
        choices.one("level", "level", choices.named(places), places[-1]),
        choices.one("threads", "threads", choices.thread_options(row.threads for row in rows), threads),
        choices.one("impl", "implementation", choices.named(impls), impls[max(has)[2]]),
    ]


class _View:
    """The ends of both axes: those of everything in the file, so that choices can be compared by eye."""

    def __init__(
        self, rows: Sequence[Row], memory: Sequence[dict[str, Any]], compute: Sequence[dict[str, Any]]
    ) -> None:
        low, high = figures.bounds(intensity(row) for row in rows)
        self.left, self.right = low / 2, high * 2
        rates = [_rate(row) for row in rows] + [limit for row in rows if (limit := limit_rate(row))]
        rates += [roof["gflops"] for roof in compute]
        low, high = figures.bounds(rates)
        self.bottom, self.top = low / 1.5, high * 1.5

    def x(self, value: float) -> float:
        return NARROW * math.log(value / self.left) / math.log(self.right / self.left)

    def y(self, value: float) -> float:
        return HEIGHT * math.log(self.top / value) / math.log(self.top / self.bottom)

    def rate_at(self, y: float) -> float:
        return float(self.top * math.exp(-y / HEIGHT * math.log(self.top / self.bottom)))


def _points(rows: Sequence[Row], view: _View) -> list[dict[str, Any]]:
    plain = len({row.dtype for row in rows}) == 1
    groups: dict[tuple[str, int, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.level, row.threads, row.impl), []).append(row)
    records = []
    for group in groups.values():
        names = [row.op if plain else row.op_name for row in group]
        labels = [
            dodge.Label(x, view.y(_rate(row)), min(LONGEST, len(name)) + 2, left=x > NARROW / 2)
            for row, name in zip(group, names, strict=True)
            for x in [view.x(intensity(row))]
        ]
        places = dodge.apart(labels, dodge.LINE, HEIGHT - dodge.LINE)
        for row, name, label, y in zip(group, names, labels, places, strict=True):
            records.append(
                {
                    "name": name,
                    "op": row.op_name,
                    "level": row.level,
                    "threads": row.threads,
                    "impl": row.impl,
                    "intensity": figures.short(intensity(row)),
                    "rate": figures.short(_rate(row)),
                    "limit": figures.short(limit_rate(row)),
                    "percent": figures.short(row.attainable_percent, 4),
                    "bound": row.bound_by or words.UNKNOWN,
                    "label_rate": figures.short(view.rate_at(y)),
                    "left": label.left,
                }
            )
    return records


def _diagonals(memory: Sequence[dict[str, Any]], view: _View) -> list[dict[str, Any]]:
    """Where each memory roof enters the view and where it leaves it. Its label stands on it near its upper end, each a
    line of text lower than the one before, so that they never meet."""
    records = []
    for threads in sorted({roof["threads"] for roof in memory}):
        for index, roof in enumerate(roof for roof in memory if roof["threads"] == threads):
            gb = roof["gb"]
            start, end = max(view.left, view.bottom / gb), min(view.right, view.top / gb)
            if end > start:
                label_rate = max(view.rate_at(view.y(end * gb) + 8 + 1.2 * dodge.LINE * index), start * gb)
                records.append(
                    {
                        "level": roof["level"],
                        "threads": threads,
                        "from": figures.short(start),
                        "to": figures.short(end),
                        "low": figures.short(start * gb),
                        "high": figures.short(end * gb),
                        "label": f"{roof['level']} {words.significant(gb)} GB/s",
                        "label_rate": figures.short(label_rate),
                        "label_at": figures.short(label_rate / gb),
                    }
                )
    return records


def _horizontals(compute: Sequence[dict[str, Any]], view: _View) -> list[dict[str, Any]]:
    """Roots have no line of their own: it would lie on that of the divisions, with which they share a unit. Nor has
    other arithmetic, which is of several kinds."""
    return [
        {
            "impl": roof["impl"],
            "threads": roof["threads"],
            "unit": roof["unit"],
            "rate": figures.short(roof["gflops"]),
            "to": figures.short(view.right),
            "label": f"{roof['unit']} alone {words.significant(roof['gflops'])} Gflop/s",
        }
        for roof in compute
        if roof["unit"] in ("multiply-adds", "divisions")
    ]


def _chart(
    rows: Sequence[Row],
    memory: Sequence[dict[str, Any]],
    compute: Sequence[dict[str, Any]],
    controls: Sequence[Control],
) -> alt.LayerChart:
    view = _View(rows, memory, compute)
    source = layers.data(_points(rows, view))
    shown = choices.same("level", "threads", "impl")
    points = alt.Chart(source).transform_filter(shown)
    diagonals = alt.Chart(layers.data(_diagonals(memory, view))).transform_filter(choices.same("threads"))
    horizontals = alt.Chart(layers.data(_horizontals(compute, view))).transform_filter(choices.same("threads", "impl"))
    x_scale = alt.Scale(type="log", domain=[view.left, view.right], nice=False)
    y_scale = alt.Scale(type="log", domain=[view.bottom, view.top], nice=False)
    look = looks.implementations(unique(row.impl for row in rows))

    def x(field: str) -> alt.X:
        axis = alt.Axis(title="flop per byte", **axes.log_ticks("x"), grid=False)
        return alt.X(f"{field}:Q", scale=x_scale, axis=axis)

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=y_scale, axis=alt.Axis(title="Gflop/s", **axes.log_ticks("y"), grid=False))

    here = "datum.level === level"
    drawn = [
        diagonals.mark_rule(color="var(--series-3)").encode(
            x=x("from"),
            x2="to:Q",
            y=y("low"),
            y2="high:Q",
            strokeWidth=alt.condition(here, alt.value(2.4), alt.value(1)),
            opacity=alt.condition(here, alt.value(1), alt.value(0.65)),
        ),
        horizontals.mark_rule(strokeWidth=1.6).encode(
            x=alt.value(0),
            x2=alt.value("width"),
            y=y("rate"),
            color=alt.condition(
                "datum.unit === 'divisions'", alt.value("var(--series-8)"), alt.value("var(--series-9)")
            ),
            strokeDash=alt.condition("datum.unit === 'divisions'", alt.value([7, 3]), alt.value([1, 0])),
        ),
    ]
    on_line: dict[str, Any] = {"align": "right", "baseline": "middle", "dx": -6, "fontSize": 11}
    above: dict[str, Any] = {"align": "right", "dx": -4, "dy": -7, "fontSize": 11}
    named = diagonals.transform_calculate(words="width < 450 ? datum.level : datum.label")
    halos: tuple[dict[str, Any], ...] = (HALO, {})
    for halo in halos:
        drawn += [
            named.mark_text(**on_line, **halo).encode(x=x("label_at"), y=y("label_rate"), text="words:N"),
            horizontals.mark_text(**above, **halo).encode(x=x("to"), y=y("rate"), text="label:N"),
        ]
    limit = points.transform_filter("isValid(datum.limit)")
    drawn += [
        limit.mark_rule(color="var(--ink)", strokeWidth=1).encode(x=x("intensity"), y=y("rate"), y2="limit:Q"),
        limit.mark_tick(color="var(--ink)", orient="horizontal", size=14, thickness=1.6).encode(
            x=x("intensity"), y=y("limit")
        ),
    ]
    sides: tuple[tuple[bool, dict[str, Any], int], ...] = (
        (False, {"align": "left"}, 1),
        (True, {"align": "right"}, -1),
    )
    for is_left, align, sign in sides:
        side = points.transform_filter("datum.left" if is_left else "!datum.left")
        drawn.append(
            side.mark_rule(color="var(--muted)", strokeWidth=0.8, x2Offset=9 * sign).encode(
                x=x("intensity"), x2="intensity:Q", y=y("rate"), y2="label_rate:Q"
            )
        )
        for halo in halos:
            drawn.append(
                side.mark_text(
                    **align, baseline="middle", dx=11 * sign, limit=dodge.LETTER * LONGEST + 8, **halo
                ).encode(x=x("intensity"), y=y("label_rate"), text="name:N")
            )
    drawn += [
        points.mark_point(size=60, opacity=1, strokeWidth=1.7).encode(
            x=x("intensity"), y=y("rate"), **look.marks(), tooltip=_tooltip()
        ),
        layers.nothing(source, shown),
    ]
    return layers.drawn(drawn, controls, HEIGHT)


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("op:N"),
        alt.Tooltip("intensity:Q", title="flop per byte", format=".4~r"),
        alt.Tooltip("rate:Q", title="Gflop/s", format=".4~r"),
        alt.Tooltip("limit:Q", title="its limit, Gflop/s", format=".4~r"),
        alt.Tooltip("percent:Q", title="% of attainable", format=".1f"),
        alt.Tooltip("bound:N", title="bound by"),
    ]


def _answer(
    rows: Sequence[Row],
    memory: Sequence[dict[str, Any]],
    compute: Sequence[dict[str, Any]],
    controls: Sequence[Control],
) -> str:
    level, threads, impl = (control.chosen for control in controls)
    on = words.plural(threads, "thread")
    sentences = []
    bandwidths = [f"{roof['level']} {words.significant(roof['gb'])}" for roof in memory if roof["threads"] == threads]
    if bandwidths:
        sentences.append(f"On {on} the best twins moved, in GB/s: {', '.join(bandwidths)}.")
    units = [
        f"{words.significant(roof['gflops'])} Gflop/s of {roof['unit']} alone"
        for roof in compute
        if (roof["threads"], roof["impl"]) == (threads, impl)
    ]
    if units:
        sentences.append(f"In its registers {impl} did {words.listed(units)}.")
    else:
        sentences.append(f"This file has no measurement of what {impl} does in its registers on {on}.")
    here = [row for row in rows if (row.level, row.threads, row.impl) == (level, threads, impl)]
    if here:
        low, high = min(here, key=_rate), max(here, key=_rate)
        least, most = words.significant(_rate(low)), words.significant(_rate(high))
        span = (
            f"{low.op_name} reaches {least} Gflop/s"
            if low is high
            else f"the ops reach {least} Gflop/s"
            if least == most
            else f"the ops reach {least} ({low.op_name}) to {most} ({high.op_name}) Gflop/s"
        )
        sentences.append(f"With {impl} in {level} on {placement.on(*here)}, {span}.")
    return " ".join(sentences)


_READING = (
    "Both axes are logarithmic. A point is an op of the chosen implementation; the bar above it is its own limit, for "
    "its own data and arithmetic, and the line between them what is left. Rising lines are measured memory roofs: the "
    "best bandwidth that any twin, which moves the same data without the arithmetic, had in that level on so many "
    "threads (the chosen level's is thick); twins with streaming stores move less than is counted, and are left out. "
    "Level lines are what this implementation's instruction set did in registers, times the cores used: multiply-adds "
    "alone, two operations each, and, dashed, divisions alone. Few ops are of one kind, so that the core's limit of "
    "most lies between these two; roots, which share the divider, and other arithmetic are in the table."
)


def _table(rows: Sequence[Row], memory: Sequence[dict[str, Any]], compute: Sequence[dict[str, Any]]) -> Table:
    columns = [
        Column("what", code=True),
        Column("implementation", code=True),
        Column("level"),
        Column("threads", number=True),
        Column("on"),
        Column("flop/byte", number=True),
        Column("Gflop/s", number=True),
        Column("GB/s", number=True),
        Column("its limit, Gflop/s", number=True),
        Column("bound by"),
    ]
    unknown = Cell(words.UNKNOWN)

    def number(value: float | None) -> Cell:
        return Cell(words.significant(value), figures.short(value))

    lines = []
    for roof in memory:
        place = Cell(roof["level"], LEVELS.index(roof["level"]))
        count = Cell(str(roof["threads"]), roof["threads"])
        lines.append(
            [
                Cell("roof: memory"),
                unknown,
                place,
                count,
                unknown,
                unknown,
                unknown,
                number(roof["gb"]),
                unknown,
                unknown,
            ]
        )
    for roof in compute:
        count = Cell(str(roof["threads"]), roof["threads"])
        rate = number(roof["gflops"])
        lines.append(
            [
                Cell(f"roof: {roof['unit']}"),
                Cell(roof["impl"]),
                unknown,
                count,
                unknown,
                unknown,
                rate,
                unknown,
                unknown,
                unknown,
            ]
        )
    for row in rows:
        lines.append(
            [
                Cell(row.op_name),
                Cell(row.impl),
                Cell(row.level, LEVELS.index(row.level)),
                Cell(str(row.threads), row.threads),
                Cell(placement.of(row)),
                number(intensity(row)),
                number(row.gflop_per_s),
                number(row.gb_per_s),
                number(limit_rate(row)),
                Cell(row.bound_by or words.UNKNOWN),
            ]
        )
    return Table(columns, lines)
