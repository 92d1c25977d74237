"""Histories with known steps, with noise alone, of several machines, with broken files and with hostile names."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import synthetic
from browser import Browser
from gradmark_report.cli import main
from gradmark_report.history import folder, points, trends
from gradmark_report.history.findings import History, answer
from gradmark_report.history.sparkline import sparkline
from gradmark_report.plots import trend
from gradmark_report.selection import Selection
from shape import check_shape

ROW = "adamw/f32/avx512/L2/t1"
REVISIONS = 14
STEP = 7  # the first revision after the step


def write(
    path: Path,
    *,
    revisions: int = REVISIONS,
    processes: int = 3,
    slower: dict[str, float] | None = None,
    since: int = STEP,
    change: dict[int, dict[str, Any]] | None = None,
    seed: int = 0,
    **settings: Any,
) -> Path:
    """One file for each process; `slower` from the revision `since` on; `change` sets members from a revision on."""
    path.mkdir(exist_ok=True)
    keep: dict[str, Any] = {"ops": ("adamw", "sgd"), "impls": ("avx2", "avx512"), "levels": ("L2", "DRAM")}
    keep |= {"sweep": False, "threads": (1,), "process": 0.005, "revision": None} | settings
    for number in range(revisions):
        for process in range(processes):
            result = synthetic.make_result(
                **keep | {"revision": keep["revision"] or f"{number + 0xA0:07x}"},
                slower=slower if number >= since else None,
                seed=seed + 1000 * number + process,
                started=f"2026-05-{number + 1:02d}T10:{process:02d}:00Z",
            )
            for first, parts in (change or {}).items():
                if number >= first:
                    for part, value in parts.items():
                        room, member = part.split(".")
                        result[room][member] = value
            synthetic.write(path / f"{keep.get('host', 'ada')}-{number:02d}-{process}.json", result)
    return path


def histories(path: Path) -> list[History]:
    found = points.machines(folder.read(path).results)
    return [History(machine, tuple(trends.trends(machine, Selection()))) for machine in found]


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert main(["history", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def one_step(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("step"), slower={ROW: 1.05})


def test_a_step_of_five_percent_is_found_where_it_is(one_step: Path) -> None:
    (history,) = histories(one_step)
    (event,) = history.events
    assert event.point == STEP
    assert event.slower
    ((changed, step),) = event.steps
    assert changed.row == ROW
    assert step.ratio == pytest.approx(1.05, abs=0.01)
    assert changed.total == pytest.approx(1.05, abs=0.01)


def test_the_sentence_names_row_revision_date_and_both_levels(
    one_step: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    said = flat(run(capsys, one_step))
    pattern = rf"{ROW} became [45]\.\d% slower at 00000a7 \(2026-05-08\); before: 0\.5\d+ ns, since: 0\.5\d+ ns\."
    assert re.search(pattern, said), said


def test_noise_alone_is_no_change(tmp_path: Path) -> None:
    found = [
        event
        for seed in range(3)
        for event in histories(write(tmp_path / str(seed), seed=50_000 * seed, processes=2))[0].events
    ]
    assert not found


def test_changes_too_small_to_care_are_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "small", slower={ROW: 1.04}, process=0.001, within=0.002)
    assert re.search(r"became [34]\.\d% slower", flat(run(capsys, path)))
    assert "No change" in flat(run(capsys, path, "--least", "6"))
    assert main(["history", str(path), "--least", "much"]) == 2
    assert "'much' is no percentage" in capsys.readouterr().err


def test_many_rows_at_one_revision_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = {
        f"{op}/f32/{impl}/{level}/t1": 1.1
        for op in ("adamw", "sgd")
        for impl in ("avx2", "avx512")
        for level in ("L2", "DRAM")
    }
    (history,) = histories(write(tmp_path / "many", slower=rows))
    assert [(event.point, len(event.steps)) for event in history.events] == [(STEP, 8)]
    said = flat(run(capsys, tmp_path / "many"))
    assert "8 rows became slower at 00000a7" in said
    assert said.count("became slower") == 1


def test_the_change_of_most_rows_comes_first(tmp_path: Path) -> None:
    path = write(tmp_path / "two", slower={ROW: 1.08, "sgd/f32/avx512/L2/t1": 1.08}, since=10, seed=5)
    for file in sorted(path.iterdir()):
        result = json.loads(file.read_text())
        if result["started"] >= "2026-05-05":
            for row in result["rows"]:
                if row["name"] == "sgd/f32/avx2/L2/t1":
                    synthetic.scaled(row, 0.9)
        synthetic.write(file, result)
    (history,) = histories(path)
    assert [(event.point, event.slower, len(event.steps)) for event in history.events] == [(10, True, 2), (4, False, 1)]
    leads = [lead for lead, _ in answer(history)]
    assert leads[:3] == ["Changes", "Slower", "Faster"]


def test_circumstances_are_named_where_they_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change = {STEP: {"build.compiler_version": "13.1.0", "machine.kernel": "6.6.0"}}
    said = flat(run(capsys, write(tmp_path / "kernel", slower={ROW: 1.1}, change=change)))
    assert "Not the code alone changed there: compiler gcc 12.2.0 → gcc 13.1.0 and kernel 6.1.0 → 6.6.0." in said
    assert "and what else changed 00000a7 (2026-05-08) compiler gcc 12.2.0 → gcc 13.1.0" in said


def test_another_kernel_makes_another_point_of_the_same_revision(tmp_path: Path) -> None:
    change = {3: {"machine.kernel": "6.6.0"}}
    (machine,) = points.machines(
        folder.read(write(tmp_path / "a", revisions=6, revision="abc1234", change=change)).results
    )
    assert [len(point.runs) for point in machine.points] == [9, 9]
    assert [change.what for change in machine.points[1].changes] == ["kernel"]
    assert len({point.label for point in machine.points}) == 2


def test_processes_run_by_turns_are_two_points(tmp_path: Path) -> None:
    for number in range(8):
        result = synthetic.make_result(
            ops=("adamw",), levels=("L2",), sweep=False, seed=number, revision="ab"[(number + 1) // 2 % 2] * 7,
            started=f"2026-05-04T10:{number:02d}:00Z",
        )  # fmt: skip
        synthetic.write(tmp_path / f"{number}.json", result)
    (machine,) = points.machines(folder.read(tmp_path).results)
    assert [(point.label, len(point.runs)) for point in machine.points] == [("aaaaaaa", 4), ("bbbbbbb", 4)]


def test_several_machines_are_kept_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "all", revisions=8, slower={ROW: 1.2}, since=4)
    write(tmp_path / "all", revisions=8, host="bob", seed=99)
    found = histories(tmp_path / "all")
    assert [(one.machine.host, len(one.events)) for one in found] == [("ada", 1), ("bob", 0)]
    said = flat(run(capsys, tmp_path / "all"))
    assert "ada, Example(R) Processor 4000: 8 revisions in 24 processes, 2026-05-01 to 2026-05-08" in said
    assert "bob, Example(R) Processor 4000: 8 revisions in 24 processes" in said


def test_old_and_new_files_are_one_history_of_times(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, revisions=3, processes=1, impls=("scalar", "avx2"), samples=3)
    (tmp_path / "old.json").write_bytes(synthetic.FIRST_RESULT.read_bytes())
    said = run(capsys, tmp_path, "--rows", "all", "--format", "json")
    (trend_,) = [one for one in json.loads(said)["machines"][0]["rows"] if one["name"] == "adamw/f32/avx2/L2/t1"]
    assert len(trend_["times"]) == 4
    assert "attainable" not in said
    assert not re.search(r": 237\b", said)


def test_times_of_before_and_since_there_were_rounds_are_of_one_kind(tmp_path: Path) -> None:
    """A file's form is no change of its times, though the older one knows a median alone."""
    write(tmp_path, revisions=8, processes=1, impls=("avx2",), ops=("adamw",), levels=("L2",), within=0.05, samples=40)
    for number in range(4):
        file = tmp_path / f"ada-{number:02d}-0.json"
        text = file.read_text().replace("divide/sqrt", "divide/root").replace("verified_at_size", "proved_at_size")
        result = json.loads(text)
        settings, row = result["settings"], result["rows"][0]
        del result["build"]["bundle"]
        time = row["ns_per_element"]
        for member in ("rounds", "budget_seconds", "code_hash", "verified_by"):
            del settings[member]
        del result["placement"], result["left_out"], row["placement"], row["why_not"]
        row["ns_per_element"] = {
            "median": time["typical"],
            "samples": time["samples"],
            "low": time["typical"] * 0.99,
            "high": time["typical"] * 1.01,
        }
        synthetic.write(file, {**result, "schema": "gradmark.result/2"})
    (history,) = histories(tmp_path)
    (trend_,) = history.trends
    assert len(trend_.values) == 8
    assert trend_.steps == ()
    old, new = (sum(value.ns for value in part) / 4 for part in (trend_.values[:4], trend_.values[4:]))
    assert old == pytest.approx(new, rel=0.01)


