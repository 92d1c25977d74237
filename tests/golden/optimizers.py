"""The optimizers of torch.optim, step by step.

Every step is taken in double from the state that f32 keeps of the step before: a kernel must meet it within its own
bound. What PyTorch computes in f32, in each of its implementations, must agree.
"""

import copy
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from vectors import Array, Case, Step

COUNT, STEPS = 21, 5  # a whole vector of the widest lanes, and a tail
Make = Callable[..., torch.optim.Optimizer]
State = dict[str, Array]


def arrays() -> dict[str, Array]:
    """Parameters and gradients from 1e-5 to 1e2, with zeros in either, in both, and for one step alone."""
    draw = random.Random(4)
    sizes = [(10 ** draw.uniform(-4, 2), 10 ** draw.uniform(-5, 1)) for _ in range(COUNT)]
    params = [draw.choice((-1, 1)) * size for size, _ in sizes]
    grads = [[draw.choice((-1, 1)) * size * draw.uniform(0.5, 1.5) for _, size in sizes] for _ in range(STEPS)]
    params[3] = params[17] = params[20] = 0
    for step in range(STEPS):
        grads[step][5] = grads[step][17] = 0
    grads[0][8] = grads[2][9] = grads[0][20] = 0
    named = {"params": params} | {f"grads {step + 1}": grads[step] for step in range(STEPS)}
    return {name: np.asarray(values, np.float32).astype(np.float64) for name, values in named.items()}


def _one_step(make: Make, dtype: torch.dtype, before: dict[str, Any], state: State, grads: Array) -> dict[str, Any]:
    """Parameters and PyTorch's own state after one step from the state `before`, with the arrays of `state` put in."""
    params = torch.nn.Parameter(torch.tensor(state["params"], dtype=dtype))
    optimizer = make([params])
    full = copy.deepcopy(before)
    if full:
        for name in full["state"].get(0, {}):
            if name in state:
                full["state"][0][name] = torch.tensor(state[name], dtype=dtype)
        full["param_groups"] = optimizer.state_dict()["param_groups"]
        optimizer.load_state_dict(full)
    params.grad = torch.tensor(grads, dtype=dtype)
    optimizer.step()
    return {"params": params.detach(), "full": optimizer.state_dict()}


def _state_of(after: dict[str, Any]) -> State:
    state = {"params": after["params"]} | after["full"]["state"].get(0, {})
    return {k: v.double().numpy().copy() for k, v in state.items() if k != "step" and v is not None}


def _scales(make: Make, before: dict[str, Any], state: State, grads: Array, wanted: State) -> State:
    """How far each output moves when each input moves by its own size: what the terms' magnitudes add up to."""
    small = 2.0**-20
    sums = {name: np.abs(values) for name, values in wanted.items()}
    for moved in [*state, "grads"]:
        at = {k: v * (1 + small) if k == moved else v for k, v in state.items()}
        g = grads * (1 + small) if moved == "grads" else grads
        there = _state_of(_one_step(make, torch.float64, before, at, g))
        for name in sums:
            sums[name] = sums[name] + np.abs(there[name] - wanted[name]) / small
    return sums


def _agree(
    make: Make,
    variants: list[dict[str, bool]],
    before: dict[str, Any],
    state: State,
    grads: Array,
    wanted: State,
    scale: State,
) -> None:
    """All of PyTorch's implementations, in both precisions, are the same optimizer."""
    for variant in variants:
        for dtype, unit in ((torch.float64, 2.0**-48), (torch.float32, 2.0**-20)):
            got = _state_of(_one_step(lambda p, v=variant: make(p, **v), dtype, before, state, grads))
            for name, values in wanted.items():
                off = np.abs(got[name] - values) - unit * scale[name] - 2.0**-140
                if not (off <= 0).all():
                    raise AssertionError(f"{variant} {dtype}: {name} differs by {off.max()}")


