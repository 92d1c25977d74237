"""Results of trainings that never were: small, whole, the same every time, with a truth that tests can know.

    made = make_training(optimizers=("sgd", "adam"), isas=("scalar", "avx2"), threads=(1, 2))
    synthetic.write(tmp_path / "training.json", made)

KINDS has one of each kind of workload."""

import base64
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import synthetic

CLASSES = 10
SPEED = {"scalar": 9_000.0, "autovec": 30_000.0, "avx2": 60_000.0, "avx512": 90_000.0}
ACCURACY = {"adam": 0.981, "adamw": 0.98, "sgd": 0.91}
EVERY_OPTIMIZER = (
    *("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "rmsprop_centered", "adam", "adamw", "amsgrad"),
    *("lion", "lamb", "nadam"),
)


def confusion(accuracy: float, samples: int, random: np.random.Generator, classes: int = CLASSES) -> list[list[int]]:
    made = [[0] * classes for _ in range(classes)]
    for number in range(samples):
        true = number % classes
        taken = true if random.random() < accuracy else (true + int(random.integers(1, classes))) % classes
        made[true][taken] += 1
    return made


def tested(matrix: Sequence[Sequence[int]], loss: float) -> dict[str, Any]:
    """The figures that follow from a confusion matrix."""
    classes = []
    for label, row in enumerate(matrix):
        right, taken = row[label], sum(other[label] for other in matrix)
        precision, recall = (right / taken if taken else None), (right / sum(row) if sum(row) else None)
        f1 = 2 * precision * recall / (precision + recall) if precision and recall else None
        classes.append({"label": label, "precision": precision, "recall": recall, "f1": f1, "samples": sum(row)})
    samples = sum(map(sum, matrix))

    def mean(member: str) -> float:
        return sum(one[member] or 0.0 for one in classes) / len(classes)

    return {
        "samples": samples,
        "loss": loss,
        "accuracy": sum(row[i] for i, row in enumerate(matrix)) / samples,
        "macro_precision": mean("precision"),
        "macro_recall": mean("recall"),
        "macro_f1": mean("f1"),
        "classes": classes,
        "confusion": [list(row) for row in matrix],
    }


def picture(index: int, label: int, predicted: int, confidence: float, size: int = 8) -> dict[str, Any]:
    ring = [abs(math.hypot(r - size / 2, c - size / 2) - size / 3) for r in range(size) for c in range(size)]
    pixels = bytes(max(0, 255 - int(170 * distance)) for distance in ring)
    return {
        "index": index,
        "label": label,
        "predicted": predicted,
        "confidence": confidence,
        "rows": size,
        "columns": size,
        "pixels": base64.b64encode(pixels).decode(),
    }


def kernel(name: str, what: str, share: float, seconds: float, percent: float | None) -> dict[str, Any]:
    return {
        "name": name,
        "what": what,
        "calls": 1250,
        "seconds": share * seconds,
        "share": share,
        "ns_per_element": 0.0123,
        "gflop_per_s": 110.0,
        "attainable_percent": percent,
        "attainable_percent_low": None if percent is None else percent - 3,
        "attainable_percent_high": None if percent is None else percent + 3,
        "bound_by": None if percent is None else "FMA",
    }


def make_run(
    workload: str = "mnist-adam",
    optimizer: str = "adam",
    isa: str = "avx512",
    threads: int = 1,
    *,
    part: str | None = None,
    epochs: int = 4,
    points: int = 40,
    wrong: int = 3,
    seed: int = 1,
) -> dict[str, Any]:
    """A run of a classifier. Fused implementations come to the same bits, scalar to others."""
    fused = isa != "scalar"
    random = np.random.default_rng([seed, fused, sum(optimizer.encode())])
    accuracy = ACCURACY.get(optimizer, 0.95)
    speed = SPEED[isa] * (1 + 0.7 * (threads - 1))
    steps, batch = 125 * epochs, 64
    seconds = steps * batch / speed
    at = [1 + round(place * (steps - 1) / max(1, points - 1)) for place in range(points)]
    losses = [2.3 * math.exp(-step / 90) + 0.05 * float(random.random()) + 0.02 for step in range(1, steps + 1)]
    test = tested(confusion(accuracy, 400, random), 0.1)
    marks = [f"{one:.6g}" for one in random.random(2)]
    return {
        "name": "/".join([workload, *([part] if part else []), optimizer, isa, f"t{threads}"]),
        "workload": workload,
        "part": part,
        "optimizer": optimizer,
        "isa": isa,
        "threads": threads,
        "fused": fused,
        "model": {
            "layers": [784, 256, CLASSES],
            "activation": "relu",
            "loss": "softmax_xent",
            "parameters": 203530,
            "bytes": 814120,
        },
        "hypers": {"lr": 1e-3, "eps": 1e-8},
        "schedule": "constant",
        "l1": 0.0,
        "l2": 0.0,
        "clip": None,
        "initialization": "he",
        "batch": batch,
        "epochs": epochs,
        "status": "finished",
        "diverged_at_step": None,
        "epochs_done": epochs,
        "steps": steps,
        "samples": steps * batch,
        "seconds": seconds,
        "evaluation_seconds": 0.2,
        "samples_per_second": speed,
        "samples_per_second_low": 0.98 * speed,
        "samples_per_second_high": 1.01 * speed,
        "resumed_after_epoch": None,
        "kernel_share": 0.91,
        "data_share": 0.05,
        "weights_hash": "".join(f"{int(float(mark) * 2**32):08x}" for mark in marks),
        "first_losses": losses[:20],
        "curve": [
            {"step": s, "epoch": s / 125, "seconds": s * batch / speed, "loss": losses[s - 1], "lr": 1e-3} for s in at
        ],
        "evaluations": [
            {
                "epoch": epoch,
                "step": 125 * epoch,
                "seconds": 125 * epoch * batch / speed,
                "train_loss": 2.2 * math.exp(-epoch) + 0.01,
                "validation_loss": None,
                "validation_accuracy": None,
                "test_loss": 2.2 * math.exp(-epoch) + 0.1,
                "test_accuracy": test["accuracy"] - (test["accuracy"] - 0.1) * math.exp(-1.5 * epoch),
            }
            for epoch in range(epochs + 1)
        ],
        "seconds_to": [
            {
                "accuracy": threshold,
                "seconds": 4000 * place / speed if threshold < accuracy else None,
                "step": 60 * place if threshold < accuracy else None,
            }
            for place, threshold in enumerate((0.9, 0.95, 0.97, 0.98), 1)
        ],
        "kernels": [
            kernel(f"linear_backward_params/f32/{isa}", "784 -> 256", 0.45, seconds, 71.0),
            kernel(f"linear_forward/f32/{isa}", "784 -> 256, relu", 0.31, seconds, 83.0),
            kernel(f"{optimizer}/f32/{isa}", "203530 params", 0.15, seconds, None),
        ],
        "test": test,
        "wrong": [picture(17 * n, n % 10, (n + 3) % 10, 0.9 - 0.1 * (n % 7)) for n in range(wrong)],
    }


def _plain(run: dict[str, Any], layers: list[int], loss: str) -> dict[str, Any]:
    """A run that classifies nothing."""
    evaluations = [{**one, "test_loss": None, "test_accuracy": None} for one in run["evaluations"]]
    model = {**run["model"], "layers": layers, "activation": None, "loss": loss, "parameters": 1, "bytes": 4}
    bare = {"batch": None, "epochs": None, "epochs_done": None, "samples": None, "kernels": run["kernels"][2:]}
    return {**run, **bare, "model": model, "evaluations": evaluations, "seconds_to": [], "test": None, "wrong": []}


def make_training(
    workload: str = "mnist-adam",
    *,
    optimizers: Sequence[str] = ("adam",),
    isas: Sequence[str] = ("scalar", "avx2", "avx512"),
    threads: Sequence[int] = (1, 2),
    **of_run: Any,
) -> dict[str, Any]:
    runs = [
        make_run(workload, optimizer, isa, count, **of_run)
        for optimizer in optimizers
        for isa in isas
        for count in threads
    ]
    record = synthetic.make_result(ops=("sgd",), impls=("scalar",), levels=("L2",), threads=(1,), sweep=False)
    shared = ("machine", "environment", "build", "warnings", "started", "finished", "partial")
    reproducibility = []
    for optimizer in optimizers:
        same = [run["name"] for run in runs if run["optimizer"] == optimizer and run["fused"]]
        other = [run["name"] for run in runs if run["optimizer"] == optimizer and not run["fused"]]
        if len(same) + len(other) > 1:
            why = [{"names": other, "why": "scalar has no fused multiply-add"}] if other else []
            reproducibility.append({"what": f"{workload}/{optimizer}", "same": same, "other": why})
    return {
        "schema": "gradmark.training/3",
        **{member: record[member] for member in shared},
        "settings": {
            "workload": workload,
            "command": ["gradmark", "train", workload],
            "isa": "all",
            "isa_rule": None,
            "threads": list(threads),
            "seed": "1",
            "data": None,
            "optimizer": None,
            "lr": None,
            "schedule": None,
            "validate": None,
            "patience": None,
            "init": "he",
            "clip": None,
            "l1": None,
            "l2": None,
            "save": None,
            "resume": None,
        },
        "data": {
            "source": "drawn digits",
            "directory": None,
            "train": 12000,
            "validation": 0,
            "test": 400,
            "features": 784,
            "classes": CLASSES,
            "rows": 28,
            "columns": 28,
        },
        "runs": runs,
        "fits": [],
        "reproducibility": reproducibility,
        "compression": [],
    }


def mnist_all() -> dict[str, Any]:
    return make_training("mnist-all", optimizers=EVERY_OPTIMIZER, isas=("avx512",), threads=(1,))


def compress() -> dict[str, Any]:
    made = make_training("mnist-compress", isas=("avx512",), threads=(1,))
    parts = (("trained", 203530, 814120), ("pruned to 90%", 20353, 107000), ("distilled", 25450, 101800))
    made["runs"] = [make_run("mnist-compress", part=part, seed=n) for n, (part, _, _) in enumerate(parts)]
    made["compression"] = [
        {
            "part": part,
            "layers": [784, 32 if part == "distilled" else 256, 10],
            "parameters": 25450 if part == "distilled" else 203530,
            "nonzero": nonzero,
            "bytes": size,
            "accuracy": 0.98 - n / 100,
            "epochs": 4 + n,
        }
        for n, (part, nonzero, size) in enumerate(parts)
    ]
    return made


def quadratic() -> dict[str, Any]:
    """One run, no data, no images; its loss becomes nothing."""
    made = make_training("quadratic", optimizers=("sgd",), isas=("avx2",), threads=(1,))
    run = _plain(made["runs"][0], [1], "(theta-2)^2")
    run |= {"steps": 100, "seconds": 0.0001, "evaluations": [], "first_losses": []}
    run["curve"] = [
        {"step": s, "epoch": None, "seconds": s * 1e-6, "loss": 0.64**s if s < 90 else 0.0, "lr": 0.1}
        for s in range(1, 101)
    ]
    fit = {"part": None, "parameter": "theta", "value": 2.0, "expected": 2.0, "tolerance": 1e-6}
    return {**made, "runs": [run], "data": None, "fits": [{**fit, "reference": "the minimum", "held": True}]}


def regression() -> dict[str, Any]:
    made = make_training("regression", optimizers=("sgd", "adam"), isas=("scalar", "avx2"), threads=(1,))
    made["runs"] = [_plain(run, [3, 1], "mse") for run in made["runs"]]
    made["data"] |= {"classes": None, "rows": None, "columns": None, "features": 3, "source": "y = 3x + noise"}
    made["fits"] = [
        {
            "part": f"full batch, {optimizer}",
            "parameter": f"weight {number}",
            "value": 3.0 + number + gap,
            "expected": 3.0 + number,
            "tolerance": 1e-3,
            "reference": "least squares, closed form",
            "held": gap < 1e-3,
        }
        for optimizer, gap in (("sgd", 2e-3), ("adam", 1e-4))
        for number in range(3)
    ]
    return made


def logistic() -> dict[str, Any]:
    made = make_training("logistic", isas=("avx2", "avx512"), threads=(1,), wrong=0)
    random = np.random.default_rng(5)
    for run in made["runs"]:
        run["test"] = tested(confusion(0.93, 200, random, classes=2), 0.2)
        run["model"] |= {"layers": [2, 1], "loss": "bce_logits", "activation": None, "parameters": 3, "bytes": 12}
    made["data"] |= {"classes": 2, "rows": None, "columns": None, "features": 2, "source": "two clouds"}
    return made


def diverged() -> dict[str, Any]:
    """One run that came to nothing, and one that was stopped before its first step."""
    made = make_training("mnist-sgd", optimizers=("sgd",), isas=("avx2", "avx512"), threads=(1,))
    first, second = made["runs"]
    first |= {"status": "diverged", "diverged_at_step": 37, "steps": 37, "test": None, "wrong": [], "epochs_done": 0.3}
    first["curve"] = [{**point, "loss": 3.0**n if n < 12 else None} for n, point in enumerate(first["curve"][:14])]
    first["evaluations"] = first["evaluations"][:1]
    nothing: dict[str, Any] = {
        "curve": [],
        "evaluations": [],
        "kernels": [],
        "first_losses": [],
        "test": None,
        "wrong": [],
    }
    second |= {"status": "interrupted", "steps": 0, "seconds": 0.0, "samples": 0, "samples_per_second": None, **nothing}
    second |= {"weights_hash": None, "kernel_share": None, "data_share": None, "evaluation_seconds": None}
    return {**made, "reproducibility": [], "partial": True}


def unknowns() -> dict[str, Any]:
    """All that may be null is null."""
    made = make_training(isas=("avx2", "avx512"), threads=(1,), wrong=1)
    for run in made["runs"]:
        for member in ("part", "optimizer", "fused", "batch", "epochs", "epochs_done", "samples", "evaluation_seconds"):
            run[member] = None
        for member in (
            "samples_per_second",
            "kernel_share",
            "data_share",
            "weights_hash",
            "schedule",
            "initialization",
        ):
            run[member] = None
        run["model"] |= dict.fromkeys(("activation", "loss", "bytes"))
        run |= {"hypers": {"lr": None}, "l1": None, "l2": None}
        run["first_losses"] = [None] * 3
        run["curve"] = [{**one, "epoch": None, "loss": None, "lr": None} for one in run["curve"]]
        run["evaluations"] = [{**dict.fromkeys(one), "step": one["step"], "seconds": 1} for one in run["evaluations"]]
        run["seconds_to"] = [{"accuracy": 0.9, "seconds": None, "step": None}]
        kept = ("name", "calls", "seconds", "share")
        run["kernels"] = [{**dict.fromkeys(one), **{key: one[key] for key in kept}} for one in run["kernels"]]
        figures = ("loss", "accuracy", "macro_precision", "macro_recall", "macro_f1")
        run["test"] |= dict.fromkeys(figures)
        run["test"]["classes"] = [
            {**one, "precision": None, "recall": None, "f1": None} for one in run["test"]["classes"]
        ]
        run["wrong"][0]["confidence"] = None
    made["data"] = dict.fromkeys(made["data"])
    made["fits"] = [
        dict.fromkeys(("part", "value", "expected", "tolerance", "reference")) | {"parameter": "w", "held": False}
    ]
    made["compression"] = [
        {"part": part, "layers": [], "parameters": 0, "nonzero": None, "bytes": None, "accuracy": None, "epochs": 0}
        for part in ("trained", "pruned")
    ]
    made["settings"] |= dict.fromkeys(("isa", "init"))
    return made


KINDS: dict[str, Callable[[], dict[str, Any]]] = {
    "every implementation": make_training,
    "mnist-all": mnist_all,
    "mnist-compress": compress,
    "quadratic": quadratic,
    "regression": regression,
    "logistic": logistic,
    "diverged": diverged,
    "unknowns": unknowns,
}
