"""Reads a result file, which may come from anywhere: what gets past here has the right shape and finite figures."""

from pathlib import Path
from typing import Any

import numpy as np

from gradmark_report import older, record_file
from gradmark_report.errors import BadInput
from gradmark_report.record_file import made
from gradmark_report.result import OtherState, Placement, Result, Round, Row, Time
from gradmark_report.text import shown, shown_path

SCHEMAS = {name: record_file.Schema(name, "rows", "row") for name in older.versions(older.RESULT)}
ROUNDING = 1e-4  # samples are written with five digits
# Far more than any machine and anybody's plug-ins have; tables and plots take time and space for each.
MOST = {"op": 2000, "dtype": 100, "impl": 250, "threads": 250}


def _take_samples(root: Any) -> list[Any]:
    """Takes the samples out of the rows: there are far too many of them for a schema's checker, so that _time looks at
    them itself. Each list becomes its first element, which the schema then sees."""
    taken: list[Any] = []
    for row in root["rows"]:
        time = row.get("ns_per_element") if isinstance(row, dict) else None
        samples = time.get("samples") if isinstance(time, dict) else None
        taken.append(samples)
        if isinstance(samples, list) and isinstance(time, dict):
            time["samples"] = samples[:1]
    return taken


def _time(row: dict[str, Any], samples: Any) -> Time | None:
    time = row["ns_per_element"]
    if time is None:
        return None
    label = f"row '{shown(row['name'], 60)}'"
    for sample in samples:
        if type(sample) not in (int, float) or not sample > 0:
            raise ValueError(f"{label} has the sample {record_file.value(sample)}; samples are positive numbers")
    taken = np.array(samples, dtype=np.float64)
    undisturbed, low, high, typical = (float(time[member]) for member in ("undisturbed", "low", "high", "typical"))
    if not low <= undisturbed <= high:
        raise ValueError(f"{label} has a time outside its own interval")
    if any(not taken.min() * (1 - ROUNDING) <= one <= taken.max() * (1 + ROUNDING) for one in (undisturbed, typical)):
        raise ValueError(f"{label} has a time outside its own samples")
    ends = np.cumsum([one["samples"] for one in time["rounds"]])
    if ends[-1] != len(taken):
        raise ValueError(f"{label} has {len(taken)} samples, and {ends[-1]} in its rounds")
    rounds = (Round(part, one["state"]) for part, one in zip(np.split(taken, ends[:-1]), time["rounds"], strict=True))
    return Time(undisturbed, low, high, typical, tuple(rounds))


def _other(label: str, state: dict[str, Any]) -> OtherState:
    other = made(OtherState, state)
    if not other.low <= other.undisturbed <= other.high:
        raise ValueError(f"{label} has a time outside its own interval")
    return other


def _placement(row: dict[str, Any]) -> Placement | None:
    placement = row["placement"]
    if placement is None:
        return None
    others = tuple(_other(f"row '{shown(row['name'], 60)}'", other) for other in placement["others"])
    return made(Placement, placement, others=others)


def _row(row: dict[str, Any], samples: Any) -> Row:
    parts = row["name"].split("/")
    place = parts[3] if row["sweep"] else row["level"]
    if parts != [row["op"], row["dtype"], row["impl"], place, f"t{row['threads']}"]:
        raise ValueError(f"row '{shown(row['name'], 60)}' says otherwise in its own members")
    return made(
        Row,
        {**row, "twin_ns": row["twin_ns_per_element"], "core_twin_ns": row["core_twin_ns_per_element"]},
        time=_time(row, samples),
        placement=_placement(row),
        **record_file.attainable(f"row '{shown(row['name'], 60)}'", row),
    )


def _rows(root: Any, samples: list[Any]) -> tuple[Row, ...]:
    rows = tuple(_row(row, taken) for row, taken in zip(root["rows"], samples, strict=True))
    names: set[str] = set()
    for row in rows:
        if row.name in names:
            raise ValueError(f"two of its rows have the name '{shown(row.name)}'")
        names.add(row.name)
    for member, most in MOST.items():
        different = len({getattr(row, member) for row in rows})
        if different > most:
            raise ValueError(f"its rows have {different} different values of '{member}', at most {most} make sense")
    return rows


def _result(path: Path, root: dict[str, Any]) -> Result:
    """Raises ValueError."""
    samples = _take_samples(root)
    schema = root["schema"]
    root = older.upgraded(SCHEMAS[schema].sound(root), samples)
    record_file.check_moments(root)
    return made(Result, root, path=path, rows=_rows(root, samples), first_model=schema == "gradmark.result/1")


def of(path: Path, root: dict[str, Any]) -> Result:
    """Of what record_file.load gave. Raises BadInput with one sentence that names the file."""
    name = shown_path(path)
    if root["schema"] in older.versions(older.TRAINING):
        raise BadInput(f"{name}: this is the result of a training, which html, md and svg show, alone; it has no rows")
    if not isinstance(root["schema"], str) or root["schema"] not in SCHEMAS:
        raise record_file.another_schema(path, root, older.RESULT)
    if not isinstance(root.get("rows"), list):
        raise BadInput(f"{name}: not a sound result file: it has no list of rows")
    try:
        return _result(path, root)
    except ValueError as error:
        raise BadInput(f"{name}: not a sound result file: {error}") from None


def read(path: Path | str) -> Result:
    """Raises BadInput with one sentence that names the file."""
    return of(Path(path), record_file.load(Path(path)))


def with_times(result: Result) -> Result:
    """Refuses what has no row that was timed."""
    name = shown_path(result.path)
    if not result.rows:
        raise BadInput(f"{name}: it has no row, so there is nothing to report")
    if not result.timed:
        rows = "its only row was not" if len(result.rows) == 1 else f"none of its {len(result.rows)} rows was"
        raise BadInput(f"{name}: {rows} timed, so there is nothing to report")
    return result


def read_with_times(path: Path | str) -> Result:
    """For what needs at least one row that was timed."""
    return with_times(read(path))
