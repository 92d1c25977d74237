"""scripts/peers/train_torch.py, as far as it goes without PyTorch: how it compares, and what it refuses to."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from built import ROOT


@pytest.fixture(name="script", scope="module")
def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("train_torch", ROOT / "scripts" / "peers" / "train_torch.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_interval_is_of_order_statistics(script: ModuleType) -> None:
    # Of nine values the second and the eighth: one is outside in 2 (1 + 9) of 512 cases.
    assert script.interval([5, 9, 1, 2, 8, 3, 7, 4, 6]) == (5, 2, 8)
    assert script.interval([3, 1, 2]) == (2, 1, 3)


def test_losses_differ_in_relation_to_their_size(script: ModuleType) -> None:
    assert script.largest_difference([2.0, 0.5], [2.0, 0.5]) == 0
    assert script.largest_difference([2.0, 0.5], [2.001, 0.49]) == pytest.approx(0.02)
    with pytest.raises(ValueError, match="shorter"):
        script.largest_difference([2.0, 0.5], [2.0])


def test_only_ways_that_pytorch_has_are_asked_for(script: ModuleType) -> None:
    assert script.ways("adam") == list(script.WAYS)
    assert script.ways("rmsprop_centered") == ["eager", "compiled"]


def test_every_round_begins_with_another(script: ModuleType) -> None:
    calls: list[str] = []

    def contestant(name: str) -> Any:
        def call() -> int:
            calls.append(name)
            return len(calls)

        return call

    found = script.rounds({name: contestant(name) for name in "abc"}, 3)
    assert "".join(calls) == "abcbcacab"
    assert found == {"a": [1, 6, 8], "b": [2, 4, 9], "c": [3, 5, 7]}


def _program(folder: Path, runs: list[dict[str, Any]]) -> str:
    """A gradmark that writes these runs, whatever it is asked to train."""
    (folder / "runs.json").write_text(json.dumps({"runs": runs}), encoding="utf-8")
    program = folder / "gradmark"
    program.write_text(
        f"#!/bin/sh\nwhile [ $# -gt 0 ]; do [ $1 = -o ] && cp {folder}/runs.json $2; shift; done\n", encoding="utf-8"
    )
    program.chmod(0o755)
    return str(program)


PLAIN = {"schedule": "constant", "l1": 0.0, "l2": 0.0, "clip": None, "model": {"loss": "softmax_xent"}}


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        ([PLAIN, PLAIN], "mnist-all is 2 trainings"),
        ([PLAIN | {"clip": 1.0}], "clip is None; this one's is 1.0"),
        ([PLAIN | {"schedule": "cosine"}], "schedule is constant; this one's is cosine"),
        ([PLAIN | {"model": {"loss": "mse"}}], "by softmax_xent, and this one has mse"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    script: ModuleType, tmp_path: Path, runs: list[dict[str, Any]], words: str
) -> None:
    with pytest.raises(script.Refusal, match=words):
        script.gradmark(_program(tmp_path, runs), ["mnist-all"], 1, tmp_path / "result.json")


def test_a_plain_training_is_taken(script: ModuleType, tmp_path: Path) -> None:
    assert script.gradmark(_program(tmp_path, [PLAIN]), ["mnist-adam"], 1, tmp_path / "result.json") == PLAIN
    assert not (tmp_path / "result.json").exists()
