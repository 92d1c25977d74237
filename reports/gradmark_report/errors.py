"""What can go wrong in a way that its user can mend: one clear sentence, and the exit code that scripts rely on."""

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of every gradmark-report command."""

    PASS = 0
    REGRESSION = 1
    USAGE = 2  # a wrong command, a file that cannot be read or written, a result file that is broken
    INCONCLUSIVE = 3  # under --strict alone
    NOT_COMPARABLE = 4  # the two sides have nothing that could be compared


class ReportError(Exception):
    """The message is one sentence for the user, without a full stop."""

    exit = Exit.USAGE


class BadInput(ReportError):
    """A file or an option that cannot be used."""


class NotComparable(ReportError):
    """Both sides are sound, and still say nothing of each other."""

    exit = Exit.NOT_COMPARABLE
