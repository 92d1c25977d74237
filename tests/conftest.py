"""What all tests in Python share: those marked `long` run under `scripts/test --long` alone (GRADMARK_LONG=1)."""

import os

import pytest

LONG = os.environ.get("GRADMARK_LONG") == "1"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if LONG:
        return
    long = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if not item.get_closest_marker("long")]
