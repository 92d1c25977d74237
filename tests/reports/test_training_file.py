"""The reader of trainings: what is sound comes out as it went in; what is not is one sentence and exit code 2."""

import base64
import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import referencing
import referencing.jsonschema
import synthetic
import synthetic_training
from gradmark_report import any_file, older
from gradmark_report.cli import main
from gradmark_report.errors import BadInput
from gradmark_report.training.model import Training
from test_result_file import check_refused_by_command, dotted, fits, members

Json = dict[str, Any]
Path_ = tuple[str | int, ...]
SHARED: Json = older.schema(older.RESULT)
OWN: Json = older.schema(older.TRAINING)
OF_ITS_OWN = (
    "settings",
    "data",
    "runs",
    "fits",
    "reproducibility",
    "compression",
)  # the rest is the result file's, tested there


def _whole() -> Json:
    """Everything that can be there is there."""
    made = synthetic_training.make_training(isas=("scalar", "avx2"), threads=(1,), epochs=1, points=3, wrong=1)
    made["fits"] = synthetic_training.quadratic()["fits"]
    made["compression"] = synthetic_training.compress()["compression"][:1]
    return made


WHOLE = json.dumps(_whole())


def whole() -> Json:
    made: Json = json.loads(WHOLE)
    return made


def read(folder: Path, made: Json) -> Training:
    read_ = any_file.read(synthetic.write(folder / "training.json", made))
    assert isinstance(read_, Training)
    return read_


def refusal(folder: Path, made: Json) -> str:
    with pytest.raises(BadInput) as caught:
        read(folder, made)
    said = str(caught.value)
    assert "\n" not in said
    assert len(said) < 280
    return said


# ---- what is sound ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", synthetic_training.KINDS)
def test_both_checkers_find_every_kind_sound(tmp_path: Path, kind: str) -> None:
    """The one that reads files here, and the one that the tests of the program use: each finds the shared schema."""
    made = synthetic_training.KINDS[kind]()
    shared = referencing.jsonschema.DRAFT202012.create_resource(SHARED)
    registry: Any = referencing.Registry().with_resource("result.schema.json", shared)
    jsonschema.Draft202012Validator(OWN, registry=registry).validate(made)
    assert len(read(tmp_path, made).runs) == len(made["runs"])


def test_what_is_sound_comes_out_as_it_went_in(tmp_path: Path) -> None:
    made = whole()
    training = read(tmp_path, made)
    run, given = training.runs[0], made["runs"][0]
    assert [one.name for one in training.runs] == [one["name"] for one in made["runs"]]
    assert [(one.step, one.seconds, one.loss) for one in run.curve] == [
        (one["step"], one["seconds"], one["loss"]) for one in given["curve"]
    ]
    assert run.layers == (784, 256, 10)
    assert run.kernels[0].attainable_low == given["kernels"][0]["attainable_percent_low"]
    assert run.test
    assert [list(row) for row in run.test.confusion] == given["test"]["confusion"]
    assert run.wrong[0].pixels == base64.b64decode(given["wrong"][0]["pixels"])
    assert [one.name for one in training.reproducibility[0].same] == made["reproducibility"][0]["same"]
    assert training.machine == made["machine"]
    assert training.host == "ada"


def test_a_file_of_the_first_model_has_its_times_and_no_limits(tmp_path: Path) -> None:
    file = synthetic.FIRST_TRAINING
    given = json.loads(file.read_text(encoding="utf-8"))["runs"][0]["kernels"][0]
    training = any_file.read(file)
    assert isinstance(training, Training)
    assert training.first_model
    kernel = training.runs[0].kernels[0]
    assert (kernel.seconds, kernel.share) == (given["seconds"], given["share"])
    assert given["attainable_percent"]
    assert {kernel.attainable_percent, kernel.attainable_low, kernel.attainable_high, kernel.bound_by} == {None}
    assert not read(tmp_path, whole()).first_model


