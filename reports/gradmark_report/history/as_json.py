"""A history as JSON, `"schema": "gradmark.history/1"`.

`machines` has one entry for each processor and host. Its `points` are revisions in the order of time, each with the
start of its first process and its `files`; `changes` in them are what differs in the circumstances from the point
before. Its `rows` have the time at each point (`point` counts from 0; `processes` are the processes' undisturbed times
in `state`, which is null on one thread and where nobody knows, `ns` is their median), the `segments` between changes
and the `changes`. Its `events` gather the rows that changed in the same direction at the same point, those of the most
rows first. Times are ns per element; a ratio is time since over time before, so that above 1 is slower. `total_ratio`
is null where no change was seen. `skipped` are broken files, `left_out` is what was sound and is no part of a history.
No number is ever NaN or infinite."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from gradmark_report.history.findings import Event, History
from gradmark_report.history.points import Point
from gradmark_report.history.trends import Trend

SCHEMA_NAME = "gradmark.history/1"


def _point(point: Point) -> dict[str, Any]:
    return {
        "label": point.label,
        "revision": point.revision,
        "started": point.started,
        "files": [run.path.name for run in point.runs],
        "changes": [asdict(one) for one in point.changes],
    }


def _row(trend: Trend) -> dict[str, Any]:
    return {
        "name": trend.row,
        "state": trend.state,
        "times": [{"point": value.point, "ns": value.ns, "processes": value.processes} for value in trend.values],
        "segments": [asdict(one) for one in trend.segments],
        "changes": [
            {"point": step.point, "before_ns": step.before, "since_ns": step.since, "ratio": step.ratio}
            for step in trend.steps
        ],
        "total_ratio": trend.total,
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "point": event.point,
        "direction": event.word,
        "rows": [{"name": trend.row, "ratio": step.ratio} for trend, step in event.steps],
    }


def document(histories: Sequence[History], skipped: Sequence[str], left_out: Sequence[str]) -> dict[str, Any]:
    return {
        "schema": SCHEMA_NAME,
        "machines": [
            {
                "processor": history.machine.processor,
                "host": history.machine.host,
                "points": [_point(point) for point in history.machine.points],
                "rows": [_row(trend) for trend in history.trends],
                "events": [_event(event) for event in history.events],
            }
            for history in histories
        ],
        "skipped": skipped,
        "left_out": left_out,
    }
