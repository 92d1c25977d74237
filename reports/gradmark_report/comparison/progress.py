"""How far a campaign is: one line that is written over on a terminal, else a line now and then."""

import time
from typing import TextIO

from gradmark_report import words

EVERY = 60.0  # seconds between lines where nothing is written over


class Progress:
    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.on_terminal = stream.isatty()
        self.undecided: int | None = None  # rows, at the last look
        self._last = -EVERY
        self._shown = False

    def show(self, pairs: int, seconds_left: float, arm: str) -> None:
        parts = [words.plural(pairs, "pair") + " done"]
        if self.undecided is not None:
            parts.append(f"{words.plural(self.undecided, 'row')} undecided")
        parts.append(f"at most {words.duration(max(1.0, seconds_left))} left")
        text = ", ".join(parts)
        if self.on_terminal:
            print(f"\r\033[K{text}; running {arm}", end="", file=self.stream, flush=True)
            self._shown = True
        elif time.monotonic() - self._last >= EVERY:
            self._last = time.monotonic()
            print(text, file=self.stream, flush=True)

    def say(self, text: str) -> None:
        """A sentence that stays."""
        self.clear()
        print(text, file=self.stream, flush=True)

    def clear(self) -> None:
        if self._shown:
            print("\r\033[K", end="", file=self.stream, flush=True)
