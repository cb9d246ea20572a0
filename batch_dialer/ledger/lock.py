"""One run at a time on one results file.

The lock is a file beside the results, and it stays: removing it would let a second run lock a file that the first no
longer looks at. Whoever holds it therefore looks again and again whether the file that it holds is the one on disk.
"""

import contextlib
import os
import platform
import re
from collections.abc import Iterator
from pathlib import Path

import portalocker

from batch_dialer import disk
from batch_dialer.errors import ResultsInUse, UsageError

_NOTE = re.compile(r"([0-9]{1,10})(?: ([A-Za-z0-9._-]{1,255}))?")
_LONGEST_NOTE = 300


class LostError(OSError):
    """A file that this run alone may write to was removed or replaced: another run may have begun."""

    remedy = (
        "Make sure that no other run is under way, then run the same command again: it goes on where this one stopped."
    )


class Lock:
    """The lock of a results file, held by this process."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor

    def check(self) -> None:
        """Raise `LostError` unless the file that is locked is the one on disk."""
        check_file(self._path, self._descriptor)


def lock_path(results: Path) -> Path:
    """Return the path of the lock of *results*."""
    return results.with_name(f"{results.name}.lock")


def own_host() -> str:
    """Return this machine's name as it stands in a lock."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", platform.node())[:255]


def read_note(text: str) -> tuple[int, str]:
    """Return the process and the machine that a lock names, 0 and "" where it names none.

    What is written there outlives its process: the kernel's lock alone says that somebody holds it.
    """
    note = _NOTE.fullmatch(text.strip())
    return (int(note[1]), note[2] or "") if note else (0, "")


def check_file(path: Path, descriptor: int) -> None:
    """Raise `LostError` unless the open file is the one that *path* names."""
    if not disk.is_at(path, descriptor):
        raise LostError(0, f"{path.name} was removed or replaced, so another run may have begun")


@contextlib.contextmanager
def lock_results(results: Path) -> Iterator[Lock]:
    """Hold RESULTS.lock, which the kernel frees with the process.

    Raises `ResultsInUse` where another run holds it, and `UsageError` where it cannot be had, or would not keep another
    run out: a results file with two names has two locks.
    """
    path = lock_path(results)
    _check_one_name(results)
    try:
        descriptor = disk.open_private(path, os.O_RDWR | os.O_CREAT)
    except OSError as error:
        raise _unusable(results, error) from None
    with os.fdopen(descriptor, "r+", encoding="ascii", errors="replace") as file:
        try:
            portalocker.lock(file, portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING)
        except portalocker.exceptions.AlreadyLocked:
            raise _in_use(results, file.read(_LONGEST_NOTE)) from None
        except portalocker.exceptions.LockException as error:
            raise _unlockable(results, error) from None
        try:
            lock = Lock(path, file.fileno())
            lock.check()
            file.seek(0)
            file.truncate()
            note = f"{os.getpid()} {own_host()}".strip()
            disk.write_all(file.fileno(), f"{note}\n".encode())  # a buffer would fail again when it is closed
        except LostError:  # another run has removed it since it was opened
            raise _in_use(results, "") from None
        except OSError as error:
            raise _unusable(results, error) from None
        try:
            yield lock
        finally:
            portalocker.unlock(file)


def _check_one_name(results: Path) -> None:
    try:
        names = results.stat().st_nlink
    except OSError:
        return
    if names > 1:
        raise UsageError(
            f"The results file {results} has {names} names (hard links).",
            "Two runs under two names would not know of each other. Copy it to one name of its own, remove the others"
            " with their journals, then run again.",
        )


def _in_use(results: Path, note: str) -> ResultsInUse:
    process, host = read_note(note)
    where = f" on {host}" if host and host != own_host() else ""
    by = f" (process {process}{where})" if process else ""
    return ResultsInUse(
        f"Another run{by} is dialing into {results}.",
        "Wait until it has ended. Nobody was called by this one.",
    )


def _unusable(results: Path, error: OSError) -> UsageError:
    return UsageError(
        f"The results cannot be written beside {results}: {error.strerror or error}.",
        "Free some space there, or make the folder writable; then run the same command again. Nobody was called.",
    )


def _unlockable(results: Path, error: Exception) -> UsageError:
    why = next((part for part in (error, *error.args) if isinstance(part, OSError)), None)
    return UsageError(
        f"{results.name} cannot be locked: {why.strerror if why and why.strerror else error}. Without a lock two runs"
        " at a time would call people twice.",
        "The folder's file system has no locks, as some network drives have none. Move the sheet and its results"
        " together to a drive of this machine, and run there. Nobody was called.",
    )
