"""Writes a fake program `gradmark` whose results have a known truth: what scripts/compare's campaigns are tried with."""

import sys
import textwrap
from pathlib import Path

HERE = Path(__file__).parent

_PROGRAM = """\
#!{python}
import json, os, sys, time
sys.path[:0] = {path!r}
arguments = sys.argv[1:]
if "--help" in arguments:
    print({help!r})
    sys.exit(0)
from two_sides import small_result
output = arguments[arguments.index("-o") + 1]
delay = float(arguments[arguments.index("--test-delay") + 1]) if "--test-delay" in arguments else 0.0
number = int(os.path.basename(output)[:4])
{before}
began = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
slower = {slower!r}
names = [f"{{op}}/f32/{{impl}}/L2/t1" for op in ("adamw", "sgd") for impl in ("avx2", "avx512")]
result = small_result(
    seed=time.time_ns() % 2**31,
    started=began,
    process={process!r},
    revision={revision!r},
    slower={{name: slower.get(name, 1.0) * (1 + delay / 100) for name in names}},
)
result["settings"]["test_delay_percent"] = delay
result["settings"]["command"] = arguments
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
    before: str = "",
    change: str = "",
    code: int = 0,
    help_text: str = "profiles: quick default full compare",
) -> Path:
    """`before` runs before the result is made, `change` after it; both see `number`, that of the process in its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        _PROGRAM.format(
            python=sys.executable,
            path=[str(HERE), str(HERE.parent.parent / "reports")],
            slower=slower or {},
            process=process,
            revision=revision,
            before=textwrap.dedent(before),
            change=textwrap.dedent(change),
            code=code,
            help=help_text,
        ),
        encoding="utf-8",
    )
    path.chmod(0o755)
    return path
