"""The process that holds the lock of a results file, and how it is told to stop.

The number in a lock outlives its process, and may by now be another program's. Only a process of this machine that has
the very file open that is locked is told anything.
"""

import os
import signal
from pathlib import Path

import psutil

from batch_dialer import disk
from batch_dialer.errors import ResultsInUse
from batch_dialer.ledger.lock import lock_path, own_host, read_note


class Holder:
    """A process of this machine that holds a lock."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self.number: int = process.pid

    def stop(self) -> None:
        """Tell it to stop, as `kill` does: a run finishes the requests that are under way, and writes them down.

        Nothing is done where it has ended, even if its number is another process's by now.
        """
        try:
            self._process.send_signal(signal.SIGTERM)
        except psutil.NoSuchProcess:
            pass
        except psutil.AccessDenied:
            raise _of_another_user(self.number) from None


def find_holder(results: Path) -> Holder | None:
    """Return the process that holds the lock of *results*, which another one is known to hold.

    None where it cannot be told: it may just have ended, or not have written its number yet. Raises `ResultsInUse`
    where it cannot be told to stop from here.
    """
    if os.name == "nt":
        raise ResultsInUse(
            f"A run is dialing into {results}, and on Windows it cannot be told to stop from here.",
            "Press Ctrl-C in its window, then run the same command again.",
        )
    path = lock_path(results)
    try:
        descriptor = disk.open_private(path, os.O_RDONLY)
    except OSError:
        return None
    with os.fdopen(descriptor, encoding="ascii", errors="replace") as file:
        number, host = read_note(file.read())
        if host and host != own_host():
            raise ResultsInUse(
                f"A run on the machine {host} (process {number}) is dialing into {results}.",
                f"It cannot be told to stop from here. On {host} run the same command, or: kill {number}",
            )
        if not number:
            return None
        try:
            process = psutil.Process(number)
            opened = [Path(each.path) for each in process.open_files()]
        except psutil.NoSuchProcess:
            return None
        except psutil.AccessDenied:
            raise _of_another_user(number) from None
        return Holder(process) if any(disk.is_at(each, file.fileno()) for each in opened) else None


def _of_another_user(number: int) -> ResultsInUse:
    return ResultsInUse(
        f"The run that is under way (process {number}) is another user's.",
        "It cannot be told to stop from here. Have that user run the same command. No call was hung up.",
    )
