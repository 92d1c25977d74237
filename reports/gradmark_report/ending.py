"""How a command ends: its exit code, whatever happens. Python's own for an error, 1, means a regression here: no error
may come that far."""

import contextlib
import os
import signal
import sys
import traceback
from collections.abc import Callable

from gradmark_report.errors import Exit, ReportError
from gradmark_report.text import shown, shown_path

INTERRUPTED = 128 + signal.SIGINT
PIPE_CLOSED = 128 + signal.SIGPIPE
TRACEBACK = "GRADMARK_TRACEBACK"  # set to 1, it shows where in the program an error came up


def complain(program: str, message: str) -> None:
    """Exactly one line, whatever a file or an argument had in it. Where it cannot be written nobody reads it."""
    with contextlib.suppress(OSError, ValueError):
        print(f"{program}: {shown(message, 280)}", file=sys.stderr, flush=True)


def _open_standard_streams() -> None:
    """Python has None for one that is closed, and gives its descriptor to the next file that is opened. Who closes it
    wants to hear nothing."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(descriptor, True)
            setattr(sys, name, os.fdopen(descriptor, mode, encoding="utf-8"))


def _give_up_output() -> None:
    """What is still unwritten goes nowhere, so that Python does not complain of it at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _sentence(program: str, error: Exception) -> str:
    if isinstance(error, ReportError):
        return str(error)
    if isinstance(error, OSError):  # such as a full disk behind what is printed
        where = f"{shown_path(error.filename)}: " if isinstance(error.filename, str) else ""
        return f"{where}{error.strerror or error}"
    if isinstance(error, MemoryError):
        return "there is not enough memory for this"
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return f"this is an error of {program} itself: {shown(what, 150)} ({TRACEBACK}=1 shows where)"


def code_of(program: str, work: Callable[[], int]) -> int:
    """Does the work; one sentence and an exit code where it fails."""
    _open_standard_streams()
    try:
        code = work()
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # the reader of a pipe had enough; it did not see all, so that this is no PASS
        _give_up_output()
        return PIPE_CLOSED
    except KeyboardInterrupt:
        complain(program, "interrupted")
        return INTERRUPTED
    except Exception as error:
        if os.environ.get(TRACEBACK) == "1":
            with contextlib.suppress(OSError, ValueError):
                traceback.print_exc()
        if isinstance(error, OSError):
            _give_up_output()
        complain(program, _sentence(program, error))
        return error.exit if isinstance(error, ReportError) else Exit.USAGE
