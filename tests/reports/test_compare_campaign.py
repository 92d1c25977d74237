"""How scripts/compare runs its processes: order, looks, time limit, failures, interruptions; with a fake program."""

import json
import re
import shlex
import sys
import time
from collections import Counter
from collections.abc import Sequence
from itertools import islice, pairwise
from pathlib import Path
from unittest.mock import Mock

import pytest
from fake_gradmark import KNOWS_TURNS, OLD, Compare, fake_program
from gradmark_report import cli
from gradmark_report.comparison import campaign as campaigns
from gradmark_report.comparison import interruption, runner
from gradmark_report.comparison.campaign import Campaign, main
from gradmark_report.comparison.progress import Progress
from gradmark_report.comparison.runner import Arm, Runner
from gradmark_report.comparison.schedule import blocks, looks
from gradmark_report.comparison.sides import read_side
from two_sides import ROW

REPORTS = Path(__file__).parent.parent.parent / "reports"


FAIL_PROOF = """
row = result["rows"][0]
row.update({name: None for name in row if "attainable" in name or "speedup" in name or name.endswith("per_s")})
row.update(ns_per_element=None, bound_by=None, max_ulp=None, status="failed", verified=False)
"""


# ---- order ----------------------------------------------------------------------------------------------------------


def test_blocks_are_abba_in_a_random_order() -> None:
    made = list(islice(blocks(["a", "b"], seed=3), 200))
    assert set(made) == {("a", "b", "b", "a"), ("b", "a", "a", "b")}
    assert 60 < sum(block[0] == "a" for block in made) < 140
    assert made == list(islice(blocks(["a", "b"], seed=3), 200))
    assert made != list(islice(blocks(["a", "b"], seed=4), 200))


def test_of_many_arms_any_two_are_in_turns() -> None:
    arms = ["same-a", "same-b", "slow01", "slow03"]
    line = [arm for block in islice(blocks(arms, seed=1), 50) for arm in block]
    for one in arms:
        for other in arms:
            ahead = 0
            for arm in line:
                ahead += (arm == one) - (arm == other)
                assert abs(ahead) <= 1
    assert set(Counter(line).values()) == {100}


def test_looks_are_few_and_the_last_is_at_the_end() -> None:
    assert looks(6) == (6,)
    assert looks(10) == (10,)
    assert looks(12) == (10, 12)
    assert looks(40) == (10, 14, 20, 28, 40)
    assert looks(50) == (10, 14, 20, 28, 40, 50)
    assert all(b / a >= 1.2 for a, b in pairwise(looks(320)))


# ---- when it ends ---------------------------------------------------------------------------------------------------


class FakeTime:
    """A campaign whose processes take no time but that which they say."""

    def __init__(self, folder: Path, limit: float, seconds: float, most_pairs: int = 1000) -> None:
        self.now = 0.0
        self.seconds = seconds
        self.ran: list[str] = []
        arms = (Arm("base", ("x",)), Arm("head", ("y",)))
        self.campaign = Campaign(arms, folder, limit, most_pairs, 1, Progress(sys.stderr), clock=lambda: self.now)
        self.campaign.runner.run = self.run  # type: ignore[method-assign]

    def run(self, arms: Sequence[Arm], number: int, group: str | None = None) -> list[Path]:
        self.ran.extend(f"{arm.name} {number}" for arm in arms)
        self.now += self.seconds
        return []


def test_it_looks_only_when_planned_and_stops_when_all_is_decided(tmp_path: Path) -> None:
    fake = FakeTime(tmp_path, 600, 1)
    asked: list[int] = []

    def decided(planned: int) -> bool:
        asked.append(fake.campaign.pairs)
        assert planned == len(fake.campaign.planned)
        return fake.campaign.pairs >= 20

    assert fake.campaign.run(decided) == "every row was decided"
    assert asked == [10, 14, 20]
    assert len(fake.ran) == 40
    assert len(set(fake.ran)) == 40


