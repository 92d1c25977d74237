"""Limits on what could go on for ever: generous ones, which say nothing of how fast anything is."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SECONDS = 600  # far more than anything here takes on the busiest machine


@contextmanager
def not_forever() -> Iterator[None]:
    """What is done within is ended, by a TimeoutError, if it does not end by itself."""

    def give_up(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"it did not come to an end within {SECONDS} s")

    handler = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, handler)


def wait_for(what: Callable[[], object]) -> None:
    with not_forever():
        while not what():
            time.sleep(0.01)
