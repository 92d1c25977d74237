"""Writes a file whole or not at all, and never over another one unasked."""

import errno
import os
import secrets
import stat
from pathlib import Path

from gradmark_report.errors import BadInput
from gradmark_report.text import shown_path

_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS}  # what a file system without hard links says


def _target(path: Path | str, force: bool) -> Path:
    """Where the file itself shall stand: what is written over is what a link leads to, never the link. Raises BadInput
    where nothing may be written, OSError where that cannot be found out."""
    name = shown_path(path)
    if not str(path) or str(path).endswith("/"):
        raise BadInput(f"{name}: this is no name of a file, as -o takes one")
    target = Path(os.path.realpath(path)) if force else Path(path)
    try:
        mode = target.lstat().st_mode
    except FileNotFoundError:
        if not target.parent.is_dir():
            raise BadInput(f"{name}: there is no folder {shown_path(target.parent)}") from None
        if not os.access(target.parent, os.W_OK | os.X_OK):
            raise BadInput(f"{name} cannot be written: nothing can be added to its folder") from None
        return target
    if target.is_dir():
        raise BadInput(f"{name}: this is a folder; -o takes the name of a file")
    if not force:
        raise BadInput(f"{name} exists; --force overwrites it")
    if not stat.S_ISREG(mode):
        raise BadInput(f"{name}: this is a device, a pipe or a broken link; -o takes the name of a file")
    return target


def _refused(path: Path | str, error: OSError) -> BadInput:
    return BadInput(f"{shown_path(path)} cannot be written: {error.strerror or error}")


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _appear(hidden: Path, target: Path) -> None:
    """Gives the file its name unless another one has it. Where there are no hard links the name is taken first, so that
    an empty file stands there for a moment."""
    try:
        os.link(hidden, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC))
        hidden.replace(target)


def write_whole(path: Path | str, content: str | bytes, *, force: bool = False) -> None:
    """Text is written as UTF-8. Without `force` an existing file is left as it is, even one that appears meanwhile."""
    data = content.encode(errors="replace") if isinstance(content, str) else content
    hidden = None
    try:
        target = _target(path, force)
        # Beside its place, so that the last step only gives it its name. It stays behind if this process is killed.
        hidden = target.parent / f".{target.name[:40]}.{secrets.token_hex(4)}.part"
        _write(hidden, data)
        if force:
            hidden.replace(target)
        else:
            _appear(hidden, target)
    except FileExistsError:
        raise BadInput(f"{shown_path(path)} exists; --force overwrites it") from None
    except OSError as error:
        raise _refused(path, error) from None
    finally:
        if hidden is not None:
            hidden.unlink(missing_ok=True)


def check_writable(path: Path | str | None, *, force: bool) -> None:
    """The same refusals before the work is done that would be lost."""
    if path is None:
        return
    try:
        _target(path, force)
    except OSError as error:
        raise _refused(path, error) from None
