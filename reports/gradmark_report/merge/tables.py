"""The tables of several machines: columns are machines."""

from collections.abc import Sequence

from gradmark_report import faults, words
from gradmark_report.choice import WORTH_SAYING
from gradmark_report.merge.cases import Case, Fleet
from gradmark_report.merge.findings import flags, per_euro
from gradmark_report.merge.steps import euros, steps
from gradmark_report.plots.plot import Cell, Column, Table

NOTHING = Cell(words.UNKNOWN)


def _machines(fleet: Fleet, first: str, *, code: bool, number: bool) -> list[Column]:
    return [Column(first, code=code), *(Column(machine.label, number=number) for machine in fleet.machines)]


def _time(case: Case, index: int) -> Cell:
    ns = case.ns(index)
    row = case.rows[index]
    if ns is None or row is None:
        return NOTHING
    name = case.state(index)
    state = f", on {words.state(name)}" if name else ""
    if case.measured == 1 or not case.alike:
        return Cell(f"{words.significant(ns)}{state}", ns)
    best = case.best(index)
    ratio, said = case.ratio(index) or 1.0, ""
    if not best or ratio >= WORTH_SAYING:
        said = f" ({'~' if best else ''}{words.times(ratio)})"
    return Cell(f"{words.significant(ns)}{said}{state}", ns, "good" if best else "")


def times(fleet: Fleet, place: tuple[str, str]) -> Table:
    """ns per element and the ratio to the best, which is marked: it, and what cannot be told from it (~)."""
    cases = fleet.at(place)
    rows = [[Cell(case.name), *(_time(case, index) for index in range(len(fleet.machines)))] for case in cases]
    return Table(_machines(fleet, "op", code=True, number=True), rows)


def limits(fleet: Fleet, place: tuple[str, str]) -> Table:
    """Which implementation, how close to what is attainable, and what binds it."""
    rows = []
    for case in fleet.at(place):
        cells = [Cell(case.name)]
        for row in case.rows:
            if row is None:
                cells.append(NOTHING)
            else:
                said = f"{row.impl}: {faults.percent(row)}, {row.bound_by or words.UNKNOWN}"
                cells.append(Cell(said, row.attainable_percent, faults.colour(row)))
        rows.append(cells)
    return Table(_machines(fleet, "op", code=True, number=False), rows)


def adamw(fleet: Fleet) -> Table | None:
    """One AdamW step on each machine; None where no machine timed it."""
    taken = steps(fleet)
    if not any(taken):
        return None
    lines: list[tuple[str, list[Cell]]] = [
        ("implementation", [Cell(f"{one.row.impl}, t{one.row.threads}") if one else NOTHING for one in taken]),
        ("on", [Cell(words.state(one.state or "")) if one else NOTHING for one in taken]),
        ("ns per parameter", [_figure(one.seconds(1e9) if one else None) for one in taken]),
        ("GB/s", [_figure(one.gb_per_s if one else None) for one in taken]),
        ("of attainable", [Cell(faults.percent(one.row)) if one else NOTHING for one in taken]),
        ("bound by", [Cell(one.row.bound_by or words.UNKNOWN) if one else NOTHING for one in taken]),
    ]
    for parameters in (1e9, 7e9):
        seconds = [one.seconds(parameters) if one else None for one in taken]
        least = min(second for second in seconds if second is not None)
        cells = []
        for one, second in zip(taken, seconds, strict=True):
            if one is None or second is None:
                cells.append(NOTHING)
            elif one.fits(parameters) is False:
                cells.append(Cell(f"{words.duration(second)}, does not fit", second, "doubt"))
            else:
                cells.append(Cell(words.duration(second), second, "good" if second == least else ""))
        lines.append((f"step on {words.count(parameters)}", cells))
    if any(machine.euros_per_hour for machine in fleet.machines):
        prices = [machine.euros_per_hour for machine in fleet.machines]
        lines.append(("€ per hour", [Cell(f"{price:g}", price) if price else NOTHING for price in prices]))
        costs = [one.euros(1e9) if one else None for one in taken]
        cheapest = min((cost for cost in costs if cost), default=None)
        steps_, each = [], []
        for one, cost in zip(taken, costs, strict=True):
            mark = "good" if cost is not None and cost == cheapest else ""
            steps_.append(Cell(per_euro(one), 1 / cost, mark) if one and cost else NOTHING)  # type: ignore[arg-type]
            each.append(Cell(euros(cost), cost, mark) if cost else NOTHING)  # type: ignore[arg-type]
        lines += [("steps on 1 billion per €", steps_), ("one step on 1 billion", each)]
    return Table(_machines(fleet, "AdamW", code=False, number=True), [[Cell(name), *cells] for name, cells in lines])


def _figure(value: float | None) -> Cell:
    return NOTHING if value is None else Cell(words.significant(value), value)


def circumstances(fleet: Fleet) -> Table:
    """What each machine is, and what speaks against its figures."""

    def line(name: str, values: Sequence[str]) -> list[Cell]:
        return [Cell(name), *(Cell(value) for value in values)]

    results = [machine.result for machine in fleet.machines]
    rows = [
        line("processor", [result.processor for result in results]),
        line("cores", [str(result.machine["topology"]["cores"]) for result in results]),
        line("threads timed", [", ".join(map(str, result.thread_counts)) for result in results]),
    ]
    for level in ("L1", "L2", "L3"):
        sizes = [
            next(
                (words.size(cache["bytes"]) for cache in result.machine["caches"] if f"L{cache['level']}" == level), "–"
            )
            for result in results
        ]
        rows.append(line(level, sizes))
    rows += [
        line("memory", [words.size(result.memory_bytes) for result in results]),
        line("kernel", [str(result.machine["kernel"] or words.NOT_VISIBLE) for result in results]),
        line("compiler", [f"{result.build['compiler']} {result.build['compiler_version']}" for result in results]),
        line("revision", [result.revision for result in results]),
        line("pages, placement", [f"{one.settings['pages']}, {one.settings['placement']}" for one in results]),
        line("profile", [result.settings["profile"] for result in results]),
        line("started", [f"{result.started[:10]} {result.started[11:16]}" for result in results]),
    ]
    warned = [Cell("warnings")]
    for index in range(len(results)):
        found = flags(fleet, index)
        warned.append(Cell("; ".join(found) or "none", mark="doubt" if found else ""))
    return Table(_machines(fleet, "machine", code=False, number=False), [*rows, warned])
