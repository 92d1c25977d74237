"""Roofline: what memory, multiply-adds and the divider of this machine allow, and where each op is."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from gradmark_report import faults, placement, words
from gradmark_report.plots import chart, columns, controls, dodge, rows, style
from gradmark_report.plots.plot import Cell, Control, Plot
from gradmark_report.record import FIRST_MODEL
from gradmark_report.result import LEVELS, Result, Row, unique

NAME = "roofline"
TITLE = "Roofline"
HEIGHT = 440
NARROW = 240  # pixels of the view on a phone
LONGEST = 20  # letters of a label


@dataclass(frozen=True)
class Roof:
    """The most that so many threads can do of one thing: of memory, or in the registers of an implementation."""

    kind: str  # memory, multiply-adds, divisions, ...
    threads: int
    level: str = ""
    gb_per_s: float | None = None
    impl: str = ""
    gflop_per_s: float | None = None


def make(result: Result) -> Plot:
    rated = [row for row in result.levels if row.gflop_per_s and row.gb_per_s]
    believed = [row for row in rated if row.believable]
    if not believed:
        answer = "No timed row of this file has both its rate of operations and its rate of bytes, and is believable."
        return Plot(NAME, TITLE, answer, "", None, columns.table(_COLUMNS, []))
    if result.first_model:
        return Plot(NAME, TITLE, FIRST_MODEL, "", None, columns.table(_COLUMNS, believed))
    roofs = [*_memory_roofs(result.scored), *_compute_roofs(result, believed)]
    lines: list[Roof | Row] = [*roofs, *believed]
    table = columns.table(_COLUMNS, lines)
    level, threads = controls.last_level(believed)
    here = [row for row in believed if (row.level, row.threads) == (level, threads)]
    impl = controls.widest(believed, here)
    choices = controls.of_rows(believed, level=level, threads=threads, impl=impl)
    answer = _answer([row for row in here if row.impl == impl], roofs, level, threads, impl)
    answer += _left_out(len(rated) - len(believed))
    return Plot(
        NAME,
        TITLE,
        answer,
        _READING,
        _chart(believed, roofs, choices),
        table,
        choices,
    )


def _left_out(doubted: int) -> str:
    are = "is" if doubted == 1 else "are"
    return f" {words.plural(doubted, 'row')} {are} {faults.NOT_BELIEVABLE} and left out." if doubted else ""


def _intensity(row: Row) -> float:
    """Operations per byte."""
    return _rate(row) / float(row.gb_per_s or 1)


def _rate(row: Row) -> float:
    return float(row.gflop_per_s or 1)


def _limit_rate(row: Row) -> float | None:
    """Gflop/s at the row's own attainable limit."""
    return _rate(row) * row.time.undisturbed / row.limit_ns if row.time and row.limit_ns else None


def _memory_roofs(scored: Sequence[Row]) -> list[Roof]:
    """Per level and thread count the best bandwidth that any twin had there. Streaming stores move less than what is
    counted, and so say nothing of it."""
    best: dict[tuple[int, int], float] = {}
    for row in scored:
        if row.twin_ns and row.bytes_per_element and row.twin_stores != "streaming":
            key = (row.threads, LEVELS.index(row.level))
            best[key] = max(best.get(key, 0.0), row.bytes_per_element / row.twin_ns)
    return [Roof("memory", threads, LEVELS[level], rate) for (threads, level), rate in sorted(best.items())]


def _compute_roofs(result: Result, believed: Sequence[Row]) -> list[Roof]:
    """Per implementation that has its own loops, on so many cores: multiply-adds alone, which are two operations each
    (without fused ones a multiplication, and an addition beside it), and the other kinds alone."""
    impls = {row.impl for row in believed}
    cores = result.machine["topology"].get("cores") or math.inf
    roofs = []
    for ceiling in result.machine["ceilings"]:
        if ceiling["isa"] in impls:
            lanes = ceiling["lanes"] * min(ceiling["threads"], cores)
            for kind, operations, ns in (
                ("multiply-adds", 2, ceiling["fma_ns"]),
                ("other arithmetic", 1, ceiling["other_ns"]),
                ("roots", 1, ceiling["sqrt_ns"]),
                ("divisions", 1, ceiling["divide_ns"]),
            ):
                rate = operations * lanes / ns
                roofs.append(Roof(kind, ceiling["threads"], impl=ceiling["isa"], gflop_per_s=rate))
    return roofs


