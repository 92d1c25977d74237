"""Golden vectors: what a case consists of, and how it is written. Needs NumPy alone."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass
class Step:
    """One call of the op: what is given anew, and what every stream that it writes then holds."""

    outputs: dict[str, Array | float]
    inputs: dict[str, Array | str]  # a string names one of the file's arrays
    hyper: dict[str, float] = field(default_factory=dict)


@dataclass
class Case:
    """An op by PyTorch. Streams that are updated begin as `start` and go on from the outputs of the step before.

    `scale` says, for every value of an output, how large the terms are that the formula adds up to it: the op's bound
    counts in units in the last place of that. Absent, it is the value itself.
    """

    op: str
    torch: str
    sizes: dict[str, int]
    steps: list[Step]
    hyper: dict[str, float] = field(default_factory=dict)
    start: dict[str, Array | str] = field(default_factory=dict)
    scale: dict[str, Array] = field(default_factory=dict)


def single(x: float) -> str:
    """The shortest decimal that reads back as this f32."""
    if not np.isfinite(x):
        return json.dumps(float(x))
    text = str(np.float32(x)).removesuffix(".0")
    if np.float32(float(text)) != np.float32(x):
        raise ValueError(f"{text} does not read back as {np.float32(x)!r}")
    return text


def _upwards(x: float) -> str:
    """Two digits are enough of a scale."""
    return f"{x * 1.05:.1e}".replace("e-0", "e-").replace("e+00", "").replace("e+0", "e")


def _text(value: Any, indent: int = 0, form: Any = single) -> str:
    """JSON with every array of numbers on a line of its own, so that a change shows where it is."""
    if isinstance(value, (str, int, float)):
        return json.dumps(value)
    if isinstance(value, np.ndarray):
        return "[" + ", ".join(form(float(x)) for x in value.ravel()) + "]"
    if isinstance(value, dict) and not any(isinstance(v, (dict, list, np.ndarray)) for v in value.values()):
        return json.dumps(value)
    pad, end = " " * (indent + 1), " " * indent
    if isinstance(value, list):
        return "[\n" + ",\n".join(pad + _text(x, indent + 1) for x in value) + f"\n{end}]"
    forms = {"scale": _upwards}
    members = [f"{pad}{json.dumps(k)}: {_text(v, indent + 1, forms.get(k, form))}" for k, v in value.items()]
    return "{\n" + ",\n".join(members) + f"\n{end}}}"


def write(path: Path, made_with: str, arrays: Mapping[str, Array], cases: Sequence[Case]) -> None:
    used = json.dumps([[s.inputs for s in c.steps] + [c.start] for c in cases], default=lambda x: None)
    kept = {name: values for name, values in arrays.items() if json.dumps(name) in used}
    content = {"made_with": made_with, "arrays": kept, "cases": [_members(case) for case in cases]}
    path.write_text(_text(content) + "\n", encoding="utf-8")


def _members(case: Case) -> dict[str, Any]:
    names = ("op", "torch", "sizes", "hyper", "start", "scale")
    members: dict[str, Any] = {name: getattr(case, name) for name in names if getattr(case, name) != {}}
    steps = [{k: getattr(step, k) for k in ("inputs", "hyper", "outputs") if getattr(step, k)} for step in case.steps]
    return members | {"steps": steps}
