"""What is made of a training: its words, its tables, its plots, its pictures."""

import json
import struct
import tempfile
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import synthetic
import synthetic_training
import vl_convert
from gradmark_report import any_file
from gradmark_report.cli import main
from gradmark_report.document import Document, Gallery, Listing
from gradmark_report.plots import chart, confusion, curves, shares, speed, static, style, theme
from gradmark_report.plots.catalog import TRAINING_PLOTS
from gradmark_report.plots.plot import Plot, Table
from gradmark_report.record import FIRST_MODEL
from gradmark_report.training import digits, document, labels, tables
from gradmark_report.training.findings import answer
from gradmark_report.training.model import Training
from test_md import GITHUB
from test_plots import HOSTILE, expressions

ALL = ["loss", "accuracy", "speed", "kernels", "confusion"]
THERE = {  # which plots each kind has
    "every implementation": ALL,
    "mnist-all": ALL,
    "mnist-compress": ALL,
    "logistic": ALL,
    "regression": ["loss", "speed", "kernels"],
    "quadratic": ["loss", "kernels"],
    "diverged": ["loss", "kernels"],
    "unknowns": ["kernels", "confusion"],
}


def of(raw: dict[str, Any]) -> Training:
    with tempfile.TemporaryDirectory() as folder:
        made = any_file.read(synthetic.write(Path(folder) / "training.json", raw))
    assert isinstance(made, Training)
    return made


@cache
def training_of(kind: str) -> Training:
    return of(synthetic_training.KINDS[kind]())


@cache
def page_of(kind: str) -> Document:
    return document.make(training_of(kind), brief=False)


@cache
def plot_of(kind: str, name: str) -> Plot:
    """As it stands in the page."""
    section = next(section for section in page_of(kind).sections if section.id == name)
    made = section.blocks[0]
    assert isinstance(made, Plot)
    return made


def said(training: Training) -> dict[str, str]:
    return dict(answer(training))


def texts(table: Table) -> list[dict[str, str]]:
    return [{column.title: cell.text for column, cell in zip(table.columns, row, strict=True)} for row in table.rows]


# ---- words -----------------------------------------------------------------------------------------------------------


def test_the_answer_says_what_came_out() -> None:
    found = said(training_of("every implementation"))
    assert found["Trained"].startswith("mnist-adam: 784-256-10 (relu, softmax_xent, 203,530 parameters) with adam, ")
    run = labels.subject(training_of("every implementation"))
    assert run.test
    right = sum(row[i] for i, row in enumerate(run.test.confusion))
    assert found["Accuracy"].startswith(f"{100 * right / 400:.1f}% of 400 test samples")
    assert "90% after 26 ms" in found["Accuracy"]
    assert found["Speed"].startswith("avx512 t2 is the fastest: 153,000 samples/s, 210 ms for 4 epochs; 17.0× as fast")
    assert found["Threads"] == "With avx512, 2 threads are 1.70× as fast as 1."
    assert "its speed varied by up to 3%" in found["Trust"]
    assert (
        "Nearest to what this machine could do at best is linear_forward (784 -> 256, relu) with 83%"
        in found["Kernels"]
    )
    assert "farthest linear_backward_params (784 -> 256) with 71%" in found["Kernels"]
    same = "avx2 t1, avx2 t2, avx512 t1 and avx512 t2 ended in the same bits"
    assert found["Bits"] == f"{same}; scalar t1 and scalar t2 in others: scalar has no fused multiply-add."


def test_the_answer_follows_the_data() -> None:
    raw = synthetic_training.make_training(isas=("scalar", "avx2"), threads=(1,))
    of_scalar = 5 * raw["runs"][1]["samples_per_second"]
    raw["runs"][0] |= dict.fromkeys([name for name in raw["runs"][0] if name.startswith("samples_per")], of_scalar)
    raw["runs"][0]["kernels"][1] |= {"attainable_percent": 12.0, "attainable_percent_low": 11.0}
    raw["reproducibility"][0]["other"][0]["why"] = None
    found = said(of(raw))
    assert found["Speed"].startswith("scalar is the fastest")
    assert "as fast as scalar" not in found["Speed"]
    assert "farthest linear_forward (784 -> 256, relu) with 12%" in found["Kernels"]
    assert found["Bits"] == "scalar ended in other bits than avx2: nothing explains it."