class _View:
    """The ends of both axes: those of everything in the file, so that choices can be compared by eye."""

    def __init__(self, believed: Sequence[Row], roofs: Sequence[Roof]) -> None:
        intensities = [_intensity(row) for row in believed]
        self.left, self.right = min(intensities) / 2, max(intensities) * 2
        rates = [_rate(row) for row in believed] + [limit for row in believed if (limit := _limit_rate(row))]
        rates += [roof.gflop_per_s for roof in roofs if roof.gflop_per_s]
        self.bottom, self.top = min(rates) / 1.5, max(rates) * 1.5

    def x(self, value: float) -> float:
        return NARROW * math.log(value / self.left) / math.log(self.right / self.left)

    def y(self, value: float) -> float:
        return HEIGHT * math.log(self.top / value) / math.log(self.top / self.bottom)

    def rate_at(self, y: float) -> float:
        return float(self.top * math.exp(-y / HEIGHT * math.log(self.top / self.bottom)))


def _points(believed: Sequence[Row], view: _View) -> list[dict[str, Any]]:
    plain = len({row.dtype for row in believed}) == 1
    groups: dict[tuple[str, int, str], list[Row]] = {}
    for row in believed:
        groups.setdefault((row.level, row.threads, row.impl), []).append(row)
    records = []
    for group in groups.values():
        names = [row.op if plain else row.op_name for row in group]
        labels = [
            dodge.Label(x, view.y(_rate(row)), min(LONGEST, len(name)) + 2, left=x > NARROW / 2)
            for row, name in zip(group, names, strict=True)
            for x in [view.x(_intensity(row))]
        ]
        for row, name, label, y in zip(group, names, labels, dodge.apart(labels, HEIGHT), strict=True):
            records.append(
                {
                    **rows.record(row),
                    "name": name,
                    "intensity": chart.short(_intensity(row)),
                    "rate": chart.short(_rate(row)),
                    "limit": chart.short(_limit_rate(row)),
                    "label_rate": chart.short(view.rate_at(y)),
                    "left": label.left,
                }
            )
    return records


def _diagonals(roofs: Sequence[Roof], view: _View) -> list[dict[str, Any]]:
    """Where each memory roof enters the view and where it leaves it. Its label stands on it near its upper end, each a
    line of text lower than the one before, so that they never meet."""
    records = []
    before = dict.fromkeys((roof.threads for roof in roofs), 0)
    for roof in roofs:
        rate = roof.gb_per_s
        if rate is None:
            continue
        start, end = max(view.left, view.bottom / rate), min(view.right, view.top / rate)
        lower = view.y(end * rate) + 8 + 1.2 * dodge.LINE * before[roof.threads]
        before[roof.threads] += 1
        if end > start:
            label_rate = max(view.rate_at(lower), start * rate)
            records.append(
                {
                    "level": roof.level,
                    "threads": roof.threads,
                    "from": chart.short(start),
                    "to": chart.short(end),
                    "low": chart.short(start * rate),
                    "high": chart.short(end * rate),
                    "label": f"{roof.level} {words.significant(rate)} GB/s",
                    "label_rate": chart.short(label_rate),
                    "label_at": chart.short(label_rate / rate),
                }
            )
    return records


def _horizontals(roofs: Sequence[Roof], view: _View) -> list[dict[str, Any]]:
    """Roots have no line of their own: it would lie on that of the divisions, with which they share a unit. Nor has
    other arithmetic, which is of several kinds."""
    return [
        {
            "impl": roof.impl,
            "threads": roof.threads,
            "kind": roof.kind,
            "rate": chart.short(roof.gflop_per_s),
            "to": chart.short(view.right),
            "label": f"{roof.kind} alone {words.significant(roof.gflop_per_s)} Gflop/s",
        }
        for roof in roofs
        if roof.kind in ("multiply-adds", "divisions")
    ]


