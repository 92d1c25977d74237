"""A result file as typed values. Reading and checking is in result_file.py; here nothing can fail any more."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradmark_report.record import Record

LEVELS = ("L1", "L2", "L3", "DRAM")


@dataclass(frozen=True)
class Round:
    """One visit of a row: its samples, and where its threads ran."""

    samples: NDArray[np.float64] = field(repr=False, compare=False)
    state: str | None  # "2 cores"; None: on one thread, or not the same before and after it


@dataclass(frozen=True)
class Time:
    """ns per element."""

    undisturbed: float  # the headline: lower quartile of the rounds' medians, in the state that the row is of
    low: float  # its interval, by the rounds
    high: float
    typical: float  # median of all samples
    rounds: tuple[Round, ...] = field(repr=False, compare=False)  # in the order taken

    @property
    def samples(self) -> NDArray[np.float64]:
        return np.concatenate([one.samples for one in self.rounds])


@dataclass(frozen=True)
class State:
    """What a row on several threads took in one placement of its processors."""

    state: str  # "2 cores", "1 core", "2 cores, far"
    effective_cores: float | None
    line_ns: float | None  # one hand-over of a cache line
    samples: int


@dataclass(frozen=True)
class OtherState(State):
    undisturbed: float
    low: float
    high: float


@dataclass(frozen=True)
class Placement(State):
    """The state that the row's figures are of."""

    other_samples: int  # of other states, or of none
    others: tuple[OtherState, ...]  # those that were seen often enough


Figures = Time | OtherState  # both have undisturbed, low and high


@dataclass(frozen=True)
class Row:
    """One implementation at one working set on some threads. None: unknown."""

    name: str  # op/dtype/impl/level or size/threads
    op: str
    dtype: str
    impl: str
    level: str  # where the working set lives, for a row of the sweep too
    threads: int
    sweep: bool
    status: str  # measured border failed skipped
    time: Time | None
    placement: Placement | None  # None: one thread, or no state was known
    elements: int | None
    working_set_bytes: int | None
    huge_page_bytes: int | None
    bytes_per_element: float | None
    gb_per_s: float | None
    gflop_per_s: float | None
    attainable_percent: float | None
    attainable_low: float | None
    attainable_high: float | None
    bound_by: str | None
    twin_ns: float | None  # moves the same data without the arithmetic
    twin_stores: str | None  # ordinary streaming
    core_twin_ns: float | None  # does the same arithmetic without moving data
    core_twin_build: str | None
    believable: bool
    speedup_scalar: float | None
    speedup_autovec: float | None
    max_ulp: float | None
    verified: bool
    verified_at_size: bool | None
    why_not: str | None  # it was skipped

    @property
    def op_name(self) -> str:
        """op/dtype"""
        return f"{self.op}/{self.dtype}"

    @property
    def place(self) -> str:
        """The part of the name that says which working set: a level, or a size."""
        return self.name.split("/")[3]

    @property
    def figures(self) -> dict[str | None, Figures]:
        """Its times by the state that they are of, its own first; None: one thread, or nobody knew."""
        if self.time is None:
            return {}
        if self.placement is None:
            return {None: self.time}
        return {self.placement.state: self.time, **{other.state: other for other in self.placement.others}}

    @property
    def limit_ns(self) -> float | None:
        """The attainable time per element: the larger of both twins'."""
        known = [time for time in (self.twin_ns, self.core_twin_ns) if time is not None]
        return max(known) if known else None

    @property
    def fast(self) -> bool:
        """Its name says that its divisions and roots are estimates."""
        return self.impl.endswith("_fast")


@dataclass(frozen=True)
class Result(Record):
    rows: tuple[Row, ...]
    placement: Mapping[str, Any] | None  # as in the file; None in files of before there were rounds
    left_out: tuple[str, ...]  # names of rows that the profile's time was not enough for

    @property
    def before_rounds(self) -> bool:
        """A file of an older schema."""
        return self.placement is None

    @property
    def timed(self) -> tuple[Row, ...]:
        """The rows that have a time, at levels and in the sweep."""
        return tuple(row for row in self.rows if row.time)

    @property
    def levels(self) -> tuple[Row, ...]:
        """The timed rows at a level: the tables and the findings are about these."""
        return tuple(row for row in self.timed if not row.sweep)

    @property
    def scored(self) -> tuple[Row, ...]:
        """Those of them that stand for their level: not at a border between two, and believable. What is said of a
        level rests on these alone."""
        return tuple(row for row in self.levels if row.status == "measured" and row.believable)

    @property
    def sweep(self) -> tuple[Row, ...]:
        return tuple(row for row in self.timed if row.sweep)

    @property
    def thread_counts(self) -> tuple[int, ...]:
        return tuple(sorted({row.threads for row in self.timed}))

    @property
    def fingerprint(self) -> tuple[object, ...]:
        """Two processes never share this: every sample of the first timed row, to the last digit."""
        moment = (self.started, self.finished, self.host)
        for row in self.rows:
            if row.time:
                return (*moment, row.name, row.time.samples.tobytes())
        return (*moment, str(self.path.resolve()))  # nothing was timed, so that it could be compared by

    def find(self, op: str, impl: str, level: str, threads: int) -> Row | None:
        """The timed row of an op (op/dtype) at a level."""
        for row in self.levels:
            if (row.op_name, row.impl, row.level, row.threads) == (op, impl, level, threads):
                return row
        return None

    def cache_bytes(self, level: str, threads: int) -> float | None:
        """What `threads` threads, one per core, have of a cache level together; None: not visible, or no such cache."""
        for cache in self.machine["caches"]:
            if f"L{cache['level']}" == level and cache["bytes"]:
                smt = self.machine["topology"].get("smt") or 1
                sharers = max(1.0, (cache.get("usable_by") or smt) / smt)
                copies = -(-threads // sharers)
                return float(cache["bytes"] * min(copies, cache.get("count") or copies))
        return None


def unique(items: Iterable[str]) -> list[str]:
    """Each once, in the order of first appearance."""
    return list(dict.fromkeys(items))


def cells(rows: Iterable[Row]) -> Iterator[tuple[tuple[str, str, int], list[Row]]]:
    """The rows in groups of one op (op/dtype), place and thread count: what an implementation is chosen within."""
    groups: dict[tuple[str, str, int], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.op_name, row.place, row.threads), []).append(row)
    yield from groups.items()
