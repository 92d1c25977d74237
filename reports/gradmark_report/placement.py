"""Where the threads ran, in words: what the topology shows, what was seen, and the state that a figure is of."""

from collections.abc import Iterable
from typing import Any

from gradmark_report import words
from gradmark_report.plots.plot import Cell, Column, Table
from gradmark_report.result import OtherState, Result, Row

TIMES = (
    "Undisturbed is the lower quartile of the medians of a run's rounds: what this machine does when nobody disturbs "
    "it. ± is half the width of its interval, which comes from the rounds and is to hold the next run's figure. "
    "Typical is the median of all samples: what a user of this machine got, neighbours and moves included."
)
BEFORE_ROUNDS = (
    "This file is from before there were rounds: undisturbed and typical are both the median of a row's samples, and "
    "its interval speaks of that one process."
)
STATES = (
    "On several threads a figure is of one state, named beside it: as how many cores these threads were, measured in "
    "registers before and after each round; far apart: a line of memory was handed over between caches that share "
    "nothing."
)


def of(row: Row) -> str:
    """The state, for a table: 2 cores; 1 core (12 of 20 samples). Empty on one thread."""
    if row.threads == 1:
        return ""
    if row.placement is None:
        return words.UNKNOWN
    here, total = row.placement.samples, row.placement.samples + row.placement.other_samples
    return words.state(row.placement.state) + (f" ({here} of {total} samples)" if here < total else "")


def others(row: Row) -> list[tuple[str, OtherState]]:
    """The figures of its other states, each with what stands in the place of the row's own."""
    return [
        (f"{words.state(other.state)} ({words.plural(other.samples, 'sample')})", other)
        for other in (row.placement.others if row.placement else ())
    ]


def on(*rows: Row) -> str:
    """Within a sentence, of rows on as many threads: 2 threads, on 2 cores; on 1 core or 2 cores, where they were in
    several states; without where nobody knows."""
    states = sorted({words.state(row.placement.state) for row in rows if row.placement})
    where = f", on {words.listed(states, 'or')}" if states else ""
    return f"{words.plural(rows[0].threads, 'thread')}{where}"


def known(rows: Iterable[Row]) -> bool:
    """Whether a table of these rows has use for a column of states."""
    return any(row.placement for row in rows)


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _seen(watched: dict[str, Any]) -> str:
    states = [(words.state(state["state"]), _times(state["probes"])) for state in watched["states"]]
    text = f"{words.plural(watched['threads'], 'thread')} were seen on "
    if len(states) == 1:
        return f"{text}{states[0][0]}, {'all ' if watched['probes'] > 1 else ''}{states[0][1]}"
    each = words.listed([f"{times} on {state}" for state, times in states])
    return f"{text.removesuffix('on ')}{each}, and moved at least {_times(watched['moves'])}"


def seen(result: Result) -> str:
    """What was seen over the run, as a sentence; empty where nothing was looked at."""
    watched = [one for one in (result.placement or {"watched": []})["watched"] if one["states"]]
    return f"{'. '.join(map(_seen, watched))}." if watched else ""


def moved(result: Result) -> bool:
    """More than one state was seen."""
    return any(len(one["states"]) > 1 for one in (result.placement or {"watched": []})["watched"])


def sentences(result: Result) -> list[str]:
    """What the topology shows, whether that is all, and what was seen; none where that was not looked at yet."""
    placement = result.placement
    if placement is None:
        return []
    may_move = {
        None: "Whether a hypervisor may move these processors is not visible.",
        True: "A hypervisor may put these processors on other cores at any time, and shows nothing of it.",
        False: "No hypervisor is seen that could move these processors.",
    }
    shows = f"shows {placement['topology']}" if placement["topology"] else f"is {words.NOT_VISIBLE}"
    saw = seen(result) or "Where several threads ran was not looked at: no row had any, or nothing could be measured."
    return [f"The topology {shows}. {may_move[placement['may_move']]}", saw, STATES]


def states(result: Result) -> Table:
    columns = [
        Column("threads", number=True),
        Column("ran on"),
        Column("seen, times", number=True),
        Column("effective cores", number=True),
        Column("a line handed over, ns", number=True),
    ]
    rows = [
        [
            Cell(str(watched["threads"]), watched["threads"]),
            Cell(words.state(state["state"])),
            Cell(f"{state['probes']} of {watched['probes']}", state["probes"]),
            Cell(words.significant(state["effective_cores"]), state["effective_cores"]),
            Cell(words.significant(state["line_ns"]), state["line_ns"]),
        ]
        for watched in (result.placement or {"watched": []})["watched"]
        for state in watched["states"]
    ]
    return Table(columns, rows)


def pairs(result: Result) -> Table:
    """Processors two at a time."""
    columns = [
        Column("processor", number=True),
        Column("and", number=True),
        Column("effective cores", number=True),
        Column("a line handed over, ns", number=True),
    ]
    rows = [
        [
            *(Cell(str(pair[member]), pair[member]) for member in ("first", "second")),
            *(Cell(words.significant(pair[member]), pair[member]) for member in ("effective_cores", "line_ns")),
        ]
        for pair in (result.placement or {"pairs": []})["pairs"]
    ]
    return Table(columns, rows)


def untimed(result: Result) -> Table:
    """The rows without a time, and those that the profile had no time for: why not."""
    lines = [[Cell(row.name), Cell(row.status), Cell(row.why_not or "")] for row in result.rows if row.time is None]
    lines += [[Cell(name), Cell("left out"), Cell("the profile's time was not enough")] for name in result.left_out]
    return Table([Column("row", code=True), Column("status"), Column("why not")], lines)