@pytest.mark.parametrize(("percent", "mark"), [(112.0, "model at fault"), (237.0, "not believable")])
def test_a_kernel_above_its_limit_is_a_fault_of_the_model(percent: float, mark: str) -> None:
    raw = synthetic_training.make_training(isas=("avx2",), threads=(1,))
    first = raw["runs"][0]["kernels"][0]
    first |= {"attainable_percent": percent, "attainable_percent_low": 110.0, "attainable_percent_high": 240.0}
    training = of(raw)
    found, plot = said(training), shares.make(training)
    assert found["Limits"].startswith(f"1 kernel came out above 103% of attainable, at most {first['name']} with ")
    assert "to be looked for with scripts/limits." in found["Limits"]
    assert ("left out" in found["Limits"]) == (mark == "not believable")
    assert (f"linear_backward_params (784 -> 256) with {percent:.0f}%" in found["Kernels"]) == (percent < 150)
    assert plot
    assert f"{percent:.0f}% of attainable, FMA, {mark}" in static.svg(plot)
    assert [cell.text for row in plot.table.rows for cell in row].count(f"{percent:.0f}%, {mark}") == 1
    record = next(one for one in max(plot.spec()["datasets"].values(), key=len) if one["place"] == 0)
    assert record["needed"] == (record["share"] if percent < 150 else None)


def test_a_training_of_the_first_model_says_so_and_no_percent() -> None:
    training = any_file.read(synthetic.FIRST_TRAINING)
    assert isinstance(training, Training)
    assert said(training)["Limits"] == FIRST_MODEL
    plot = shares.make(training)
    assert plot
    assert "of attainable" not in static.svg(plot) + said(training)["Kernels"]
    assert "limit not known" in static.svg(plot)


def test_of_several_optimizers_the_best_is_named() -> None:
    found = said(training_of("mnist-all"))
    accuracies = {run.optimizer: run.accuracy or 0.0 for run in training_of("mnist-all").runs}
    best, worst = (pick(accuracies, key=lambda name: accuracies[name]) for pick in (max, min))
    assert found["Accuracy"].startswith(f"{best}: {100 * accuracies[best]:.1f}%")
    assert f"The least accurate is {worst} with {100 * accuracies[worst]:.1f}%" in found["Accuracy"]
    assert found["Speed"].startswith("All runs are about as fast: 90,000 samples/s")


def test_speeds_that_varied_into_each_other_are_not_told_apart() -> None:
    raw = synthetic_training.make_training(isas=("scalar", "avx2", "avx512"), threads=(1,))
    raw["runs"][2]["samples_per_second_low"] = 0.5 * raw["runs"][2]["samples_per_second"]
    assert said(of(raw))["Speed"].startswith(
        "avx512 came out fastest, though as speeds varied avx2 may be as fast: 90,000"
    )


def test_a_resumed_run_is_as_fast_as_it_was_since() -> None:
    raw = synthetic_training.make_training(isas=("avx2",), threads=(1,))
    raw["runs"][0]["resumed_after_epoch"] = 2
    found = said(of(raw))
    assert found["Speed"] == "avx2 on 1 thread: 60,000 samples/s, since it was resumed after epoch 2."


def test_what_was_compressed_stands_for_all() -> None:
    raw = synthetic_training.compress()
    raw["runs"][1] |= {"initialization": "trained", "samples_per_second": 1e9, "epochs": 9}
    raw["runs"][1]["test"]["accuracy"] = 1.0
    training = of(raw)
    found = said(training)
    assert found["Trained"].startswith("mnist-compress: 784-256-10")
    assert "4 epochs" in found["Trained"]
    assert "is the fastest" not in found["Speed"]
    trained, pruned, _ = texts(tables.runs(training))
    assert trained["to 90%"] != pruned["to 90%"] == "–"


