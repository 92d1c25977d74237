"""This machine's own noise, as `gradmark-report aa` measured it between equal builds, and what else it found: read and
checked by noise.schema.json, gradmark.noise/1."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from gradmark_report.errors import BadInput
from gradmark_report.result import Result
from gradmark_report.text import harmless, one_line

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
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


def _load(path: Path) -> Any:
    def no_constant(name: str) -> None:
        raise ValueError(f"it holds {name}, which is no JSON")

    name = one_line(harmless(str(path)))
    try:
        if not path.is_file():
            raise BadInput(f"{name}: {'this is no file' if path.exists() else 'there is no such file'}")
        if path.stat().st_size > LARGEST_BYTES:
            raise BadInput(f"{name}: this is too large for a noise file")
        return json.loads(path.read_bytes(), parse_constant=no_constant)
    except OSError as error:
        raise BadInput(f"{name}: {error.strerror or error}") from None
    except RecursionError:
        raise BadInput(f"{name}: it is nested far too deeply for a noise file") from None
    except ValueError as error:
        raise BadInput(f"{name}: this is no JSON: {one_line(harmless(str(error)))[:160]}") from None


def read(path: Path | str) -> Noise:
    path = Path(path)
    name = one_line(harmless(str(path)))
    root = _load(path)
    if not isinstance(root, dict) or root.get("schema") != SCHEMA_NAME:
        raise BadInput(f"{name}: this is no noise file ({SCHEMA_NAME}); gradmark-report aa DIR -o FILE writes one")
    error = jsonschema.exceptions.best_match(validator().iter_errors(root))
    if error is not None:
        where = ".".join(str(part) for part in error.absolute_path) or "the file"
        said = one_line(harmless(f"{where}: {error.message}"))[:200]
        raise BadInput(f"{name}: not a sound noise file: {said}")
    return Noise(path, harmless(root["host"]), harmless(root["processor"]), root["overall"], root["rows"])