def test_what_was_called_otherwise_is_read() -> None:
    given = json.loads(synthetic.SECOND_TRAINING.read_text(encoding="utf-8"))
    training = any_file.read(synthetic.SECOND_TRAINING)
    assert isinstance(training, Training)
    assert [one.name for one in training.reproducibility[0].same] == given["sameness"][0]["same"]
    kernel, same = training.runs[0].kernels[0], given["runs"][0]["kernels"][0]
    assert kernel.attainable_percent == same["attainable_percent"]
    assert (same["bound_by"], kernel.bound_by) == ("divide/root", "divide/sqrt")
    assert training.build["bundle"] is None
    assert not training.first_model


def test_a_percent_lies_within_its_own_interval(tmp_path: Path) -> None:
    made = whole()
    made["runs"][0]["kernels"][0]["attainable_percent"] = 120.0
    assert "outside its own interval" in refusal(tmp_path, made)


def test_a_loss_may_become_nothing(tmp_path: Path) -> None:
    file = tmp_path / "training.json"
    text = json.dumps(whole())
    assert '"loss": 0.1' in text
    file.write_text(text.replace('"loss": 0.1', '"loss": 4e-41'), encoding="utf-8")
    read_ = any_file.read(file)
    assert isinstance(read_, Training)
    assert read_.runs[0].test
    assert read_.runs[0].test.loss == 0


def test_no_definition_stands_twice() -> None:
    shared = {json.dumps(one, sort_keys=True) for one in SHARED["$defs"].values()}
    assert not [name for name, one in OWN["$defs"].items() if json.dumps(one, sort_keys=True) in shared]


def objects(schema: Any) -> list[Json]:
    inner = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    own = [schema] if isinstance(schema, dict) and "properties" in schema and "type" in schema else []
    return own + [found for value in inner for found in objects(value)]


def test_every_object_is_closed_and_wants_all_its_members() -> None:
    found = objects(OWN)
    assert len(found) > 14
    for one in found:
        assert one["additionalProperties"] is False
        assert sorted(one["required"]) == sorted(one["properties"])


# ---- every member ----------------------------------------------------------------------------------------------------

MEMBERS = [found for found in members(OWN, whole()) if found[0][0] in OF_ITS_OWN]


@pytest.mark.parametrize("path", [path for path, _, must in MEMBERS if must], ids=dotted)
def test_a_missing_member_is_named(tmp_path: Path, path: Path_) -> None:
    made = whole()
    del at(made, path[:-1])[path[-1]]
    said = refusal(tmp_path, made)
    assert str(path[-1]) in said
    if path[0] == "runs" and len(path) > 2 and path[-1] != "name":
        assert made["runs"][0]["name"] in said


@pytest.mark.parametrize(("path", "schema"), [(path, schema) for path, schema, _ in MEMBERS], ids=lambda one: "")
def test_a_member_of_a_wrong_type_is_named(tmp_path: Path, path: Path_, schema: Json) -> None:
    values: tuple[Any, ...] = (None, True, -1.5, "x", [], {})
    for value in values:
        made = whole()
        at(made, path[:-1])[path[-1]] = value
        if not fits(value, schema) and not (value == [] and "array" in schema.get("type", "")):
            assert str(path[-1]) in refusal(tmp_path, made)


def at(root: Any, path: Path_) -> Any:
    for part in path:
        root = root[part]
    return root


def test_the_schema_has_been_walked_through() -> None:
    paths = {dotted(path) for path, _, _ in MEMBERS}
    assert paths >= {"runs.0.test.classes.0.f1", "runs.0.wrong.0.pixels", "reproducibility.0.other.0.why", "data.rows"}
    assert len(paths) > 100


# ---- what no training says -------------------------------------------------------------------------------------------


def first(change: Callable[[Json], object]) -> Callable[[Json], object]:
    return lambda made: change(made["runs"][0])


def pixels(text: str) -> Callable[[Json], object]:
    return first(lambda run: run["wrong"][0].update(pixels=text))


