"""Training as its users meet it: what comes out, what is saved, and what is said when something is wrong."""

from __future__ import annotations

import functools
import gzip
import json
import os
import re
import resource
import shutil
import signal
import struct
import subprocess
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from program import PATIENCE, PROGRAM, ROOT, gradmark
from referencing import Registry, Resource

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason=f"{PROGRAM} is not built")

SCHEMAS = ROOT / "reports" / "gradmark_report"

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
    return told_and_written(tmp_path, *arguments, code=code).result


class Trained(NamedTuple):
    told: str
    result: dict[str, Any]


def told_and_written(tmp_path: Path, *arguments: str | Path, code: int = 0) -> Trained:
    path = tmp_path / f"result{len(list(tmp_path.iterdir()))}.json"
    completed = gradmark("train", *arguments, "-o", path)
    assert completed.returncode == code, completed.stderr
    return Trained(completed.stdout, load(path))


# ---- the workloads --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Trained]:
    """A training whose solution is known, done once for all that look at it."""

    @functools.cache
    def trained(workload: str) -> Trained:
        return told_and_written(tmp_path_factory.mktemp(workload), workload, "--seed", "7")

    return trained


@pytest.mark.parametrize(
    ("workload", "solutions"), [("quadratic", 1), ("linear", 2), ("regression", 24), ("logistic", 3)]
)
def test_known_solutions_are_found(known: Callable[[str], Trained], workload: str, solutions: int) -> None:
    result = known(workload).result
    assert len(result["fits"]) == solutions
    for fit in result["fits"]:
        assert fit["held"], fit
        assert abs(fit["value"] - fit["expected"]) <= fit["tolerance"]


def test_a_solution_that_is_missed_is_said(tmp_path: Path) -> None:
    result = train(tmp_path, "quadratic", "--epochs", "3", code=1)
    assert not result["fits"][0]["held"]
    assert result["fits"][0]["value"] == pytest.approx(2 - 2 * 0.8**3)


def test_the_lasso_makes_weights_exactly_zero(known: Callable[[str], Trained]) -> None:
    fits = [fit for fit in known("regression").result["fits"] if "/with L1/" in fit["part"]]
    assert [fit["value"] == 0 for fit in fits] == [False, True, True, True, True, False]


def test_two_classes_are_told_apart(known: Callable[[str], Trained]) -> None:
    test = known("logistic").result["runs"][0]["test"]
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


class Small(NamedTuple):
    told: str
    run: dict[str, Any]
    checkpoint: Path
    export: Path


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    folder = tmp_path_factory.mktemp("small")
    checkpoint, export = folder / "small.ckpt", folder / "export"
    told, result = told_and_written(folder, "mnist-adam", *SMALL, "--save", checkpoint, "--export", export)
    return Small(told, result["runs"][0], checkpoint, export)


def idx(dimensions: list[int], data: bytes, kind: int = 8) -> bytes:
    return bytes([0, 0, kind, len(dimensions)]) + struct.pack(f">{len(dimensions)}I", *dimensions) + data


def write_digits(folder: Path, part: str, small: Small, count: int, *, packed: bool) -> None:
    """The first of the drawn digits, as MNIST's files have them."""
    pixels = np.rint(np.load(small.export / "features.npy")[:count] * 255).astype(np.uint8)
    labels = np.load(small.export / "labels.npy")[:count].astype(np.uint8)
    for name, file in [
        (f"{part}-images-idx3-ubyte", idx([count, 28, 28], pixels.tobytes())),
        (f"{part}-labels-idx1-ubyte", idx([count], labels.tobytes())),
    ]:
        if packed:
            (folder / f"{name}.gz").write_bytes(gzip.compress(file, 1))
        else:
            (folder / name).write_bytes(file)


