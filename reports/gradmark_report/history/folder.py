"""Reads the result files of a folder. Some may be broken: a history of years is not lost over one of them."""

import re
from dataclasses import dataclass
from pathlib import Path

from gradmark_report import json_file, record_file, result_file, words
from gradmark_report.errors import BadInput
from gradmark_report.result import Result
from gradmark_report.text import harmless, one_line

# What gradmark-report and scripts/compare write beside result files: noise, campaigns, comparisons, histories.
_ANOTHER_KIND = re.compile(r"gradmark\.(?!result/)[a-z]+/\d+")


@dataclass(frozen=True)
class Folder:
    path: Path
    results: tuple[Result, ...]  # by the time of their start
    skipped: tuple[str, ...]  # broken files, one sentence each, naming the file
    left_out: tuple[str, ...]  # sound files that are no part of a history: one sentence for each kind


def read(path: Path | str, *, strict: bool = False) -> Folder:
    """The *.json files in it, those in its own folders included. Broken ones are named and skipped; under `strict` the
    first of them raises. What a campaign of scripts/compare measured by turns counts like any other process, unless its
    times were lengthened on purpose."""
    path = Path(path)
    name = one_line(harmless(str(path)))
    if not path.is_dir():
        raise BadInput(f"{name}: {'this is no folder' if path.exists() else 'there is no such folder'}")
    try:
        files = sorted(file for file in path.rglob("*.json") if not file.name.startswith("."))
    except OSError as error:
        raise BadInput(f"{name}: {error.strerror or error}") from None
    results: list[Result] = []
    skipped: list[str] = []
    others = delayed = 0
    seen: dict[tuple[object, ...], Path] = {}
    for file in files:
        try:
            result = result_file.read_with_times(file)
            twin = seen.setdefault(result.fingerprint, file)
            if twin is not file:
                shown = [one_line(harmless(str(one))) for one in (file, twin)]
                raise BadInput(f"{shown[0]}: the same process as {shown[1]}, which counts once")
        except BadInput as error:
            if _of_another_kind(file):
                others += 1
                continue
            if strict:
                raise
            skipped.append(str(error))
            continue
        if result.settings["test_delay_percent"]:
            delayed += 1
        else:
            results.append(result)
    left_out = _left_out(delayed, others)
    if not results:
        whole = "; ".join([*skipped[:3], *(said.rstrip(".") for said in left_out)]) or "it holds no *.json file"
        raise BadInput(f"{name}: no result file can be read here: {whole}")
    ordered = tuple(sorted(results, key=lambda result: (result.started, result.path.name)))
    return Folder(path, ordered, tuple(skipped), left_out)


def _of_another_kind(file: Path) -> bool:
    """It names another of gradmark's schemas, and is no broken result file."""
    try:
        root = json_file.load(file, "file", record_file.LARGEST_BYTES)
    except BadInput:
        return False
    schema = root.get("schema") if isinstance(root, dict) else None
    return isinstance(schema, str) and _ANOTHER_KIND.fullmatch(schema) is not None


def _left_out(delayed: int, others: int) -> tuple[str, ...]:
    said = []
    if delayed:
        processes = words.plural(delayed, "process", "processes")
        said.append(f"{processes} whose times were lengthened on purpose (a test delay): no part of a history.")
    if others:
        files = words.plural(others, "file")
        said.append(f"{files} that gradmark wrote and that {'is' if others == 1 else 'are'} no result of a run.")
    return tuple(said)
