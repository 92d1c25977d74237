"""Files of older versions: what their schemas were, told by how they differ from the version after them, and how such a
file becomes one of today. The first model of the limits (result/1, training/1) was wrong by up to 2.4 times: its times
stand, and nothing that rests on its limits."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

RESULT, TRAINING = "gradmark.result/4", "gradmark.training/3"
FILES = {RESULT: "result.schema.json", TRAINING: "training.schema.json"}
ROUNDS = 8  # what has none is cut into as many: its samples were taken in as many goes


def _nothing_more(root: dict[str, Any], samples: list[Any]) -> None:
    """It differs in names alone."""


def _with_rounds(root: dict[str, Any], samples: list[Any]) -> None:
    """From before there were rounds: its median is all that there is of a headline."""
    root.update(placement=None, left_out=[])
    for row, taken in zip(root["rows"], samples, strict=True):
        row.update(placement=None, why_not=None)
        time = row["ns_per_element"]
        if time:
            each = -(-len(taken) // ROUNDS)
            sizes = [min(each, len(taken) - begin) for begin in range(0, len(taken), each)]
            time["rounds"] = [{"samples": size, "state": None} for size in sizes]
            time["undisturbed"] = time["typical"] = time["median"]


def _without_limits(root: dict[str, Any], items: Iterable[dict[str, Any]]) -> None:
    root["machine"]["ceilings"] = []
    root["warnings"] = [warning for warning in root["warnings"] if warning["id"] != "ceiling"]
    for item in items:
        for member in ("attainable_percent", "attainable_percent_low", "attainable_percent_high", "bound_by"):
            item[member] = None


def _result_without_limits(root: dict[str, Any], samples: list[Any]) -> None:
    _without_limits(root, root["rows"])
    twins = ("twin_ns_per_element", "twin_stores", "core_twin_ns_per_element", "core_twin_build")
    for row in root["rows"]:
        row.update(dict.fromkeys(twins), believable=True, proved_at_size=None)


def _training_without_limits(root: dict[str, Any], samples: list[Any]) -> None:
    _without_limits(root, (kernel for run in root["runs"] for kernel in run["kernels"]))


@dataclass(frozen=True)
class Version:
    after: str  # the version after this one
    names: Mapping[str, str] = field(default_factory=dict)  # one of that version: what it was here
    # What makes of that version's schema this one's, by RFC 7396, but that lists of what is required follow by
    # themselves: a property that is taken out is no longer required, and one that is put in is.
    patch: Mapping[str, Any] = field(default_factory=dict)
    upgrade: Callable[[dict[str, Any], list[Any]], None] = _nothing_more  # what is new in the version after
    shares: str = ""  # a training: the result file's definitions that it refers to


_POSITIVE = {"type": "number", "exclusiveMinimum": 0}
OLDER = {
    "gradmark.result/3": Version(
        after=RESULT,
        names={
            "verified_at_size": "proved_at_size",
            "verified_by": "proved_by",
            "sqrt_ns": "root_ns",
            "divide/sqrt": "divide/root",
        },
        patch={"$defs": {"build": {"properties": {"bundle": None}}}},
        upgrade=lambda root, samples: root["build"].update(bundle=None),
    ),
    "gradmark.result/2": Version(
        after="gradmark.result/3",
        patch={
            "properties": {"placement": None, "left_out": None},
            "$defs": {
                "settings": {"properties": dict.fromkeys(("rounds", "budget_seconds", "code_hash", "proved_by"), None)},
                "row": {
                    "properties": {
                        "placement": None,
                        "why_not": None,
                        "ns_per_element": {
                            "properties": {"median": _POSITIVE, "undisturbed": None, "typical": None, "rounds": None}
                        },
                    }
                },
            },
        },
        upgrade=_with_rounds,
    ),
    "gradmark.result/1": Version(
        after="gradmark.result/2",
        names={"other_ns": "divide_by_root_ns"},
        patch={
            "$defs": {
                "row": {
                    "properties": {
                        "bound_by": {"enum": ["L1", "L2", "L3", "DRAM", "divide/root unit", "FMA", "load/store", None]},
                        "twin_stores": None,
                        "core_twin_ns_per_element": None,
                        "core_ns_per_element": {"$ref": "#/$defs/positive_or_null"},
                        "core_twin_build": None,
                        "believable": None,
                        "proved_at_size": None,
                        "remeasured": {"type": "boolean"},
                    }
                }
            }
        },
        upgrade=_result_without_limits,
    ),
    "gradmark.training/2": Version(
        after=TRAINING,
        names={"reproducibility": "sameness", "divide/sqrt": "divide/root"},
        upgrade=lambda root, samples: root["build"].update(bundle=None),
        shares="gradmark.result/3",
    ),
    "gradmark.training/1": Version(
        after="gradmark.training/2",
        patch={"$defs": {"kernel": {"properties": {"bound_by": {"$ref": "#/$defs/text_or_null", "enum": None}}}}},
        upgrade=_training_without_limits,
        shares="gradmark.result/1",
    ),
}


def versions(latest: str) -> list[str]:
    """That one, and the older ones of its kind, each after the one that came after it."""
    kind = latest.partition("/")[0]
    return [latest, *(name for name in OLDER if name.startswith(f"{kind}/"))]


def _patched(schema: Any, patch: Mapping[str, Any]) -> Any:
    made = dict(schema) if isinstance(schema, dict) else {}
    for name, value in patch.items():
        if value is None:
            made.pop(name, None)
        else:
            made[name] = _patched(made.get(name), value) if isinstance(value, Mapping) else value
    if "required" in made and "properties" in patch:
        new = [name for name in made["properties"] if name not in schema["properties"]]
        made["required"] = [name for name in made["required"] if name in made["properties"]] + new
    return made


def _renamed(value: Any, names: Mapping[str, str], member: str = "") -> Any:
    """Of a schema or of a file: members of these names have the other ones, wherever they are, and so have the texts
    that name one, in a schema's lists, or what binds a kernel."""
    if isinstance(value, dict):
        return {names.get(name, name): _renamed(inner, names, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, names, member) for inner in value]
    return names.get(value, value) if isinstance(value, str) and member in ("required", "enum", "bound_by") else value


@cache
def schema(name: str) -> dict[str, Any]:
    """What a file that names this schema must keep to."""
    if name in FILES:
        return dict(json.loads((Path(__file__).parent / FILES[name]).read_text(encoding="utf-8")))
    version = OLDER[name]
    made: dict[str, Any] = _patched(_renamed(schema(version.after), version.names), version.patch)
    made["properties"]["schema"] = {"const": name}
    return made


def shared(name: str) -> dict[str, Any]:
    """What a schema refers to as result.schema.json."""
    return schema((OLDER[name].shares or name) if name in OLDER else RESULT)


def upgraded(root: dict[str, Any], samples: list[Any]) -> dict[str, Any]:
    """A sound file, of whatever version, as one of today; `samples` were taken out of the rows of a result."""
    while version := OLDER.get(root["schema"]):
        version.upgrade(root, samples)
        root = _renamed(root, {here: after for after, here in version.names.items()})
        root["schema"] = version.after
    return root
