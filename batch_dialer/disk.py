"""The few things about files that differ between systems, or that go wrong when done in the obvious way.

The only file that imports what Unix alone has.
"""

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    _FULL_SYNC = None
else:
    _FULL_SYNC = getattr(fcntl, "F_FULLFSYNC", None)

_PRIVATE = 0o600
_BUSY_WAITS = (0.05, 0.1, 0.2, 0.4, 0.8)


def open_private(path: Path, flags: int) -> int:
    """Open *path* for this user alone, whatever the umask; links are not followed. Raises OSError."""
    flags |= getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    return os.open(path, flags, _PRIVATE)


def sync(descriptor: int) -> None:
    """Return once the file's content would survive a power cut. Raises OSError; a failed sync is never tried again."""
    if _FULL_SYNC is not None:  # macOS: fsync leaves the data in the drive's own memory
        fcntl.fcntl(descriptor, _FULL_SYNC)
    elif hasattr(os, "fdatasync"):
        os.fdatasync(descriptor)
    else:
        os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Make a file's creation or renaming survive a power cut. Windows has no such call, and needs none."""
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[int]:
    """Give a descriptor for a new version of *path*, which takes its place whole and durable, or not at all."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".new")
    new = Path(name)
    try:
        yield descriptor
        sync(descriptor)
        os.close(descriptor)
        descriptor = -1
        _replace(new, path)
        sync_folder(path.parent)
    except BaseException:
        if descriptor >= 0:
            os.close(descriptor)
        new.unlink(missing_ok=True)
        raise


def _replace(new: Path, path: Path) -> None:
    """On Windows a file that Excel has open cannot be replaced; often it is only being saved."""
    for wait in _BUSY_WAITS:
        try:
            new.replace(path)
        except PermissionError:
            if os.name != "nt":
                raise
            time.sleep(wait)
        else:
            return
    new.replace(path)


def is_at(path: Path, descriptor: int) -> bool:
    """Return whether the open file is the one that *path* names now."""
    try:
        return os.path.samestat(path.stat(follow_symlinks=False), os.fstat(descriptor))
    except OSError:
        return False


def write_whole(descriptor: int, data: bytes) -> None:
    """Write *data* in one call, so that it outlives the process whole; raise OSError where only a part of it fits."""
    if os.write(descriptor, data) != len(data):
        raise OSError("only a part could be written")


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of *data*. Raises OSError, also where only a part of it fits."""
    written = os.write(descriptor, data)
    while written < len(data):
        more = os.write(descriptor, data[written:])
        if more == 0:
            raise OSError("only a part could be written")
        written += more
