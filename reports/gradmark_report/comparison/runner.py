"""Runs the processes of a campaign and keeps what they wrote: result files, and beside them what they printed."""

import calendar
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from gradmark_report.comparison import interruption
from gradmark_report.errors import ReportError

POLL_SECONDS = 0.05  # between two looks at whether processes of a ring have ended: rare, since they measure meanwhile
SECONDS_TO_END = 10  # that a process has after it was asked to
COARSE_CLOCK = 0.03  # seconds: C's time() may be a tick of the kernel behind the clock that is read here


class ProcessFailed(ReportError):
    """A process of the campaign did not come to its end, so that the campaign cannot go on."""


@dataclass(frozen=True)
class Arm:
    """One of the things that are compared: `command` is the program with its options, but for -o."""

    name: str
    command: tuple[str, ...]


def _exit_in_words(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else ""


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

    @property
    def ended(self) -> bool:
        """One that was never started has nothing to end."""
        return self.running is None or self.running.poll() is not None


class Runner:
    """One process at a time, or a ring of them that measure by turns. Of those that run alone no two begin in the same
    second, so that the start times in the result files, which are whole seconds, say in which order they ran."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._second = 0

    def run(self, arms: Sequence[Arm], number: int, group: str | None = None) -> list[Path]:
        """The result files: either all are kept or none is. A failed proof is a result like others, and the file says
        which rows have it. One process runs alone; more run in a ring, whose name is `group`: only one of them ever
        measures, for the turn, a byte, goes round through pipes in this order."""
        processes = [self._process(arm, number) for arm in arms]
        with self._stopped_on_failure(processes):
            if group is None:
                [alone] = processes
                self._wait_for_a_new_second()
                self._start(alone)
            else:
                with _ring(len(processes)) as ends:
                    for process, (taken, passed) in zip(processes, ends, strict=True):
                        self._start(process, "--turns", f"{taken},{passed},{group}", pass_fds=(taken, passed))
            self._wait_for(processes)
        if group is None:
            self._second = _started(alone.file)
        return [process.file for process in processes]

    def file_of(self, arm: Arm, number: int) -> Path:
        return self.folder / arm.name / f"{number:04}.json"

    def _process(self, arm: Arm, number: int) -> _Process:
        file = self.file_of(arm, number)
        file.parent.mkdir(parents=True, exist_ok=True)
        return _Process(arm, number, file, file.with_suffix(".log"))

    def _wait_for_a_new_second(self) -> None:
        most = time.monotonic() + 2  # a clock that was set back is no reason to wait long
        while time.time() < self._second + 1 + COARSE_CLOCK and time.monotonic() < most:
            time.sleep(0.02)

    def _start(self, process: _Process, *options: str, pass_fds: Sequence[int] = ()) -> None:
        command = [*process.arm.command, *options, "-o", str(process.file)]
        with process.log.open("wb") as output, interruption.held():
            try:
                process.running = subprocess.Popen(
                    command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, pass_fds=pass_fds
                )
            except OSError as error:
                why = error.strerror or error
                raise ProcessFailed(f"{process.arm.name}: {command[0]} cannot be started: {why}") from None

    def _wait_for(self, processes: Sequence[_Process]) -> None:
        """Until all have ended well. Raises ProcessFailed as soon as one did not: those of its ring that wait for it
        would go on alone, and what they measured then is of no use."""
        left = list(processes)
        while True:
            for process in [one for one in left if one.ended]:
                left.remove(process)
                _judge(process)
            if not left:
                return
            if len(left) == 1 and left[0].running:
                left[0].running.wait()
            else:
                time.sleep(POLL_SECONDS)

    @contextmanager
    def _stopped_on_failure(self, processes: Sequence[_Process]) -> Iterator[None]:
        try:
            yield
        except BaseException:
            with interruption.held():
                _stop(processes)
            raise


@contextmanager
def _ring(size: int) -> Iterator[list[tuple[int, int]]]:
    """For each place the pipe's end from the one before and that to the one after; the turn is in the first's. Closed
    here as soon as all are started: an end that stayed open would keep one waiting for another that has died."""
    with ExitStack() as opened:
        pipes = []
        for _ in range(size):
            pipe = os.pipe()
            pipes.append(pipe)
            for end in pipe:
                opened.callback(os.close, end)
        os.write(pipes[0][1], b"\0")
        yield [(pipes[place][0], pipes[(place + 1) % size][1]) for place in range(size)]


def _judge(process: _Process) -> None:
    assert process.running is not None
    code = process.running.returncode
    if code in (0, 1) and process.file.is_file():
        return
    said = _last_line(process.log)
    raise ProcessFailed(
        f"process {process.number} of {process.arm.name} {_exit_in_words(code)}"
        f"{f' and said: {said}' if said else ''} (all that it printed: {process.log})"
    )


def _stop(processes: Sequence[_Process]) -> None:
    """Asks them to end, and makes them end where they take too long, or where another signal says that it is urgent.
    What they began is of no use without the others."""
    for process in processes:
        if process.running and not process.ended:
            process.running.send_signal(signal.SIGINT)
    until = time.monotonic() + SECONDS_TO_END
    while not all(process.ended for process in processes) and time.monotonic() < until and not interruption.waits():
        time.sleep(POLL_SECONDS)
    for process in processes:
        if process.running and not process.ended:
            process.running.kill()
            process.running.wait()
        process.file.unlink(missing_ok=True)