def test_a_run_that_never_began_has_no_accuracy_and_no_shares() -> None:
    raw = synthetic_training.make_training(isas=("avx2",), threads=(1,))
    raw["runs"][0] |= {"status": "interrupted", "steps": 0, "samples_per_second": None, "kernel_share": None}
    for kernel in raw["runs"][0]["kernels"]:
        kernel |= {"calls": 0, "seconds": 0.0, "share": None}
    assert not {"Accuracy", "Speed", "Kernels"} & set(said(of(raw)))
    assert shares.make(of(raw)) is None


def test_models_of_different_sizes_are_not_raced() -> None:
    raw = synthetic_training.compress()
    raw["runs"][2]["model"]["layers"] = [784, 32, 10]
    plot = speed.make(of(raw))
    assert plot
    assert plot.answer.startswith("The models differ in size: trained does 90,000 samples/s, pruned to 90% does")


def test_bits_of_many_ways_in_short() -> None:
    raw = synthetic_training.make_training(optimizers=synthetic_training.EVERY_OPTIMIZER[:5], threads=(1,))
    assert said(of(raw))["Bits"] == (
        "In each of 5 ways of training avx2 and avx512 ended in the same bits; scalar ends in others, and the table "
        "below says why."
    )
    raw["reproducibility"][0]["other"][0]["names"] = [raw["reproducibility"][0]["same"].pop()]
    assert said(of(raw))["Bits"].startswith("In 0 of 5 ways of training all runs")
    for one in raw["reproducibility"]:
        one["other"] = []
    assert said(of(raw))["Bits"] == "In each of 5 ways of training all runs ended in the same bits."


def test_toy_workloads_speak_of_their_answers() -> None:
    found = said(training_of("quadratic"))
    assert "Accuracy" not in found
    assert found["Loss"] == "avx2 on 1 thread: 0 at the end."
    assert found["Known answers"] == "The one parameter whose answer is known came out within the tolerance."
    missed = said(training_of("regression"))["Known answers"]
    assert missed.startswith("3 of 6 came out beyond their tolerance: weight 0 (full batch, sgd), ")


def test_what_did_not_end_as_it_should_is_said() -> None:
    found = said(training_of("diverged"))
    assert found["Diverged"].startswith("avx2 at step 37: ")
    assert "Accuracy" not in found
    assert "interrupted before its end" in found["Trust"]
    raw = synthetic_training.make_training(isas=("avx2", "avx512"), threads=(1,))
    raw["runs"][0] |= {"status": "stopped early", "epochs_done": 2.5}
    raw["runs"][1]["status"] = "failed"
    found = said(of(raw))
    assert found["Stopped early"].startswith("avx2 after 2.5 of 4 epochs")
    assert found["Failed"].startswith("avx512")


@pytest.mark.parametrize("kind", THERE)
def test_nothing_unknown_is_said(kind: str) -> None:
    for lead, sentence in answer(training_of(kind)):
        assert lead
        assert sentence.endswith(".")
        assert not {"None", "nan", "inf"} & set(sentence.replace(",", " ").replace(".", " ").split())


def test_runs_are_named_by_what_sets_them_apart() -> None:
    def named(**settings: Any) -> list[str]:
        return list(labels.labels(of(synthetic_training.make_training(**settings)).runs).values())

    assert named(isas=("scalar", "avx2"), threads=(1,)) == ["scalar", "avx2"]
    assert named(isas=("avx2",), threads=(1, 2)) == ["t1", "t2"]
    both = named(optimizers=("sgd", "adam"), isas=("avx2", "avx512"), threads=(1,))
    assert both == ["sgd avx2", "sgd avx512", "adam avx2", "adam avx512"]
    assert named(isas=("avx2",), threads=(1,)) == ["mnist-adam/adam/avx2/t1"]
    raw = synthetic_training.make_training(isas=("avx2",), threads=(1,))
    raw["runs"].append({**raw["runs"][0], "name": "again"})
    assert list(labels.labels(of(raw).runs).values()) == ["mnist-adam/adam/avx2/t1", "again"]


# ---- tables ----------------------------------------------------------------------------------------------------------


