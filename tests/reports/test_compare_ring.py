"""Processes that are alive together and measure by turns: how scripts/compare starts, stops and pairs them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from fake_gradmark import KNOWS_TURNS, OLD, Compare, fake_program
from gradmark_report.comparison import interruption, runner
from gradmark_report.comparison.campaign import Campaign
from gradmark_report.comparison.progress import Progress
from gradmark_report.comparison.runner import Arm, ProcessFailed, Runner
from limits import not_forever, wait_for
from synthetic import scaled
from test_compare import as_json
from two_sides import Report, make_sides, report

__all__ = ["report"]
REPORTS = Path(__file__).parent.parent.parent / "reports"
SLEEP = "open(output + '.pid', 'w').write(str(os.getpid()))\ntime.sleep(3600)\nopen(output + '.slept', 'w').close()"


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interruption, "on_signals", lambda: None)
    monkeypatch.setattr(runner, "POLL_SECONDS", 0.005)


def pipes() -> list[str]:
    """Of this process; what libraries open when they are loaded are other things."""
    found = [str(one.readlink()) for one in Path("/proc/self/fd").iterdir() if one.is_symlink()]
    return sorted(one for one in found if one.startswith("pipe:"))


@pytest.fixture(autouse=True)
def nothing_leaks(tmp_path: Path) -> Iterator[None]:
    """No end of a pipe, and no process, whatever happened. What sleeps on all the same is woken for good."""
    before = pipes()
    yield
    for file in tmp_path.glob("**/*.pid"):
        with suppress(OSError):  # it has ended
            if str(tmp_path) in Path(f"/proc/{file.read_text()}/cmdline").read_text(encoding="utf-8"):
                os.kill(int(file.read_text()), signal.SIGKILL)
    assert pipes() == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def arm(folder: Path, name: str, **keywords: Any) -> Arm:
    return Arm(name, (str(fake_program(folder / name / "gradmark", **keywords)), "run"))


def check_none_slept_to_its_end(folder: Path) -> None:
    """So they were stopped before."""
    assert not list(folder.glob("**/*.slept"))


@pytest.fixture
def compare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Compare:
    return Compare(tmp_path, capsys)


# ---- one ring -------------------------------------------------------------------------------------------------------


def test_only_one_at_a_time_measures_and_the_turn_goes_round(tmp_path: Path) -> None:
    line = tmp_path / "line"
    arms = [
        arm(tmp_path, name, in_turn=f"with open({str(line)!r}, 'a') as file: file.write('{name} ')") for name in "abc"
    ]
    files = Runner(tmp_path / "out").run(arms, 7, "seed-7")
    assert line.read_text().split() == ["a", "b", "c"] * 3
    assert [file.name for file in files] == ["0007.json"] * 3
    results = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    assert [result["settings"]["turns_group"] for result in results] == ["seed-7"] * 3


def test_who_ends_early_leaves_the_others_to_go_on(tmp_path: Path) -> None:
    """Its pipes end with it, and so does the waiting."""
    arms = [arm(tmp_path, "a", turns=5), arm(tmp_path, "b", turns=0), arm(tmp_path, "c", turns=2)]
    assert all(file.is_file() for file in Runner(tmp_path / "out").run(arms, 1, "x"))


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"begin": "print('no such op'); sys.exit(2)"}, "ended with exit code 2 and said: no such op"),
        ({"in_turn": "if turn == 1: os.kill(os.getpid(), 9)"}, "was killed by SIGKILL"),
        ({"change": "sys.exit(0)"}, "ended with exit code 0"),  # without a file
    ],
)
def test_where_one_dies_the_others_are_stopped_at_once(
    tmp_path: Path, place: int, what: dict[str, Any], said: str
) -> None:
    arms = [arm(tmp_path, "well", before=SLEEP), arm(tmp_path, "dies", **what)]
    with not_forever(), pytest.raises(ProcessFailed, match=f"process 1 of dies {said}"):
        Runner(tmp_path / "out").run(arms[::-1] if place else arms, 1, "x")
    check_none_slept_to_its_end(tmp_path)
    assert not list((tmp_path / "out").glob("*/*.json"))


def test_one_that_cannot_be_started_stops_the_others(tmp_path: Path) -> None:
    arms = [arm(tmp_path, "well", begin=SLEEP), Arm("none", ("/nowhere/gradmark",))]
    with not_forever(), pytest.raises(ProcessFailed, match="none: /nowhere/gradmark cannot be started"):
        Runner(tmp_path / "out").run(arms, 1, "x")
    check_none_slept_to_its_end(tmp_path)


def test_one_that_does_not_heed_an_interruption_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "SECONDS_TO_END", 0.3)
    deaf = f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n{SLEEP}"
    pid = tmp_path / "out" / "deaf" / "0001.json.pid"
    arms = [
        arm(tmp_path, "deaf", begin=deaf),
        arm(tmp_path, "dies", begin=f"while not os.path.exists({str(pid)!r}): time.sleep(0.01)\nsys.exit(2)"),
    ]
    with not_forever(), pytest.raises(ProcessFailed, match="of dies"):
        Runner(tmp_path / "out").run(arms, 1, "x")
    check_none_slept_to_its_end(tmp_path)


# ---- campaigns of rings ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("knows", "rings"), [("both", True), ("base", False), ("head", False), ("none", False)])
def test_rings_only_where_every_program_knows_them(
    compare: Compare, monkeypatch: pytest.MonkeyPatch, knows: str, rings: bool
) -> None:
    monkeypatch.setattr(Runner, "_wait_for_a_new_second", lambda self: None)
    base, head = ({"help_text": KNOWS_TURNS if knows in ("both", side) else OLD} for side in ("base", "head"))
    assert compare("--pairs", "2", base=base, head=head).code == 0
    out = compare.out
    assert json.loads((out / "campaign.json").read_text(encoding="utf-8"))["in_rings"] is rings
    groups = [
        [json.loads(file.read_text(encoding="utf-8"))["settings"]["turns_group"] for file in sorted(out.glob(pattern))]
        for pattern in ("base/*.json", "head/*.json")
    ]
    assert groups[0] == groups[1] == (["1-1", "1-2"] if rings else [None, None])


def test_a_campaign_whose_ring_broke_says_so_and_compares_the_rest(compare: Compare) -> None:
    said = compare(head={"in_turn": "if number == 4 and turn: os.kill(os.getpid(), 11)"})
    assert said.code == 2
    assert "Ended after 3 pairs: process 4 of head was killed by SIGSEGV" in said.err
    assert "4 rows: 4 too few" in said.out
    assert len(list(compare.out.glob("*/*.json"))) == 6


def test_a_campaign_of_rings_plans_and_keeps_its_time_limit(tmp_path: Path) -> None:
    """The first pair takes a minute longer, for it proves: that says nothing of those to come."""
    now = 0.0
    ran: list[tuple[str, ...]] = []

    def run(arms: list[Arm], number: int, group: str) -> list[Path]:
        nonlocal now
        now += 4 if ran else 64
        ran.append(tuple(one.name for one in arms))
        assert (number, group) == (len(ran), f"1-{len(ran)}")
        return []

    arms = (Arm("base", ("x",)), Arm("head", ("y",)))
    campaign = Campaign(arms, tmp_path, 160, 1000, 1, Progress(sys.stderr), in_rings=True, clock=lambda: now)
    campaign.runner.run = run  # type: ignore[assignment,method-assign]
    asked: list[int] = []

    def decided(planned: int) -> bool:
        asked.append(campaign.pairs)
        return False

    assert "time limit" in campaign.run(decided)
    assert campaign.planned == (10, 14, 20, 24)
    assert asked == [10, 14, 20]
    assert campaign.pairs == len(ran) == 24
    assert now <= 160
    for first, second in zip(ran[::2], ran[1::2], strict=True):  # random, then mirrored
        assert first == second[::-1]
    assert 0 < sum(first[0] == "base" for first in ran[::2]) < 12


# As the module is run, with all the patience there is: the second signal alone can end it.
PATIENT = """
import sys
from gradmark_report.comparison import campaign, runner
runner.SECONDS_TO_END = 3600
sys.exit(campaign.main())
"""


def test_an_interruption_stops_the_whole_ring_and_keeps_the_ones_before(tmp_path: Path) -> None:
    """The second signal comes while the first is obeyed, by processes that are in no hurry."""
    deaf = f"""