def of_curve(*points: tuple[int, float]) -> Callable[[Json], object]:
    def change(run: Json) -> None:
        run["curve"] = [{**run["curve"][0], "step": step, "seconds": seconds} for step, seconds in points]

    return first(change)


def confused(matrix: Any) -> Callable[[Json], object]:
    return first(lambda run: run["test"].update(confusion=matrix))


WRONG: dict[str, tuple[Callable[[Json], object], str]] = {
    "no run": (lambda made: made.update(runs=[], reproducibility=[]), "it has no run"),
    "too many runs": (lambda made: made.update(runs=made["runs"] * 300), "runs"),
    "a run of another kind": (lambda made: made["runs"].insert(0, 5), "run 1"),
    "a name twice": (lambda made: made["runs"].append(copy.deepcopy(made["runs"][0])), "two of its runs have the name"),
    "an empty name": (first(lambda run: run.update(name="")), "name"),
    "no pixels": (pixels(""), "has 0 pixels, and says that it is 8 x 8"),
    "too few pixels": (pixels(base64.b64encode(bytes(63)).decode()), "has 63 pixels"),
    "too many pixels": (pixels(base64.b64encode(bytes(65)).decode()), "has 65 pixels"),
    "no base64": (pixels("!" * 88), "are no base64"),
    "broken base64": (pixels("A" * 87), "are no base64"),
    "base64 with breaks": (pixels("A" * 44 + "\n" + "A" * 44), "are no base64"),
    "base64 of another alphabet": (pixels("é" * 88), "are no base64"),
    "endless pixels": (pixels("A" * 40_000), "the text of 'pixels' has 40000 characters"),
    "a huge picture": (first(lambda run: run["wrong"][0].update(rows=10**6, columns=10**6)), "rows"),
    "a picture of nothing": (first(lambda run: run["wrong"][0].update(rows=0)), "rows"),
    "a matrix that is not square": (confused([[1, 2]] * 10), "is not square"),
    "a matrix of too few rows": (confused([[4] * 10] * 9), "is not square"),
    "an empty matrix": (confused([]), "is not square"),
    "a matrix of others": (confused([[9] * 10] * 10), "90 samples of class 0, not its own"),
    "negative samples": (confused([[-1] * 10] * 10), "confusion"),
    "a class twice": (first(lambda run: run["test"]["classes"][1].update(label=0)), "the same label"),
    "an accuracy of 110%": (first(lambda run: run["test"].update(accuracy=1.1)), "accuracy"),
    "a share of -1": (first(lambda run: run["kernels"][0].update(share=-1)), "share"),
    "a curve that goes back": (of_curve((2, 0.1), (1, 0.2)), "its losses go back at step 1"),
    "seconds that go back": (of_curve((1, 0.2), (2, 0.1)), "go back at step 2"),
    "evaluations that go back": (first(lambda run: run["evaluations"].reverse()), "its evaluations go back"),
    "a huge loss": (first(lambda run: run["curve"][0].update(loss=10**80)), "larger than any count"),
    "negative steps": (first(lambda run: run.update(steps=-1)), "steps"),
    "threads 0": (first(lambda run: run.update(threads=0)), "threads"),
    "an unheard-of status": (first(lambda run: run.update(status="fine")), "status"),
    "diverged, nobody knows when": (first(lambda run: run.update(status="diverged")), "diverged_at_step"),
    "finished, yet diverged": (first(lambda run: run.update(diverged_at_step=3)), "diverged_at_step"),
    "bits of another kind": (first(lambda run: run.update(weights_hash="xyz")), "weights_hash"),
    "a hyperparameter that is a text": (first(lambda run: run["hypers"].update(lr="0.1")), "lr"),
    "endless hyperparameters": (first(lambda run: run["hypers"].update({f"h{n}": 1 for n in range(99)})), "hypers"),
    "reproducibility of nobody": (
        lambda made: made["reproducibility"][0]["same"].append("x"),
        "the run 'x', which is not there",
    ),
    "others of nobody": (lambda made: made["reproducibility"][0]["other"][0]["names"].append("y"), "the run 'y'"),
    "no such moment": (lambda made: made.update(started="2026-02-30T10:00:00Z"), "there is no moment"),
    "an unknown member": (first(lambda run: run.update(unheard_of=1)), "unheard_of"),
    "deep": (lambda made: made["runs"][0].update(curve=[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]), "curve"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_no_training_says(tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str) -> None:
    change, says = WRONG[what]
    made = whole()
    change(made)
    check_refused_by_command(synthetic.write(tmp_path / "training.json", made), capsys, says)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "1e200", "9" * 5000])
