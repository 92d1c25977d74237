"""The program under test: build/harness/gradmark, or the one that GRADMARK_PROGRAM names."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = Path(os.environ.get("GRADMARK_PROGRAM", ROOT / "build" / "harness" / "gradmark")).resolve()
# How long to wait for what must come, on a machine that is busy with other things.
PATIENCE = 900
SCHEMA = ROOT / "reports" / "gradmark_report" / "result.schema.json"


def gradmark(*arguments: str | Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Runs the program and gives back what it printed and its exit code."""
    command = [str(PROGRAM), *map(str, arguments)]
    environment = {"OMP_WAIT_POLICY": "passive", **os.environ, **(env or {})}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=PATIENCE, check=False)
