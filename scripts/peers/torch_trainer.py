"""One way of training in PyTorch, from what `gradmark train --export` wrote: a process of its own for each, because
threads and compiled code belong to a process. It obeys lines on stdin: `losses N` and `time`."""

import argparse
import json
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

ACTIVATIONS: dict[str, Callable[[], torch.nn.Module]] = {
    "relu": torch.nn.ReLU,
    "sigmoid": torch.nn.Sigmoid,
    "tanh": torch.nn.Tanh,
    "gelu_erf": torch.nn.GELU,
    "gelu_tanh": lambda: torch.nn.GELU(approximate="tanh"),
    "silu": torch.nn.SiLU,
}


def network(directory: Path, layers: list[int], activation: str) -> torch.nn.Sequential:
    modules: list[torch.nn.Module] = []
    for index, (inner, out) in enumerate(pairwise(layers)):
        linear = torch.nn.Linear(inner, out)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(np.load(directory / f"weights{index}.npy")))
            linear.bias.copy_(torch.from_numpy(np.load(directory / f"bias{index}.npy")))
        modules += [linear, ACTIVATIONS[activation]()]
    return torch.nn.Sequential(*modules[:-1])


def optimizer(name: str, hypers: dict[str, float], params: Any, variant: dict[str, bool]) -> torch.optim.Optimizer:
    """By the name of gradmark's op, with the hyperparameters that it has."""
    given: dict[str, Any] = {key: value for key, value in hypers.items() if key != "step"}
    if name in ("adam", "adamw"):
        given["betas"] = (given.pop("beta1"), given.pop("beta2"))
        kind = torch.optim.Adam if name == "adam" else torch.optim.AdamW
    elif name in ("sgd", "momentum"):
        given["nesterov"] = bool(given.get("nesterov", 0))
        kind = torch.optim.SGD
    elif name == "adagrad":
        kind = torch.optim.Adagrad
    elif name in ("rmsprop", "rmsprop_centered", "rmsprop_momentum", "rmsprop_centered_momentum"):
        given["centered"] = "centered" in name
        kind = torch.optim.RMSprop
    else:
        raise ValueError(f"torch.optim has no '{name}'")
    return kind(params, **given, **variant)


class Trainer:
    def __init__(self, directory: Path, run: dict[str, Any], way: str) -> None:
        self.directory, self.run, self.way = directory, run, way
        self.features = torch.from_numpy(np.load(directory / "features.npy"))
        self.labels = torch.from_numpy(np.load(directory / "labels.npy")).long()
        self.order = torch.from_numpy(np.load(directory / "order.npy").astype(np.int64))
        self.prepare()

    def prepare(self) -> None:
        """The model with its initial parameters, its optimizer, and a step of both."""
        run = self.run
        self.model = network(self.directory, run["model"]["layers"], run["model"]["activation"])
        variant = {"fused": True} if "fused" in self.way else {}
        self.optimizer = optimizer(run["optimizer"], run["hypers"], self.model.parameters(), variant)
        model, features, labels, step = self.model, self.features, self.labels, self.optimizer.step

        def loss_of(rows: torch.Tensor) -> torch.Tensor:
            return F.cross_entropy(model(features[rows]), labels[rows])

        def optimize() -> None:
            step()

        self.initial = [parameter.detach().clone() for parameter in model.parameters()]
        compiled = "compiled" in self.way
        self.loss_of = torch.compile(loss_of) if compiled else loss_of
        self.optimize = torch.compile(optimize) if compiled else optimize

    def rewind(self) -> None:
        """Back to the start, in place: what is compiled stays so."""
        with torch.no_grad():
            for parameter, initial in zip(self.model.parameters(), self.initial, strict=True):
                parameter.copy_(initial)
            for state in self.optimizer.state.values():
                for value in state.values():
                    if isinstance(value, torch.Tensor):
                        value.zero_()

    def train(self, steps: int) -> list[torch.Tensor]:
        """The first `steps` steps of the order, from wherever the parameters are; their losses."""
        losses: list[torch.Tensor] = []
        for epoch in self.order:
            for rows in epoch.split(self.run["batch"]):
                if len(losses) == steps:
                    return losses
                self.optimizer.zero_grad(set_to_none=True)
                loss = self.loss_of(rows)
                loss.backward()
                self.optimize()
                losses.append(loss.detach())
        return losses


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=Path)
    parser.add_argument("--way", required=True)
    parser.add_argument("--threads", type=int, required=True)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    run = json.loads((options.directory / "run.json").read_text(encoding="utf-8"))
    trainer = Trainer(options.directory, run, options.way)
    whole = sum(-(-len(epoch) // run["batch"]) for epoch in trainer.order)
    for line in sys.stdin:
        words = line.split()
        if words[0] == "losses":
            answer: Any = [loss.item() for loss in trainer.train(int(words[1]))]
        else:
            trainer.rewind()
            began = time.perf_counter()
            trainer.train(whole)
            answer = trainer.order.numel() / (time.perf_counter() - began)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