def test_every_run_has_its_line() -> None:
    lines = texts(tables.runs(training_of("every implementation")))
    assert [line["run"] for line in lines] == [f"{isa} t{n}" for isa in ("scalar", "avx2", "avx512") for n in (1, 2)]
    assert lines[4]["samples/s"] == "90,000"
    assert lines[4]["over scalar"] == "10.0×"
    assert "model" not in lines[0], "the same of all"
    assert texts(tables.runs(training_of("diverged")))[0]["ended"] == "diverged at step 37"


def test_scalar_on_other_threads_is_named() -> None:
    raw = synthetic_training.make_training(threads=(1, 2))
    raw["runs"] = [run for run in raw["runs"] if (run["isa"], run["threads"]) != ("scalar", 2)]
    raw["reproducibility"] = []
    lines = {line["run"]: line["over scalar"] for line in texts(TRAINING_PLOTS["speed"](of(raw)).table)}  # type: ignore[union-attr]
    assert lines["avx512 t1"] == "10.0× scalar"
    assert lines["avx512 t2"] == "17.0× scalar t1"


def test_what_differs_is_told_apart_by_bits_and_losses() -> None:
    lines = texts(tables.reproducibility(training_of("every implementation")))
    assert len(lines) == 2
    assert lines[0]["bits at the end"] != lines[1]["bits at the end"]
    assert "their losses differ from step 1 on, by at most" in lines[1]["why not the same"]


def test_runs_that_differ_for_one_reason_stand_together() -> None:
    raw = synthetic_training.make_training(isas=("scalar", "avx2"), threads=(1, 2))
    other = raw["reproducibility"][0]["other"]
    raw["reproducibility"][0]["other"] = [{"names": [name], "why": other[0]["why"]} for name in other[0]["names"]]
    assert said(of(raw))["Bits"].endswith("; scalar t1 and scalar t2 in others: scalar has no fused multiply-add.")


def test_sizes_and_accuracies_before_and_after() -> None:
    first, second, _ = texts(tables.compression(training_of("mnist-compress")))
    assert (first["size"], first["of the first"], first["change"]) == ("795 KiB", "100%", "–")
    assert (second["not zero"], second["of the first"], second["change"]) == ("10%", "13%", "−1.0 points")


def test_known_answers_say_what_they_differ_by() -> None:
    lines = texts(tables.fits(training_of("regression")))
    assert (lines[0]["differs by"], lines[0]["held"]) == ("0.0020", "no")
    assert (lines[3]["differs by"], lines[3]["held"]) == ("0.00010", "yes")


def test_a_part_may_be_a_run() -> None:
    raw = synthetic_training.regression()
    for fit in raw["fits"]:
        fit["part"] = raw["runs"][3]["name"]
    assert {line["part"] for line in texts(tables.fits(of(raw)))} == {"adam avx2"}
    assert "weight 0 (adam avx2)" in said(of(raw))["Known answers"]
    raw = synthetic_training.quadratic()
    raw["fits"][0]["part"] = raw["runs"][0]["name"]
    assert "part" not in texts(tables.fits(of(raw)))[0], "there is no other"


def test_precision_recall_and_f1_are_the_files() -> None:
    training = training_of("logistic")
    test = labels.subject(training).test
    assert test
    lines = texts(tables.classes(test))
    assert [line["class"] for line in lines] == ["0", "1", "all, averaged"]
    assert test.classes[0].precision is not None
    assert lines[0]["precision"] == f"{100 * test.classes[0].precision:.1f}%"
    assert texts(confusion.matrix(test))[0]["1"] == str(test.confusion[0][1])


