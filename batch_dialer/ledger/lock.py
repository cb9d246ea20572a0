"""One run at a time on one results file."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import portalocker

from batch_dialer import disk
from batch_dialer.errors import ResultsInUse, UsageError


@contextlib.contextmanager
def lock_results(results: Path) -> Iterator[None]:
    """Hold RESULTS.lock, or raise `ResultsInUse`. The kernel frees it with the process; the file itself stays.

    Removing it would let a second run lock a file that the first no longer looks at.
    """
    path = results.with_name(f"{results.name}.lock")
    try:
        descriptor = disk.open_private(path, os.O_RDWR | os.O_CREAT)
    except OSError as error:
        remedy = "Give --results a place where you may write."
        raise UsageError(f"The results cannot be written beside {results}: {error.strerror}.", remedy) from None
    with os.fdopen(descriptor, "r+", encoding="ascii", errors="replace") as file:
        try:
            portalocker.lock(file, portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING)
        except portalocker.exceptions.LockException:
            raise _in_use(results, file.read(64).strip()) from None
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        try:
            yield
        finally:
            portalocker.unlock(file)


def _in_use(results: Path, holder: str) -> ResultsInUse:
    by = f" (process {holder})" if holder.isdigit() else ""
    return ResultsInUse(
        f"Another run{by} is dialing into {results}.",
        "Wait until it has ended. Nobody was called by this one.",
    )
