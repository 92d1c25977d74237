"""What a history says, in words: the changes, those of the most rows first, and what else changed where they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from gradmark_report import words
from gradmark_report.history.points import Change, Machine, Point
from gradmark_report.history.trends import Step, Trend
from gradmark_report.statistics.changepoints import FEWEST

BY_CHANCE = 0.01  # of the rows without a change at most so many show one: statistics/changepoints.py
SHOWN = 60  # characters of a circumstance in a sentence


@dataclass(frozen=True)
class Event:
    """All rows whose level went the same way at the same point."""

    point: int
    slower: bool
    steps: tuple[tuple[Trend, Step], ...]  # the largest change first

    @property
    def word(self) -> str:
        return "slower" if self.slower else "faster"


@dataclass(frozen=True)
class History:
    machine: Machine
    trends: tuple[Trend, ...]

    @property
    def events(self) -> list[Event]:
        groups: dict[tuple[int, bool], list[tuple[Trend, Step]]] = {}
        for trend in self.trends:
            for step in trend.steps:
                groups.setdefault((step.point, step.ratio > 1), []).append((trend, step))
        events = [
            Event(point, slower, tuple(sorted(steps, key=lambda one: -change(one[1].ratio))))
            for (point, slower), steps in groups.items()
        ]
        return sorted(events, key=lambda event: (-len(event.steps), -event.point))

    @property
    def judged(self) -> list[Trend]:
        return [trend for trend in self.trends if trend.judged]

    @property
    def changed(self) -> list[Trend]:
        return [trend for trend in self.trends if trend.steps]


def change(ratio: float) -> float:
    """How much slower, or how much faster, in percent: never negative. Twice as fast is 50% less time, and is called
    that: 50% faster would be read in two ways."""
    return 100 * abs(ratio - 1)


def percent(ratio: float) -> str:
    value = change(ratio)
    return f"{value:.1f}%" if value < 100 else f"{value:.0f}%"


def signed(ratio: float | None) -> str:
    """+6.1% of time, or ~ where nothing was seen."""
    if ratio is None:
        return "~"
    return f"{'+' if ratio > 1 else '−'}{percent(ratio)}"


def at(point: Point) -> str:
    """Where in the history: 1a2b3c4 (2026-05-04); a label that tells the date already is enough."""
    return point.label if point.date in point.label else f"{point.label} ({point.date})"


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def changed(changes: Sequence[Change], most: int = 3) -> str:
    """kernel 6.1 -> 6.2 and compiler gcc 12 -> gcc 13"""
    return words.listed([f"{one.what} {_short(one.before)} → {_short(one.since)}" for one in changes], most=most)


def sentence(event: Event, machine: Machine) -> str:
    """adamw/f32/avx512/L2/t1 became 6.1% slower at 1a2b3c4 (2026-05-04); before: 0.412 ns, since: 0.437 ns."""
    point = machine.points[event.point]
    trend, step = event.steps[0]
    levels = f"before: {words.nanoseconds(step.before)}, since: {words.nanoseconds(step.since)}"
    if len(event.steps) == 1:
        said = f"{trend.name} became {percent(step.ratio)} {event.word} at {at(point)}; {levels}."
    else:
        ratios = [step.ratio for _, step in event.steps]
        said = (
            f"{len(event.steps)} rows became {event.word} at {at(point)}, half of them by {percent(median(ratios))} or "
            f"more; most of all {trend.name}, by {percent(step.ratio)} ({levels})."
        )
    if point.changes:
        said += f" Not the code alone changed there: {changed(point.changes)}."
    return said


def period(machine: Machine) -> str:
    first, last = machine.points[0].date, max(run.started[:10] for run in machine.points[-1].runs)
    return words.span(first, last)


def summary(history: History) -> str:
    machine = history.machine
    processes = words.plural(machine.runs, "process", "processes")
    return f"{machine.name}: {revisions(machine)} in {processes}, {period(machine)}"


def revisions(machine: Machine) -> str:
    """A revision that was timed in several circumstances is several points."""
    number = len({point.revision or point.label for point in machine.points})
    said = words.plural(number, "revision")
    return said if number == len(machine.points) else f"{said} at {len(machine.points)} points"


def answer(history: History, most: int = 4) -> list[tuple[str, str]]:
    """Lead and sentence, three to six of them."""
    machine, rows = history.machine, history.changed
    points: list[tuple[str, str]] = []
    if not history.trends:
        return [("Nothing to follow", "No row was timed at more than one revision.")]
    if len(machine.points) < FEWEST:
        few = (
            f"{revisions(machine)} cannot tell a change from noise: that takes {FEWEST} or more. "
            "gradmark-report compare decides between two."
        )
        return [("Too few", few)]
    judged = len(history.judged)
    short = len(history.trends) - judged
    if not judged:
        few = f"No row was timed at {FEWEST} revisions or more, which it takes to tell a change from noise."
        return [("Too few", few)]
    total = words.plural(judged, "row")
    if not rows:
        none = f"None of the {total} changed" if judged > 1 else "The one row that was judged did not change"
        points.append(("No change", f"{none} its level beyond its noise."))
    else:
        where = words.plural(len({event.point for event in history.events}), "revision")
        points.append(("Changes", f"{len(rows)} of {total} changed their level, at {where}."))
        points += [(event.word.capitalize(), sentence(event, machine)) for event in history.events[:most]]
        more = len(history.events) - most
        if more > 0:
            points.append(("More", f"{words.plural(more, 'smaller group')} of changes below."))
        # Where no row changed twice, what stands above says it already.
        if more > 0 or any(len(trend.steps) > 1 for trend in rows):
            points.append(("Since the beginning", _since_the_beginning(history)))
    if short:
        row, was = words.plural(short, "row"), "was" if short == 1 else "were"
        few = f"{row} {was} timed at fewer than {FEWEST} revisions, where no change can be told from noise."
        points.append(("Not judged", few))
    trust = _trust(history)
    return [*points, ("Trust", trust)] if trust else points


def _trust(history: History) -> str:
    said = []
    judged = len(history.judged)
    chance = BY_CHANCE * judged
    if chance >= 0.5 and any(len(event.steps) == 1 for event in history.events):
        said.append(
            f"Of {judged} rows about {round(max(1.0, chance))} may show a change by chance: one that a "
            "row has alone is less sure than one that many rows share."
        )
    if all(len(point.runs) == 1 for point in history.machine.points):
        said.append(
            "Each revision has one process, so that the noise between processes is seen only from revision to revision."
        )
    return " ".join(said)


def _since_the_beginning(history: History) -> str:
    totals = [(trend, trend.total) for trend in history.changed if trend.total]
    parts = []
    for word, chosen in (
        ("slower", [one for one in totals if one[1] > 1]),
        ("faster", [one for one in totals if one[1] < 1]),
    ):
        if chosen:
            trend, ratio = max(chosen, key=lambda one: change(one[1]))
            rows = words.plural(len(chosen), "row")
            verb = "is" if len(chosen) == 1 else "are"
            most = "" if len(chosen) == 1 else "most of all "
            parts.append(f"{rows} {verb} {word}, {most}{trend.name}, by {percent(ratio)}")
    return f"{'; '.join(parts)}." if parts else "All changes together left no row at another level."
