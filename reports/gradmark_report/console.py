"""Standard output through rich, for all commands. Text goes in as rich.text.Text alone, which reads no markup."""

from typing import NoReturn

from rich.console import Console

WIDE = 10_000  # characters of a line where lines are never broken


class Terminal(Console):
    """rich's own ends the program with exit code 1 when the reader of a pipe has had enough; that is a regression
    here. It is reported as it is, and ending.py gives it its code."""

    def on_broken_pipe(self) -> NoReturn:
        self.quiet = True
        raise BrokenPipeError


def terminal() -> Terminal:
    """Where it is no terminal, nobody knows its width, and lines are not broken."""
    console = Terminal(highlight=False, markup=False, emoji=False)
    return console if console.is_terminal else Terminal(highlight=False, markup=False, emoji=False, width=WIDE)
