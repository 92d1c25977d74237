"""A training's result as typed values. Reading and checking is in read.py; here nothing can fail any more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gradmark_report import faults
from gradmark_report.record import Record


@dataclass(frozen=True)
class Point:
    """Of a loss curve. None: no number, as where a run diverges."""

    step: int
    seconds: float
    loss: float | None


@dataclass(frozen=True)
class Evaluation:
    step: int
    seconds: float
    train_loss: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    test_loss: float | None
    test_accuracy: float | None


@dataclass(frozen=True)
class Reached:
    """When an accuracy was reached for the first time. None: never."""

    accuracy: float
    seconds: float | None
    step: int | None


@dataclass(frozen=True)
class Kernel:
    name: str  # op/dtype/impl
    what: str
    calls: int
    seconds: float
    share: float  # of the run's seconds; 0 where it is not known
    ns_per_element: float | None
    gflop_per_s: float | None
    attainable_percent: float | None
    attainable_low: float | None
    attainable_high: float | None
    bound_by: str | None

    @property
    def op(self) -> str:
        return self.name.partition("/")[0]

    @property
    def believable(self) -> bool:
        return self.attainable_percent is None or self.attainable_percent <= faults.BELIEVED


@dataclass(frozen=True)
class Class:
    label: int
    precision: float | None
    recall: float | None
    f1: float | None
    samples: int


@dataclass(frozen=True)
class Test:
    samples: int
    loss: float | None
    accuracy: float | None
    macro_precision: float | None
    macro_recall: float | None
    macro_f1: float | None
    classes: tuple[Class, ...]
    confusion: tuple[tuple[int, ...], ...]  # true class, then what it was taken for


@dataclass(frozen=True)
class Wrong:
    """A picture that was taken for another class."""

    index: int  # in the test set
    label: int
    predicted: int
    confidence: float | None
    rows: int
    columns: int
    pixels: bytes = field(repr=False)  # 0 where nothing is drawn


@dataclass(frozen=True)
class Run:
    name: str
    workload: str
    part: str | None
    optimizer: str | None
    isa: str
    threads: int
    layers: tuple[int, ...]  # the inputs first
    activation: str | None
    loss: str | None  # the name of the loss
    parameters: int
    model_bytes: int | None
    hypers: Mapping[str, float | None]
    schedule: str | None
    l1: float | None
    l2: float | None
    clip: float | None
    initialization: str | None
    batch: int | None
    epochs: int | None
    status: str  # finished, stopped early, diverged, interrupted, failed
    diverged_at_step: int | None
    epochs_done: float | None
    steps: int
    samples: int | None
    seconds: float  # of training; evaluations have their own
    evaluation_seconds: float | None
    samples_per_second: float | None  # since it was resumed, if it was
    samples_per_second_low: float | None  # from one evaluation to the next
    samples_per_second_high: float | None
    resumed_after_epoch: int | None
    kernel_share: float | None
    data_share: float | None
    weights_hash: str | None
    first_losses: tuple[float | None, ...]
    curve: tuple[Point, ...]
    evaluations: tuple[Evaluation, ...]
    seconds_to: tuple[Reached, ...]
    kernels: tuple[Kernel, ...]
    test: Test | None
    wrong: tuple[Wrong, ...]

    @property
    def came_to_nothing(self) -> bool:
        return self.status in ("diverged", "failed")

    @property
    def from_the_start(self) -> bool:
        """It did not begin with what another training had learnt."""
        return self.initialization != "trained"

    @property
    def accuracy(self) -> float | None:
        """On the test set, at the end; None of what came to nothing, or never began."""
        if self.came_to_nothing or not self.steps:
            return None
        if self.test is not None:
            return self.test.accuracy
        return next((one.test_accuracy for one in reversed(self.evaluations) if one.test_accuracy is not None), None)

    @property
    def last_loss(self) -> float | None:
        """What is known last of its loss: of the test set, else of the training; None of what came to nothing."""
        if self.came_to_nothing:
            return None
        known: list[float | None] = [self.test.loss] if self.test else []
        for one in self.evaluations[-1:]:
            known += [one.test_loss, one.train_loss]
        known += [point.loss for point in self.curve[-1:]]
        return next((loss for loss in known if loss is not None), None)


@dataclass(frozen=True)
class Fit:
    """A parameter of a workload whose answer is known."""

    part: str
    parameter: str
    value: float | None
    expected: float | None
    tolerance: float | None
    reference: str
    held: bool


@dataclass(frozen=True)
class Reproducibility:
    """Of runs that do the same: which ended in the same bits, and which did not, and why."""

    what: str
    same: tuple[Run, ...]
    other: tuple[tuple[tuple[Run, ...], str], ...]


@dataclass(frozen=True)
class Compressed:
    part: str
    layers: tuple[int, ...]
    parameters: int
    nonzero: int | None
    bytes: float | None
    accuracy: float | None
    epochs: int


@dataclass(frozen=True)
class Training(Record):
    runs: tuple[Run, ...]
    fits: tuple[Fit, ...]
    reproducibility: tuple[Reproducibility, ...]
    compression: tuple[Compressed, ...]
    data: Mapping[str, Any] | None

    @property
    def workload(self) -> str:
        return str(self.settings["workload"])


def model_of(layers: Sequence[int]) -> str:
    """784-256-10"""
    return "-".join(map(str, layers))
