"""Reads the result file of a training, which may come from anywhere: what gets past here has the right shape, finite
figures, and pictures of the size that they claim."""

import base64
import binascii
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gradmark_report import older, record_file
from gradmark_report.errors import BadInput
from gradmark_report.record_file import made
from gradmark_report.text import shown, shown_path
from gradmark_report.training.model import (
    Class,
    Compressed,
    Evaluation,
    Fit,
    Kernel,
    Point,
    Reached,
    Reproducibility,
    Run,
    Test,
    Training,
    Wrong,
)

SCHEMAS = {name: record_file.Schema(name, "runs", "run") for name in older.versions(older.TRAINING)}


def _float(value: float | None) -> float | None:
    return None if value is None else float(value)


def _in_order(label: str, what: str, points: Iterable[Mapping[str, Any]]) -> None:
    step, seconds = 0, 0.0
    for point in points:
        if point["step"] < step or point["seconds"] < seconds:
            raise ValueError(f"{label}: its {what} go back at step {point['step']}")
        step, seconds = point["step"], point["seconds"]


def _kernel(given: dict[str, Any]) -> Kernel:
    limits = record_file.attainable(f"kernel '{shown(given['name'], 60)}'", given)
    return made(Kernel, given, what=given["what"] or "", share=float(given["share"] or 0), **limits)


def _test(label: str, given: Mapping[str, Any] | None) -> Test | None:
    if given is None:
        return None
    classes = tuple(made(Class, one) for one in given["classes"])
    confusion = tuple(tuple(row) for row in given["confusion"])
    if len(confusion) != len(classes) or any(len(row) != len(classes) for row in confusion):
        raise ValueError(f"{label}: its confusion matrix is not square, a row and a column for each class")
    for one, row in zip(classes, confusion, strict=True):
        if sum(row) != one.samples:
            raise ValueError(f"{label}: its confusion matrix has {sum(row)} samples of class {one.label}, not its own")
    if len({one.label for one in classes}) != len(classes):
        raise ValueError(f"{label}: two of its classes have the same label")
    return made(Test, given, classes=classes, confusion=confusion)


def _wrong(label: str, given: Mapping[str, Any]) -> Wrong:
    try:
        pixels = base64.b64decode(given["pixels"], validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"{label}: the pixels of picture {given['index']} are no base64") from None
    if len(pixels) != given["rows"] * given["columns"]:
        size = f"{given['rows']} x {given['columns']}"
        raise ValueError(f"{label}: picture {given['index']} has {len(pixels)} pixels, and says that it is {size}")
    return made(Wrong, given, pixels=pixels)


def _run(given: Mapping[str, Any]) -> Run:
    label = f"run '{shown(given['name'], 60)}'"
    _in_order(label, "losses", given["curve"])
    _in_order(label, "evaluations", given["evaluations"])
    return made(
        Run,
        {**given, **given["model"], "model_bytes": given["model"]["bytes"]},
        hypers={name: _float(value) for name, value in given["hypers"].items()},
        first_losses=tuple(map(_float, given["first_losses"])),
        curve=tuple(made(Point, one) for one in given["curve"]),
        evaluations=tuple(made(Evaluation, one) for one in given["evaluations"]),
        seconds_to=tuple(made(Reached, one) for one in given["seconds_to"]),
        kernels=tuple(map(_kernel, given["kernels"])),
        test=_test(label, given["test"]),
        wrong=tuple(_wrong(label, one) for one in given["wrong"]),
    )


def _runs(given: Iterable[Mapping[str, Any]]) -> dict[str, Run]:
    runs: dict[str, Run] = {}
    for one in given:
        run = _run(one)
        if run.name in runs:
            raise ValueError(f"two of its runs have the name '{shown(run.name)}'")
        runs[run.name] = run
    return runs


def _reproducibility(given: Mapping[str, Any], runs: Mapping[str, Run]) -> Reproducibility:
    """Runs that differ for the same reason stand together."""

    def named(names: Iterable[str]) -> tuple[Run, ...]:
        for name in names:
            if name not in runs:
                raise ValueError(f"reproducibility names the run '{shown(name, 60)}', which is not there")
        return tuple(runs[name] for name in names)

    other: dict[str, tuple[Run, ...]] = {}
    for one in given["other"]:
        why = one["why"] or ""
        other[why] = (*other.get(why, ()), *named(one["names"]))
    return Reproducibility(given["what"], named(given["same"]), tuple((runs, why) for why, runs in other.items()))


def _fit(given: Mapping[str, Any]) -> Fit:
    return made(Fit, given, part=given["part"] or "", reference=given["reference"] or "")


def _training(path: Path, root: dict[str, Any]) -> Training:
    """Raises ValueError."""
    schema = root["schema"]
    root = older.upgraded(SCHEMAS[schema].sound(root), [])
    runs = _runs(root["runs"])
    record_file.check_moments(root)
    return made(
        Training,
        root,
        path=path,
        first_model=schema == "gradmark.training/1",
        runs=tuple(runs.values()),
        fits=tuple(map(_fit, root["fits"])),
        reproducibility=tuple(_reproducibility(one, runs) for one in root["reproducibility"]),
        compression=tuple(made(Compressed, one) for one in root["compression"]),
    )


def of(path: Path, root: dict[str, Any]) -> Training:
    """Of what record_file.load gave. Raises BadInput with one sentence that names the file."""
    name = shown_path(path)
    if not isinstance(root["schema"], str) or root["schema"] not in SCHEMAS:
        raise record_file.another_schema(path, root, older.TRAINING)
    try:
        training = _training(path, root)
    except ValueError as error:
        raise BadInput(f"{name}: not a sound file of a training: {error}") from None
    if not training.runs:
        raise BadInput(f"{name}: it has no run, so there is nothing to report")
    return training
