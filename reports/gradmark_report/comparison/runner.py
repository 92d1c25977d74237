"""Runs one process of a campaign and keeps what it wrote: its result file, and beside it what it printed."""

import calendar
import json
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gradmark_report.errors import ReportError

COARSE_CLOCK = 0.03  # seconds: C's time() may be a tick of the kernel behind the clock that is read here


class ProcessFailed(ReportError):
    """A process of the campaign did not come to its end, so that the campaign cannot go on."""


@dataclass(frozen=True)
class Arm:
    """One of the things that are compared: `command` is the program with its options, but for -o."""

    name: str
    command: tuple[str, ...]


def _exit_in_words(code: int) -> str:
    if code < 0:
        try:
            return f"was killed by {signal.Signals(-code).name}"
        except ValueError:
            return f"was killed by signal {-code}"
    return f"ended with exit code {code}"


def _last_line(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
    return next((line for line in reversed(lines) if line), "")


def _started(file: Path) -> int:
    """The second in which the process says it began. A file that does not say so is refused by its reader, later."""
    try:
        said = json.loads(file.read_bytes())["started"]
        return calendar.timegm(time.strptime(said, "%Y-%m-%dT%H:%M:%SZ"))
    except (ValueError, KeyError, TypeError):
        return 0


class Runner:
    """One process at a time. No two begin in the same second, so that the start times in the result files, which are
    whole seconds, say in which order they ran."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._second = 0

    def run(self, arm: Arm, number: int) -> Path:
        """The result file. A failed proof is a result like others: the file says which rows have it."""
        place = self.folder / arm.name
        place.mkdir(parents=True, exist_ok=True)
        file, log = place / f"{number:04}.json", place / f"{number:04}.log"
        self._wait_for_a_new_second()
        code = self._wait([*arm.command, "-o", str(file)], file, log, arm)
        if code in (0, 1) and file.is_file():
            self._second = _started(file)
            return file
        file.unlink(missing_ok=True)
        said = _last_line(log)
        raise ProcessFailed(
            f"process {number} of {arm.name} {_exit_in_words(code)}{f' and said: {said}' if said else ''} "
            f"(all that it printed: {log})"
        )

    def _wait_for_a_new_second(self) -> None:
        most = time.monotonic() + 2  # a clock that was set back is no reason to wait long
        while time.time() < self._second + 1 + COARSE_CLOCK and time.monotonic() < most:
            time.sleep(0.02)

    def _wait(self, command: Sequence[str], file: Path, log: Path, arm: Arm) -> int:
        with log.open("wb") as output:
            try:
                process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
            except OSError as error:
                raise ProcessFailed(f"{arm.name}: {command[0]} cannot be started: {error.strerror or error}") from None
            try:
                return process.wait()
            except BaseException:  # interrupted: what this process began is of no use
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                file.unlink(missing_ok=True)
                raise
