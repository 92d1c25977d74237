"""What the runs of a training are called beside one another, and which of them stands for all."""

from collections.abc import Sequence

from gradmark_report import words
from gradmark_report.result import unique
from gradmark_report.training.model import Run, Training

# What runs differ in, in the order of their labels.
DIMENSIONS = ("optimizer", "part", "isa", "threads")

ALIKE = 1.03  # speeds that differ by less are called alike


def value_of(run: Run, dimension: str) -> str:
    if dimension == "threads":
        return f"t{run.threads}"
    return str(getattr(run, dimension) or words.UNKNOWN)


def dimensions(runs: Sequence[Run]) -> list[str]:
    """In which of them the runs differ."""
    return [one for one in DIMENSIONS if len({value_of(run, one) for run in runs}) > 1]


def labels(runs: Sequence[Run]) -> dict[str, str]:
    """By the run's name: what sets it apart from the others, or its own name where that does not."""
    differ = dimensions(runs)
    made = {run.name: " ".join(value_of(run, one) for one in differ) for run in runs}
    alone = len(set(made.values())) == len(made)
    return made if differ and alone else {run.name: run.name for run in runs}


def what(run: Run) -> str:
    """What it trains with, whoever it stands beside."""
    return f"{run.isa} on {words.plural(run.threads, 'thread')}"


def task(run: Run) -> tuple[str | None, str | None, str]:
    """Runs that share this train the same model in the same way, on other implementations or threads."""
    return run.optimizer, run.part, run.workload


def ended(run: Run) -> bool:
    return run.status in ("finished", "stopped early")


def fastest(runs: Sequence[Run]) -> Run:
    return max(runs, key=lambda run: run.samples_per_second or 0.0)


def as_fast(run: Run, runs: Sequence[Run]) -> list[Run]:
    """Those that a run's speed is not told apart from: they came near it from one evaluation to the next."""
    low = run.samples_per_second_low or (run.samples_per_second or 0.0) / ALIKE
    return [
        one for one in runs if one is not run and (one.samples_per_second_high or one.samples_per_second or 0) >= low
    ]


def subject(training: Training) -> Run:
    """The one that stands for all: what was compressed, if anything was; else, of the way of training that came to the
    best accuracy (without one, the first), the fastest run that ended."""
    runs = [run for run in training.runs if ended(run)] or list(training.runs)
    if training.compression:
        return runs[0]
    best = max(runs, key=lambda run: -1.0 if run.accuracy is None else run.accuracy)  # the first of equal ones
    return fastest([run for run in runs if task(run) == task(best)])


def tasks(runs: Sequence[Run]) -> list[list[Run]]:
    """The runs in groups that train the same."""
    groups: dict[tuple[str | None, str | None, str], list[Run]] = {}
    for run in runs:
        groups.setdefault(task(run), []).append(run)
    return list(groups.values())


def task_labels(runs: Sequence[Run]) -> dict[str, str]:
    """By the run's name: what its group is called beside the other groups."""
    firsts = [group[0] for group in tasks(runs)]
    named = labels(firsts)
    return {run.name: named[group[0].name] for group in tasks(runs) for run in group}


def over_scalar(run: Run, runs: Sequence[Run]) -> tuple[float, Run] | None:
    """How many times as fast as scalar training the same on the fewest threads, and that run."""
    same = [one for one in runs if one.isa == "scalar" and task(one) == task(run) and one.samples_per_second]
    scalar = min(same, key=lambda one: one.threads, default=run)
    if scalar is run or not run.samples_per_second:
        return None
    return run.samples_per_second / (scalar.samples_per_second or 1.0), scalar


def alike(runs: Sequence[Run]) -> list[list[Run]]:
    """In groups of the same bits at the end. A run whose bits are unknown is alone."""
    groups: dict[str, list[Run]] = {}
    for number, run in enumerate(runs):
        groups.setdefault(run.weights_hash or f"alone {number}", []).append(run)
    return list(groups.values())


def isas(runs: Sequence[Run]) -> list[str]:
    return unique(run.isa for run in runs)


def thresholds(runs: Sequence[Run]) -> list[float]:
    """The accuracies of which it is known when they were reached."""
    return sorted({one.accuracy for run in runs for one in run.seconds_to})
