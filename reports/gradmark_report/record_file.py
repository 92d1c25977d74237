"""Reads a file that gradmark wrote, which may come from anywhere: what its schema is, and whether it keeps to it."""

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

import jsonschema_rs

from gradmark_report import json_file, older, words
from gradmark_report.errors import BadInput
from gradmark_report.text import shown, shown_path

Made = TypeVar("Made")
LARGEST_BYTES = 128 << 20  # a full run on a large machine is some 20 MiB
_IT = "\N{OBJECT REPLACEMENT CHARACTER}"  # where the checker's sentence would show the value


def load(path: Path) -> dict[str, Any]:
    """An object that names its schema. Raises BadInput."""
    root = json_file.load(path, "result file", LARGEST_BYTES)
    if not isinstance(root, dict) or "schema" not in root:
        raise BadInput(f"{shown_path(path)}: this is no result file of gradmark: it does not name its schema")
    return root


def another_schema(path: Path, root: dict[str, Any], latest: str) -> BadInput:
    schema, read = value(root["schema"]), words.listed(older.versions(latest))
    return BadInput(f"{shown_path(path)}: its schema is {schema}; this gradmark-report reads {read}")


def attainable(label: str, item: dict[str, Any]) -> dict[str, float | None]:
    """Of a row or a kernel. Percent and interval are of one estimator. Raises ValueError."""
    percent, low, high = (
        None if item[member] is None else float(item[member])
        for member in ("attainable_percent", "attainable_percent_low", "attainable_percent_high")
    )
    if percent is not None and not (low or percent) <= percent <= (high or percent):
        raise ValueError(f"{label} has a percent of attainable outside its own interval")
    return {"attainable_percent": percent, "attainable_low": low, "attainable_high": high}


@cache
def _types(kind: type[Any]) -> dict[str, tuple[Any, ...]]:
    """Of each field of a dataclass the type, or those that it may have."""
    return {name: get_args(hint) or (hint,) for name, hint in get_type_hints(kind).items()}


def made(kind: type[Made], given: Mapping[str, Any], **others: Any) -> Made:
    """A dataclass from the members of a sound object that are called as its fields, and from `others`. Where a field is
    a float, so is what a file wrote as a whole number."""
    types = _types(kind)  # type: ignore[arg-type]
    for field in fields(kind):  # type: ignore[arg-type]
        if field.name not in others:
            value = given[field.name]
            if value is not None and float in types[field.name]:
                value = float(value)
            others[field.name] = tuple(value) if isinstance(value, list) else value
    return kind(**others)


def value(value: Any) -> str:
    """As it stands in a sentence."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    return shown(json.dumps(value, ensure_ascii=False), 40)


def check_moments(root: Mapping[str, Any]) -> None:
    """Raises ValueError where a file was started or finished on no day that there is."""
    for member in ("started", "finished"):
        try:
            datetime.strptime(root[member], "%Y-%m-%dT%H:%M:%SZ")
        except ValueError:
            raise ValueError(f"{member}: there is no moment {root[member]}") from None


class Schema:
    """A schema by its name, and how a fault in one of its items (the list `items` of the root) is named: `item` and its
    name. The member `xml` may have a long text."""

    def __init__(self, name: str, items: str, item: str) -> None:
        self.name, self.items, self.item = name, items, item

    @cached_property
    def _validator(self) -> jsonschema_rs.Draft202012Validator:
        shared = jsonschema_rs.Registry([("result.schema.json", older.shared(self.name))])
        return jsonschema_rs.Draft202012Validator(older.schema(self.name), registry=shared, mask=_IT)

    def _where(self, error: jsonschema_rs.ValidationError, root: Any) -> str:
        parts = list(error.instance_path)
        if len(parts) >= 2 and parts[0] == self.items:
            item = root[self.items][parts[1]]
            name = item.get("name") if isinstance(item, dict) else None
            label = f"{self.item} '{shown(name, 60)}'" if isinstance(name, str) else f"{self.item} {int(parts[1]) + 1}"
            inner = shown(".".join(str(part) for part in parts[2:]), 60)
            return f"{label}, {inner}" if inner else label
        return shown(".".join(str(part) for part in parts), 60) or "the file"

    def _check(self, root: Any) -> None:
        """Raises ValueError with the first thing that is not as the schema says, UnicodeEncodeError where a text holds
        half of a surrogate pair."""
        try:
            self._validator.validate(root)
        except jsonschema_rs.ValidationError as error:
            what = shown(error.message, 120).replace(_IT, value(error.instance))
            raise ValueError(f"{self._where(error, root)}: {what}") from None
        except UnicodeEncodeError:
            raise
        except ValueError:
            raise ValueError("it is nested far too deeply") from None

    def sound(self, root: Any) -> Any:
        """Checked, with harmless texts. The check comes first, for it ends at the first fault, however much follows."""
        try:
            self._check(root)
            return json_file.clean(root, long=("xml",))
        except UnicodeEncodeError:
            root = json_file.clean(root, long=("xml",))
            self._check(root)
            return root
