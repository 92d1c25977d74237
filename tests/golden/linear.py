"""torch.nn.Linear, forward and backward, in double on f32 inputs."""

import random

import numpy as np
import torch
import torch.nn.functional as F
from vectors import Array, Case, Step

SIZES = {"batch": 5, "in": 19, "out": 7}
ACTIVATIONS = ("identity", "relu", "sigmoid", "tanh")  # enum gm_activation


def arrays() -> dict[str, Array]:
    draw = random.Random(24)

    def matrix(rows: int, cols: int) -> Array:
        values = [[draw.choice((-1, 1)) * 10 ** draw.uniform(-3, 1) for _ in range(cols)] for _ in range(rows)]
        return np.asarray(values, np.float32).astype(np.float64)

    batch, inner, out = SIZES.values()
    named = {
        "inputs": matrix(batch, inner),
        "weights": matrix(out, inner),
        "bias": matrix(1, out)[0],
        "output_grads": matrix(batch, out),
        "weight_grads": matrix(out, inner),
        "bias_grads": matrix(1, out)[0],
    }
    named["inputs"][1] = named["output_grads"][2] = 0
    return named


def _forward(activation: int) -> Case:
    data = {name: torch.tensor(values) for name, values in arrays().items()}
    outputs = F.linear(data["inputs"], data["weights"], data["bias"])
    if activation:
        outputs = getattr(torch, ACTIVATIONS[activation])(outputs)
    terms = F.linear(data["inputs"].abs(), data["weights"].abs(), data["bias"].abs())
    return Case(
        op="linear_forward",
        torch=f"torch.nn.functional.linear, then {ACTIVATIONS[activation]}",
        sizes=SIZES,
        hyper={"activation": activation},
        steps=[
            Step(
                inputs={"inputs": "inputs", "weights": "weights", "bias": "bias"},
                outputs={"outputs": outputs.numpy()},
            )
        ],
        scale={"outputs": terms.numpy() * (SIZES["in"] + 1)},  # of a matrix the bound is per term
    )


def _gradients(accumulate: int, magnitudes: bool) -> dict[str, Array]:
    """By PyTorch's own differentiation; of the terms' magnitudes, if wanted."""
    data = {name: torch.tensor(np.abs(values) if magnitudes else values) for name, values in arrays().items()}
    for name in ("inputs", "weights", "bias"):
        data[name].requires_grad_()
    if accumulate:
        data["weights"].grad, data["bias"].grad = data["weight_grads"], data["bias_grads"]
    F.linear(data["inputs"], data["weights"], data["bias"]).backward(data["output_grads"])
    named = {"input_grads": "inputs", "weight_grads": "weights", "bias_grads": "bias"}
    return {ours: np.asarray(data[theirs].grad) for ours, theirs in named.items()}


def _backward(op: str, accumulate: int, reads: list[str], writes: list[str], sizes: list[str]) -> Case:
    wanted, terms = _gradients(accumulate, False), _gradients(accumulate, True)
    count = {"input_grads": SIZES["out"] + 1, "weight_grads": SIZES["batch"] + 1, "bias_grads": SIZES["batch"] + 1}
    kept = [name for name in writes if name != "input_grads"]
    nothing = {name: np.full(wanted[name].size, np.nan) for name in kept}
    return Case(
        op=op,
        torch="backward of torch.nn.functional.linear" + ", into gradients that are there" * accumulate,
        sizes={name: SIZES[name] for name in sizes},
        hyper={"accumulate": accumulate},
        start={name: name for name in kept} if accumulate else dict(nothing),
        steps=[Step(inputs={name: name for name in reads}, outputs={name: wanted[name] for name in writes})],
        scale={name: terms[name] * count[name] for name in writes},
    )


def cases() -> list[Case]:
    both = ["weight_grads", "bias_grads"]
    found = [_forward(activation) for activation in range(len(ACTIVATIONS))]
    for accumulate in (0, 1):
        reads = ["inputs", "weights", "output_grads"]
        found.append(_backward("linear_backward", accumulate, reads, ["input_grads", *both], list(SIZES)))
        reads = ["inputs", "output_grads"]
        found.append(_backward("linear_backward_params", accumulate, reads, both, list(SIZES)))
        found.append(_backward("bias_grad", accumulate, ["output_grads"], ["bias_grads"], ["batch", "out"]))
    return found
