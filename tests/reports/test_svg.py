"""gradmark-report svg: one plot as a file, and what it says where that cannot be."""

import re
from pathlib import Path

import pytest
import synthetic
from gradmark_report.cli import main


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    raw = synthetic.make_result(ops=("adamw", "sgd"), impls=("scalar", "avx2", "avx2_fast"), levels=("L2", "DRAM"))
    raw["rows"] = [row for row in raw["rows"] if not row["sweep"] or row["op"] == "adamw"]
    return synthetic.write(tmp_path_factory.mktemp("svg") / "result.json", raw)


def test_to_stdout(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["svg", str(file), "--plot", "accuracy"]) == 0
    picture = capsys.readouterr().out
    assert picture.startswith("<svg")
    assert ">Accuracy beside speed<" in picture
    assert ">adamw/f32, L2, 1 thread – Example(R) Processor 4000<" in picture


def test_to_files(file: Path, tmp_path: Path) -> None:
    assert main(["svg", str(file), "--plot", "scaling", "-o", str(tmp_path / "a.svg")]) == 0
    assert (tmp_path / "a.svg").read_text().startswith("<svg")
    assert main(["svg", str(file), "--plot", "scaling", "-o", str(tmp_path / "a.PNG")]) == 0
    assert (tmp_path / "a.PNG").read_bytes().startswith(b"\x89PNG")


def test_what_is_set_is_shown_and_named(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--set", "threads=2", "--set", "impls=avx2,avx2_fast", "--set", "samples=false"]
    assert main(["svg", str(file), "--plot", "sweep", *options]) == 0
    picture = capsys.readouterr().out
    assert ">adamw/f32, 2 threads, avx2 and avx2_fast, raw samples hidden – Example(R) Processor 4000<" in picture
    assert ">scalar<" not in picture
    assert main(["svg", str(file), "--plot", "sweep", "--set", "threads=1", "--set", "impls=scalar"]) == 0
    picture = capsys.readouterr().out
    assert ">scalar<" in picture
    assert ">avx2<" not in picture


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--plot", "pie"], "there is no plot 'pie'; there are sweep, attainable, scaling, roofline and accuracy"),
        (["--plot", "sweep", "--set", "colour=red"], "has nothing called 'colour' to set; it has op, threads"),
        (["--plot", "sweep", "--set", "threads"], "--set takes NAME=VALUE, not 'threads'"),
        (["--plot", "sweep", "--set", "threads=3"], "threads cannot be '3' in this file; it can be 1 or 2"),
        (
            ["--plot", "sweep", "--set", "impls=avx2,sse"],
            "impls cannot be 'sse' in this file; it can be scalar, avx2 or",
        ),
        (["--plot", "sweep", "--set", "impls="], "impls cannot be '' in this file"),
        (["--plot", "accuracy", "-o", "a.pdf"], "a.pdf: a picture's name ends in .svg or .png"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    file: Path, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["svg", str(file), *options]) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert said in streams.err
    assert streams.err.count("\n") == 1


def test_a_choice_without_a_measurement_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw = synthetic.make_result(ops=("adamw", "sgd"), impls=("scalar",), levels=("L2", "DRAM"), sweep=False)
    raw["rows"] = [row for row in raw["rows"] if (row["op"], row["level"]) != ("sgd", "DRAM")]
    file = synthetic.write(tmp_path / "a.json", raw)
    options = ["--set", "op=sgd/f32", "--set", "level=DRAM", "-o", str(tmp_path / "a.svg")]
    assert main(["svg", str(file), "--plot", "accuracy", *options]) == 2
    assert "nothing was measured for op=sgd/f32, level=DRAM and threads=1" in capsys.readouterr().err
    assert not (tmp_path / "a.svg").exists()


def test_nothing_to_draw_says_what_gets_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = synthetic.write(tmp_path / "a.json", synthetic.make_result(threads=(1,), sweep=False, levels=("L2",)))
    assert main(["svg", str(file), "--plot", "scaling"]) == 2
    said = capsys.readouterr().err
    assert re.search("nothing to draw: .*gradmark run", said)


def test_nothing_is_overwritten_unasked(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there = tmp_path / "a.svg"
    there.write_text("mine")
    assert main(["svg", str(file), "--plot", "accuracy", "-o", str(there)]) == 2
    assert "--force" in capsys.readouterr().err
    assert there.read_text() == "mine"
    assert main(["svg", str(file), "--plot", "accuracy", "-o", str(there), "--force"]) == 0
    assert there.read_text().startswith("<svg")
