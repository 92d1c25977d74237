"""The two sides of a comparison: which files they are, in the order in which their processes ran, and which process of
the one is the partner of which of the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
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


Sides = tuple[Side, Side]  # the base and the head
Pairs = tuple[tuple[Result, Result], ...]


def split(arguments: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """The paths of the base and of the head. Two paths are a side each; more need the word `vs` between the sides."""
    separators = [place for place, argument in enumerate(arguments) if argument == SEPARATOR]
    if len(separators) > 1:
        raise BadInput(f"the word {SEPARATOR} separates two sides and stands here {len(separators)} times")
    if separators:
        base, head = arguments[: separators[0]], arguments[separators[0] + 1 :]
        if not base or not head:
            raise BadInput(f"nothing stands {'before' if not base else 'after'} the word {SEPARATOR}")
        return base, head
    if len(arguments) == 2:
        return arguments[:1], arguments[1:]
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


def _read(path: Path) -> Result:
    """A file whose rows all failed their proof has no time, and says a lot."""
    result = result_file.read(path)
    if not any(row.time or row.status == "failed" for row in result.rows):
        raise BadInput(f"{shown_path(path)}: none of its {len(result.rows)} rows was timed")
    return result


def read_side(label: str, paths: Sequence[str | Path]) -> Side:
    """Raises BadInput for what cannot be read, and for a process that would count twice."""
    found: dict[Path, Path] = {}
    for file in (file for path in paths for file in files(Path(path))):
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


def read_sides(base: Sequence[str | Path], head: Sequence[str | Path]) -> Sides:
    return read_side("base", base), read_side("head", head)


def _machine(result: Result) -> tuple[str, ...]:
    processor = result.machine["processor"]
    return (result.host, result.processor, str(processor["architecture"]), str(processor["model"]))


def _pairs_by_group(sides: Sides) -> tuple[Pairs, str]:
    """A process without its partner, whose campaign was stopped, is left out."""
    base, head = ({result.settings["turns_group"]: result for result in side.results} for side in sides)
    if None in base or None in head or [len(base), len(head)] != [len(side.results) for side in sides]:
        return (), "the processes were not all measured by turns with one of the other side"
    pairs = tuple((result, head[group]) for group, result in base.items() if group in head)
    return pairs, "" if pairs else "no process was measured by turns with one of the other side"


def pair(sides: Sides) -> tuple[Pairs, str]:
    """Whether the processes of the two sides ran by turns, so that whatever drifts in the machine hits both alike: the
    pairs in the order in which they ran, or none and the reason why not. A last process without a partner is left out.

    Best are processes that were alive together and measured a few samples each in turn (`gradmark run --turns`): they
    name their group, and the two of one group are a pair.

    Else they took turns, if both sides ran on one machine, never at once, and neither side was ever ahead by more than
    one process: each process then has a partner of the other side that ran right before or after it. That holds for
    A B A B and for ABBA blocks; it does not for all of A and then all of B."""
    if len({_machine(result) for side in sides for result in side.results}) > 1:
        return (), "the processes ran on more than one machine"
    if min(len(side.results) for side in sides) < 2:
        return (), "one process of a side has no turns to take"
    if any(result.settings["turns_group"] for side in sides for result in side.results):
        return _pairs_by_group(sides)
    line = sorted(
        ((result, step) for side, step in zip(sides, (-1, 1), strict=True) for result in side.results),
        key=lambda one: (one[0].started, one[0].finished),
    )
    for (earlier, _), (later, _) in pairwise(line):
        if later.started < earlier.finished or later.started == earlier.started:
            return (), "some of the processes ran at the same time"
    if any(abs(ahead) > 1 for ahead in accumulate(step for _, step in line)):
        return (), "the processes of the two sides did not take turns"
    base, head = sides
    return tuple(zip(base.results, head.results, strict=False)), ""