def test_it_ends_before_the_time_limit(tmp_path: Path) -> None:
    fake = FakeTime(tmp_path, 100, 1)
    assert "time limit" in fake.campaign.run(lambda planned: False)
    assert 96 <= fake.now <= 100
    assert fake.campaign.pairs == 50
    assert fake.campaign.planned == (10, 14, 20, 28, 40, 50)


def test_a_block_that_gets_slower_does_not_break_the_limit(tmp_path: Path) -> None:
    fake = FakeTime(tmp_path, 100, 1)

    def decided(planned: int) -> bool:
        fake.seconds = 5
        return False

    fake.campaign.run(decided)
    assert fake.now <= 100 + 4 * 5


def test_one_block_always_runs(tmp_path: Path) -> None:
    fake = FakeTime(tmp_path, 1, 60)
    fake.campaign.run(lambda planned: False)
    assert fake.campaign.pairs == 2


def test_at_most_so_many_pairs(tmp_path: Path) -> None:
    fake = FakeTime(tmp_path, 1000, 1, most_pairs=12)
    assert "asked for" in fake.campaign.run(lambda planned: False)
    assert fake.campaign.pairs == 12
    assert fake.campaign.planned == (10, 12)


def test_too_little_time_for_a_verdict_is_said_after_the_first_block(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake = FakeTime(tmp_path, 60, 6)
    fake.campaign.run(lambda planned: False)
    assert "enough for about 4 pairs" in capsys.readouterr().err


# ---- processes ------------------------------------------------------------------------------------------------------

SIDES = ("base", "head")


def commands(folder: Path) -> list[list[str]]:
    """With which each process of a side was started."""
    return [json.loads(file.read_text())["settings"]["command"] for file in sorted(folder.glob("*.json"))]


@pytest.mark.parametrize("help_text", [KNOWS_TURNS, OLD], ids=["in a ring", "one after the other"])
def test_all_of_a_pair_have_its_seed_and_so_its_order_of_the_rows(
    compare: Compare, monkeypatch: pytest.MonkeyPatch, help_text: str
) -> None:
    monkeypatch.setattr(Runner, "_wait_for_a_new_second", lambda self: None)
    program = {"help_text": help_text}
    assert compare("--pairs", "4", "--seed", "7", base=program, head=program).code in (0, 1)
    seeds = [[command[command.index("--seed") + 1] for command in commands(compare.out / side)] for side in SIDES]
    assert seeds[0] == seeds[1]
    assert len(set(seeds[0])) == 4
    assert seeds[0][0] == "70001"


@pytest.mark.parametrize(
    "known", [("--verified", "--verified"), ("--proved", "--verified"), ("", "--verified"), ("", "")]
)
def test_the_first_of_each_program_proves_for_those_after_it(compare: Compare, known: tuple[str, str]) -> None:
    """By what it was called in the program's revision; where one cannot, none does."""
    base, head = ({"help_text": f"{KNOWS_TURNS}\n  {one} FILE" if one else KNOWS_TURNS} for one in known)
    assert compare("--pairs", "4", base=base, head=head).code in (0, 1)
    for side, option in zip(SIDES, known, strict=True):
        folder = compare.out / side
        given = [one[one.index(option) + 1] if option and option in one else None for one in commands(folder)]
        assert given == [None] + [str(folder / "0001.json") if all(known) else None] * 3


def test_start_times_tell_the_order(tmp_path: Path) -> None:
    program = fake_program(tmp_path / "gradmark")
    runner = Runner(tmp_path)
    arm = Arm("base", (str(program), "run"))
    started = [json.loads(runner.run([arm], n)[0].read_text(encoding="utf-8"))["started"] for n in (1, 2, 3)]
    assert started == sorted(set(started))


def test_a_second_that_began_just_now_is_waited_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """C's time() is coarser than the clock read here, and would still say the second before."""
    now = [1_000_000_000.9]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(time, "time", lambda: now[0])
    monkeypatch.setattr(time, "sleep", sleep)
    runner = Runner(tmp_path)
    runner._second = 1_000_000_000
    runner._wait_for_a_new_second()
    assert 1_000_000_001.02 < now[0] < 1_000_000_001.1


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signals stay as the tests need them; processes are looked after often."""
    monkeypatch.setattr(interruption, "on_signals", lambda: None)
    monkeypatch.setattr(runner, "POLL_SECONDS", 0.005)


@pytest.fixture
def compare(tmp_path: Path, quick: None, capsys: pytest.CaptureFixture[str]) -> Compare:
    return Compare(tmp_path, capsys)


def test_a_slowdown_is_found_and_the_campaign_ends_with_it(compare: Compare) -> None:
    slower = {"slower": {ROW: 1.10}, "revision": "bbbbbbbbbbbb"}
    said, out = compare("--pairs", "12", "--", "--filter", "adamw", head=slower), compare.out
    assert said.code == 1
    assert "REGRESSION: 1 row slower" in said.out
    assert (out / "comparison.html").is_file()
    assert json.loads((out / "comparison.json").read_text(encoding="utf-8"))["counts"]["slower"] == 1
    record = json.loads((out / "campaign.json").read_text(encoding="utf-8"))
    assert record["pairs"] == len(read_side("base", [out / "base"]).results) >= 10
    assert record["arms"]["base"][1:] == ["run", "--profile", "compare", "--filter", "adamw"]
    assert record["in_rings"]
    assert not list(out.glob("**/*.part"))


def test_the_command_to_repeat_it_comes_to_the_same_verdicts(
    tmp_path: Path, compare: Compare, capsys: pytest.CaptureFixture[str]
) -> None:
    compare.out = out = tmp_path / "with space"
    slower = {"slower": {ROW: 1.06}, "process": 0.02, "revision": "bbbbbbbbbbbb"}
    said = compare("--pairs", "12", "--margin", "2.1", "--strict", base={"process": 0.02}, head=slower)
    again = re.search("^again: gradmark-report (.*)$", said.out, re.MULTILINE)
    assert again
    words = shlex.split(again[1])
    assert words == ["gate", f"{out}/base", f"{out}/head", "--looks", "2", "--margin", "2.1", "--strict"]
    assert cli.main([*words, "--format", "json"]) == said.code
    first = json.loads((out / "comparison.json").read_text(encoding="utf-8"))
    repeated = json.loads(capsys.readouterr().out)
    assert [row["verdict"] for row in repeated["rows"]] == [row["verdict"] for row in first["rows"]]
    assert repeated["settings"] == first["settings"]


def test_every_error_is_one_sentence_and_never_exit_code_1(
    tmp_path: Path, quick: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert main(["--base", "x", "--head", "y", "--out", str(tmp_path / "file" / "out")]) == 2
    assert capsys.readouterr().err == f"compare: {tmp_path}/file/out: Not a directory\n"
    for error in (MemoryError(), RuntimeError("a bug"), RecursionError(), ValueError("x\ny")):
        monkeypatch.setattr(campaigns, "run", Mock(side_effect=error))
        assert main(["--base", "x", "--head", "y", "--out", str(tmp_path)]) == 2
        assert capsys.readouterr().err.count("\n") == 1
    monkeypatch.setenv("GRADMARK_TRACEBACK", "1")
    monkeypatch.setattr(campaigns, "run", Mock(side_effect=RuntimeError("a bug")))
    assert main(["--base", "x", "--head", "y", "--out", str(tmp_path)]) == 2
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert "error of compare itself: RuntimeError: a bug (GRADMARK_TRACEBACK=1 shows where)" in err


def test_a_killed_process_is_named_and_what_there_is_is_compared(compare: Compare) -> None:
    killed = "if number == 5:\n    print('out of luck')\n    sys.stdout.flush()\n    os.kill(os.getpid(), 9)"
    said = compare(head={"before": killed})
    assert said.code == 2
    assert "process 5 of head was killed by SIGKILL and said: out of luck" in said.err
    assert "4 rows: 4 too few" in said.out
    assert not (compare.out / "head" / "0005.json").exists()


def test_a_program_that_fails_at_once_is_one_sentence(compare: Compare) -> None:
    fails = {"before": "print('gradmark: no such op'); sys.exit(2)"}
    said = compare(base=fails, head=fails)
    assert said.code == 2
    assert "ended with exit code 2 and said: gradmark: no such op" in said.err
    assert "Traceback" not in said.err


def test_a_failed_proof_of_the_head_is_a_regression(compare: Compare) -> None:
    said = compare("--pairs", "2", head={"change": FAIL_PROOF, "code": 1})
    assert said.code == 1
    assert "failed the proof" in said.out


def test_strict_and_few_pairs(tmp_path: Path, compare: Compare) -> None:
    assert compare("--pairs", "2").code == 0
    compare.out = tmp_path / "strict"
    assert compare("--pairs", "2", "--strict").code == 3


def test_a_used_folder_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert main(["--base", "x", "--head", "y", "--out", str(tmp_path)]) == 2
    assert "not empty" in capsys.readouterr().err


def test_self_runs_all_arms_and_writes_the_rates(
    tmp_path: Path, quick: None, capsys: pytest.CaptureFixture[str]
) -> None:
    program = fake_program(tmp_path / "gradmark")
    out = tmp_path / "out"
    assert main(["--base", str(program), "--self", "--out", str(out), "--pairs", "10"]) == 0
    folders = sorted(child.name for child in out.iterdir() if child.is_dir())
    assert folders == ["same-a", "same-b", "slow01", "slow03", "slow05", "slow10"]
    assert all(len(list((out / name).glob("*.json"))) == 10 for name in folders)
    assert (out / "trial.md").read_text(encoding="utf-8").count("\n| ") >= 6
    said = capsys.readouterr().out
    assert "False alarms: of 4 rows" in said


def test_self_of_too_few_pairs_has_no_rates_and_keeps_its_files(
    tmp_path: Path, quick: None, capsys: pytest.CaptureFixture[str]
) -> None:
    program = fake_program(tmp_path / "gradmark")
    out = tmp_path / "out"
    assert main(["--base", str(program), "--self", "--out", str(out), "--pairs", "2"]) == 2
    err = capsys.readouterr().err
    assert "rates of verdicts need comparisons of 6 pairs at the least, better of 40" in err
    assert "undecided" not in err
    assert len(list(out.glob("*/*.json"))) == 12


def test_self_says_nothing_of_undecided_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks at no verdict before its end."""
    arguments = campaigns._arguments(["--base", "x", "--self", "--out", str(tmp_path)])
    assert campaigns._undecided(arguments, 3) is None


def test_an_interruption_keeps_and_compares_what_was_finished(
    compare: Compare, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of processes one after the other; test_compare_ring.py has those of a ring."""
    monkeypatch.setattr(Runner, "_wait_for_a_new_second", lambda self: None)
    interrupt = "if number == 3:\n    os.kill(os.getppid(), 2)\n    time.sleep(3600)"
    said, out = compare(base={"help_text": OLD}, head={"before": interrupt}), compare.out
    assert said.code == 130
    assert "interrupted" in said.err
    assert "4 rows: 4 too few" in said.out
    assert not (out / "head" / "0003.json").exists()
    assert (out / "base" / "0002.json").is_file()
    assert (out / "comparison.html").is_file()


def test_a_time_limit_is_a_number_of_minutes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--base", "x", "--head", "y", "--out", "z", "--time-limit", "soon"])
    assert ended.value.code == 2
    assert "no number of minutes" in capsys.readouterr().err