def test_two_files_of_digits_are_divided_and_learnt(small: Small, tmp_path: Path) -> None:
    write_digits(tmp_path, "t10k", small, 10000, packed=False)
    result = train(tmp_path, "mnist-adam", "--data", tmp_path, "--hidden", "32", "--epochs", "5")
    assert result["data"]["source"] == "IDX files"
    assert (result["data"]["train"], result["data"]["test"]) == (8000, 2000)
    assert result["runs"][0]["test"]["accuracy"] >= 0.9


def test_the_same_digits_from_files_make_the_same_model(small: Small, tmp_path: Path) -> None:
    write_digits(tmp_path, "train", small, 12000, packed=True)
    write_digits(tmp_path, "t10k", small, 500, packed=False)
    result = train(tmp_path, "mnist-adam", "--data", tmp_path, *SMALL)
    assert (result["data"]["train"], result["data"]["test"]) == (12000, 500)
    assert result["runs"][0]["weights_hash"] == small.run["weights_hash"]


def test_every_optimizer_learns(tmp_path: Path) -> None:
    runs = train(tmp_path, "mnist-all", *SMALL)["runs"]
    listed = gradmark("list").stdout
    optimizers = {run["optimizer"] for run in runs}
    assert {"sgd", "momentum", "adagrad", "rmsprop", "rmsprop_centered", "adam", "adamw"} <= optimizers
    assert all(name in listed for name in optimizers)
    for run in runs:
        assert run["status"] == "finished"
        assert run["evaluations"][-1]["test_loss"] < run["evaluations"][0]["test_loss"], run["name"]
    rates = {run["optimizer"]: run["curve"][0]["lr"] for run in runs}
    assert rates == {name: 1e-3 if name.startswith(("rmsprop", "adam")) else 1e-2 for name in optimizers}


@pytest.fixture(scope="module")
def compressed(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return told_and_written(tmp_path_factory.mktemp("compressed"), "mnist-compress", "--hidden", "64", "--epochs", "4")


def test_a_compressed_model_is_smaller_and_nearly_as_good(compressed: Trained) -> None:
    result = compressed.result
    by_part = {part["part"]: part for part in result["compression"]}
    whole = by_part["as trained"]
    pruned = by_part["pruned to 10% of its weights"]
    assert pruned["nonzero"] <= 0.1 * 784 * 64 + 0.1 * 640 + 1 + 74
    assert pruned["bytes"] < whole["bytes"] / 5
    assert by_part["int8, a scale per row"]["bytes"] < whole["bytes"] / 3.9
    for part in result["compression"]:
        assert part["accuracy"] > whole["accuracy"] - 0.04, part
    assert by_part["distilled into a small model"]["layers"] == [784, 32, 10]
    assert (whole["epochs"], pruned["epochs"]) == (4, 7)
    first, pruned_run, *_ = result["runs"]
    assert (first["part"], first["initialization"]) == ("as trained", "he")
    assert (pruned_run["part"], pruned_run["initialization"]) == ("pruned", "trained")


def test_what_compresses_is_proved_too(compressed: Trained) -> None:
    proved = re.search(r"proving the (\d+) kernels", compressed.told)
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
        assert kernel["attainable_percent"] > 0
        assert kernel["attainable_percent_low"] <= kernel["attainable_percent"] <= kernel["attainable_percent_high"]
        assert kernel["bound_by"] in ("moving data", "FMA", "divide/sqrt", "other arithmetic", "load/store")


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


def test_what_is_printed(small: Small) -> None:
    for words in ["784-16-10 relu", "test accuracy", "precision", "limit", "bringing batches together"]:
        assert words in small.told
    assert max(map(len, small.told.splitlines())) <= 120


def test_what_several_trainings_print(several: Trained) -> None:
    lines = several.told.splitlines()
    assert max(map(len, lines)) <= 120
    ends = [re.sub(r".*[0-9a-f]{16}, ", "", line) for line in lines if re.search(r"[0-9a-f]{16}, ", line)]
    assert ends.count("held against") == 1
    assert all(re.fullmatch(r"held against|the same bits|other bits \(\d\)", end) for end in ends)
    assert len(ends) == len(several.result["runs"])
    assert "train loss" in next(line for line in lines if "samples/s" in line)


def test_what_says_nothing_is_not_printed(known: Callable[[str], Trained]) -> None:
    lines = known("linear").told.splitlines()
    assert any("1 or 3 to train" in line for line in lines)
    assert "accuracy" not in next(line for line in lines if "samples/s" in line)


# ---- implementations and threads ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    threads = "1,2" if (os.cpu_count() or 1) > 1 else "1"
    arguments = ["mnist-adam", *SMALL, "--isa", "all", "--threads", threads]
    return told_and_written(tmp_path_factory.mktemp("several"), *arguments)


def test_fused_isas_and_all_thread_counts_end_in_the_same_bits(several: Trained) -> None:
    result = several.result
    hashes: dict[bool, set[str]] = {True: set(), False: set()}
    for run in result["runs"]:
        if not run["isa"].endswith("_fast"):
            hashes[run["fused"]].add(run["weights_hash"])
    assert len(hashes[True]) <= 1
    assert len(hashes[False]) <= 1
    (reproducibility,) = result["reproducibility"]
    assert all("fault" not in other["why"] for other in reproducibility["other"])
    told = set(reproducibility["same"]).union(*(other["names"] for other in reproducibility["other"]))
    assert told == {run["name"] for run in result["runs"]}


MANY = pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="there is one processor")


