"""The losses of torch.nn, with their gradients by PyTorch's own differentiation, in double on f32 inputs."""

import random
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from vectors import Array, Case, Step

ROWS, COLS = 6, 9
Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def _f32(values: object) -> Array:
    return np.asarray(values, np.float32).astype(np.float64)


def arrays() -> dict[str, Array]:
    draw = random.Random(14)
    # Differences of many sizes, none, exactly those where Huber's loss changes its form (1 and 0.25), and large ones.
    outputs = [draw.choice((-1, 1)) * 10 ** draw.uniform(-4, 2) for _ in range(21)]
    targets = [x + draw.choice((-1, 1)) * 10 ** draw.uniform(-3, 1) for x in outputs]
    outputs[2], targets[2] = 0, 0
    outputs[5], targets[5] = -1.5, -1.5
    outputs[7], targets[7] = 1.5, 0.5
    outputs[8], targets[8] = -0.25, 0
    outputs[11], targets[11] = 3e4, -2e4

    probabilities = [draw.random() for _ in range(21)]
    wanted = [draw.choice((0.0, 1.0, draw.random())) for _ in range(21)]
    probabilities[:8] = [0, 0, 1, 1, 1e-30, 1 - 2**-24, 0.5, 1e-4]
    wanted[:8] = [0, 1, 0, 1, 1, 0, 0.5, 1e-4]

    binary = [draw.gauss(0, 3) for _ in range(21)]
    binary[:9] = [0, 0, -0.0, 100, 100, -100, -100, 1e-5, 30]
    classes = [draw.choice((0.0, 1.0, draw.random())) for _ in range(21)]
    classes[:9] = [0, 1, 0.5, 0, 1, 0, 1, 1, 0.25]

    logits = np.array([[draw.gauss(0, 2) for _ in range(COLS)] for _ in range(ROWS)])
    logits[1] = 0.75  # ties throughout
    logits[2] += 1000  # large, and yet nothing out of the ordinary
    logits[3, :2] = [60, 60]  # two that are all
    logits[4] = [-300, 300, -200, 0, 100, 299, -299, 298, 0]
    teacher = np.array([[draw.gauss(0, 2) for _ in range(COLS)] for _ in range(ROWS)])
    soft = np.exp(teacher / 3) / np.exp(teacher / 3).sum(axis=1, keepdims=True)
    soft[5] = [1] + [0] * (COLS - 1)
    return {
        "outputs": _f32(outputs),
        "targets": _f32(targets),
        "probabilities": _f32(probabilities),
        "probability targets": _f32(wanted),
        "binary logits": _f32(binary),
        "binary targets": _f32(classes),
        "logits": _f32(logits),
        "labels": np.array([3, 8, 0, 1, 0, 4], np.float64),
        "soft targets": _f32(soft),
    }


def _differentiated(loss: Loss, given: Array, wanted: Array) -> tuple[float, Array]:
    """Value and gradient in double; in f32, PyTorch must mean the same."""
    results = []
    for dtype in (torch.float64, torch.float32):
        x = torch.tensor(given, dtype=dtype, requires_grad=True)
        t = torch.tensor(wanted, dtype=dtype)
        value = loss(x, t)
        value.backward()
        assert x.grad is not None
        results.append((value.item(), x.grad.double().numpy()))
    (value64, grads64), (value32, grads32) = results
    np.testing.assert_allclose(value32, value64, rtol=1e-5)
    np.testing.assert_allclose(grads32, grads64, rtol=1e-4, atol=1e-6 / len(given))
    return value64, grads64


def _elementwise(
    op: str,
    torch_name: str,
    loss: Loss,
    streams: tuple[str, str, str],
    given: tuple[str, str],
    scale: dict[str, Array],
    **hyper: float,
) -> Case:
    data = arrays()
    value, grads = _differentiated(loss, data[given[0]], data[given[1]])
    return Case(
        op=op,
        torch=torch_name,
        sizes={"n": grads.size},
        hyper=hyper,
        steps=[Step(inputs={streams[0]: given[0], streams[1]: given[1]}, outputs={streams[2]: grads, "loss": value})],
        scale=scale,
    )


def _regression(op: str, torch_name: str, loss: Loss, **hyper: float) -> Case:
    streams = ("outputs", "targets", "output_grads")
    return _elementwise(op, torch_name, loss, streams, ("outputs", "targets"), {}, **hyper)


def _bce() -> Case:
    streams = ("probabilities", "targets", "probability_grads")
    return _elementwise(
        "bce", "torch.nn.BCELoss()", F.binary_cross_entropy, streams, ("probabilities", "probability targets"), {}
    )


