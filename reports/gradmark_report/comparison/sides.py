"""The two sides of a comparison: which files they are, in the order in which their processes ran."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gradmark_report import result_file
from gradmark_report.errors import BadInput
from gradmark_report.result import Result
from gradmark_report.text import shown_path

SEPARATOR = "vs"


@dataclass(frozen=True)
class Side:
    label: str  # base or head
    given: str  # as it stood on the command line
    results: tuple[Result, ...]  # in the order of their start: one process each

    @property
    def first(self) -> Result:
        return self.results[0]


def split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The paths of the base and of the head. Two paths are a side each; more need the word `vs` between the sides."""
    separators = [place for place, argument in enumerate(arguments) if argument == SEPARATOR]
    if len(separators) > 1:
        raise BadInput(f"the word {SEPARATOR} separates two sides and stands here {len(separators)} times")
    if separators:
        base, head = list(arguments[: separators[0]]), list(arguments[separators[0] + 1 :])
        if not base or not head:
            raise BadInput(f"nothing stands {'before' if not base else 'after'} the word {SEPARATOR}")
        return base, head
    if len(arguments) == 2:
        return [arguments[0]], [arguments[1]]
    if len(arguments) == 1:
        raise BadInput(f"one path is one side: a comparison needs two, A and B, or A... {SEPARATOR} B...")
    raise BadInput(
        f"{len(arguments)} paths: the word {SEPARATOR} must say where the other side begins: A... {SEPARATOR} B..."
    )


def files(path: Path) -> list[Path]:
    """A file is itself; a folder is the result files in it, not those in its own folders."""
    if not path.is_dir():
        return [path]
    try:
        found = sorted(child for child in path.glob("*.json") if child.is_file())
    except OSError as error:
        raise BadInput(f"{shown_path(path)}: {error.strerror or error}") from None
    if not found:
        raise BadInput(f"{shown_path(path)}: there is no result file (*.json) in this folder")
    return found


def read_side(label: str, paths: Sequence[str | Path]) -> Side:
    """Raises BadInput for what cannot be read, and for a process that would count twice."""
    found: dict[Path, Path] = {}
    for path in paths:
        for file in files(Path(path)):
            if file.resolve() in found:
                raise BadInput(f"{shown_path(file)} stands twice on the {label} side: one process counts once")
            found[file.resolve()] = file
    results = sorted((_read(file) for file in found.values()), key=lambda result: result.started)
    seen: dict[tuple[object, ...], Result] = {}
    for result in results:
        other = seen.setdefault(result.fingerprint, result)
        if other is not result:
            raise BadInput(
                f"{shown_path(other.path)} and {shown_path(result.path)}, both of the {label}, hold the same process: "
                "one process counts once"
            )
    return Side(label, " ".join(shown_path(path, 1000) for path in paths), tuple(results))


def _read(path: Path) -> Result:
    """A file whose rows all failed their proof has no time, and says a lot."""
    result = result_file.read(path)
    if not any(row.time or row.status == "failed" for row in result.rows):
        raise BadInput(f"{shown_path(path)}: none of its {len(result.rows)} rows was timed")
    return result


def same_process_on_both(base: Side, head: Side) -> bool:
    return bool({result.fingerprint for result in base.results} & {result.fingerprint for result in head.results})
