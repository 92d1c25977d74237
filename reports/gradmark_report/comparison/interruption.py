"""Signals that end a campaign: each becomes a KeyboardInterrupt, but not where processes are started or stopped. There
it waits, or a process would be left running that nobody knows of any more."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _State:
    held = 0  # how many blocks are held
    came = False


def _handle(_number: int, _frame: FrameType | None) -> None:
    if not _State.held:
        raise KeyboardInterrupt
    _State.came = True


def on_signals() -> None:
    for number in _SIGNALS:
        signal.signal(number, _handle)


def waits() -> bool:
    """Has a signal come that is still held?"""
    return _State.came


@contextmanager
def held() -> Iterator[None]:
    """Raises a KeyboardInterrupt at its end for a signal that came meanwhile."""
    _State.held += 1
    try:
        yield
    finally:
        _State.held -= 1
        came = _State.came and not _State.held
        if came:
            _State.came = False
            raise KeyboardInterrupt