def _chart(believed: Sequence[Row], roofs: Sequence[Roof], choices: Sequence[Control]) -> alt.LayerChart:
    view = _View(believed, roofs)
    styles = style.implementations(unique(row.impl for row in believed))
    records = chart.data(_points(believed, view)).transform_filter(controls.shown(choices))
    diagonals = chart.data(_diagonals(roofs, view)).transform_filter(controls.same("threads"))
    horizontals = chart.data(_horizontals(roofs, view)).transform_filter(controls.same("threads", "impl"))
    x_domain, y_domain = [view.left, view.right], [view.bottom, view.top]
    x = chart.logarithmic(alt.X, "intensity", "flop per byte", grid=False, domain=x_domain)
    y = chart.logarithmic(alt.Y, "rate", "Gflop/s", grid=False, domain=y_domain)
    points = records.encode(x=x, y=y)
    limited = records.transform_filter("isValid(datum.limit)").encode(x=x)
    chosen, divides = "datum.level === level", "datum.kind === 'divisions'"
    said = chart.tooltip(
        op="op",
        intensity=("flop per byte", ".4~r"),
        rate=("Gflop/s", ".4~r"),
        limit=("its limit, Gflop/s", ".4~r"),
        percent=("% of attainable", ".1f"),
        bound="bound by",
    )

    def beside(pixels: int) -> alt.ExprRef:
        """So far to the right of a point, or to the left of one whose label stands there."""
        return alt.ExprRef(f"datum.left ? -{pixels} : {pixels}")

    drawn = [
        diagonals.mark_rule(color="var(--series-3)").encode(
            x="from:Q",
            x2="to:Q",
            y="low:Q",
            y2="high:Q",
            strokeWidth=alt.condition(chosen, alt.value(2.4), alt.value(1)),
            opacity=alt.condition(chosen, alt.value(1), alt.value(0.65)),
        ),
        horizontals.mark_rule(strokeWidth=1.6).encode(
            x=alt.value(0),
            x2=alt.value("width"),
            y=y,
            color=alt.condition(divides, alt.value("var(--series-8)"), alt.value("var(--series-9)")),
            strokeDash=alt.condition(divides, alt.value([7, 3]), alt.value([1, 0])),
        ),
        *chart.with_halos(
            diagonals.transform_calculate(words="width < 450 ? datum.level : datum.label")
            .mark_text(align="right", baseline="middle", dx=-6, fontSize=11)
            .encode(x="label_at:Q", y="label_rate:Q", text="words:N"),
            horizontals.mark_text(align="right", dx=-4, dy=-7, fontSize=11).encode(x="to:Q", y=y, text="label:N"),
        ),
        limited.mark_rule(color="var(--ink)", strokeWidth=1).encode(y=y, y2="limit:Q"),
        limited.mark_tick(color="var(--ink)", orient="horizontal", size=14, thickness=1.6).encode(y="limit:Q"),
        points.mark_rule(color="var(--muted)", strokeWidth=0.8, x2Offset=beside(9)).encode(
            x2="intensity:Q", y2="label_rate:Q"
        ),
        *chart.with_halos(
            records.mark_text(
                align=alt.ExprRef("datum.left ? 'right' : 'left'"),
                baseline="middle",
                dx=beside(11),
                limit=dodge.LETTER * LONGEST + 8,
            ).encode(x=x, y="label_rate:Q", text="name:N")
        ),
        points.mark_point(size=60, opacity=1, strokeWidth=1.7).encode(**styles.marks(), tooltip=said),
    ]
    return chart.layered(drawn, records, choices, HEIGHT)


def _answer(here: Sequence[Row], roofs: Sequence[Roof], level: str, threads: int, impl: str) -> str:
    on = words.plural(threads, "thread")
    sentences = []
    of_threads = [roof for roof in roofs if roof.threads == threads]
    bandwidths = [f"{roof.level} {words.significant(roof.gb_per_s)}" for roof in of_threads if roof.level]
    if bandwidths:
        sentences.append(f"On {on} the best twins moved, in GB/s: {', '.join(bandwidths)}.")
    units = [
        f"{words.significant(roof.gflop_per_s)} Gflop/s of {roof.kind} alone"
        for roof in of_threads
        if roof.impl == impl
    ]
    if units:
        sentences.append(f"In its registers {impl} did {words.listed(units)}.")
    else:
        sentences.append(f"This file has no measurement of what {impl} does in its registers on {on}.")
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


def _of_row(of: Callable[[Row], Any]) -> Callable[[Roof | Row], Any]:
    return lambda line: of(line) if isinstance(line, Row) else None


_COLUMNS: Sequence[columns.Made[Roof | Row]] = (
    columns.name("what", lambda line: f"roof: {line.kind}" if isinstance(line, Roof) else line.op_name),
    columns.name("implementation", lambda line: line.impl or words.UNKNOWN),
    columns.cell("level", lambda line: rows.level_cell(line.level) if line.level else Cell(words.UNKNOWN)),
    columns.number("threads", lambda line: line.threads, str),
    columns.text("on", _of_row(placement.of)),
    columns.number("flop/byte", _of_row(_intensity)),
    columns.number("Gflop/s", lambda line: line.gflop_per_s),
    columns.number("GB/s", lambda line: line.gb_per_s),
    columns.number("its limit, Gflop/s", _of_row(_limit_rate)),
    columns.text("bound by", _of_row(lambda row: row.bound_by)),
)
