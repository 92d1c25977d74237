"""Reads the result files of a folder. Some may be broken: a history of years is not lost over one of them."""

from dataclasses import dataclass
from pathlib import Path

from gradmark_report import result_file
from gradmark_report.errors import BadInput
from gradmark_report.result import Result
from gradmark_report.text import harmless, one_line


@dataclass(frozen=True)
class Folder:
    path: Path
    results: tuple[Result, ...]  # by the time of their start
    skipped: tuple[str, ...]  # one sentence each, naming the file


def read(path: Path | str, *, strict: bool = False) -> Folder:
    """The *.json files in it, those in its own folders included. Broken ones are named and skipped; under `strict` the
    first of them raises."""
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
    seen: dict[tuple[object, ...], Path] = {}
    for file in files:
        try:
            result = result_file.read_with_times(file)
            twin = seen.setdefault(_process(result), file)
            if twin is not file:
                shown = [one_line(harmless(str(one))) for one in (file, twin)]
                raise BadInput(f"{shown[0]}: the same process as {shown[1]}, which counts once")
        except BadInput as error:
            if strict:
                raise
            skipped.append(str(error))
            continue
        results.append(result)
    if not results:
        whole = "; ".join(skipped[:3]) or "it holds no *.json file"
        raise BadInput(f"{name}: no result file can be read here: {whole}")
    return Folder(path, tuple(sorted(results, key=lambda result: (result.started, result.path.name))), tuple(skipped))


def _process(result: Result) -> tuple[object, ...]:
    """Two processes never share this: every sample of the first timed row, to the last digit."""
    row = result.timed[0]
    assert row.time is not None
    return (result.host, result.started, result.finished, row.name, row.time.samples.tobytes())
