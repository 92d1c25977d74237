"""Writes a file whole or not at all, and never over another one unasked."""

import errno
import os
import tempfile
from pathlib import Path

from gradmark_report.errors import BadInput


def write_whole(path: Path | str, content: str | bytes, *, force: bool = False) -> None:
    """Text is written as UTF-8. Without `force` an existing file is left as it is, even one that appears meanwhile."""
    path = Path(path)
    data = content.encode() if isinstance(content, str) else content
    if path.is_dir():
        raise BadInput(f"{path}: this is a folder; -o takes the name of a file")
    if path.exists() and not force:
        raise BadInput(f"{path} exists; --force overwrites it")
    temporary = None
    try:
        # Beside its place, so that the last step only gives it its name.
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        if force:
            temporary.replace(path)
            temporary = None
        else:
            os.link(temporary, path)
    except FileExistsError:
        raise BadInput(f"{path} exists; --force overwrites it") from None
    except OSError as error:
        if error.errno == errno.ENOENT and not path.parent.is_dir():
            raise BadInput(f"{path}: there is no folder {path.parent}") from None
        raise BadInput(f"{path} cannot be written: {error.strerror or error}") from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def check_writable(path: Path | str | None, *, force: bool) -> None:
    """The same refusals before the work is done that would be lost."""
    if path is None:
        return
    path = Path(path)
    if path.is_dir():
        raise BadInput(f"{path}: this is a folder; -o takes the name of a file")
    if path.exists() and not force:
        raise BadInput(f"{path} exists; --force overwrites it")
    if not path.parent.is_dir():
        raise BadInput(f"{path}: there is no folder {path.parent}")
