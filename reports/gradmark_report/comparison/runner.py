"""Runs the processes of a campaign and keeps what they wrote: result files, and beside them what they printed."""

import calendar
import json
import os
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


@dataclass
class _Process:
    arm: Arm
    number: int
    file: Path
    log: Path
    running: "subprocess.Popen[bytes] | None" = None


class Runner:
    """One process at a time, or a ring of them that take turns. Of those that run alone no two begin in the same
    second, so that the start times in the result files, which are whole seconds, say in which order they ran."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._second = 0

    def run(self, arm: Arm, number: int) -> Path:
        """The result file. A failed proof is a result like others: the file says which rows have it."""
        process = self._process(arm, number)
        self._wait_for_a_new_second()
        self._wait_for([self._start(process)])
        self._second = _started(process.file)
        return process.file

    def run_ring(self, arms: Sequence[Arm], number: int, group: str) -> list[Path]:
        """All at once, but only one of them ever measures: the turn, a byte, goes round through pipes in this order.
        Either all of their files are kept or none is."""
        processes = [self._process(arm, number) for arm in arms]
        pipes = [os.pipe() for _ in processes]  # pipe i leads to process i
        try:
            os.write(pipes[0][1], b"\0")
            for place, process in enumerate(processes):
                ends = (pipes[place][0], pipes[(place + 1) % len(pipes)][1])
                self._start(process, "--turns", f"{ends[0]},{ends[1]},{group}", pass_fds=ends)
        except BaseException:
            self._stop(processes)
            raise
        finally:
            # The processes have theirs; what stayed open here would keep them waiting for one that has ended.
            for end in (end for pipe in pipes for end in pipe):
                os.close(end)
        self._wait_for(processes)
        return [process.file for process in processes]

    def _process(self, arm: Arm, number: int) -> _Process:
        place = self.folder / arm.name
        place.mkdir(parents=True, exist_ok=True)
        return _Process(arm, number, place / f"{number:04}.json", place / f"{number:04}.log")

    def _wait_for_a_new_second(self) -> None:
        most = time.monotonic() + 2  # a clock that was set back is no reason to wait long
        while time.time() < self._second + 1 + COARSE_CLOCK and time.monotonic() < most:
            time.sleep(0.02)

    def _start(self, process: _Process, *options: str, pass_fds: Sequence[int] = ()) -> _Process:
        command = [*process.arm.command, *options, "-o", str(process.file)]
        with process.log.open("wb") as output:
            try:
                process.running = subprocess.Popen(
                    command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, pass_fds=pass_fds
                )
            except OSError as error:
                why = error.strerror or error
                raise ProcessFailed(f"{process.arm.name}: {command[0]} cannot be started: {why}") from None
        return process

    def _wait_for(self, processes: Sequence[_Process]) -> None:
        """Raises ProcessFailed for the first that failed; then, and when it is interrupted, no file of them is kept."""
        try:
            for process in processes:
                self._judge(process)
        except BaseException:
            self._stop(processes)
            raise

    def _judge(self, process: _Process) -> None:
        assert process.running is not None
        code = process.running.wait()
        if code in (0, 1) and process.file.is_file():
            return
        said = _last_line(process.log)
        raise ProcessFailed(
            f"process {process.number} of {process.arm.name} {_exit_in_words(code)}"
            f"{f' and said: {said}' if said else ''} (all that it printed: {process.log})"
        )

    def _stop(self, processes: Sequence[_Process]) -> None:
        """What they began is of no use without the others."""
        running = [process.running for process in processes if process.running]
        for one in running:
            if one.poll() is None:
                one.send_signal(signal.SIGINT)
        for one in running:
            try:
                one.wait(10)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()
        for process in processes:
            process.file.unlink(missing_ok=True)
