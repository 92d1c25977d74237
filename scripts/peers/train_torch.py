"""Trains the same model by gradmark and by PyTorch, and says how fast each is.

    python3 scripts/peers/train_torch.py [--program build/harness/gradmark] [--threads 1,2] [-- TRAIN OPTION...]

Needs torch==2.13.0 and NumPy. Both start from the same parameters and take the same samples in the same order; the
first 200 losses must agree to 1e-4. (Where PyTorch compiles its optimizer, bias corrections are formed in f32: that way
is timed all the same, and its difference told.) Then all train by turns, in rounds, so that a disturbance meets all
alike. What stands after `--` goes to `gradmark train`, by default: mnist-adam --epochs 3. Exit code 0: the losses
agree; 1: they do not; 2: it could not be found out.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from math import comb
from pathlib import Path
from typing import Any

WAYS = ("eager", "eager fused", "compiled", "compiled fused")  # of PyTorch; fused: the optimizer's own kernel
ROUNDS_OTHERWISE = {"compiled"}  # the only one whose optimizer is compiled, too
STEPS, AGREEMENT = 200, 1e-4


class Refusal(Exception):
    """One sentence for the user: nothing was compared."""


def gradmark(
    program: str, options: list[str], threads: int, result: Path, export: Path | None = None
) -> dict[str, Any]:
    """Trains once; what the result file says of it."""
    command = [program, "train", *options, "--threads", str(threads), "-o", str(result)]
    command += ["--export", str(export)] if export else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refusal(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.strip()}")
    runs = json.loads(result.read_text(encoding="utf-8"))["runs"]
    result.unlink()
    if len(runs) != 1:
        raise Refusal(f"{options[0]} is {len(runs)} trainings; give a workload and options that are one")
    run: dict[str, Any] = runs[0]
    for name, without in (("schedule", "constant"), ("l1", 0), ("l2", 0), ("clip", None)):
        if run[name] != without:
            raise Refusal(f"compares trainings whose {name} is {without}; this one's is {run[name]}")
    if run["model"]["loss"] != "softmax_xent":
        raise Refusal(f"compares trainings by softmax_xent, and this one has {run['model']['loss']}")
    return run


def ways(optimizer: str) -> list[str]:
    """Those of WAYS that PyTorch has for an optimizer: there is no fused RMSprop."""
    return [way for way in WAYS if "fused" not in way or not optimizer.startswith("rmsprop")]


class Peer:
    """One way of training in PyTorch, in a process that waits for its turns."""

    def __init__(self, directory: Path, way: str, threads: int) -> None:
        script = str(Path(__file__).with_name("torch_trainer.py"))
        command = [sys.executable, script, str(directory), "--way", way, "--threads", str(threads)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, words: str) -> Any:
        assert self.process.stdin
        assert self.process.stdout
        print(words, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            raise Refusal("PyTorch's process ended; its words are above")
        return json.loads(answer)

    def close(self) -> None:
        self.process.communicate()


def largest_difference(wanted: list[float], got: list[float]) -> float:
    return max(abs(a - b) / abs(a) for a, b in zip(wanted, got, strict=True))


def words(threads: int) -> str:
    return f"{threads} thread{'s' * (threads > 1)}"


def interval(values: list[float]) -> tuple[float, float, float]:
    """Median, and the two order statistics between which the true one lies with 95%, whatever the distribution; the
    ends, where there are too few values for that."""
    ordered, count = sorted(values), len(values)
    tail, outside = 0, 0.0
    while 2 * (outside + comb(count, tail) / 2**count) <= 0.05:
        outside += comb(count, tail) / 2**count
        tail += 1
    low = max(tail - 1, 0)
    return statistics.median(ordered), ordered[low], ordered[count - 1 - low]


def rounds(contestants: dict[str, Callable[[], float]], count: int) -> dict[str, list[float]]:
    """Samples/s of each, by turns; every round begins with another."""
    found: dict[str, list[float]] = {name: [] for name in contestants}
    names = list(contestants)
    for turn in range(count):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            found[name].append(contestants[name]())
    return found


def show(threads: int, found: dict[str, list[float]]) -> None:
    own = found["gradmark"]
    print(f"\n{words(threads)}, {len(own)} rounds")
    print(f"{'':24}{'samples/s':>12}{'95% interval':>22}{'gradmark is':>14}{'95% interval':>18}")
    for name, speeds in found.items():
        middle, low, high = interval(speeds)
        line = f"{name:24}{middle:12,.0f}{f'{low:,.0f} .. {high:,.0f}':>22}"
        if name != "gradmark":
            ratio = interval([a / b for a, b in zip(own, speeds, strict=True)])
            line += f"{ratio[0]:11.2f} x {f'{ratio[1]:.2f} .. {ratio[2]:.2f}':>18}"
        print(line)


def compare(options: argparse.Namespace, threads: int, directory: Path, run: dict[str, Any]) -> bool:
    """Checks the losses of all, then times them. False where the losses differ."""
    result = directory / "result.json"
    peers = {way: Peer(directory, way, threads) for way in ways(run["optimizer"])}
    agree = True
    for way, peer in peers.items():
        wanted = run["first_losses"][:STEPS]
        off = largest_difference(wanted, peer.ask(f"losses {len(wanted)}"))
        agree = agree and (off <= AGREEMENT or way in ROUNDS_OTHERWISE)
        verdict = "agree" if off <= AGREEMENT else f"DIFFER by more than {AGREEMENT:g}"
        print(
            f"{words(threads)}, PyTorch {way}: the first {len(wanted)} losses {verdict} (at most {off:.1e})", flush=True
        )
    if agree:
        own = {
            "gradmark": lambda: float(gradmark(options.program, options.train, threads, result)["samples_per_second"])
        }
        others = {f"PyTorch {way}": (lambda peer=peer: float(peer.ask("time"))) for way, peer in peers.items()}
        show(threads, rounds(own | others, options.rounds))
    for peer in peers.values():
        peer.close()
    return agree


def count(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number above 0")
    return number


def counts(text: str) -> list[int]:
    return [count(one) for one in text.split(",")]


def compare_all(options: argparse.Namespace) -> bool:
    agree = True
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        for threads in options.threads:
            inputs = directory / f"threads{threads}"
            run = gradmark(options.program, options.train, threads, directory / "result.json", inputs)
            (inputs / "run.json").write_text(json.dumps(run), encoding="utf-8")
            agree = compare(options, threads, inputs, run) and agree
    return agree


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/harness/gradmark", help="default: %(default)s")
    parser.add_argument(
        "--threads", type=counts, default="1,2", help="thread counts, one comparison each; default: %(default)s"
    )
    parser.add_argument("--rounds", type=count, default=9, help="turns of each; default: %(default)s")
    parser.add_argument("train", nargs="*", default=["mnist-adam", "--epochs", "3"])
    options = parser.parse_args()
    try:
        return 0 if compare_all(options) else 1
    except (Refusal, OSError) as error:
        print(f"train_torch: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