def test_what_is_no_number(tmp_path: Path, capsys: pytest.CaptureFixture[str], number: str) -> None:
    file = tmp_path / "training.json"
    text = WHOLE.replace('"loss": 0.1', f'"loss": {number}', 1)
    assert text != WHOLE
    file.write_text(text, encoding="utf-8")
    check_refused_by_command(file, capsys, number[:20])


def test_texts_come_out_harmless(tmp_path: Path) -> None:
    made = whole()
    bad = "a\x1b[31m\u202e\ud800\nb"
    old = made["runs"][0]["name"]
    made = json.loads(json.dumps(made).replace(json.dumps(old), json.dumps(bad)))
    made["runs"][0] |= {"part": bad, "optimizer": bad, "isa": bad, "schedule": bad}
    made["runs"][0]["kernels"][0] |= {"name": bad, "what": bad}
    training = read(tmp_path, made)
    run = training.runs[0]
    texts = [run.name, run.part, run.optimizer, run.isa, run.schedule, run.kernels[0].name, run.kernels[0].what]
    for text in texts:
        assert text is not None
        assert text.isprintable()
        assert text.startswith("a")


# ---- the commands ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        ["compare", "A", "A"],
        ["gate", "A", "A"],
        ["compare", "B", "vs", "A"],
        ["merge", "B", "A"],
        ["aa", "FOLDER"],
    ],
    ids=" ".join,
)
def test_commands_that_compare_refuse_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    run = synthetic.make_result(ops=("sgd",), impls=("avx2",), levels=("L2",), threads=(1,), sweep=False)
    folder = tmp_path / "folder"
    folder.mkdir()
    training = synthetic.write(folder / "training.json", whole())
    places = {"A": training, "B": synthetic.write(tmp_path / "run.json", run)}
    assert main([str({**places, "FOLDER": folder}.get(part, part)) for part in command]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    if command[0] != "aa":
        assert "this is the result of a training, which html, md and svg show" in said


def test_a_history_counts_it_as_no_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    synthetic.write(tmp_path / "training.json", whole())
    assert main(["history", str(tmp_path)]) == 2
    assert "1 file that gradmark wrote and that is no result of a run" in capsys.readouterr().err


def test_html_takes_it_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(synthetic.write(tmp_path / "training.json", whole()))
    assert main(["html", file, file, "-o", str(tmp_path / "a.html")]) == 2
    assert "makes a page of its own: give it alone" in capsys.readouterr().err
    assert not (tmp_path / "a.html").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--plot", "sweep"], "there is no plot 'sweep'; there are loss, accuracy, speed, kernels and confusion"),
        (
            ["--plot", "loss", "--set", "against=weeks"],
            "against cannot be 'weeks' in this file; it can be step, seconds or",
        ),
    ],
)
def test_svg_knows_its_plots(tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str) -> None:
    assert main(["svg", str(synthetic.write(tmp_path / "training.json", whole())), *options]) == 2
    assert said in capsys.readouterr().err


def test_svg_of_what_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = synthetic.write(tmp_path / "training.json", synthetic_training.quadratic())
    assert main(["svg", str(file), "--plot", "confusion"]) == 2
    assert "there is nothing to draw: this training has nothing of it" in capsys.readouterr().err
