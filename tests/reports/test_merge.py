"""Machines side by side: who is best, what it costs, slow nodes, labels, and what cannot be compared."""

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
import synthetic
from browser import Browser
from gradmark_report.cli import main
from gradmark_report.document import Answer
from gradmark_report.errors import BadInput, NotComparable
from gradmark_report.merge import cases, document
from gradmark_report.merge.cases import Fleet
from gradmark_report.merge.outliers import outliers
from gradmark_report.merge.steps import steps
from gradmark_report.plots import machines as plot
from gradmark_report.result_file import read_with_times
from shape import check_shape


def write(path: Path, times: float = 1.0, cores: float = 1.0, **settings: Any) -> Path:
    """`times` lengthens everything in DRAM with its twin, `cores` all the rest with the core's own limit."""
    keep: dict[str, Any] = {"ops": ("adamw", "sgd"), "impls": ("scalar", "avx2", "avx2_fast"), "levels": ("L2", "DRAM")}
    result = synthetic.make_result(**keep | {"sweep": False} | settings)
    for row in result["rows"]:
        factor = times if row["level"] == "DRAM" else cores
        row["twin_ns_per_element"] *= times if row["level"] == "DRAM" else 1
        row["core_twin_ns_per_element"] *= 1 if row["level"] == "DRAM" else cores
        synthetic.scaled(row, factor)
    return synthetic.write(path, result)


def change(path: Path, **rooms: Any) -> Path:
    result = json.loads(path.read_text())
    for room, members in rooms.items():
        if isinstance(members, dict):
            result[room] |= members
        else:
            result[room] = members
    return synthetic.write(path, result)


@pytest.fixture
def two(tmp_path: Path) -> list[str]:
    """bob has four threads and the faster memory, ada the faster core."""
    ada = write(tmp_path / "ada.json", seed=1)
    bob = write(tmp_path / "bob.json", 0.8, 1.2, seed=2, host="bob.cluster.example", threads=(1, 2, 4))
    change(bob, warnings=[])
    return [str(ada), str(bob)]


def fleet(files: list[str], **settings: Any) -> Fleet:
    return cases.fleet([read_with_times(file) for file in files], **settings)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["merge", *arguments]) == 0
    return capsys.readouterr().out


def flat(text: str) -> str:
    return " ".join(text.split())