def _bce_logits() -> Case:
    """Terms: x and x t in the loss, sigmoid(x) and t in the gradient."""
    data = arrays()
    x, t = data["binary logits"], data["binary targets"]
    loss = np.mean(np.abs(x) + np.log1p(np.exp(-np.abs(x))))
    scale = {"loss": np.array([loss]), "logit_grads": np.maximum(1 / (1 + np.exp(-x)), t) / x.size}
    streams = ("logits", "targets", "logit_grads")
    return _elementwise(
        "bce_logits",
        "torch.nn.BCEWithLogitsLoss()",
        F.binary_cross_entropy_with_logits,
        streams,
        ("binary logits", "binary targets"),
        scale,
    )


def _exponentials(logits: Array, temperature: float) -> tuple[Array, Array, Array]:
    """The arguments t of the exponentials, the terms of softmax, and those of the logarithm of the sum. An exponential
    moves by t of itself when t moves by a unit in its last place, and so does the sum of all."""
    t = (logits - logits.max(axis=1, keepdims=True)) / temperature
    e = np.exp(t)
    total = e.sum(axis=1, keepdims=True)
    moved = (e * -t).sum(axis=1, keepdims=True) / total
    return t, e / total * (1 - t + moved), 1 + moved + np.log(total)


def _terms(logits: Array, wanted: Array, temperature: float) -> dict[str, Array]:
    t, softmax, log_sum = _exponentials(logits, temperature)
    amount = wanted.sum(axis=1, keepdims=True)
    loss = (amount * log_sum + (wanted * -t).sum(axis=1, keepdims=True)).mean()
    grads = np.maximum(softmax * amount, wanted) / len(logits)
    return {"loss": np.array([temperature**2 * loss]), "logit_grads": temperature * grads}


def _rows(op: str, torch_name: str, loss: Loss, targets: str, wanted: Array, **hyper: float) -> Case:
    data = arrays()
    value, grads = _differentiated(loss, data["logits"], data[targets])
    return Case(
        op=op,
        torch=torch_name,
        sizes={"rows": ROWS, "cols": COLS},
        hyper=hyper,
        steps=[
            Step(
                inputs={"logits": "logits", targets.split()[-1]: targets}, outputs={"logit_grads": grads, "loss": value}
            )
        ],
        scale=_terms(data["logits"], wanted, hyper.get("temperature", 1)),
    )


def _xent(op: str, smoothing: float, **hyper: float) -> Case:
    onehot = np.eye(COLS)[arrays()["labels"].astype(int)]
    wanted = (1 - smoothing) * onehot + smoothing / COLS
    name = f"torch.nn.CrossEntropyLoss({f'label_smoothing={smoothing}' if smoothing else ''})"
    return _rows(
        op, name, lambda x, t: F.cross_entropy(x, t.long(), label_smoothing=smoothing), "labels", wanted, **hyper
    )


def _soft(name: str, temperature: float, loss: Loss) -> Case:
    return _rows("softmax_xent_soft", name, loss, "soft targets", arrays()["soft targets"], temperature=temperature)


def _distilled(temperature: float) -> Loss:
    def loss(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        return temperature**2 * -(t * F.log_softmax(x / temperature, dim=1)).sum(dim=1).mean()

    return loss


def _softmax(temperature: float) -> Case:
    data = arrays()
    x = torch.tensor(data["logits"])
    probabilities = torch.softmax(x / temperature, dim=1).numpy()
    return Case(
        op="softmax",
        torch=f"torch.softmax(logits / {temperature}, dim=1)",
        sizes={"rows": ROWS, "cols": COLS},
        hyper={"temperature": temperature},
        steps=[Step(inputs={"logits": "logits"}, outputs={"probabilities": probabilities})],
        scale={"probabilities": _exponentials(data["logits"], temperature)[1]},
    )


def cases() -> list[Case]:
    return [
        _regression("mse", "torch.nn.MSELoss()", F.mse_loss),
        _regression("l1_loss", "torch.nn.L1Loss()", F.l1_loss),
        _regression("huber", "torch.nn.HuberLoss(delta=1)", lambda x, t: F.huber_loss(x, t, delta=1), delta=1),
        _regression("huber", "torch.nn.HuberLoss(delta=0.25)", lambda x, t: F.huber_loss(x, t, delta=0.25), delta=0.25),
        _bce(),
        _bce_logits(),
        _softmax(1),
        _softmax(2.5),
        _xent("softmax_xent", 0),
        _xent("softmax_xent_smooth", 0.1, label_smoothing=0.1),
        _xent("softmax_xent_smooth", 0.4, label_smoothing=0.4),
        _soft("torch.nn.CrossEntropyLoss() with probabilities", 1, F.cross_entropy),
        _soft("9 sum of -targets log_softmax(logits / 3), mean over rows", 3, _distilled(3)),
    ]