# ---- plots -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", THERE)
def test_only_what_is_there_is_drawn(kind: str) -> None:
    sections = [section.id for section in page_of(kind).sections]
    assert [one for one in sections if one in ALL] == THERE[kind]
    assert ("wrong" in sections) == (kind in ("every implementation", "mnist-all", "mnist-compress", "unknowns"))
    assert ("fits" in sections) == (kind in ("quadratic", "regression", "unknowns"))
    assert ("compression" in sections) == (kind in ("mnist-compress", "unknowns"))


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in THERE.items() for name in names])
def test_what_is_there_is_drawn(kind: str, name: str) -> None:
    plot = plot_of(kind, name)
    picture = static.svg(plot)
    assert chart.NOTHING not in picture
    assert "NaN" not in picture
    assert "undefined" not in picture
    assert plot.answer.endswith(".")
    assert plot.table.rows
    assert all(len(row) == len(plot.table.columns) for row in plot.table.rows)
    spec = plot.spec()
    values = {param["name"]: param["value"] for param in spec["params"]} if plot.controls else {}
    assert all(values[control.param] == control.chosen for control in plot.controls)
    colours = json.dumps({key: value for key, value in spec.items() if key != "datasets"})
    assert "#" not in colours


@pytest.mark.parametrize("name", ALL)
def test_every_choice_can_be_drawn(name: str) -> None:
    kind = "every implementation" if name in ("kernels", "confusion") else "mnist-all"
    plot = plot_of(kind, name)
    spec = theme.literal(plot.spec(230), theme.LIGHT)  # a phone's
    for control in plot.controls:
        param = next(one for one in spec["params"] if one["name"] == control.param)
        for value, _ in control.options[:4]:
            if value != control.chosen:
                param["value"] = [value] if control.many else value
                picture = vl_convert.vegalite_to_svg(spec, vl_version=static.VEGA_LITE)
                assert chart.NOTHING not in picture
                param["value"] = control.chosen


def test_against_steps_and_against_seconds() -> None:
    plot = plot_of("every implementation", "loss")
    assert "seconds of training" in static.svg(plot), "runs that train the same differ in their seconds alone"
    assert ">steps<" in static.svg(plot, {"against": "step"})
    assert plot_of("mnist-all", "loss").controls[0].chosen == "step"


def test_a_line_for_each_optimizer() -> None:
    plot = plot_of("mnist-all", "accuracy")
    picture = static.svg(plot)
    for name in synthetic_training.EVERY_OPTIMIZER:
        assert f">{name}<" in picture
    styles_ = style.by_place("line", synthetic_training.EVERY_OPTIMIZER)
    styles = list(zip(styles_.colors, styles_.shapes, styles_.hollow, strict=True))
    assert len(set(styles)) == len(styles)


def test_the_curves_show_the_files_figures() -> None:
    run = training_of("quadratic").runs[0]
    drawn = max(plot_of("quadratic", "loss").spec()["datasets"].values(), key=len)
    assert [record["step"] for record in drawn] == [point.step for point in run.curve]
    for record, point in zip(drawn, run.curve, strict=True):
        assert record["value"] == pytest.approx(point.loss, rel=1e-4)
        assert record["drawn"] > 0, "a logarithmic axis has no place for nothing"


def test_a_negative_loss_has_a_plain_axis() -> None:
    raw = synthetic_training.quadratic()
    for number, point in enumerate(raw["runs"][0]["curve"]):
        point["loss"] = 1 - number / 10
    plot = TRAINING_PLOTS["loss"](of(raw))
    assert plot
    assert "logarithmic" not in plot.reading
    assert '"log"' not in json.dumps(plot.spec())
    assert "NaN" not in static.svg(plot)


def test_many_runs_are_thinned_and_shown_in_part() -> None:
    settings: dict[str, Any] = {"isas": tuple(synthetic_training.SPEED), "threads": (1, 2, 4), "points": 300}
    raw = synthetic_training.make_training(optimizers=("sgd", "adam", "adamw"), epochs=4, wrong=0, **settings)
    training = of(raw)
    assert len(training.runs) == 36
    plot = curves.loss(training)
    assert plot
    assert len(json.dumps(plot.spec())) < 6_000_000
    shown = 1
    for control in plot.controls:
        shown *= len(control.chosen) if control.many else 1
    assert 1 <= shown <= curves.MOST_LINES
    assert chart.NOTHING not in static.svg(plot)


