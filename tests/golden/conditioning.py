"""torch.nn.utils: what clips gradients, in double on f32 inputs."""

import random

import numpy as np
import torch
from vectors import Array, Case, Step


def arrays() -> dict[str, Array]:
    draw = random.Random(34)
    grads = [draw.choice((-1, 1)) * 10 ** draw.uniform(-3, 1) for _ in range(21)]
    grads[4], grads[9], grads[10], grads[12] = 0, 0.5, -0.5, 1e4
    # With a norm of 1e-2 one sees the 1e-6 that is added to it.
    named = {"grads": np.asarray(grads, np.float32), "small grads": np.asarray(grads, np.float32) * np.float32(1e-6)}
    return {name: values.astype(np.float64) for name, values in named.items()}


def _with_grads(name: str) -> torch.nn.Parameter:
    grads = torch.tensor(arrays()[name])
    params = torch.nn.Parameter(torch.zeros_like(grads))
    params.grad = grads
    return params


def _clip_value(max_value: float) -> Case:
    params = _with_grads("grads")
    torch.nn.utils.clip_grad_value_([params], max_value)
    return Case(
        op="clip_value",
        torch=f"torch.nn.utils.clip_grad_value_(params, {max_value})",
        sizes={"n": 21},
        hyper={"max_value": max_value},
        start={"grads": "grads"},
        steps=[Step(inputs={}, outputs={"grads": np.asarray(params.grad)})],
    )


def _clip_norm(max_norm: float, grads: str) -> Case:
    params = _with_grads(grads)
    norm = torch.nn.utils.clip_grad_norm_([params], max_norm)
    return Case(
        op="clip_norm",
        torch=f"torch.nn.utils.clip_grad_norm_(params, {max_norm})",
        sizes={"n": 21},
        hyper={"max_norm": max_norm},
        start={"grads": grads},
        steps=[Step(inputs={}, outputs={"grads": np.asarray(params.grad), "norm": norm.item()})],
    )


def cases() -> list[Case]:
    return [
        _clip_value(0.5),
        _clip_value(3),
        _clip_norm(1, "grads"),
        _clip_norm(1e-3, "small grads"),
        _clip_norm(1e5, "grads"),
    ]
