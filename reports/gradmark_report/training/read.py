"""Reads the result file of a training, which may come from anywhere: what gets past here has the right shape, finite
figures, and pictures of the size that they claim."""

import base64
import binascii
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gradmark_report import older, record_file
from gradmark_report.errors import BadInput
from gradmark_report.text import shown, shown_path
from gradmark_report.training.model import (
    Class,
    Compressed,
    Evaluation,
    Fit,
    Kernel,
    Point,
    Reached,
    Run,
    Sameness,
    Test,
    Training,
    Wrong,
)

SCHEMAS = {name: record_file.Schema(name, "runs", "run") for name in older.versions(older.TRAINING)}

_AS_THEY_ARE = (  # members of a run
    *("name", "workload", "part", "optimizer", "isa", "threads", "batch", "epochs", "status", "diverged_at_step"),
    *("steps", "samples", "weights_hash", "schedule", "initialization", "resumed_after_epoch"),
)


def _float(value: float | None) -> float | None:
    return None if value is None else float(value)


def _floats(given: Mapping[str, Any], *members: str) -> dict[str, Any]:
    return {member: _float(given[member]) for member in members}


def _in_order(label: str, what: str, points: Iterable[Mapping[str, Any]]) -> None:
    step, seconds = 0, 0.0
    for point in points:
        if point["step"] < step or point["seconds"] < seconds:
            raise ValueError(f"{label}: its {what} go back at step {point['step']}")
        step, seconds = point["step"], point["seconds"]


def _kernel(given: dict[str, Any]) -> Kernel:
    return Kernel(
        name=given["name"],
        what=given["what"] or "",
        calls=given["calls"],
        seconds=float(given["seconds"]),
        share=float(given["share"] or 0),
        bound_by=given["bound_by"],
        **record_file.attainable(f"kernel '{shown(given['name'], 60)}'", given),
        **_floats(given, "ns_per_element", "gflop_per_s"),
    )


def _test(label: str, given: Mapping[str, Any] | None) -> Test | None:
    if given is None:
        return None
    classes = tuple(
        Class(one["label"], samples=one["samples"], **_floats(one, "precision", "recall", "f1"))
        for one in given["classes"]
    )
    confusion = tuple(tuple(row) for row in given["confusion"])
    if len(confusion) != len(classes) or any(len(row) != len(classes) for row in confusion):
        raise ValueError(f"{label}: its confusion matrix is not square, a row and a column for each class")
    for one, row in zip(classes, confusion, strict=True):
        if sum(row) != one.samples:
            raise ValueError(f"{label}: its confusion matrix has {sum(row)} samples of class {one.label}, not its own")
    if len({one.label for one in classes}) != len(classes):
        raise ValueError(f"{label}: two of its classes have the same label")
    figures = _floats(given, "loss", "accuracy", "macro_precision", "macro_recall", "macro_f1")
    return Test(samples=given["samples"], classes=classes, confusion=confusion, **figures)


def _wrong(label: str, given: Mapping[str, Any]) -> Wrong:
    try:
        pixels = base64.b64decode(given["pixels"], validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"{label}: the pixels of picture {given['index']} are no base64") from None
    if len(pixels) != given["rows"] * given["columns"]:
        size = f"{given['rows']} x {given['columns']}"
        raise ValueError(f"{label}: picture {given['index']} has {len(pixels)} pixels, and says that it is {size}")
    return Wrong(
        **{member: given[member] for member in ("index", "label", "predicted", "rows", "columns")},
        confidence=_float(given["confidence"]),
        pixels=pixels,
    )


def _evaluation(given: Mapping[str, Any]) -> Evaluation:
    losses = _floats(given, "train_loss", "validation_loss", "validation_accuracy", "test_loss", "test_accuracy")
    return Evaluation(step=given["step"], seconds=float(given["seconds"]), **losses)


def _run(given: Mapping[str, Any]) -> Run:
    label = f"run '{shown(given['name'], 60)}'"
    _in_order(label, "losses", given["curve"])
    _in_order(label, "evaluations", given["evaluations"])
    model = given["model"]
    return Run(
        **{member: given[member] for member in _AS_THEY_ARE},
        **_floats(given, "epochs_done", "evaluation_seconds", "samples_per_second", "kernel_share", "data_share"),
        **_floats(given, "l1", "l2", "clip", "samples_per_second_low", "samples_per_second_high"),
        layers=tuple(model["layers"]),
        activation=model["activation"],
        loss=model["loss"],
        parameters=model["parameters"],
        model_bytes=model["bytes"],
        hypers={name: _float(value) for name, value in given["hypers"].items()},
        seconds=float(given["seconds"]),
        first_losses=tuple(map(_float, given["first_losses"])),
        curve=tuple(Point(one["step"], float(one["seconds"]), _float(one["loss"])) for one in given["curve"]),
        evaluations=tuple(map(_evaluation, given["evaluations"])),
        seconds_to=tuple(
            Reached(float(one["accuracy"]), _float(one["seconds"]), one["step"]) for one in given["seconds_to"]
        ),
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


def _sameness(given: Mapping[str, Any], runs: Mapping[str, Run]) -> Sameness:
    """Runs that differ for the same reason stand together."""

    def named(names: Iterable[str]) -> tuple[Run, ...]:
        for name in names:
            if name not in runs:
                raise ValueError(f"sameness names the run '{shown(name, 60)}', which is not there")
        return tuple(runs[name] for name in names)

    other: dict[str, tuple[Run, ...]] = {}
    for one in given["other"]:
        why = one["why"] or ""
        other[why] = (*other.get(why, ()), *named(one["names"]))
    return Sameness(given["what"], named(given["same"]), tuple((runs, why) for why, runs in other.items()))


def _fit(given: Mapping[str, Any]) -> Fit:
    figures = _floats(given, "value", "expected", "tolerance")
    return Fit(
        given["part"] or "", given["parameter"], reference=given["reference"] or "", held=given["held"], **figures
    )


def _compressed(given: Mapping[str, Any]) -> Compressed:
    same = {member: given[member] for member in ("part", "parameters", "nonzero", "epochs")}
    return Compressed(layers=tuple(given["layers"]), **same, **_floats(given, "bytes", "accuracy"))


def _training(path: Path, root: dict[str, Any]) -> Training:
    """Raises ValueError."""
    schema = root["schema"]
    root = older.upgraded(SCHEMAS[schema].sound(root), [])
    runs = _runs(root["runs"])
    return Training(
        path=path,
        **{member: root[member] for member in ("machine", "environment", "build", "settings", "data", "partial")},
        warnings=tuple(root["warnings"]),
        started=record_file.moment(root["started"], "started"),
        finished=record_file.moment(root["finished"], "finished"),
        first_model=schema == "gradmark.training/1",
        runs=tuple(runs.values()),
        fits=tuple(map(_fit, root["fits"])),
        sameness=tuple(_sameness(one, runs) for one in root["reproducibility"]),
        compression=tuple(map(_compressed, root["compression"])),
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
