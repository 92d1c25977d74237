"""Reads a result file, which may come from anywhere: what gets past here has the right shape and finite figures."""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import numpy as np

from gradmark_report import json_file
from gradmark_report.errors import BadInput
from gradmark_report.result import Result, Row, Time
from gradmark_report.text import shown, shown_path

SCHEMA_NAME = "gradmark.result/1"
SCHEMA_FILE = Path(__file__).parent / "result.schema.json"
LARGEST_BYTES = 128 << 20  # a full run on a large machine is some 20 MiB
ROUNDING = 1e-6  # figures are written with nine digits
# Far more than any machine and anybody's plug-ins have; tables and plots take time and space for each.
MOST = {"op": 2000, "dtype": 100, "impl": 250, "threads": 250}
_IT = "\N{OBJECT REPLACEMENT CHARACTER}"  # where the checker's sentence would show the value


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")), mask=_IT)


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


def _where(error: jsonschema_rs.ValidationError, root: Any) -> str:
    parts = list(error.instance_path)
    if len(parts) >= 2 and parts[0] == "rows":
        row = root["rows"][parts[1]]
        name = row.get("name") if isinstance(row, dict) else None
        label = f"row '{shown(name, 60)}'" if isinstance(name, str) else f"row {int(parts[1]) + 1}"
        return ", ".join([label, ".".join(str(part) for part in parts[2:])] if len(parts) > 2 else [label])
    return shown(".".join(str(part) for part in parts), 60) or "the file"


def _value(value: Any) -> str:
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    return shown(json.dumps(value, ensure_ascii=False), 40)


def _check(root: Any) -> None:
    """Raises ValueError with the first thing that is not as the schema says, UnicodeEncodeError where a text holds half
    of a surrogate pair."""
    try:
        _validator().validate(root)
    except jsonschema_rs.ValidationError as error:
        what = shown(error.message, 120).replace(_IT, _value(error.instance))
        raise ValueError(f"{_where(error, root)}: {what}") from None
    except UnicodeEncodeError:
        raise
    except ValueError:
        raise ValueError("it is nested far too deeply") from None


def _sound(root: Any) -> Any:
    """Checked, with harmless texts. The check comes first, for it ends at the first fault, however much follows."""
    try:
        _check(root)
        return json_file.clean(root, long=("xml",))
    except UnicodeEncodeError:
        root = json_file.clean(root, long=("xml",))
        _check(root)
        return root


def _moment(text: str, member: str) -> str:
    try:
        datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        raise ValueError(f"{member}: there is no moment {text}") from None
    return text


def _time(row: dict[str, Any], samples: Any) -> Time | None:
    time = row["ns_per_element"]
    if time is None:
        return None
    label = f"row '{shown(row['name'], 60)}'"
    for sample in samples:
        if type(sample) not in (int, float) or not sample > 0:
            raise ValueError(f"{label} has the sample {_value(sample)}; samples are positive numbers")
    taken = np.array(samples, dtype=np.float64)
    median, low, high = (float(time[member]) for member in ("median", "low", "high"))
    if not low <= median <= high:
        raise ValueError(f"{label} has a median outside its own interval")
    if low < taken.min() * (1 - ROUNDING) or high > taken.max() * (1 + ROUNDING):
        raise ValueError(f"{label} has an interval outside its own samples")
    return Time(median, low, high, taken)


def _number(row: dict[str, Any], member: str) -> float | None:
    return None if row[member] is None else float(row[member])


def _row(row: dict[str, Any], samples: Any) -> Row:
    parts = row["name"].split("/")
    place = parts[3] if row["sweep"] else row["level"]
    if parts != [row["op"], row["dtype"], row["impl"], place, f"t{row['threads']}"]:
        raise ValueError(f"row '{shown(row['name'], 60)}' says otherwise in its own members")
    return Row(
        name=row["name"],
        op=row["op"],
        dtype=row["dtype"],
        impl=row["impl"],
        level=row["level"],
        threads=row["threads"],
        sweep=row["sweep"],
        status=row["status"],
        time=_time(row, samples),
        elements=row["elements"],
        working_set_bytes=row["working_set_bytes"],
        huge_page_bytes=row["huge_page_bytes"],
        bytes_per_element=_number(row, "bytes_per_element"),
        gb_per_s=_number(row, "gb_per_s"),
        gflop_per_s=_number(row, "gflop_per_s"),
        attainable_percent=_number(row, "attainable_percent"),
        attainable_low=_number(row, "attainable_percent_low"),
        attainable_high=_number(row, "attainable_percent_high"),
        bound_by=row["bound_by"],
        twin_ns=_number(row, "twin_ns_per_element"),
        core_ns=_number(row, "core_ns_per_element"),
        speedup_scalar=_number(row, "speedup_scalar"),
        speedup_autovec=_number(row, "speedup_autovec"),
        max_ulp=_number(row, "max_ulp"),
        verified=row["verified"],
        remeasured=row["remeasured"],
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
    root = _sound(root)
    return Result(
        path=path,
        rows=_rows(root, samples),
        machine=root["machine"],
        environment=root["environment"],
        build=root["build"],
        settings=root["settings"],
        warnings=tuple(root["warnings"]),
        started=_moment(root["started"], "started"),
        finished=_moment(root["finished"], "finished"),
        partial=root["partial"],
    )


def read(path: Path | str) -> Result:
    """Raises BadInput with one sentence that names the file."""
    path = Path(path)
    name = shown_path(path)
    root = json_file.load(path, "result file", LARGEST_BYTES)
    if not isinstance(root, dict) or "schema" not in root:
        raise BadInput(f"{name}: this is no result file of gradmark: it does not name its schema")
    if root["schema"] != SCHEMA_NAME:
        raise BadInput(f"{name}: its schema is {_value(root['schema'])}; this gradmark-report reads {SCHEMA_NAME}")
    if not isinstance(root.get("rows"), list):
        raise BadInput(f"{name}: not a sound result file: it has no list of rows")
    try:
        return _result(path, root)
    except ValueError as error:
        raise BadInput(f"{name}: not a sound result file: {error}") from None


def read_with_times(path: Path | str) -> Result:
    """The same, for what needs at least one row that was timed."""
    result = read(path)
    if not result.rows:
        raise BadInput(f"{shown_path(path)}: it has no row, so there is nothing to report")
    if not result.timed:
        rows = "its only row was not" if len(result.rows) == 1 else f"none of its {len(result.rows)} rows was"
        raise BadInput(f"{shown_path(path)}: {rows} timed, so there is nothing to report")
    return result