def test_who_is_best_for_what(two: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    said = flat(run(capsys, *two))
    assert "In DRAM on all threads: bob is best, or as good as the best, in both ops" in said
    assert re.search(r"adamw/f32 takes 0\.5\d\d ns per element on bob, 2\.3\d× that on ada\.", said)
    assert "In L2 on one thread: ada is best, or as good as the best, in both ops" in said
    assert "DRAM limits both (95% of attainable)" in said
    assert "There are warnings about ada." in said


def test_all_threads_are_each_machines_own(two: list[str]) -> None:
    found = fleet(two)
    case = next(
        case for case in found.cases if (case.op, case.place, case.fast) == ("adamw/f32", ("DRAM", "all"), False)
    )
    assert [row and row.threads for row in case.rows] == [2, 4]
    assert case.ratio(1) == 1
    assert case.ratio(0) == pytest.approx(case.ns(0) / case.ns(1))  # type: ignore[operator]


def test_one_thread_of_several_is_not_all(tmp_path: Path) -> None:
    files = [str(write(tmp_path / f"{host}.json", host=host, threads=(1,), seed=len(host))) for host in ("a", "bob")]
    assert {case.who for case in fleet(files).cases} == {"one"}


def test_what_cannot_be_told_from_the_best_is_marked(tmp_path: Path) -> None:
    files = [str(write(tmp_path / f"{host}.json", host=host, seed=seed)) for seed, host in enumerate(("a", "b"))]
    assert all(case.best(index) for case in fleet(files).cases for index in (0, 1))


def test_fast_ones_are_compared_with_fast_ones(two: list[str]) -> None:
    for case in fleet(two).cases:
        assert all(row.fast == case.fast for row in case.rows if row)


def test_a_step_and_its_price(two: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    found = fleet(two, prices={"ada": 1.0, "bob.cluster.example": 3.6})
    ada, bob = steps(found)
    assert ada is not None
    assert bob is not None
    assert ada.seconds(1e9) == ada.row.time.undisturbed  # type: ignore[union-attr]
    assert bob.euros(1e9) == pytest.approx(bob.seconds(1e9) / 1000)
    assert ada.fits(7e9) is False
    said = flat(run(capsys, *two, "--price", "ada=1", "--price", "bob=3.6"))
    assert re.search(
        r"Per euro: 3,000 steps on 1 billion parameters on ada \(0\.03\d cents each\), 2,000 on bob\.", said
    )


def test_two_runs_of_one_host_look_equal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Though the one's two threads were on one core in most of its rounds, and it had a burst of a neighbour."""
    quiet, other = (
        str(
            write(
                tmp_path / f"{name}.json", seed=seed, between=0.01, shared=shared, started=f"2026-05-0{seed}T10:00:00Z"
            )
        )
        for name, seed, shared in (("quiet", 1, 0), ("other", 2, 4))
    )
    result = json.loads(Path(other).read_text())
    for row in result["rows"]:
        if row["threads"] == 2:  # its headline is of the state that the other run never saw
            alone = dict(row["ns_per_element"])
            (shared,) = row["placement"]["others"]
            figures = {name: row["ns_per_element"][name] for name in ("undisturbed", "low", "high")}
            row["ns_per_element"] = {**alone, **{name: shared[name] for name in figures}}
            row["placement"] |= {"state": "1 core", "others": [{**shared, "state": "2 cores", **figures}]}
    synthetic.write(Path(other), result)
    found = fleet([quiet, other])
    for case in found.cases:
        assert case.alike
        assert [case.state(index) for index in (0, 1)] == ([None] * 2 if case.who == "one" else ["2 cores"] * 2)
        assert all(case.best(index) and (case.ratio(index) or 9) < 1.1 for index in (0, 1))
    said = flat(run(capsys, quiet, other))
    assert "Equal: ada 05-01 10:00 and ada 05-02 10:00 look equal: nothing that they share tells them apart." in said
    assert "on 2 cores" in said


def test_machines_without_a_state_in_common_are_not_told_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = (
        str(write(tmp_path / f"{n}.json", seed=n, host=f"h{n}", shared=shared)) for n, shared in ((1, 0), (2, 8))
    )
    cases_ = [case for case in fleet([one, two]).cases if case.who == "all"]
    assert cases_
    for case in cases_:
        assert not case.alike
        assert [case.state(index) for index in (0, 1)] == ["2 cores", "1 core"]
        assert all(case.best(index) for index in (0, 1))
    means = fleet([one, two]).geometric_means()
    assert means
    assert max(means) < 1.03
    said = flat(run(capsys, one, two))
    assert (
        "In DRAM on all threads: nothing can be compared: their threads were seen in no state in common (h1 on 2 cores "
        "and h2 on 1 core in adamw/f32)." in said
    )
    assert "geometric mean of the 4 cases that all machines have in one state: " in said
    table = said.split("L2 on one thread")[0]
    assert "×" not in table
    assert re.search(r"adamw/f32 [0-9.]+, on 2 cores [0-9.]+, on 1 core ", table)
    assert re.search(r"AdamW step: On 1 billion parameters it takes .* on h1 \(2 cores\) and .* on h2 \(1 core\)", said)


def test_machines_that_differ_do_not_look_equal(two: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert "Equal" not in run(capsys, *two)


def test_a_machine_of_before_there_were_rounds_says_so(
    two: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = tmp_path / "old.json"
    old.write_bytes(synthetic.SECOND_RESULT.read_bytes())
    assert "from before there were rounds: its times are medians" in flat(run(capsys, two[1], str(old)))


def test_a_containers_limit_counts_as_memory(two: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The same rule as in a report of one machine."""
    change(Path(two[0]), machine={"memory": memory(total_bytes=1 << 40, limit_bytes=100 << 30)})
    change(Path(two[1]), machine={"memory": memory(total_bytes=113 * 10**9)})  # 112 GB are needed
    assert [step.fits(7e9) for step in steps(fleet(two)) if step] == [False, True]
    assert "(112 GB) do not fit what a process may use on ada." in flat(run(capsys, *two))


def memory(**members: int) -> dict[str, int | None]:
    return {"total_bytes": None, "available_bytes": None, "limit_bytes": None, "page_bytes": 4096, **members}


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("carl=1", "there is no machine 'carl'; there are ada, bob, bob.cluster.example"),
        ("ada=0", "a positive number is"),
        ("ada=-1", "a positive number is"),
        ("ada=nan", "a positive number is"),
        ("ada=inf", "a positive number is"),
        ("ada=1e999", "a positive number is"),
        ("ada=cheap", "'cheap' euros per hour for 'ada' is no price"),
        ("ada", "is not HOST=EUR_PER_HOUR"),
        ("=3", "is not HOST=EUR_PER_HOUR"),
    ],
)
def test_prices_that_are_none(two: list[str], capsys: pytest.CaptureFixture[str], option: str, said: str) -> None:
    assert main(["merge", *two, "--price", option]) == 2
    assert said in capsys.readouterr().err


def test_a_price_given_twice(two: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["merge", *two, "--price", "ada=1", "--price", "ada=2"]) == 2
    assert "'ada' stands twice" in capsys.readouterr().err


def test_labels_tell_files_of_one_machine_apart(tmp_path: Path) -> None:
    files = [str(write(tmp_path / f"{n}.json", seed=n, started=f"2026-05-0{n}T10:00:00Z")) for n in (4, 5)]
    assert [one.label for one in fleet(files).machines] == ["ada 05-04 10:00", "ada 05-05 10:00"]
    files.append(str(write(tmp_path / "6.json", seed=6, started="2026-05-05T10:00:00Z")))
    labels = [one.label for one in fleet(files).machines]
    assert labels == ["ada 05-04 10:00", "ada 5.json", "ada 6.json"]


def test_given_names(two: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    said = run(capsys, *two, "--name", "ada.json=old", "--name", f"{two[1]}=new [bold]one")
    assert "old" in said
    assert "new [bold]one" in flat(said)
    assert main(["merge", *two, "--name", "carl.json=x"]) == 2
    assert "'carl.json' is none of the files" in capsys.readouterr().err
    for same in (["ada.json=x", "bob.json=x"], ["ada.json=bob"]):
        options = [part for one in same for part in ("--name", one)]
        labels = json.loads(run(capsys, *two, *options, "--format", "json"))["machines"]
        assert len({one["label"] for one in labels}) == 2


def test_hosts_whose_short_names_are_alike_keep_their_domains(tmp_path: Path) -> None:
    hosts = ("n1.a.example", "n1.b.example", "n2.a.example", "10.0.0.1")
    files = [str(write(tmp_path / f"{number}.json", seed=number, host=host)) for number, host in enumerate(hosts)]
    assert [one.label for one in fleet(files).machines] == ["n1.a.example", "n1.b.example", "n2", "10.0.0.1"]


def test_what_one_machine_lacks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ada = str(write(tmp_path / "ada.json", seed=1))
    bob = str(write(tmp_path / "bob.json", seed=2, host="bob", ops=("adamw",)))
    found = fleet([ada, bob])
    assert {case.op: case.measured for case in found.cases} == {"adamw/f32": 2, "sgd/f32": 1}
    assert re.search(r"sgd/f32 +[\d.]+ +–", run(capsys, ada, bob))
    assert "sgd" not in run(capsys, ada, bob, "--common")
    means = found.geometric_means()
    assert means is not None
    exact = [case for case in found.cases if case.op == "adamw/f32" and not case.fast]
    assert means[0] == pytest.approx(math.prod(case.ratio(0) or 0 for case in exact) ** (1 / len(exact)))


def test_nothing_in_common(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ada = str(write(tmp_path / "ada.json", seed=1, ops=("sgd",)))
    bob = str(write(tmp_path / "bob.json", seed=2, host="bob", ops=("adamw",)))
    assert main(["merge", ada, bob]) == 4
    assert "no rows that any two of them have in common" in capsys.readouterr().err
    with pytest.raises(NotComparable):
        document.make(cases.fleet([read_with_times(ada), read_with_times(bob)]), brief=False)


def test_one_file_and_the_same_file_twice(two: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["merge", two[0]]) == 2
    assert "takes two or more" in capsys.readouterr().err
    assert main(["merge", two[0], two[0]]) == 2
    assert "hold the same process" in capsys.readouterr().err


def nodes(path: Path, slow: dict[int, tuple[float, float]], number: int = 6) -> list[str]:
    return [
        str(write(path / f"n{n}.json", *slow.get(n, (1.0, 1.0)), seed=n, host=f"node{n}", process=0.003))
        for n in range(number)
    ]


def test_a_node_with_slow_memory_is_named_with_the_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = nodes(tmp_path, {4: (1.2, 1.0)})
    items = json.loads(Path(files[4]).read_text())["environment"]["items"]
    items["governor"] |= {"state": "warned", "value": "powersave"}
    change(Path(files[4]), environment={"items": items})
    found = outliers(fleet(files))
    assert {(one.machine.label, one.place[0]) for one in found} == {("node4", "DRAM")}
    assert found[0].ratio == pytest.approx(1.2, abs=0.02)
    said = flat(run(capsys, *files))
    assert "Slow node: node4 needs 1.2" in said
    assert "its memory is slow: the twin needs 1.20× the time as well" in said
    assert "frequency governor: powersave, elsewhere not visible" in said


def test_a_node_with_a_slow_core(tmp_path: Path) -> None:
    found = outliers(fleet(nodes(tmp_path, {2: (1.0, 1.15)})))
    assert {(one.machine.label, one.place[0]) for one in found} == {("node2", "L2")}
    assert any("its core is slow" in reason for reason in found[0].reasons)


def test_a_node_without_huge_pages(tmp_path: Path) -> None:
    files = nodes(tmp_path, {1: (1.3, 1.0)})
    for number, file in enumerate(files):
        result = json.loads(Path(file).read_text())
        for row in result["rows"]:
            row["huge_page_bytes"] = 0 if number == 1 else row["working_set_bytes"]
        synthetic.write(Path(file), result)
    found = outliers(fleet(files))
    assert "huge pages hold 0% of its working sets, elsewhere 100%" in found[0].reasons


def test_two_percent_are_no_outlier_however_alike_the_others_are(tmp_path: Path) -> None:
    files = [
        str(write(tmp_path / f"{n}.json", 1.022 if n == 2 else 1.0, seed=n, host=f"node{n}", within=0.0005))
        for n in range(6)
    ]
    assert not outliers(fleet(files))


def test_equal_nodes_are_no_outliers_and_four_are_too_few(tmp_path: Path) -> None:
    assert not outliers(fleet(nodes(tmp_path, {}, 8)))
    assert not outliers(fleet(nodes(tmp_path, {1: (1.5, 1.0)}, 4)))


def test_other_processors_are_no_slow_nodes(tmp_path: Path) -> None:
    files = nodes(tmp_path, {4: (1.5, 1.0)})
    processor = json.loads(Path(files[4]).read_text())["machine"]["processor"]
    change(Path(files[4]), machine={"processor": processor | {"name": "Another 1"}})
    assert not outliers(fleet(files))


def test_runs_that_are_not_to_be_believed_are_flagged(two: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    change(Path(two[1]), environment={"emulated": True}, settings={"test_delay_percent": 5.0}, partial=True)
    said = flat(run(capsys, *two))
    assert "bob: emulated: its times say nothing; every time lengthened on purpose by 5%; interrupted" in said


def test_what_is_not_believable_is_merged_with_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither as the best of its machine nor as a reason to call a node slow."""
    ada, bob = (write(tmp_path / f"{host}.json", host=host, seed=seed) for seed, host in enumerate(("ada", "bob")))
    fast = json.loads(bob.read_text())
    names = [row["name"] for row in fast["rows"] if row["impl"] == "avx2" and row["op"] == "adamw"]
    synthetic.write(bob, synthetic.at_percent(fast, 170.0, *names))
    found = fleet([str(ada), str(bob)])
    assert not [case for case in found.cases if case.rows[1] and case.rows[1].name in names]
    said = flat(run(capsys, str(ada), str(bob)))
    assert "bob: 4 rows came out above 103% of attainable, at most adamw/f32/avx2/L2/t1 with 170%" in said


def test_a_not_believable_node_is_no_outlier(tmp_path: Path) -> None:
    files = nodes(tmp_path, {4: (1.0, 1.2)})
    slow = json.loads(Path(files[4]).read_text())
    synthetic.write(Path(files[4]), synthetic.at_percent(slow, 170.0, *(row["name"] for row in slow["rows"])))
    assert {one.place[0] for one in outliers(fleet(nodes(tmp_path, {4: (1.0, 1.2)})))} == {"L2"}
    synthetic.write(Path(files[4]), slow)
    assert not outliers(fleet(files))


def test_a_machine_of_the_first_model_has_times_and_no_percents(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bob = write(tmp_path / "bob.json", host="bob", threads=(1,))
    old = tmp_path / "old.json"
    old.write_bytes(synthetic.FIRST_RESULT.read_bytes())
    document = json.loads(run(capsys, str(old), str(bob), "--format", "json"))
    times = [time for case in document["cases"] for time in case["times"]]
    assert {time["attainable_percent"] for time in times if time["machine"] == 0} == {None}
    assert None not in {time["attainable_percent"] for time in times if time["machine"] == 1}
    assert all(time["ns"] > 0 for time in times)
    said = flat(run(capsys, str(old), str(bob), "--rows", "all"))
    assert "its limits are by gradmark's first model, which was wrong: left out" in said
    assert "237" not in said
    assert "quieter" not in said


LIMIT = {"attainable_percent": float | int | None, "bound_by": str | None}
PLACE = {"level": ("L1", "L2", "L3", "DRAM"), "threads": ("one", "all")}
SHAPE = {
    "schema": ("gradmark.machines/1",),
    "machines": [
        {
            **dict.fromkeys(("label", "file", "host", "processor", "started"), str),
            "revision": str | None,
            "all_threads": int | None,
            "euros_per_hour": float | None,
            "warnings": [str],
            "step": (
                None,
                {"row": str, "seconds": float, "fits_7e9": bool | None, "euros": float | None, **LIMIT},
            ),
        },
        ...,
    ],
    "cases": [
        {
            "op": str,
            **PLACE,
            "fast": bool,
            "times": [
                {
                    "machine": int,
                    "impl": str,
                    "threads": int,
                    "state": str | None,
                    **dict.fromkeys(("ns", "low", "high", "ratio"), float),
                    "best": bool,
                    **LIMIT,
                },
                ...,
            ],
        },
        ...,
    ],
    "geometric_means": [float],
    "outliers": [{"machine": int, **PLACE, "ratio": float, "z": float, "nodes": int, "reasons": [str]}],
}


def test_json_keeps_its_members(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def refused(name: str) -> None:
        raise ValueError(name)

    files = nodes(tmp_path, {4: (1.2, 1.0)})
    text = run(capsys, *files, "--format", "json", "--price", "node1=2.5")
    document = json.loads(text, parse_constant=refused)
    check_shape(document, SHAPE)
    assert document["machines"][1]["euros_per_hour"] == 2.5
    assert document["outliers"][0]["machine"] == 4


def test_the_page_answers_first(two: list[str]) -> None:
    made = document.make(cases.fleet([read_with_times(file) for file in two], None, {"ada": 1.0}), brief=False)
    assert made.sections[0].id == "answer"
    assert isinstance(made.sections[0].blocks[0], Answer)
    with pytest.raises(BadInput):
        document.make(cases.fleet([read_with_times(file) for file in two], ["same", "same"], None), brief=False)


def test_the_page_in_a_browser(
    two: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], browser: Browser
) -> None:
    made = tmp_path / "page.html"
    run(capsys, *two, "-o", str(made))
    browser.look(width=400)
    browser.open(made)
    assert not browser.messages()
    assert not browser.violations()
    assert browser.run("return document.querySelector('.chart svg') !== null")


def test_hostile_names(two: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], browser: Browser) -> None:
    text = "</script><script>window.pwned=1</script>|[red]`x`\x1b[31m\u202e<img src=x onerror=window.pwned=1>"
    for file in two:
        result = json.loads(Path(file).read_text())
        result["machine"]["host"] += text
        result["machine"]["processor"]["name"] = text
        result["warnings"] = [dict.fromkeys(("id", "what", "cause", "cure"), text)]
        for row in result["rows"]:
            row["op"] += text.replace("/", "|").replace(" ", "_")
            row["name"] = "/".join([row["op"], row["dtype"], row["impl"], *row["name"].split("/")[3:]])
        synthetic.write(Path(file), result)
    terminal = run(capsys, *two)
    assert "\x1b" not in terminal
    assert "\u202e" not in terminal
    assert "[red]" in flat(terminal).replace(" ", "")
    from test_md import GITHUB

    assert not re.search(r"<(script|img|a)\b", GITHUB.render(run(capsys, *two, "--format", "md")))
    json.loads(run(capsys, *two, "--format", "json"))
    made = tmp_path / "page.html"
    run(capsys, *two, "-o", str(made))
    browser.look()
    browser.open(made)
    assert browser.run("return window.pwned") is None
    assert not browser.messages()


def test_the_plot_names_no_text_in_its_expressions(two: list[str]) -> None:
    made = plot.make(fleet(two))
    assert [control.param for control in made.controls] == ["level", "threads"]
    assert [control.chosen for control in made.controls] == ["DRAM", "all"]
    filters = re.findall(r'"filter": "([^"]*)"', json.dumps(made.spec()))
    assert filters
    assert all("ada" not in one and "adamw" not in one for one in filters)
