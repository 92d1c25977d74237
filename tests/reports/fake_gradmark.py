"""Writes a fake program `gradmark`, whose results have a known truth, for the campaigns of scripts/compare.

It is quick to start: its result is made beforehand, and each of its processes only multiplies the times."""

import json
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from gradmark_report.comparison.campaign import main
from two_sides import Said, small_result

HERE = Path(__file__).parent

OLD = "profiles: quick default full compare"
KNOWS_TURNS = f"{OLD}\n  --turns IN,OUT,GROUP"

_PROGRAM = """\
#!{python} -S
import json, math, os, random, sys, time
arguments = sys.argv[1:]
if "--help" in arguments:
    print({help!r})
    sys.exit(0)
output = arguments[arguments.index("-o") + 1]
delay = float(arguments[arguments.index("--test-delay") + 1]) if "--test-delay" in arguments else 0.0
number = int(os.path.basename(output)[:4])
group = None
{begin}
if "--turns" in arguments:
    taken, passed, group = arguments[arguments.index("--turns") + 1].split(",")
    for turn in range({turns}):
        os.read(int(taken), 1)  # at the end of the pipe, too, it goes on: alone
{in_turn}
        try:
            os.write(int(passed), b"x")
        except BrokenPipeError:
            pass
{before}
with open({template!r}) as file:
    result = json.load(file)
result["started"] = result["finished"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
result["settings"]["test_delay_percent"] = delay
result["settings"]["turns_group"] = group
result["settings"]["command"] = arguments
for row in result["rows"]:
    factor = (1 + delay / 100) * math.exp(random.gauss(0, {process!r}))
    times = row["ns_per_element"]
    times["samples"] = [sample * factor for sample in times["samples"]]
    for member in ("undisturbed", "low", "high", "typical"):
        times[member] *= factor
{change}
with open(output, "w") as file:
    json.dump(result, file)
sys.exit({code})
"""


def fake_program(
    path: Path,
    *,
    slower: dict[str, float] | None = None,
    process: float = 0.004,
    revision: str = "aaaaaaaaaaaa",
    begin: str = "",
    in_turn: str = "",
    turns: int = 3,
    before: str = "",
    change: str = "",
    code: int = 0,
    help_text: str = KNOWS_TURNS,
) -> Path:
    """`begin` runs at once, `in_turn` in each of the turns of a ring, `before` before the result is made, `change`
    after it; all know `number`, which process of its folder it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    template = path.with_suffix(".template")
    template.write_text(json.dumps(small_result(revision=revision, slower=slower, process=0)), encoding="utf-8")
    path.write_text(
        _PROGRAM.format(
            python=sys.executable,
            template=str(template.resolve()),
            process=process,
            begin=textwrap.dedent(begin),
            in_turn=textwrap.indent(textwrap.dedent(in_turn), 8 * " "),
            turns=turns,
            before=textwrap.dedent(before),
            change=textwrap.dedent(change),
            code=code,
            help=help_text,
        ),
        encoding="utf-8",
    )
    path.chmod(0o755)
    return path


class Compare:
    """The campaign of scripts/compare with two fake programs, which the keywords describe: what it printed, and its
    exit code."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.out, self.capsys = folder, folder / "out", capsys

    def __call__(self, *options: str, base: dict[str, Any] | None = None, head: dict[str, Any] | None = None) -> Said:
        programs = [
            f"--{side}={fake_program(self.folder / side / 'gradmark', **keywords)}"
            for side, keywords in (("base", base or {}), ("head", head or {}))
        ]
        self.capsys.readouterr()
        code = main([*programs, "--out", str(self.out), *options])
        return Said(code, *self.capsys.readouterr())
