"""Reads a result file, which may come from anywhere: what gets past here has the right shape and finite figures."""

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np

from gradmark_report.errors import BadInput
from gradmark_report.result import Result, Row, Time
from gradmark_report.text import harmless, one_line

SCHEMA_NAME = "gradmark.result/1"
SCHEMA_FILE = Path(__file__).parent.parent / "result.schema.json"
LARGEST_BYTES = 128 << 20  # a full run on a large machine is some 20 MiB


@cache
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


def _shown(value: object, most: int = 80) -> str:
    text = one_line(harmless(str(value)))
    return text if len(text) <= most else text[: most - 1] + "…"


def _no_constant(name: str) -> None:
    raise ValueError(f"it holds {name}, which is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"it holds the number {_shown(text, 30)}, which is beyond what a double can hold")
    return number


def _whole(text: str) -> int:
    number = int(text) if len(text) < 32 else None
    if number is None or abs(number) >= 2**63:
        raise ValueError(f"it holds the number {_shown(text, 30)}, which is larger than any count here can be")
    return number


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        twice = next(key for index, (key, _) in enumerate(pairs) if key in {k for k, _ in pairs[:index]})
        raise ValueError(f"it has the member '{_shown(twice)}' twice")
    return members


def _clean(value: Any) -> Any:
    """The same with every text harmless."""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {harmless(key): _clean(item) for key, item in value.items()}
    return value


def _load(path: Path) -> Any:
    name = _shown(path)
    try:
        if not path.is_file():
            raise BadInput(f"{name}: {'this is no file' if path.exists() else 'there is no such file'}")
        mebibytes, most = path.stat().st_size / 2**20, LARGEST_BYTES / 2**20
        if mebibytes > most:
            raise BadInput(f"{name}: {mebibytes:.0f} MiB are too much for a result file (at most {most:.0f} MiB)")
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{name}: {error.strerror or error}") from None
    try:
        return json.loads(
            data, parse_constant=_no_constant, parse_float=_finite, parse_int=_whole, object_pairs_hook=_unique
        )
    except UnicodeDecodeError:
        raise BadInput(f"{name}: this is no JSON: it is not text in UTF-8") from None
    except json.JSONDecodeError as error:
        what = "the file is empty" if not data.strip() else f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise BadInput(f"{name}: this is no JSON: {what}") from None
    except RecursionError:
        raise BadInput(f"{name}: it is nested far too deeply for a result file") from None
    except ValueError as error:
        raise BadInput(f"{name}: {_shown(error, 200)}") from None


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


def _where(error: jsonschema.ValidationError, root: Any) -> str:
    parts = list(error.absolute_path)
    if len(parts) >= 2 and parts[0] == "rows":
        row = root["rows"][parts[1]]
        name = row.get("name") if isinstance(row, dict) else None
        label = f"row '{_shown(name)}'" if isinstance(name, str) else f"row {int(parts[1]) + 1}"
        return ", ".join([label, ".".join(str(part) for part in parts[2:])] if len(parts) > 2 else [label])
    return _shown(".".join(str(part) for part in parts)) or "the file"


def _check(root: Any, name: str) -> None:
    errors = sorted(_validator().iter_errors(root), key=lambda error: len(error.absolute_path))
    if errors:
        error = errors[0]
        while error.context:  # of the alternatives, the one that came furthest
            error = max(error.context, key=lambda inner: len(inner.absolute_path))
        raise BadInput(f"{name}: not a sound result file: {_where(error, root)}: {_shown(error.message, 160)}")


def _time(row: dict[str, Any], samples: Any, name: str) -> Time | None:
    time = row["ns_per_element"]
    if time is None:
        return None
    wrong = [sample for sample in samples if type(sample) not in (int, float) or not sample > 0]
    if wrong:
        sample = _shown(json.dumps(wrong[0]), 30)
        raise BadInput(f"{name}: row '{_shown(row['name'])}' has the sample {sample}; samples are positive numbers")
    if not time["low"] <= time["median"] <= time["high"]:
        raise BadInput(f"{name}: row '{_shown(row['name'])}' has a median outside its own interval")
    return Time(time["median"], time["low"], time["high"], np.array(samples, dtype=np.float64))


def _row(row: dict[str, Any], samples: Any, name: str) -> Row:
    parts = row["name"].split("/")
    if parts[:3] != [row["op"], row["dtype"], row["impl"]] or parts[4] != f"t{row['threads']}":
        raise BadInput(f"{name}: row '{_shown(row['name'])}' says otherwise in its own members")
    return Row(
        name=row["name"],
        op=row["op"],
        dtype=row["dtype"],
        impl=row["impl"],
        level=row["level"],
        threads=row["threads"],
        sweep=row["sweep"],
        status=row["status"],
        time=_time(row, samples, name),
        elements=row["elements"],
        working_set_bytes=row["working_set_bytes"],
        huge_page_bytes=row["huge_page_bytes"],
        bytes_per_element=row["bytes_per_element"],
        gb_per_s=row["gb_per_s"],
        gflop_per_s=row["gflop_per_s"],
        attainable_percent=row["attainable_percent"],
        attainable_low=row["attainable_percent_low"],
        attainable_high=row["attainable_percent_high"],
        bound_by=row["bound_by"],
        twin_ns=row["twin_ns_per_element"],
        core_ns=row["core_ns_per_element"],
        speedup_scalar=row["speedup_scalar"],
        speedup_autovec=row["speedup_autovec"],
        max_ulp=row["max_ulp"],
        verified=row["verified"],
        remeasured=row["remeasured"],
    )


def read(path: Path | str) -> Result:
    """Raises BadInput with one sentence that names the file."""
    path = Path(path)
    name = _shown(path)
    root = _load(path)
    if not isinstance(root, dict) or "schema" not in root:
        raise BadInput(f"{name}: this is no result file of gradmark: it does not name its schema")
    if root["schema"] != SCHEMA_NAME:
        raise BadInput(
            f"{name}: its schema is {_shown(json.dumps(root['schema']))}; this gradmark-report reads {SCHEMA_NAME}"
        )
    if not isinstance(root.get("rows"), list):
        raise BadInput(f"{name}: not a sound result file: it has no list of rows")
    taken = _take_samples(root)
    root = _clean(root)
    _check(root, name)
    rows = tuple(_row(row, samples, name) for row, samples in zip(root["rows"], taken, strict=True))
    if len({row.name for row in rows}) != len(rows):
        raise BadInput(f"{name}: not a sound result file: two of its rows have the same name")
    return Result(
        path=path,
        rows=rows,
        machine=root["machine"],
        environment=root["environment"],
        build=root["build"],
        settings=root["settings"],
        warnings=tuple(root["warnings"]),
        started=root["started"],
        finished=root["finished"],
        partial=root["partial"],
    )


def read_with_times(path: Path | str) -> Result:
    """The same, for what needs at least one row that was timed."""
    result = read(path)
    if not result.timed:
        raise BadInput(f"{_shown(path)}: none of its {len(result.rows)} rows was timed, so there is nothing to report")
    return result
