"""Activations, forward and backward, in double on f32 inputs."""

import random
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from vectors import Array, Case, Step

Function = Callable[[torch.Tensor], torch.Tensor]


def arrays() -> dict[str, Array]:
    """Inputs from 1e-6 to 1e2, and far beyond, where every one of them has reached its end."""
    draw = random.Random(44)
    inputs = [draw.gauss(0, 2) for _ in range(21)] + [
        draw.choice((-1, 1)) * 10 ** draw.uniform(-6, 1) for _ in range(16)
    ]
    inputs[:8] = [0, -0.0, 20, -20, 1e4, -1e4, 5, -5]
    output_grads = [draw.choice((-1, 1)) * 10 ** draw.uniform(-3, 1) for _ in inputs]
    output_grads[11] = 0
    return {
        "inputs": np.asarray(inputs, np.float32).astype(np.float64),
        "output_grads": np.asarray(output_grads, np.float32).astype(np.float64),
    }


def _forward(op: str, name: str, function: Function, scale: Array) -> Case:
    outputs = function(torch.tensor(arrays()["inputs"])).numpy()
    return Case(
        op=op,
        torch=name,
        sizes={"n": outputs.size},
        steps=[Step(inputs={"inputs": "inputs"}, outputs={"outputs": outputs})],
        scale={"outputs": scale} if scale.any() else {},
    )


def _backward(op: str, name: str, function: Function, at: str, slope: Array) -> Case:
    """`at`: whether the op is given the inputs, or the outputs as f32 keeps them; `slope`: the size of the derivative's
    terms."""
    data = arrays()
    x = torch.tensor(data["inputs"], requires_grad=True)
    y = function(x)
    grads = torch.tensor(data["output_grads"])
    y.backward(grads)
    given = data["inputs"]
    wanted = np.asarray(x.grad)
    if at == "outputs":
        given = y.detach().numpy().astype(np.float32).astype(np.float64)
        exact = {
            "relu": lambda t: torch.ops.aten.threshold_backward(grads, t, 0),
            "sigmoid": lambda t: torch.ops.aten.sigmoid_backward(grads, t),
            "tanh": lambda t: torch.ops.aten.tanh_backward(grads, t),
        }
        from_outputs = exact[op](torch.tensor(given)).numpy()
        np.testing.assert_allclose(from_outputs, wanted, rtol=1e-4, atol=1e-5)
        wanted = from_outputs
    return Case(
        op=f"{op}_backward",
        torch=f"backward of {name}",
        sizes={"n": wanted.size},
        steps=[Step(inputs={"output_grads": "output_grads", at: given}, outputs={"input_grads": wanted})],
        scale={"input_grads": np.abs(data["output_grads"]) * slope} if slope.any() else {},
    )


def cases() -> list[Case]:
    x = arrays()["inputs"]
    one, nothing, size = np.ones_like(x), np.zeros_like(x), np.abs(x)
    sigmoid = torch.sigmoid(torch.tensor(x)).numpy()
    # gelu_tanh is x s with s = sigmoid(v), which moves by v (1 - s) of itself when v moves by a unit in its last place.
    v = 2 * np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)
    s = torch.sigmoid(torch.tensor(v)).numpy()
    gate = s * (1 + np.abs(v) * (1 - s))
    gate_slope = size * s * (1 - s) * 2 * np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * x**2) * (1 + np.abs(v))
    functions: list[tuple[str, str, Function, Array, str, Array]] = [
        ("relu", "torch.relu", torch.relu, nothing, "outputs", nothing),
        ("sigmoid", "torch.sigmoid", torch.sigmoid, nothing, "outputs", nothing),
        ("tanh", "torch.tanh", torch.tanh, nothing, "outputs", one),
        ("silu", "torch.nn.SiLU()", F.silu, nothing, "inputs", sigmoid * (1 + size * (1 - sigmoid))),
        ("gelu_erf", "torch.nn.GELU()", F.gelu, size / 2, "inputs", one),
        (
            "gelu_tanh",
            "torch.nn.GELU(approximate='tanh')",
            lambda t: F.gelu(t, approximate="tanh"),
            size * gate,
            "inputs",
            gate + gate_slope,
        ),
    ]
    found = []
    for op, name, function, scale, at, slope in functions:
        found += [_forward(op, name, function, scale), _backward(op, name, function, at, slope)]
    return found