def test_means_keep_the_ends_and_the_middle() -> None:
    points = [(float(n), n / 10, float(n % 2)) for n in range(1001)]
    thin = chart.means(points, 51)
    assert len(thin) == 51
    assert (thin[0], thin[-1]) == (points[0], points[-1])
    assert [step for step, _, _ in thin] == sorted(step for step, _, _ in thin)
    assert all(abs(value - 0.5) < 0.1 for _, _, value in thin[1:-1])
    assert chart.means(points[:5], 51) == points[:5]


def test_what_a_kernel_could_gain_is_what_its_limit_leaves() -> None:
    plot = plot_of("every implementation", "kernels")
    drawn = max(plot.spec()["datasets"].values(), key=len)
    best = [record for record in drawn if record["run"] == labels.subject(training_of("every implementation")).name]
    assert [record["share"] for record in best] == [45.0, 31.0, 15.0, 5.0, 4.0]
    assert best[0]["needed"] == pytest.approx(45 * 0.71)
    assert best[2]["needed"] is None
    assert "at its limit the whole training would take 13.1% less time" in plot.answer  # 45% of 29%


def test_runs_of_the_same_bits_have_one_matrix() -> None:
    plot = plot_of("every implementation", "confusion")
    assert [label for _, label in plot.controls[0].options] == ["avx512 t2 and 3 alike", "scalar t1 and 1 alike"]
    assert plot.answer.startswith("avx512 t2 and 3 alike: 8 of 400 samples")


def hostile() -> dict[str, Any]:
    """Every name means something elsewhere."""
    raw = synthetic_training.make_training(optimizers=("sgd", "adam"), isas=("scalar", "avx2"), threads=(1,), wrong=1)
    text = json.dumps(raw)
    for old, new in zip(
        ("sgd", "adam", "scalar", "avx2", "784 -> 256"), (HOSTILE[2], HOSTILE[5], *HOSTILE[7:10]), strict=True
    ):
        text = text.replace(old, json.dumps(new)[1:-1])
    made: dict[str, Any] = json.loads(text)
    return made


@pytest.mark.parametrize("name", ALL)
def test_no_name_of_a_file_stands_in_an_expression(name: str) -> None:
    plot = TRAINING_PLOTS[name](of(hostile()))
    assert plot
    found = expressions(plot.spec())
    assert found
    for text in found:
        assert not any(bad in text for bad in HOSTILE if bad not in ("datum.x", "constructor"))
        assert "alert" not in text


# ---- pictures --------------------------------------------------------------------------------------------------------


