"""This machine's own noise, as `gradmark-report aa` measured it between equal builds, and what else it found: read and
checked by noise.schema.json, gradmark.noise/1."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jsonschema_rs

from gradmark_report import json_file
from gradmark_report.errors import BadInput
from gradmark_report.result import Result
from gradmark_report.text import harmless, shown, shown_path

SCHEMA_NAME = "gradmark.noise/1"
SCHEMA_FILE = Path(__file__).parent / "noise.schema.json"
LARGEST_BYTES = 16 << 20


@dataclass(frozen=True)
class Noise:
    """Fractions: 0.01 is 1%."""

    path: Path
    host: str
    processor: str
    overall: float
    rows: dict[str, float]

    def of(self, names: Iterable[str]) -> dict[str, float]:
        """By row. One comparison more or less moves a row's own figure a lot, so that it never counts as less than the
        overall one, which is also that of a row that was not measured."""
        return {name: max(self.rows.get(name, 0.0), self.overall) for name in names}

    def is_of(self, result: Result) -> bool:
        return (self.host, self.processor) == (result.host, result.processor)


@cache
def validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


def read(path: Path | str) -> Noise:
    path = Path(path)
    name = shown_path(path)
    root = json_file.load(path, "noise file", LARGEST_BYTES)
    if not isinstance(root, dict) or root.get("schema") != SCHEMA_NAME:
        raise BadInput(f"{name}: this is no noise file ({SCHEMA_NAME}); gradmark-report aa DIR -o FILE writes one")
    try:
        validator().validate(root)
    except jsonschema_rs.ValidationError as error:
        where = shown(".".join(str(part) for part in error.instance_path), 60) or "the file"
        raise BadInput(f"{name}: not a sound noise file: {where}: {shown(error.message, 160)}") from None
    return Noise(path, harmless(root["host"]), harmless(root["processor"]), root["overall"], root["rows"])