def _case(
    op: str,
    torch_class: type[torch.optim.Optimizer],
    torch_hyper: dict[str, Any],
    hyper: dict[str, float],
    names: dict[str, str],
    start: dict[str, float],
    fused: bool,
) -> Case:
    """`names`: PyTorch's name of each state array, and the op's."""

    def make(params: Any, **variant: bool) -> torch.optim.Optimizer:
        return torch_class(params, **torch_hyper, **(variant or {"foreach": False}))

    data = arrays()
    state: State = {"params": data["params"]} | {theirs: np.full(COUNT, start[ours]) for theirs, ours in names.items()}
    ours = {"params": "params"} | names
    full: dict[str, Any] = {}
    scales: State = {name: np.zeros(COUNT) for name in ours.values()}
    steps = []
    for number in range(1, STEPS + 1):
        grads = data[f"grads {number}"]
        after = _one_step(make, torch.float64, full, state, grads)
        wanted = _state_of(after)
        scale = _scales(make, full, state, grads, wanted)
        variants = [{"foreach": False}, {"foreach": True}] + ([{"fused": True}] if fused else [])
        _agree(make, variants, full, state, grads, wanted, scale)
        steps.append(
            Step(
                inputs={"grads": f"grads {number}"},
                hyper={"step": number} if "step" in hyper else {},
                outputs={ours[name]: wanted[name] for name in ours},
            )
        )
        for name, values in scale.items():
            scales[ours[name]] = np.maximum(scales[ours[name]], values)
        full = after["full"]
        state = {name: values.astype(np.float32).astype(np.float64) for name, values in wanted.items()}
    call = f"torch.optim.{torch_class.__name__}({', '.join(f'{k}={v}' for k, v in torch_hyper.items())})"
    return Case(
        op=op,
        torch=call,
        sizes={"n": COUNT},
        steps=steps,
        hyper={k: v for k, v in hyper.items() if k != "step"},
        start={"params": "params"} | {name: np.full(COUNT, x) for name, x in start.items()},
        scale=dict(scales.items()),
    )


def _sgd(**hyper: float) -> Case:
    return _case("sgd", torch.optim.SGD, hyper, hyper, {}, {}, True)


def _momentum(
    lr: float, momentum: float, dampening: float = 0, weight_decay: float = 0, nesterov: bool = False
) -> Case:
    theirs: dict[str, Any] = {"lr": lr, "momentum": momentum}
    theirs |= {"dampening": dampening, "weight_decay": weight_decay, "nesterov": nesterov}
    # Nothing may be made of what the buffer holds before the first step.
    return _case(
        "momentum",
        torch.optim.SGD,
        theirs,
        theirs | {"nesterov": int(nesterov), "step": 1},
        {"momentum_buffer": "momentum_buffer"},
        {"momentum_buffer": np.nan},
        True,
    )


def _rmsprop(centered: bool, momentum: float, **hyper: float) -> Case:
    op = "rmsprop" + "_centered" * centered + "_momentum" * (momentum > 0)
    states = ["square_avg"] + ["grad_avg"] * centered + ["momentum_buffer"] * (momentum > 0)
    ours = hyper | ({"momentum": momentum} if momentum else {})
    return _case(
        op,
        torch.optim.RMSprop,
        ours | {"centered": centered},
        ours,
        {name: name for name in states},
        dict.fromkeys(states, 0.0),
        False,
    )


def _adagrad(start: float, **hyper: float) -> Case:
    theirs = hyper | {"initial_accumulator_value": start}
    return _case(
        "adagrad", torch.optim.Adagrad, theirs, hyper | {"step": 1}, {"sum": "state_sum"}, {"state_sum": start}, True
    )


def _adam(op: str, lr: float, betas: tuple[float, float], eps: float, weight_decay: float) -> Case:
    torch_class = torch.optim.Adam if op == "adam" else torch.optim.AdamW
    theirs = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
    ours = {"lr": lr, "beta1": betas[0], "beta2": betas[1], "eps": eps, "weight_decay": weight_decay, "step": 1}
    states = ["exp_avg", "exp_avg_sq"]
    return _case(op, torch_class, theirs, ours, {name: name for name in states}, dict.fromkeys(states, 0.0), True)


def cases() -> list[Case]:
    usual = {"lr": 0.01, "alpha": 0.99, "eps": 1e-8, "weight_decay": 0}
    other = {"lr": 0.1, "alpha": 0.9, "eps": 1e-3, "weight_decay": 0.1}
    return [
        _sgd(lr=0.01, weight_decay=0),
        _sgd(lr=0.3, weight_decay=0.1),
        _momentum(0.01, 0.9),
        _momentum(0.1, 0.9, dampening=0.25),
        _momentum(0.1, 0.5, nesterov=True),
        _momentum(0.1, 0.9, dampening=0.5, weight_decay=0.1),
        _momentum(0.1, 0.9, weight_decay=0.1, nesterov=True),
        _rmsprop(False, 0, **usual),
        _rmsprop(False, 0, **other),
        _rmsprop(True, 0, **usual),
        _rmsprop(True, 0, **other),
        _rmsprop(False, 0.9, **usual),
        _rmsprop(False, 0.5, **other),
        _rmsprop(True, 0.9, **usual),
        _rmsprop(True, 0.5, **other),
        _adagrad(0, lr=0.01, lr_decay=0, eps=1e-10, weight_decay=0),
        _adagrad(0.125, lr=0.1, lr_decay=0.25, eps=1e-3, weight_decay=0.1),
        _adam("adam", 1e-3, (0.9, 0.999), 1e-8, 0),
        _adam("adam", 0.1, (0.5, 0.9), 1e-3, 0.1),
        _adam("adamw", 1e-3, (0.9, 0.999), 1e-8, 0.01),
        _adam("adamw", 0.1, (0.5, 0.9), 1e-3, 0),
    ]