def grey(png: bytes) -> tuple[int, int, list[int]]:
    """Width, height and pixels of such a picture, read by its format."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    place, parts = 8, {}
    while place < len(png):
        size, kind = struct.unpack(">I4s", png[place : place + 8])
        data = png[place + 8 : place + 8 + size]
        assert struct.unpack(">I", png[place + 8 + size : place + 12 + size])[0] == zlib.crc32(kind + data)
        parts[kind] = data
        place += 12 + size
    width, height, depth, colour = struct.unpack(">IIBB", parts[b"IHDR"][:10])
    assert (depth, colour) == (8, 0)
    rows = zlib.decompress(parts[b"IDAT"])
    assert len(rows) == height * (width + 1)
    return width, height, [value for row in range(height) for value in rows[row * (width + 1) + 1 :][:width]]


def test_a_picture_shows_its_pixels() -> None:
    run = labels.subject(training_of("every implementation"))
    one = run.wrong[0]
    width, height, drawn = grey(digits.png(one))
    assert (width, height) == (one.columns * digits.SCALE, one.rows * digits.SCALE)
    for row in range(height):
        for column in range(width):
            of_file = one.pixels[row // digits.SCALE * one.columns + column // digits.SCALE]
            assert drawn[row * width + column] == 255 - of_file


@pytest.mark.parametrize(
    ("label", "predicted", "confidence", "words"),
    [
        (4, 9, 0.71, "a 4 taken for a 9, 71% sure"),
        (8, 1, 0.999, "an 8 taken for a 1, 100% sure"),
        (11, 18, None, "an 11 taken for an 18"),
        (-8, 80, 0.004, "a -8 taken for an 80, 0.4% sure"),
    ],
)
def test_a_picture_is_described(label: int, predicted: int, confidence: float | None, words: str) -> None:
    raw = synthetic_training.make_training(isas=("avx2",), threads=(1,), wrong=1)
    raw["runs"][0]["wrong"][0] |= {"label": label, "predicted": predicted, "confidence": confidence}
    assert digits.description(of(raw).runs[0].wrong[0]) == words


def test_the_surest_mistakes_come_first() -> None:
    section = next(one for one in page_of("mnist-all").sections if one.id == "wrong")
    gallery = section.blocks[1]
    assert isinstance(gallery, Gallery)
    sure = [item.caption.split()[-1] for item in gallery.items]
    assert sure == ["90%", "80%", "70%"]


# ---- Markdown --------------------------------------------------------------------------------------------------------


def markdown(folder: Path, raw: dict[str, Any], *options: str) -> str:
    page = folder / "page.md"
    assert main(["md", str(synthetic.write(folder / "training.json", raw)), "-o", str(page), *options]) == 0
    return page.read_text(encoding="utf-8")


def test_the_markdown_has_the_answer_and_the_tables(tmp_path: Path) -> None:
    page = markdown(tmp_path, synthetic_training.make_training())
    assert page.startswith("# gradmark train mnist-adam: Example(R) Processor 4000\n")
    for part in ("- **Accuracy.** 98.0%", "## Every run", "## Where the time went (avx512 t2)", "## The same bits"):
        assert part in page
    for part in (
        "## What was taken for what (avx512 t2 and 3 alike)",
        "### Precision, recall and F1 of each class (avx512 t2 and 3 alike)",
        "gradmark train mnist-adam\n```",
    ):
        assert part in page
    assert "a 2 taken for a 5, 70% sure" in page
    assert "Where the time of scalar t1 went" not in page
    assert len(page) < 65_536  # what GitHub takes as a comment


def test_the_kernels_of_every_run_on_request(tmp_path: Path) -> None:
    assert "<summary>Where the time of scalar t1 went: 5 rows" in markdown(
        tmp_path, synthetic_training.make_training(), "--rows", "all"
    )


@pytest.mark.parametrize("kind", ["quadratic", "mnist-compress", "unknowns", "diverged"])
def test_the_markdown_of_every_kind(tmp_path: Path, kind: str) -> None:
    page = markdown(tmp_path, synthetic_training.KINDS[kind]())
    assert ("## Known answers" in page) == (kind in ("quadratic", "unknowns"))
    assert ("## Size and accuracy" in page) == (kind in ("mnist-compress", "unknowns"))
    assert ("## What was taken for what" in page) == (kind in ("mnist-compress", "unknowns"))
    assert "\n\n\n" not in page


def test_the_markdown_of_hostile_texts(tmp_path: Path) -> None:
    raw = hostile()
    text = "<img src=x onerror=alert(1)> | [a](http://evil.example) `x` @all"
    raw["runs"][0] |= {"part": text, "schedule": text}
    raw["settings"]["workload"] = text
    raw["data"]["source"] = text
    html = GITHUB.render(markdown(tmp_path, raw))
    assert "href" not in html
    assert "<img" not in html
    assert "<script" not in html


def test_rows_are_chosen_in_runs_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = synthetic.write(tmp_path / "training.json", synthetic_training.quadratic())
    assert main(["md", str(file), "--filter", "sgd"]) == 2
    assert "--filter 'sgd' chooses rows, and this is the result of a training" in capsys.readouterr().err


def test_to_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = synthetic.write(tmp_path / "training.json", synthetic_training.quadratic())
    assert main(["md", str(file)]) == 0
    assert "- **Known answers.** The one parameter" in capsys.readouterr().out


def test_a_listing_of_many_lines_is_folded() -> None:
    raw = synthetic_training.regression()
    raw["fits"] *= 10
    section = next(one for one in document.make(of(raw), brief=False).sections if one.id == "fits")
    assert isinstance(section.blocks[-1], Listing)
    assert section.blocks[-1].folded