if number == 3:
    import signal
    signal.signal(signal.SIGINT, lambda *_: open(output + '.asked', 'w').close())
    {SLEEP.splitlines()[0]}
"""
    base = fake_program(tmp_path / "a" / "gradmark", begin=deaf, in_turn="if number == 3: time.sleep(3600)")
    head = fake_program(tmp_path / "b" / "gradmark", begin=deaf)
    out = tmp_path / "out"
    with subprocess.Popen(
        [sys.executable, "-c", PATIENT, "--base", str(base), "--head", str(head), "--out", str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(REPORTS), os.environ.get("PYTHONPATH", "")])},
    ) as process:
        files = [out / name / "0003.json.pid" for name in ("base", "head")]
        try:
            wait_for(lambda: all(file.exists() and file.read_text() for file in files))
            process.send_signal(signal.SIGTERM)
            wait_for(lambda: all(file.with_suffix(".asked").exists() for file in files))
            assert process.poll() is None
            process.send_signal(signal.SIGTERM)
            with not_forever():
                _, err = process.communicate()
        finally:
            process.kill()
    assert process.returncode == 130
    assert "nterrupted" in err
    assert "Traceback" not in err
    assert not any(Path(f"/proc/{file.read_text()}").exists() for file in files)
    assert sorted(str(file.relative_to(out)) for file in out.glob("*/*.json")) == [
        f"{name}/000{number}.json" for name in ("base", "head") for number in (1, 2)
    ]


# ---- pairs by group -------------------------------------------------------------------------------------------------


def test_the_two_of_a_group_are_a_pair_whatever_their_order(tmp_path: Path, report: Report) -> None:
    """Each pair has a level of its own: any other pairing would see wide noise."""

    def grouped(result: dict[str, Any], letter: str, number: int) -> None:
        group = number if letter == "A" else 11 - number
        result["settings"]["turns_group"] = f"g{group}"
        for row in result["rows"]:
            scaled(row, 1 + group)

    content = as_json(report, *make_sides(tmp_path, order="A" * 12 + "B" * 12, change=grouped))
    assert content["paired"]
    assert content["counts"] == {"same": 4}


def test_a_process_whose_partner_is_missing_is_left_out(tmp_path: Path, report: Report) -> None:
    def grouped(result: dict[str, Any], letter: str, number: int) -> None:
        result["settings"]["turns_group"] = f"g{number + (letter == 'B')}"

    content = as_json(report, *make_sides(tmp_path, order="AB" * 12, change=grouped))
    assert content["paired"]
    assert {row["pairs"] for row in content["rows"]} == {11}


@pytest.mark.parametrize(
    ("group", "why"),
    [
        (lambda letter, number: "g", "not all measured by turns"),  # two of one name on a side
        (lambda letter, number: f"g{number}" if number else None, "not all measured by turns"),
        (lambda letter, number: f"g{number}" if letter == "A" else None, "not all measured by turns"),
        (lambda letter, number: f"{letter}{number}", "no process was measured by turns with one of the other side"),
    ],
)
def test_what_is_no_pair_by_group(
    tmp_path: Path, report: Report, group: Callable[[str, int], str | None], why: str
) -> None:
    def grouped(result: dict[str, Any], letter: str, number: int) -> None:
        result["settings"]["turns_group"] = group(letter, number)

    content = as_json(report, *make_sides(tmp_path, order="ABBA", change=grouped))
    assert not content["paired"]
    assert why in content["why_not_paired"]
