"""What all tests in Python share: those marked `long` run under `scripts/test --long` alone (GRADMARK_LONG=1)."""

import os
import signal
from collections.abc import Iterator

import pytest

LONG = os.environ.get("GRADMARK_LONG") == "1"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if LONG:
        return
    long = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if not item.get_closest_marker("long")]


@pytest.fixture(scope="session", autouse=True)
def _signals_end_what_is_started() -> Iterator[None]:
    """Whoever runs the tests in the background, or by nohup, has signals ignored, and so would all that they start."""
    before = {number: signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGINT)}
    for number, handler in before.items():
        if handler is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
