"""A file for people takes its place whole, or its error says why it cannot be written and what to do about that."""

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path

from batch_dialer import disk
from batch_dialer.errors import UsageError

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)  # Windows says so of a file that a program has open, too


def write_file(path: Path, content: bytes) -> None:
    """Write *content* to *path*, replacing a file as a whole; raise `UsageError` where it cannot be written."""
    with failing_as_unwritable(path), disk.replacing(path) as new:
        disk.write_all(new, content)


@contextlib.contextmanager
def failing_as_unwritable(path: Path) -> Iterator[None]:
    """Turn an OSError, also one of temporary files, into the `UsageError` that *path* cannot be written."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}.", _remedy(path, error)) from None


def _remedy(path: Path, error: OSError) -> str:
    if not path.parent.is_dir():
        return "Make the folder, or name a file in another one."
    if error.errno in _NO_ROOM:
        return "Make room on the disk, or name a file on another one."
    if error.errno in _FORBIDDEN:
        return "Close it where it is open, or name a file in another folder."
    return "Close it where it is open, make room on the disk, or name another file."