@MANY
def test_where_several_threads_ran_is_told(several: Trained, tmp_path: Path) -> None:
    item = several.result["environment"]["items"]["placement"]
    warned = "placement" in {warning["id"] for warning in several.result["warnings"]}
    assert item["state"] == ("warned" if warned else "fine")
    assert re.match(r"2 threads were [12] cores?", item["value"])
    assert item["number"] > 0
    told = [line for line in several.told.splitlines() if re.match(r"adam/\w+/t[12] ", line)]
    for line in told:
        assert bool(re.search(r"\b[12] (far )?cores?\b|\bmoved\b", line)) == ("/t2 " in line)
    alone = told_and_written(tmp_path, "mnist-sgd", *SMALL, "--threads", "2")
    assert re.search(r"^its 2 threads ran on [12] cores?(, far)?(, before| before)", alone.told, re.MULTILINE)


def test_one_thread_is_nowhere_else(known: Callable[[str], Trained]) -> None:
    trained = known("quadratic")
    assert trained.result["environment"]["items"]["placement"]["state"] == "not visible"
    assert "ran on" not in trained.told


@MANY
def test_threads_that_are_not_given_are_not_claimed(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    said = complaint(gradmark("train", "quadratic", "--threads", "1,2", "-o", path, env={"OMP_THREAD_LIMIT": "1"}))
    assert "OpenMP gives 1: raise OMP_THREAD_LIMIT" in said
    assert not path.exists()


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


STOPPING = ["mnist-adam", "--hidden", "16", "--epochs", "60", "--validate", "0.2", "--patience", "2", "--lr", "0.02"]


class Stopped(NamedTuple):
    result: dict[str, Any]
    checkpoint: Path


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Stopped:
    folder = tmp_path_factory.mktemp("stopped")
    path = folder / "early.ckpt"
    return Stopped(train(folder, *STOPPING, "--save", path), path)


def test_validation_stops_early_and_keeps_the_best(stopped: Stopped) -> None:
    result = stopped.result
    run = result["runs"][0]
    assert run["status"] == "stopped early"
    assert (result["data"]["train"], result["data"]["validation"]) == (9600, 2400)
    ends = [look for look in run["evaluations"] if look["epoch"] == int(look["epoch"]) and look["epoch"] > 0]
    best = min(ends, key=lambda look: look["validation_loss"])
    assert run["epochs_done"] == best["epoch"] + 2 < 60
    assert run["test"]["loss"] == pytest.approx(best["test_loss"], rel=1e-5)


@pytest.mark.parametrize(("penalty", "theta"), [("--l1", (4 - 0.5) / 2), ("--l2", 4 / (2 + 0.5))])
def test_penalties_move_the_solution(tmp_path: Path, penalty: str, theta: float) -> None:
    (fit,) = train(tmp_path, "quadratic", penalty, "0.5")["fits"]
    assert fit["value"] == pytest.approx(theta, abs=1e-6)


def test_clipping_keeps_a_training_together() -> None:
    wild = ["mnist-sgd", *SMALL, "--lr", "30"]
    assert gradmark("train", *wild).returncode == 1
    assert gradmark("train", *wild, "--clip", "0.05").returncode == 0


def test_what_another_program_needs_is_exported(small: Small) -> None:
    directory = small.export
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


@pytest.fixture
def in_memory() -> Iterator[Path]:
    """A folder in memory where that can be: a busy disk takes its time to say that a checkpoint is safe."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
        yield Path(folder)


# ---- checkpoints ----------------------------------------------------------------------------------------------------


def test_a_resumed_training_ends_in_the_same_bits(tmp_path: Path) -> None:
    arguments = ["mnist-adam", "--hidden", "16", "--validate", "0.1"]
    whole = train(tmp_path, *arguments, "--epochs", "3")["runs"][0]
    path = tmp_path / "half.ckpt"
    train(tmp_path, *arguments, "--epochs", "2", "--save", path)
    resumed = train(tmp_path, *arguments, "--epochs", "3", "--resume", path)["runs"][0]
    assert resumed["weights_hash"] == whole["weights_hash"]
    assert [look["test_loss"] for look in resumed["evaluations"]] == [
        look["test_loss"] for look in whole["evaluations"]
    ]
    assert resumed["first_losses"] == whole["first_losses"]
    assert (resumed["steps"], resumed["samples"]) == (whole["steps"], whole["samples"])


def test_a_killed_training_resumes_to_the_same_bits(in_memory: Path) -> None:
    arguments = ["mnist-sgd", "--hidden", "16", "--epochs", "6"]
    path = in_memory / "run.ckpt"
    process = subprocess.Popen(
        [str(PROGRAM), "train", *arguments, "--save", str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while not path.exists():
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert [file.name for file in in_memory.iterdir()] == ["run.ckpt"]
    resumed = train(in_memory, *arguments, "--resume", path, "--save", path)["runs"][0]
    whole = train(in_memory, *arguments)["runs"][0]
    assert resumed["weights_hash"] == whole["weights_hash"]
    assert "6 epochs old" in complaint(gradmark("train", *arguments[:-1], "5", "--resume", path))
    again = train(in_memory, *arguments, "--resume", path)["runs"][0]
    assert (again["status"], again["weights_hash"]) == ("finished", whole["weights_hash"])
    assert again["test"] == whole["test"]
    assert (again["resumed_after_epoch"], again["samples_per_second"]) == (6, None)
    assert all(kernel["calls"] == 0 for kernel in again["kernels"])


def test_a_training_that_stopped_early_does_not_go_on(stopped: Stopped, tmp_path: Path) -> None:
    path = tmp_path / "early.ckpt"
    shutil.copy(stopped.checkpoint, path)
    again = train(tmp_path, *STOPPING, "--resume", path, "--save", path)["runs"][0]
    for same in ["status", "epochs_done", "weights_hash", "test"]:
        assert again[same] == stopped.result["runs"][0][same]


def with_record(checkpoint: bytes, **changes: Any) -> bytes:
    """The same training, whose record says something else."""
    begin, end = 24, 24 + int.from_bytes(checkpoint[16:24], "little")
    header = json.loads(checkpoint[begin:end])
    header["state"]["record"].update(changes)
    text = json.dumps(header).encode()
    file = checkpoint[:12] + struct.pack("<IQ", zlib.crc32(text), len(text)) + text
    file += bytes(-len(file) % 64) + checkpoint[end + -end % 64 : -4]
    return file + struct.pack("<I", zlib.crc32(file))


def record_of(checkpoint: bytes) -> dict[str, Any]:
    header = json.loads(checkpoint[24 : 24 + int.from_bytes(checkpoint[16:24], "little")])
    record: dict[str, Any] = header["state"]["record"]
    return record


LONGER = ["logistic", "--optimizer", "adamw", "--batch", "1", "--schedule", "constant", "--epochs"]


def test_a_training_is_made_longer_again_and_again(in_memory: Path) -> None:
    """Of each leg a thousand points are kept, of which some must go when it is resumed."""
    path = in_memory / "long.ckpt"
    assert gradmark("train", *LONGER, "3", "--save", path).returncode == 0
    for epochs in ("6", "9"):
        assert gradmark("train", *LONGER, epochs, "--resume", path, "--save", path).returncode == 0
    resumed = train(in_memory, *LONGER, "11", "--resume", path)["runs"][0]
    whole = train(in_memory, *LONGER, "11")["runs"][0]
    assert resumed["weights_hash"] == whole["weights_hash"]
    steps = [point["step"] for point in resumed["curve"]]
    assert steps == sorted(set(steps))
    assert steps[-1] > 9000
    # And of looks, of which there is one each epoch.
    looks = record_of(path.read_bytes())["looks"]
    path.write_bytes(with_record(path.read_bytes(), looks=looks[:1] * 2000 + looks[1:]))
    thinned = train(in_memory, *LONGER, "11", "--resume", path)["runs"][0]
    assert len(thinned["evaluations"]) < 1100
    last, same = ([(look["step"], look["test_loss"]) for look in run["evaluations"][-3:]] for run in (thinned, resumed))
    assert last == same


@pytest.mark.long
def test_a_training_of_many_epochs_is_made_longer_again_and_again(in_memory: Path) -> None:
    """Of each leg a thousand points are kept, of which some must go when it is resumed."""
    path = in_memory / "long.ckpt"
    arguments = ["quadratic", "--l2", "0.5", "--epochs"]
    assert gradmark("train", *arguments, "999", "--save", path).returncode == 0
    for epochs in ("1998", "2997"):
        assert gradmark("train", *arguments, epochs, "--resume", path, "--save", path).returncode == 0
    resumed = train(in_memory, *arguments, "3500", "--resume", path)["runs"][0]
    whole = train(in_memory, *arguments, "3500")["runs"][0]
    assert resumed["weights_hash"] == whole["weights_hash"]
    steps = [point["step"] for point in resumed["curve"]]
    assert steps == sorted(set(steps))
    assert steps[-1] > 2997


def test_a_resumed_training_is_as_fast_as_what_came_since(small: Small, tmp_path: Path) -> None:
    path = tmp_path / "slow.ckpt"
    path.write_bytes(with_record(small.checkpoint.read_bytes(), seconds=1e6))
    resumed = train(tmp_path, *MORE, "--resume", path)["runs"][0]
    assert resumed["seconds"] > 1e6
    assert resumed["samples"] == 36000
    assert resumed["samples_per_second"] > 10  # in all it were 0.036


@pytest.fixture(scope="module")
def saved(small: Small) -> Path:
    return small.checkpoint


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


def test_a_checkpoint_goes_on_where_roundings_are_the_same(small: Small) -> None:
    if not small.run["fused"]:
        pytest.skip("the best implementation here has no fused multiply-add either")
    said = complaint(gradmark("train", *MORE, "--resume", small.checkpoint, "--isa", "scalar"))
    assert "rounding fused, here not fused" in said


def test_a_damaged_checkpoint_is_refused(tmp_path: Path) -> None:
    """Of a training without data, which are read first."""
    again, path = ["train", "quadratic", "--epochs", "101"], tmp_path / "whole.ckpt"
    assert gradmark("train", "quadratic", "--save", path).returncode == 0
    whole = path.read_bytes()
    for at in [0, 9, 13, 30, 2000, len(whole) // 2, len(whole) - 2]:
        path = tmp_path / f"damaged{at}.ckpt"
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x40]) + whole[at + 1 :])
        assert str(path) in complaint(gradmark(*again, "--resume", path))
    for name, content in [("short", whole[: len(whole) // 2]), ("long", whole + b"x"), ("empty", b"")]:
        path = tmp_path / f"{name}.ckpt"
        path.write_bytes(content)
        assert str(path) in complaint(gradmark(*again, "--resume", path))
    assert "No such file" in complaint(gradmark(*again, "--resume", tmp_path / "none.ckpt"))


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
        [
            *[str(PROGRAM), "train", "mnist-sgd", "--hidden", "160", "--epochs", "3"],
            *["--save", str(tmp_path / "x.ckpt"), "-o", str(path)],
        ],
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


def test_a_training_that_diverges_later_names_its_checkpoint(in_memory: Path) -> None:
    path = in_memory / "good.ckpt"
    rising = ["--lr", "5", "--schedule", "warmup:share=1", "--epochs", "400"]
    said = complaint(gradmark("train", "quadratic", "--l2", "0.5", *rising, "--save", path), 1)
    assert re.search(rf"diverged at step \d+ .*; '{path}' holds the epoch before$", said)
    assert path.exists()


def test_the_checkpoint_of_before_is_named_where_none_was_written_since(in_memory: Path) -> None:
    old, new = in_memory / "old.ckpt", in_memory / "new.ckpt"
    rising = ["quadratic", "--l2", "0.5", "--lr", "1.2", "--epochs"]
    end = re.search(r"diverged at step \d+ \(epoch (\d+),", complaint(gradmark("train", *rising, "400"), 1))
    assert end
    assert (
        gradmark("train", *rising, str(int(end[1]) - 1), "--save", old).returncode == 1
    )  # it is far from the solution
    said = complaint(gradmark("train", *rising, "400", "--resume", old, "--save", new), 1)
    assert said.endswith(f"; '{old}' holds the epoch before")
    assert old.exists()
    assert not new.exists()


def test_parameters_are_the_best_only_where_they_were_put_back() -> None:
    arguments = ["logistic", "--validate", "0.2", "--patience", "50", "--optimizer", "sgd"]
    assert "the best by the validation loss" in gradmark("train", *arguments).stdout
    diverging = gradmark("train", *arguments, "--schedule", "warmup:share=1", "--lr", "30000")
    assert diverging.returncode == 1
    assert "the best by the validation loss" not in diverging.stdout


@pytest.mark.parametrize(
    "arguments",
    [["logistic", "--validate", "0.2", "--patience", "1000"], ["regression", "--optimizer", "adamw", "--epochs", "50"]],
)
def test_an_answer_that_is_not_known_is_not_missed(tmp_path: Path, arguments: list[str]) -> None:
    assert train(tmp_path, *arguments)["fits"] == []


def test_a_result_is_written_though_nobody_reads_on(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([str(PROGRAM), "train", "quadratic", "-o", str(path)], stdout=writing, check=False)
    os.close(writing)
    assert done.returncode == 141
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
def test_an_interrupted_training_tells_what_it_has(in_memory: Path, number: signal.Signals) -> None:
    path, checkpoint = in_memory / "result.json", in_memory / "run.ckpt"
    process = subprocess.Popen(
        [
            *[str(PROGRAM), "train", "mnist-sgd", "--hidden", "16", "--epochs", "100000"],
            *["-o", str(path), "--save", str(checkpoint)],
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not checkpoint.exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(number)
    _, errors = process.communicate(timeout=PATIENCE)
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
