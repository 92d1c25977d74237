"""Training as its users meet it: what comes out, what is saved, and what is said when something is wrong."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import signal
import struct
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from program import PROGRAM, ROOT, gradmark
from referencing import Registry, Resource

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason=f"{PROGRAM} is not built")

SCHEMAS = ROOT / "reports" / "gradmark_report"
REAL_DIGITS = ROOT.parent / "shared" / "data" / "mnist10k"

# A perceptron that learns in a blink.
SMALL = ["--hidden", "16", "--epochs", "2"]


def complaint(result: subprocess.CompletedProcess[str], code: int = 2) -> str:
    """Exactly one sentence on stderr, and the exit code."""
    lines = result.stderr.strip().splitlines()
    assert result.returncode == code, result
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("gradmark: ")
    return lines[0]


def load(path: Path) -> dict[str, Any]:
    result = json.loads(path.read_text(), parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    registry: Registry[Any] = Registry()
    for file in SCHEMAS.glob("*.schema.json"):
        schema = json.loads(file.read_text())
        registry = registry.with_resource(schema.get("$id", file.name), Resource.from_contents(schema))
    schema = json.loads((SCHEMAS / "training.schema.json").read_text())
    Draft202012Validator(schema, registry=registry).validate(result)
    return result


def train(tmp_path: Path, *arguments: str | Path, code: int = 0) -> dict[str, Any]:
    """Trains, and gives back the result file."""
    path = tmp_path / f"result{len(list(tmp_path.iterdir()))}.json"
    completed = gradmark("train", *arguments, "-o", path)
    assert completed.returncode == code, completed.stderr
    return load(path)


# ---- the workloads --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("workload", "solutions"), [("quadratic", 1), ("linear", 2), ("regression", 24), ("logistic", 3)]
)
def test_known_solutions_are_found(tmp_path: Path, workload: str, solutions: int) -> None:
    result = train(tmp_path, workload, "--seed", "7")
    assert len(result["fits"]) == solutions
    for fit in result["fits"]:
        assert fit["held"], fit
        assert abs(fit["value"] - fit["expected"]) <= fit["tolerance"]


def test_a_solution_that_is_missed_is_said(tmp_path: Path) -> None:
    result = train(tmp_path, "quadratic", "--epochs", "3", code=1)
    assert not result["fits"][0]["held"]
    assert result["fits"][0]["value"] == pytest.approx(2 - 2 * 0.8**3)


def test_the_lasso_makes_weights_exactly_zero(tmp_path: Path) -> None:
    fits = [fit for fit in train(tmp_path, "regression")["fits"] if "/with L1/" in fit["part"]]
    assert [fit["value"] == 0 for fit in fits] == [False, True, True, True, True, False]


def test_two_classes_are_told_apart(tmp_path: Path) -> None:
    test = train(tmp_path, "logistic")["runs"][0]["test"]
    assert 0.8 < test["accuracy"] < 0.95
    (true_0, false_1), (false_0, true_1) = test["confusion"]
    first, second = test["classes"]
    assert first["precision"] == pytest.approx(true_0 / (true_0 + false_0))
    assert first["recall"] == pytest.approx(true_0 / (true_0 + false_1))
    assert second["f1"] == pytest.approx(2 * true_1 / (2 * true_1 + false_0 + false_1))
    assert test["accuracy"] == pytest.approx((true_0 + true_1) / test["samples"])


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return train(tmp_path_factory.mktemp("digits"), "mnist-adam")


def test_drawn_digits_are_learnt(digits: dict[str, Any]) -> None:
    run = digits["runs"][0]
    assert digits["data"]["source"] == "drawn digits"
    assert run["model"]["layers"] == [784, 256, 10]
    assert run["test"]["accuracy"] >= 0.98
    assert run["status"] == "finished"
    assert [reached["seconds"] is not None for reached in run["seconds_to"]] == [True] * 4


def test_a_linear_model_does_not_learn_them_so_well(tmp_path: Path) -> None:
    run = train(tmp_path, "mnist-adam", "--hidden", "none")["runs"][0]
    assert run["model"]["layers"] == [784, 10]
    assert 0.8 < run["test"]["accuracy"] < 0.93


@pytest.mark.skipif(not REAL_DIGITS.is_dir(), reason="no real digits beside the repository")
def test_real_digits_are_learnt(tmp_path: Path) -> None:
    result = train(tmp_path, "mnist-adam", "--data", REAL_DIGITS)
    assert (result["data"]["train"], result["data"]["test"]) == (8000, 2000)
    assert result["runs"][0]["test"]["accuracy"] >= 0.95


def test_every_optimizer_learns(tmp_path: Path) -> None:
    runs = train(tmp_path, "mnist-all", *SMALL)["runs"]
    listed = gradmark("list").stdout
    optimizers = {run["optimizer"] for run in runs}
    assert {"sgd", "momentum", "adagrad", "rmsprop", "rmsprop_centered", "adam", "adamw"} <= optimizers
    assert all(name in listed for name in optimizers)
    for run in runs:
        assert run["status"] == "finished"
        assert run["evaluations"][-1]["test_loss"] < run["evaluations"][0]["test_loss"], run["name"]


def test_a_compressed_model_is_smaller_and_nearly_as_good(tmp_path: Path) -> None:
    result = train(tmp_path, "mnist-compress")
    by_part = {part["part"]: part for part in result["compression"]}
    whole = by_part["as trained"]
    pruned = by_part["pruned to 10% of its weights"]
    assert pruned["nonzero"] <= 0.1 * 784 * 256 + 0.1 * 2560 + 1 + 266
    assert pruned["bytes"] < whole["bytes"] / 5
    assert by_part["int8, a scale per row"]["bytes"] < whole["bytes"] / 3.9
    for part in result["compression"]:
        assert part["accuracy"] > whole["accuracy"] - 0.04, part
    assert by_part["distilled into a small model"]["layers"] == [784, 32, 10]
    assert (whole["epochs"], pruned["epochs"]) == (10, 13)
    first, pruned_run, *_ = result["runs"]
    assert (first["part"], first["initialization"]) == ("as trained", "he")
    assert (pruned_run["part"], pruned_run["initialization"]) == ("pruned", "trained")


def test_what_compresses_is_proved_too() -> None:
    told = gradmark("train", "mnist-compress", *SMALL).stdout
    proved = re.search(r"proving the (\d+) kernels", told)
    assert proved
    assert int(proved[1]) >= 16  # of a step, a look and the student; prune, quantize, dequantize, of rows too


# ---- what a result says ---------------------------------------------------------------------------------------------


def test_time_adds_up(digits: dict[str, Any]) -> None:
    run = digits["runs"][0]
    shares = sum(kernel["share"] for kernel in run["kernels"])
    assert shares == pytest.approx(run["kernel_share"], rel=1e-6)
    assert shares + run["data_share"] < 1
    assert run["samples_per_second"] == pytest.approx(run["samples"] / run["seconds"], rel=1e-6)
    for kernel in run["kernels"]:
        assert kernel["calls"] == run["steps"]
        assert 0 < kernel["attainable_percent"] < 200
        assert kernel["attainable_percent_low"] <= kernel["attainable_percent"] <= kernel["attainable_percent_high"]


def test_wrong_digits_are_shown(digits: dict[str, Any]) -> None:
    run = digits["runs"][0]
    confusion = np.array(run["test"]["confusion"])
    assert confusion.sum() == digits["data"]["test"]
    assert len(run["wrong"]) == min(24, confusion.sum() - np.trace(confusion))
    confidences = [wrong["confidence"] for wrong in run["wrong"]]
    assert confidences == sorted(confidences, reverse=True)


def test_curves_begin_at_chance_and_go_down(digits: dict[str, Any]) -> None:
    run = digits["runs"][0]
    assert len(run["first_losses"]) == 200
    assert run["first_losses"][0] == pytest.approx(np.log(10), rel=0.3)
    assert run["curve"][-1]["loss"] < 0.3
    first, last = run["evaluations"][0], run["evaluations"][-1]
    assert (first["step"], first["train_loss"]) == (0, None)
    assert (last["step"], last["epoch"]) == (run["steps"], 10)


def test_what_is_printed(tmp_path: Path) -> None:
    completed = gradmark("train", "mnist-adam", *SMALL)
    for words in ["784-16-10 relu", "test accuracy", "precision", "limit", "bringing batches together"]:
        assert words in completed.stdout
    assert max(map(len, completed.stdout.splitlines())) <= 120


def test_what_several_trainings_print(tmp_path: Path) -> None:
    lines = gradmark("train", "mnist-adam", *SMALL, "--isa", "scalar,autovec").stdout.splitlines()
    assert max(map(len, lines)) <= 120
    ends = [re.sub(r".*[0-9a-f]{16}, ", "", line) for line in lines if re.search(r"[0-9a-f]{16}, ", line)]
    assert ends.count("held against") == 1
    assert all(re.fullmatch(r"held against|the same bits|other bits \(1\)", end) for end in ends)
    assert len(ends) == 2
    assert "train loss" in next(line for line in lines if "samples/s" in line)


def test_what_says_nothing_is_not_printed() -> None:
    lines = gradmark("train", "linear").stdout.splitlines()
    assert any("1 or 3 to train" in line for line in lines)
    assert "accuracy" not in next(line for line in lines if "samples/s" in line)


# ---- implementations and threads ------------------------------------------------------------------------------------


def test_fused_isas_and_all_thread_counts_end_in_the_same_bits(tmp_path: Path) -> None:
    threads = "1,2" if (os.cpu_count() or 1) > 1 else "1"
    result = train(tmp_path, "mnist-adam", *SMALL, "--isa", "all", "--threads", threads)
    hashes: dict[bool, set[str]] = {True: set(), False: set()}
    for run in result["runs"]:
        if not run["isa"].endswith("_fast"):
            hashes[run["fused"]].add(run["weights_hash"])
    assert len(hashes[True]) <= 1
    assert len(hashes[False]) <= 1
    (sameness,) = result["sameness"]
    assert all("fault" not in other["why"] for other in sameness["other"])
    told = set(sameness["same"]).union(*(other["names"] for other in sameness["other"]))
    assert told == {run["name"] for run in result["runs"]}


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh", "gelu_tanh", "gelu_erf", "silu"])
def test_every_activation_learns(tmp_path: Path, activation: str) -> None:
    run = train(tmp_path, "mnist-adam", "--hidden", "32,16", "--epochs", "2", "--activation", activation)["runs"][0]
    assert run["model"]["activation"] == activation
    assert run["test"]["accuracy"] > 0.5


# ---- choices --------------------------------------------------------------------------------------------------------


def test_a_schedule_is_followed(tmp_path: Path) -> None:
    curve = train(tmp_path, "quadratic", "--schedule", "step:every=10,factor=0.5", "--epochs", "30", code=1)
    rates = [point["lr"] for point in curve["runs"][0]["curve"]]
    assert rates == pytest.approx([0.1] * 10 + [0.05] * 10 + [0.025] * 10)


def test_validation_stops_early_and_keeps_the_best(tmp_path: Path) -> None:
    arguments = ["mnist-adam", "--hidden", "64", "--epochs", "60", "--validate", "0.2", "--patience", "2"]
    result = train(tmp_path, *arguments, "--lr", "0.01")
    run = result["runs"][0]
    assert run["status"] == "stopped early"
    assert (result["data"]["train"], result["data"]["validation"]) == (9600, 2400)
    ends = [look for look in run["evaluations"] if look["epoch"] == int(look["epoch"]) and look["epoch"] > 0]
    best = min(ends, key=lambda look: look["validation_loss"])
    assert run["epochs_done"] == best["epoch"] + 2
    assert run["test"]["loss"] == pytest.approx(best["test_loss"], rel=1e-5)


@pytest.mark.parametrize(("penalty", "theta"), [("--l1", (4 - 0.5) / 2), ("--l2", 4 / (2 + 0.5))])
def test_penalties_move_the_solution(tmp_path: Path, penalty: str, theta: float) -> None:
    (fit,) = train(tmp_path, "quadratic", penalty, "0.5")["fits"]
    assert fit["value"] == pytest.approx(theta, abs=1e-6)


def test_clipping_keeps_a_training_together(tmp_path: Path) -> None:
    wild = ["mnist-sgd", *SMALL, "--lr", "30"]
    assert gradmark("train", *wild).returncode == 1
    assert gradmark("train", *wild, "--clip", "0.05").returncode == 0


def test_what_another_program_needs_is_exported(tmp_path: Path) -> None:
    directory = tmp_path / "export"
    train(tmp_path, "mnist-adam", *SMALL, "--export", directory)
    features = np.load(directory / "features.npy")
    order = np.load(directory / "order.npy")
    assert features.shape == (12000, 784)
    assert 0 <= features.min() < features.max() <= 1
    assert np.load(directory / "labels.npy").max() == 9
    assert order.shape == (2, 12000)
    assert all((np.sort(epoch) == np.arange(12000)).all() for epoch in order)
    assert (order[0] != order[1]).any()
    assert np.load(directory / "weights0.npy").shape == (16, 784)
    assert np.load(directory / "bias1.npy").shape == (10,)
    assert "exists" in complaint(gradmark("train", "mnist-adam", *SMALL, "--export", directory))


# ---- checkpoints ----------------------------------------------------------------------------------------------------


def test_a_resumed_training_ends_in_the_same_bits(tmp_path: Path) -> None:
    arguments = ["mnist-adam", "--hidden", "32", "--validate", "0.1"]
    whole = train(tmp_path, *arguments, "--epochs", "4")["runs"][0]
    path = tmp_path / "half.ckpt"
    train(tmp_path, *arguments, "--epochs", "2", "--save", path)
    resumed = train(tmp_path, *arguments, "--epochs", "4", "--resume", path)["runs"][0]
    assert resumed["weights_hash"] == whole["weights_hash"]
    assert [look["test_loss"] for look in resumed["evaluations"]] == [
        look["test_loss"] for look in whole["evaluations"]
    ]
    assert resumed["first_losses"] == whole["first_losses"]
    assert (resumed["steps"], resumed["samples"]) == (whole["steps"], whole["samples"])


def test_a_killed_training_resumes_to_the_same_bits(tmp_path: Path) -> None:
    arguments = ["mnist-sgd", "--hidden", "64", "--epochs", "12"]
    path = tmp_path / "run.ckpt"
    process = subprocess.Popen(
        [str(PROGRAM), "train", *arguments, "--save", str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while not path.exists():
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert [file.name for file in tmp_path.iterdir()] == ["run.ckpt"]
    resumed = train(tmp_path, *arguments, "--resume", path, "--save", path)["runs"][0]
    whole = train(tmp_path, *arguments)["runs"][0]
    assert resumed["weights_hash"] == whole["weights_hash"]
    assert "12 epochs old" in complaint(gradmark("train", *arguments[:-1], "11", "--resume", path))
    again = train(tmp_path, *arguments, "--resume", path)["runs"][0]
    assert (again["status"], again["weights_hash"]) == ("finished", whole["weights_hash"])
    assert again["test"] == whole["test"]
    assert (again["resumed_after_epoch"], again["samples_per_second"]) == (12, None)
    assert all(kernel["calls"] == 0 for kernel in again["kernels"])


def test_a_training_that_stopped_early_does_not_go_on(tmp_path: Path) -> None:
    path = tmp_path / "early.ckpt"
    arguments = [*SMALL[:2], "--epochs", "60", "--validate", "0.2", "--patience", "1", "--lr", "0.02"]
    whole = train(tmp_path, "mnist-adam", *arguments, "--save", path)["runs"][0]
    again = train(tmp_path, "mnist-adam", *arguments, "--resume", path, "--save", path)["runs"][0]
    assert whole["status"] == "stopped early"
    assert whole["epochs_done"] < 60
    for same in ["status", "epochs_done", "weights_hash", "test"]:
        assert again[same] == whole[same]


def test_a_training_is_made_longer_again_and_again(tmp_path: Path) -> None:
    """Of each leg a thousand points are kept, of which some must go when it is resumed."""
    path = tmp_path / "long.ckpt"
    arguments = ["quadratic", "--l2", "0.5", "--epochs"]
    assert gradmark("train", *arguments, "999", "--save", path).returncode == 0
    for epochs in ("1998", "2997", "3996"):
        assert gradmark("train", *arguments, epochs, "--resume", path, "--save", path).returncode == 0
    resumed = train(tmp_path, *arguments, "4500", "--resume", path)["runs"][0]
    whole = train(tmp_path, *arguments, "4500")["runs"][0]
    assert resumed["weights_hash"] == whole["weights_hash"]
    steps = [point["step"] for point in resumed["curve"]]
    assert steps == sorted(set(steps))
    assert steps[-1] > 3996


def test_a_resumed_training_is_as_fast_as_what_came_since(tmp_path: Path) -> None:
    path = tmp_path / "slow.ckpt"
    arguments = ["mnist-sgd", "--hidden", "64", "--epochs"]
    runs = train(tmp_path, *arguments, "2", "--isa", "all")["runs"]
    fused = sorted(
        (run for run in runs if run["fused"] and not run["isa"].endswith("_fast")),
        key=lambda run: float(run["samples_per_second"]),
    )
    if len(fused) < 2 or 1.7 * fused[0]["samples_per_second"] > fused[-1]["samples_per_second"]:
        pytest.skip("no two implementations of the same bits here are of different speeds")
    slow, fast = fused[0], fused[-1]
    assert gradmark("train", *arguments, "8", "--isa", slow["isa"], "--save", path).returncode == 0
    resumed = train(tmp_path, *arguments, "10", "--isa", fast["isa"], "--resume", path)["runs"][0]
    assert resumed["samples_per_second"] > 1.3 * slow["samples_per_second"]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("saved") / "small.ckpt"
    assert gradmark("train", "mnist-adam", *SMALL, "--save", path).returncode == 0
    return path


MORE = ["mnist-adam", "--hidden", "16", "--epochs", "3"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["mnist-adam", "--hidden", "17", "--epochs", "3"], "layers [784,16,10], here [784,17,10]"),
        (["mnist-sgd", "--hidden", "16", "--epochs", "3"], "workload mnist-adam, here mnist-sgd"),
        ([*MORE, "--optimizer", "sgd"], "optimizer adam, here sgd"),
        ([*MORE, "--seed", "2"], "seed 1, here 2"),
        ([*MORE, "--lr", "0.5"], "lr 0.001, here 0.5"),
        ([*MORE, "--validate", "0.5"], "it learnt from other data"),
        ([*MORE, "--schedule", "cosine"], "schedule constant, here cosine"),
    ],
)
def test_a_checkpoint_of_another_training_is_refused(saved: Path, arguments: list[str], words: str) -> None:
    said = complaint(gradmark("train", *arguments, "--resume", saved))
    assert "is a checkpoint of another training" in said
    assert words in said


def test_a_checkpoint_goes_on_where_roundings_are_the_same(saved: Path, tmp_path: Path) -> None:
    if not train(tmp_path, "quadratic")["runs"][0]["fused"]:
        pytest.skip("the best implementation here has no fused multiply-add either")
    said = complaint(gradmark("train", *MORE, "--resume", saved, "--isa", "scalar"))
    assert "rounding fused, here not fused" in said


def test_a_damaged_checkpoint_is_refused(saved: Path, tmp_path: Path) -> None:
    whole = saved.read_bytes()
    for at in [0, 9, 13, 30, 2000, len(whole) // 2, len(whole) - 2]:
        path = tmp_path / f"damaged{at}.ckpt"
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x40]) + whole[at + 1 :])
        assert str(path) in complaint(gradmark("train", *MORE, "--resume", path))
    for name, content in [("short", whole[: len(whole) // 2]), ("long", whole + b"x"), ("empty", b"")]:
        path = tmp_path / f"{name}.ckpt"
        path.write_bytes(content)
        assert str(path) in complaint(gradmark("train", *MORE, "--resume", path))
    assert "No such file" in complaint(gradmark("train", *MORE, "--resume", tmp_path / "none.ckpt"))


def test_a_checkpoint_replaces_none_but_the_one_it_goes_on_from(saved: Path, tmp_path: Path) -> None:
    before = saved.read_bytes()
    assert "exists already" in complaint(gradmark("train", *MORE, "--save", saved))
    precious = tmp_path / "precious"
    precious.write_text("precious")
    assert "exists already" in complaint(gradmark("train", *MORE, "--resume", saved, "--save", precious))
    assert saved.read_bytes() == before
    assert precious.read_text() == "precious"


def test_a_full_disk_keeps_the_older_checkpoint(saved: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.ckpt"
    shutil.copy(saved, path)
    before = path.read_bytes()

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))

    result = subprocess.run(
        [str(PROGRAM), "train", *MORE, "--resume", str(path), "--save", str(path)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=small_files,
    )
    assert "File too large" in complaint(result)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["mine.ckpt"]


def test_what_was_trained_before_a_full_disk_is_told(tmp_path: Path) -> None:
    """The checkpoint does not fit; the result, which is smaller, does."""
    path = tmp_path / "result.json"

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))

    result = subprocess.run(
        [str(PROGRAM), "train", "mnist-sgd", "--epochs", "3", "--save", str(tmp_path / "x.ckpt"), "-o", str(path)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=small_files,
    )
    assert "File too large" in complaint(result)
    told = load(path)
    assert told["partial"] is True
    assert (told["runs"][0]["status"], told["runs"][0]["epochs_done"]) == ("failed", 1)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["result.json"]


@pytest.mark.parametrize("option", ["--save", "--resume", "--export"])
def test_files_of_one_training_are_not_for_many(tmp_path: Path, option: str) -> None:
    said = complaint(gradmark("train", "linear", option, tmp_path / "x"))
    assert f"{option} is for one training, and this would be 2" in said


# ---- what goes wrong ------------------------------------------------------------------------------------------------


def test_a_training_that_diverges_says_where_and_keeps_what_was_good(tmp_path: Path) -> None:
    path = tmp_path / "good.ckpt"
    arguments = ["mnist-sgd", "--hidden", "16", "--seed", "3"]
    assert gradmark("train", *arguments, "--epochs", "1", "--save", path).returncode == 0
    before = path.read_bytes()
    result = tmp_path / "result.json"
    completed = gradmark("train", *arguments, "--lr", "1e5", "-o", result)
    assert re.search(r"diverged at step \d+ \(epoch 1, lr 100000\)$", complaint(completed, 1))
    run = load(result)["runs"][0]
    assert run["status"] == "diverged"
    assert run["diverged_at_step"] == run["steps"]
    assert run["test"] is None
    assert path.read_bytes() == before


def test_a_training_that_diverges_later_names_its_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "good.ckpt"
    rising = ["--lr", "5", "--schedule", "warmup:share=1", "--epochs", "400"]
    said = complaint(gradmark("train", "quadratic", "--l2", "0.5", *rising, "--save", path), 1)
    assert re.search(rf"diverged at step \d+ .*; '{path}' holds the epoch before$", said)
    assert path.exists()


def test_the_checkpoint_of_before_is_named_where_none_was_written_since(tmp_path: Path) -> None:
    old, new = tmp_path / "old.ckpt", tmp_path / "new.ckpt"
    rising = ["quadratic", "--l2", "0.5", "--lr", "1.2"]
    for epochs in range(20, 400, 20):
        if gradmark("train", *rising, "--epochs", str(epochs), "--save", old).returncode == 1:
            break
    said = complaint(gradmark("train", *rising, "--epochs", "400", "--resume", old, "--save", new), 1)
    assert re.search(rf"; '({old}|{new})' holds the epoch before$", said)
    assert (new if str(new) in said else old).exists()


def test_parameters_are_the_best_only_where_they_were_put_back() -> None:
    arguments = ["logistic", "--validate", "0.2", "--patience", "50", "--optimizer", "sgd"]
    assert "the best by the validation loss" in gradmark("train", *arguments).stdout
    diverging = gradmark("train", *arguments, "--schedule", "warmup:share=1", "--lr", "30000")
    assert diverging.returncode == 1
    assert "the best by the validation loss" not in diverging.stdout


@pytest.mark.parametrize(
    "arguments",
    [["logistic", "--validate", "0.2", "--patience", "1000"], ["regression", "--optimizer", "adamw", "--lr", "0.01"]],
)
def test_an_answer_that_is_not_known_is_not_missed(tmp_path: Path, arguments: list[str]) -> None:
    assert train(tmp_path, *arguments)["fits"] == []


def test_a_result_is_written_though_nobody_reads_on(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([str(PROGRAM), "train", "quadratic", "-o", str(path)], stdout=writing, check=False)
    os.close(writing)
    assert done.returncode == 0
    assert load(path)["partial"] is False


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="threads cannot be bound here")
def test_a_training_that_has_to_wait_says_so(tmp_path: Path) -> None:
    """Beside a loop on the same processor."""
    one = {min(os.sched_getaffinity(0))}

    def bind() -> None:
        os.sched_setaffinity(0, one)

    with subprocess.Popen(["sh", "-c", "while :; do :; done"], preexec_fn=bind) as busy:
        path = tmp_path / "result.json"
        command = [str(PROGRAM), "train", "mnist-sgd", "--hidden", "128", "--epochs", "2", "-o", str(path)]
        told = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=bind)
        busy.kill()
    assert re.search(r"warning: mnist-sgd/sgd/\w+/t1 waited for a processor \d+% of its time", told.stdout)
    assert "waited" in [warning["id"] for warning in load(path)["warnings"]]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_training_tells_what_it_has(tmp_path: Path, number: signal.Signals) -> None:
    path, checkpoint = tmp_path / "result.json", tmp_path / "run.ckpt"
    process = subprocess.Popen(
        [str(PROGRAM), "train", "mnist-sgd", "--epochs", "500", "-o", str(path), "--save", str(checkpoint)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not checkpoint.exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted; what was finished is written, marked as partial" in errors
    result = load(path)
    assert result["partial"] is True
    assert result["runs"][0]["status"] == "interrupted"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "the workload comes first"),
        (["--epochs", "3", "quadratic"], "the workload comes first"),
        (["mnist-adma"], "did you mean 'mnist-adam'?"),
        (["mnist"], "unknown workload 'mnist'"),
        (["quadratic", "--lr", "-1"], "--lr is '-1'"),
        (["quadratic", "--lr", "nan"], "--lr is 'nan'"),
        (["quadratic", "--optimizer", "magic"], "unknown optimizer 'magic'; there are sgd,"),
        (["quadratic", "--schedule", "weekly"], "--schedule is 'weekly'"),
        (["quadratic", "--schedule", "step:factor=2"], "factor must be a number between 0 and 1"),
        (["quadratic", "--schedule", "cosine:every=2"], "cosine has floor, and no 'every=2'"),
        (["quadratic", "--batch", "0"], "--batch is '0'"),
        (["quadratic", "--epochs", "many"], "--epochs is 'many'"),
        (["quadratic", "--init", "random"], "--init is 'random'"),
        (["quadratic", "--hidden", "10,,10"], "--hidden is '10,,10'"),
        (["quadratic", "--hidden", "1,2,3,4,5,6,7,8"], "up to 7 widths"),
        (["quadratic", "--activation", "step"], "--activation is 'step'"),
        (["quadratic", "--isa", "avx1024"], "unknown ISA 'avx1024'"),
        (["quadratic", "--threads", "0"], "--threads is '0'"),
        (["quadratic", "--validate", "0.5"], "is none"),
        (["quadratic", "--patience", "2"], "--patience needs --validate"),
        (["quadratic", "--data", "."], "--data is for workloads that learn digits"),
        (["mnist-compress", "--isa", "scalar,autovec"], "give one ISA and one thread count"),
        (["quadratic", "--save", "/proc/no/such"], "/proc/no/such"),
        (["quadratic", "-o", "/proc/no/such"], "/proc/no/such"),
        (["quadratic", "--export", "/proc/no/such"], "/proc/no/such"),
        (["quadratic", "--clipp", "1"], "did you mean '--clip'"),
    ],
)
def test_a_wrong_command(arguments: list[str], words: str) -> None:
    assert words in complaint(gradmark("train", *arguments))


def idx(dimensions: list[int], data: bytes, kind: int = 8) -> bytes:
    return bytes([0, 0, kind, len(dimensions)]) + struct.pack(f">{len(dimensions)}I", *dimensions) + data


@pytest.mark.parametrize(
    ("images", "labels", "words"),
    [
        (None, None, "t10k-images"),
        (idx([20, 4, 4], bytes(320)), idx([20], bytes(19)), "labels"),
        (idx([20, 4, 4], bytes(100)), idx([20], bytes(20)), "images"),
        (idx([20, 4, 4], bytes(321)), idx([20], bytes(20)), "images"),
        (idx([20, 4, 4], bytes(320)), idx([19], bytes(19)), "19"),
        (idx([20, 4, 4], bytes(320)), idx([20], bytes([10] * 20)), "10"),
        (b"\x89PNG", idx([20], bytes(20)), "images"),
        (idx([20, 4, 4], bytes(320), kind=9), idx([20], bytes(20)), "images"),
    ],
)
def test_wrong_data(tmp_path: Path, images: bytes | None, labels: bytes | None, words: str) -> None:
    """Every kind of wrong IDX file has a test of its own beside the reader; here: that it ends the command."""
    if images is not None and labels is not None:
        (tmp_path / "t10k-images-idx3-ubyte").write_bytes(images)
        (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(labels)
    assert words in complaint(gradmark("train", "mnist-adam", "--data", tmp_path))


def test_an_environment_without_an_exact_isa() -> None:
    said = complaint(gradmark("train", "quadratic", env={"GRADMARK_ISA": "-scalar,-autovec,-avx2,-avx512,-neon"}))
    assert "GRADMARK_ISA" in said


def test_files_that_are_in_each_others_way(tmp_path: Path) -> None:
    path = str(tmp_path / "one")
    assert "both" in complaint(gradmark("train", "quadratic", "--save", path, "-o", path))
    assert "--resume goes on" in complaint(gradmark("train", "quadratic", "--resume", path, "--export", path))


def test_images_too_large_for_a_page(tmp_path: Path) -> None:
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(idx([40, 128, 128], bytes(40 * 128 * 128)))
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(idx([40], bytes(i % 2 for i in range(40))))
    run = train(tmp_path, "mnist-adam", "--data", tmp_path, "--hidden", "8", "--epochs", "1")["runs"][0]
    assert run["test"]["accuracy"] < 1
    assert run["wrong"] == []


def test_other_images_than_mnists(tmp_path: Path) -> None:
    """Two classes of 4 x 4: dark and bright."""
    pixels = b"".join(bytes([200 * (i % 2) + i % 7] * 16) for i in range(400))
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(idx([400, 4, 4], pixels))
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(idx([400], bytes(i % 2 for i in range(400))))
    result = train(tmp_path, "mnist-adam", "--data", tmp_path, "--hidden", "8", "--epochs", "80")
    assert (result["data"]["train"], result["data"]["test"], result["data"]["features"]) == (320, 80, 16)
    assert result["runs"][0]["test"]["accuracy"] == 1
