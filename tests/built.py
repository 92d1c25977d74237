"""Finds what was built, for the tests in Python."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def built(variable: str, pattern: str) -> Path:
    """The file that `variable` of the environment names, or the newest of build*/pattern; without either, a skip."""
    given = os.environ.get(variable)
    if given is not None:
        path = Path(given).resolve()
        if not path.is_file():
            pytest.fail(f"{variable} is {given}, which is no file")
        return path
    found = sorted(ROOT.glob(f"build*/{pattern}"), key=lambda path: path.stat().st_mtime)
    if not found:
        pytest.skip(f"no build*/{pattern}: build first, or name the file in {variable}")
    return found[-1].absolute()
