"""Reads JSON that may come from anywhere, more strictly than JSON asks for: no member twice, no NaN, no number that
arithmetic could not bear. Bounded in time and memory; whatever is wrong becomes one sentence that names the file. What
is written of it is as strict."""

import json
import os
import stat
from collections.abc import Container
from pathlib import Path
from typing import Any

from gradmark_report.errors import BadInput
from gradmark_report.text import harmless, shown, shown_path

DEEPEST = 16  # a result file needs 6
LONGEST_TEXT = 16 << 10
SMALLEST, LARGEST = 1e-30, 1e90  # 1e83 ulp is the worst error that f32 can have; ratios and squares are still finite
_BREAKS = str.maketrans("\n\t", "  ")
WHOLE = 1 << 53  # up to here a double holds every whole number


def _no_constant(name: str) -> None:
    raise ValueError(f"it holds {name}, which is no JSON")


def _number(text: str) -> float | int:
    """2.0 is as whole as 2, and becomes as much of an int. What is smaller than anything here counts as nothing: the
    loss of a training may become that small."""
    number = float(text)
    if abs(number) > LARGEST:
        raise ValueError(f"it holds the number {shown(text, 30)}, which is beyond anything that is measured here")
    if abs(number) < SMALLEST:
        return 0
    return int(number) if number.is_integer() and abs(number) <= WHOLE else number


def _whole(text: str) -> int:
    number = int(text) if len(text) < 32 else None
    if number is None or abs(number) >= 2**63:
        raise ValueError(f"it holds the number {shown(text, 30)}, which is larger than any count here can be")
    return number


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise ValueError(f"it has the member '{shown(key, 40)}' twice")
            seen.add(key)
    return members


def _bytes(path: Path, what: str, largest: int) -> bytes:
    """At most so many, even of a file that grows meanwhile. A pipe or a device is not waited for."""
    name = shown_path(path)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        try:
            status = os.fstat(descriptor)
            if stat.S_ISDIR(status.st_mode):
                raise BadInput(f"{name}: this is a folder, not a file")
            if not stat.S_ISREG(status.st_mode):
                raise BadInput(f"{name}: this is a device or a pipe, not a file")
            data = b""
            if status.st_size <= largest:
                with os.fdopen(descriptor, "rb", closefd=False) as file:
                    data = file.read(largest + 1)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        raise BadInput(f"{name}: there is no such file") from None
    except OSError as error:
        raise BadInput(f"{name}: {error.strerror or error}") from None
    size = max(status.st_size, len(data))
    if size > largest:
        raise BadInput(f"{name}: {size / 2**20:.0f} MiB are too much for a {what} (at most {largest >> 20} MiB)")
    return data


def load(path: Path, what: str, largest: int) -> Any:
    """`what` names the kind of file in sentences, `largest` is in bytes. Raises BadInput."""
    name = shown_path(path)
    data = _bytes(path, what, largest)
    try:
        text = data.decode("utf-8-sig")  # a byte order mark says nothing in UTF-8, and harms nobody
        if not text.strip():
            raise BadInput(f"{name}: the file is empty")
        return json.loads(
            text, parse_constant=_no_constant, parse_float=_number, parse_int=_whole, object_pairs_hook=_unique
        )
    except UnicodeDecodeError:
        raise BadInput(f"{name}: this is no JSON: it is not text in UTF-8") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise BadInput(f"{name}: this is no JSON: {where}: {shown(error.msg)}") from None
    except RecursionError:
        raise BadInput(f"{name}: it is nested far too deeply") from None
    except ValueError as error:
        raise BadInput(f"{name}: {shown(error, 150)}") from None


def written(content: Any) -> str:
    """As a file, or on the terminal. Raises ValueError for a number that JSON has not."""
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def clean(value: Any, long: Container[str] = (), member: str = "", depth: int = 0) -> Any:
    """The same with every text harmless and, where it is of no member named in `long`, of one line. Raises ValueError
    for such a text that is longer than any needs to be, and for what is nested too deeply."""
    if isinstance(value, str):
        if member in long:
            return harmless(value)
        if len(value) > LONGEST_TEXT:
            raise ValueError(f"the text of '{shown(member, 40)}' has {len(value)} characters, which is far too long")
        return harmless(value).translate(_BREAKS)
    if depth > DEEPEST:
        raise ValueError("it is nested far too deeply")
    if isinstance(value, list):
        return [clean(item, long, member, depth + 1) for item in value]
    if isinstance(value, dict):
        return {clean(name, (), "a name"): clean(item, long, name, depth + 1) for name, item in value.items()}
    return value