def test_a_row_on_several_threads_is_followed_in_one_state(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two threads that a hypervisor put on one core for some runs did not become slower."""
    keep: dict[str, Any] = {"impls": ("avx2",), "ops": ("adamw",), "levels": ("L2",), "threads": (2,), "processes": 1}
    path = write(tmp_path / "moved", revisions=10, **keep)
    for number in range(4, 7):
        for shared, name in ((5, f"ada-{number:02d}-0.json"), (8, f"ada-{number + 3:02d}-0.json")):
            result = json.loads((path / name).read_text())
            started, revision = result["started"], result["build"]["revision"]
            keep_ = {member: keep[member] for member in ("impls", "ops", "levels", "threads")}
            made = synthetic.make_result(
                **keep_, sweep=False, seed=number, shared=shared, started=started, revision=revision
            )
            synthetic.write(path / name, made)
    (history,) = histories(path)
    (trend_,) = history.trends
    assert (trend_.state, trend_.name) == ("2 cores", "adamw/f32/avx2/L2/t2 on 2 cores")
    assert [value.point for value in trend_.values] == list(range(7))  # the last three were on one core all the time
    assert trend_.steps == ()
    assert "adamw/f32/avx2/L2/t2 on 2 cores" in flat(run(capsys, path, "--rows", "all"))


def test_broken_files_are_named_and_skipped(one_step: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for file in one_step.glob("*.json"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "empty.json").write_text("")
    (tmp_path / "other.json").write_text('{"schema": "gradmark.result/4"}')
    (tmp_path / "twin.json").write_bytes((one_step / "ada-00-0.json").read_bytes())
    (tmp_path / "notes.txt").write_text("no result")
    found = folder.read(tmp_path)
    assert len(found.results) == REVISIONS * 3
    assert [Path(said.split(":")[0]).name for said in found.skipped] == ["empty.json", "other.json", "twin.json"]
    said = run(capsys, tmp_path)
    assert said.count("\n! ") == 3
    assert "Skipped files\n! " in said
    assert main(["history", str(tmp_path), "--strict"]) == 2
    assert "empty.json: " in capsys.readouterr().err


def test_what_a_campaign_leaves_beside_its_results_is_not_called_broken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, revisions=5, processes=1)
    for kind in ("noise", "campaign", "comparison"):
        (tmp_path / f"{kind}.json").write_text(json.dumps({"schema": f"gradmark.{kind}/1"}))
    found = folder.read(tmp_path, strict=True)
    assert len(found.results) == 5
    assert found.skipped == ()
    said = flat(run(capsys, tmp_path))
    assert "Left out 3 files that gradmark wrote and that are no result of a run." in said
    assert "Skipped" not in said


def test_a_test_delay_is_no_history_and_turns_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A campaign measures honestly by turns, and slows some processes on purpose."""
    write(tmp_path, revisions=8, processes=1, change={0: {"settings.turns_group": "a1"}})
    write(tmp_path, revisions=8, processes=1, change={4: {"settings.test_delay_percent": 10.0}}, seed=7)
    for number in range(8):  # the second four of another process, delayed
        made = json.loads((tmp_path / f"ada-{number:02d}-0.json").read_text())
        made["settings"]["turns_group"] = "a1"
        synthetic.write(tmp_path / f"ada-{number:02d}-0.json", made)
    found = folder.read(tmp_path)
    assert [result.started[:10] for result in found.results] == [f"2026-05-0{day}" for day in range(1, 5)]
    assert found.left_out == (
        "4 processes whose times were lengthened on purpose (a test delay): no part of a history.",
    )
    assert "4 processes whose times were lengthened on purpose" in flat(run(capsys, tmp_path))
    write(tmp_path, revisions=8, processes=1, change={0: {"settings.test_delay_percent": 10.0}})
    assert main(["history", str(tmp_path)]) == 2
    assert "no result file can be read here: 8 processes whose times were lengthened" in capsys.readouterr().err


def test_rows_with_few_values_are_not_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two values cannot show a change: that they changed nothing would be untrue."""
    write(tmp_path, revisions=8, processes=1)
    few = ("sgd/f32/avx512/L2/t1", "sgd/f32/avx512/DRAM/t1")
    for file in sorted(tmp_path.iterdir())[:-2]:
        result = json.loads(file.read_text())
        result["rows"] = [row for row in result["rows"] if row["name"] not in few]
        synthetic.write(file, result)
    said = flat(run(capsys, tmp_path, "--rows", "all"))
    assert "No change: None of the 6 rows changed its level beyond its noise." in said
    assert "Not judged: 2 rows were timed at fewer than 4 revisions" in said
    assert said.count("not judged") == 2


@pytest.mark.parametrize(
    ("number", "said"), [(0, "it holds no *.json file"), (1, "a history needs two revisions of one machine")]
)
def test_less_than_two_revisions(tmp_path: Path, capsys: pytest.CaptureFixture[str], number: int, said: str) -> None:
    write(tmp_path, revisions=number)
    assert main(["history", str(tmp_path)]) == 2
    assert said in capsys.readouterr().err


def test_three_revisions_are_too_few_to_say_anything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = flat(run(capsys, write(tmp_path, revisions=3, slower={ROW: 2.0}, since=1)))
    assert "Too few: 3 revisions cannot tell a change from noise: that takes 4 or more." in said
    assert "None of the" not in said


def test_many_rows_and_a_lone_change_say_what_chance_does(tmp_path: Path) -> None:
    impls = ("scalar", "autovec", "avx2", "avx2_fast", "avx512", "avx512_fast")
    settings: dict[str, Any] = {
        "impls": impls,
        "threads": (1, 2),
        "ops": ("adamw", "sgd", "grad_sumsq", "softmax_xent"),
    }
    path = write(
        tmp_path, revisions=8, processes=1, slower={ROW: 1.2}, since=4, process=0.001, within=0.002, **settings
    )
    (history,) = histories(path)
    trust = dict(answer(history))["Trust"]
    assert "Of 96 rows about 1 may show a change by chance" in trust
    assert "Each revision has one process" in trust


def test_no_rows_in_common(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, revisions=1, ops=("adamw",))
    result = synthetic.make_result(ops=("sgd",), sweep=False, revision="b", started="2026-05-09T10:00:00Z")
    synthetic.write(tmp_path / "other.json", result)
    assert main(["history", str(tmp_path)]) == 4
    assert "no rows in common" in capsys.readouterr().err


def test_folder_and_options_that_are_wrong(one_step: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, said in (
        ([tmp_path / "nowhere"], "there is no such folder"),
        ([one_step / "ada-00-0.json"], "this is no folder"),
        ([one_step, "--format", "html"], "a page needs a file"),
        ([one_step, "-o", tmp_path / "history.txt"], "does not say what to write"),
        ([one_step, "--format", "terminal", "-o", tmp_path / "a.html"], "is for the terminal"),
        ([one_step, "--filter", "["], "no regular expression"),
        ([one_step, "--last", "1"], "a history needs two or more"),
        ([one_step, "--last", "some"], "a history needs two or more"),
    ):
        assert main(["history", *map(str, arguments)]) == 2
        assert said in capsys.readouterr().err


def test_only_the_last(one_step: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "5 revisions in 15 processes" in flat(run(capsys, one_step, "--last", 5))


def test_rows_without_a_change_on_request(one_step: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "sgd/f32/avx2/L2/t1" not in run(capsys, one_step)
    assert "sgd/f32/avx2/L2/t1" in run(capsys, one_step, "--rows", "all")
    assert "7 rows without a change not shown" in run(capsys, one_step)


SHAPE = {
    "schema": ("gradmark.history/1",),
    "machines": [
        {
            "processor": str,
            "host": str,
            "points": [
                {
                    "label": str,
                    "revision": str | None,
                    "started": str,
                    "files": [str, ...],
                    "changes": [{"what": str, "before": str, "since": str}],
                },
                ...,
            ],
            "rows": [
                {
                    "name": str,
                    "state": str | None,
                    "times": [{"point": int, "ns": float, "processes": [float, ...]}, ...],
                    "segments": [{"first": int, "last": int, "ns": float}, ...],
                    "changes": [{"point": int, "before_ns": float, "since_ns": float, "ratio": float}],
                    "total_ratio": float | None,
                }
            ],
            "events": [{"point": int, "direction": ("slower", "faster"), "rows": [{"name": str, "ratio": float}, ...]}],
        },
        ...,
    ],
    "skipped": [str],
    "left_out": [str],
}


def test_json_keeps_its_members(one_step: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def refused(name: str) -> None:
        raise ValueError(name)

    document = json.loads(run(capsys, one_step, "--format", "json"), parse_constant=refused)
    check_shape(document, SHAPE)
    (machine,) = document["machines"]
    assert machine["points"][STEP]["revision"] == "00000a7"
    assert len(machine["points"][STEP]["files"]) == 3
    (event,) = machine["events"]
    assert event["direction"] == "slower"
    assert event["rows"][0]["name"] == ROW
    (changed,) = (row for row in machine["rows"] if row["name"] == ROW)
    assert [len(changed[member]) for member in ("segments", "changes")] == [2, 1]


def hostile(path: Path) -> Path:
    text = "</script><script>window.pwned=1</script>|[red]`x`\x1b[31m\u202e<img src=x onerror=window.pwned=1>"
    write(path, revisions=8, slower=None)
    for number, file in enumerate(sorted(path.iterdir())):
        result = json.loads(file.read_text())
        result["machine"]["host"] = text
        result["machine"]["processor"]["name"] = text
        result["machine"]["kernel"] = text if number > 11 else "6.1"
        result["build"]["revision"] = f"{number // 3}{text}"
        for row in result["rows"]:
            row["op"] += text.replace("/", "|").replace(" ", "_")
            row["name"] = "/".join([row["op"], row["dtype"], row["impl"], *row["name"].split("/")[3:]])
            if number > 11:
                synthetic.scaled(row, 1.2)
        synthetic.write(file, result)
    return path


def test_hostile_names(tmp_path: Path, capsys: pytest.CaptureFixture[str], browser: Browser) -> None:
    source = hostile(tmp_path / "hostile")
    terminal = run(capsys, source, "--rows", "all")
    assert "\x1b" not in terminal
    assert "\u202e" not in terminal
    assert "[red]" in terminal  # markup of the terminal's library is text
    from test_md import GITHUB

    html = GITHUB.render(run(capsys, source, "--format", "md"))
    assert not re.search(r"<(script|img|a)\b", html)
    json.loads(run(capsys, source, "--format", "json"))
    page = tmp_path / "page.html"
    run(capsys, source, "-o", page)
    browser.look()
    browser.open(page)
    assert browser.run("return window.pwned") is None
    assert not browser.messages()


def test_the_page(one_step: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], browser: Browser) -> None:
    page = tmp_path / "page.html"
    run(capsys, one_step, "-o", page)
    browser.look(width=400)
    browser.open(page)
    assert not browser.messages()
    assert not browser.violations()
    assert browser.run("return document.querySelector('.chart svg') !== null")
    text = browser.run("return document.querySelector('.chart').textContent")
    assert "00000a7 +" in text
    assert main(["history", str(one_step), "-o", str(page)]) == 2  # it exists


def test_the_plot(one_step: Path) -> None:
    (history,) = histories(one_step)
    plot = trend.make(history)
    expressions = re.findall(r'"(?:filter|test|calculate|expr)": "((?:[^"\\]|\\.)*)"', json.dumps(plot.spec()))
    assert plot.controls[0].chosen == ROW
    assert "(1 change)" in plot.controls[0].options[0][1]
    assert "datum.row === row" in expressions
    assert not any("adamw" in one or "00000a" in one for one in expressions)  # names are never part of one
    assert plot.answer == "Most rows changed at 00000a7 (2026-05-08): 1 row became slower."


@pytest.mark.parametrize(
    ("values", "width", "shown"),
    [
        ([1.0, 2.0], 8, "▁█"),
        ([1.0, None, 2.0], 8, "▁ █"),
        ([1.0] * 4, 8, "▅▅▅▅"),
        ([1.0, 1.001], 8, "▄▅"),  # one in a thousand is no mountain
        ([1.0, 1.0, 2.0, 2.0], 2, "▁█"),
        ([None], 8, ""),
    ],
)
def test_sparklines(values: Sequence[float | None], width: int, shown: str) -> None:
    assert sparkline(values, width) == shown
