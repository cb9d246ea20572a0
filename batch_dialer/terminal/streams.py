"""The three standard streams, made ready before anything else is opened.

None is missing, so that no file that the program opens gets descriptor 0, 1 or 2, and is printed into. What is printed
is UTF-8, or what the terminal can show. That it cannot be written stops no run. This file imports next to nothing.
"""

import errno
import io
import os
import select
import sys
from typing import TYPE_CHECKING, TextIO

from batch_dialer.errors import UsageError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_STDIN, _STDOUT, _STDERR = range(3)


class Output(io.TextIOWrapper):
    """Standard output or standard error. Writing never fails; *failure* is the first error that was met, if any."""

    def __init__(self, descriptor: int, encoding: str, failure: OSError | None) -> None:
        self._raw = _Descriptor(descriptor, failure)
        buffer = io.BufferedWriter(self._raw)
        # A character that the terminal's encoding does not have is shown as an escape, such as \u0142.
        super().__init__(buffer, encoding=encoding, errors="backslashreplace", line_buffering=True)

    @property
    def failure(self) -> OSError | None:
        """The first error that was met in writing."""
        return self._raw.failure


class _Descriptor(io.FileIO):
    """A descriptor that takes everything: what cannot be written is dropped.

    Raised, the error would end a run for the sake of a message; kept in a buffer, it would come again at the very end.
    """

    def __init__(self, descriptor: int, failure: OSError | None) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self.failure = failure

    def write(self, data: "ReadableBuffer", /) -> int:
        """Write what can be written of *data*, and return how much of it need not be written again."""
        try:
            count = super().write(data)
            while count is None:  # another process has made the pipe non-blocking, and it is full
                select.select((), (self,), ())
                count = super().write(data)
        except OSError as error:
            self.failure = self.failure or error
            return memoryview(data).nbytes
        return count


def prepare_streams() -> None:
    """Open what is missing of the standard streams, and replace `sys.stdout` and `sys.stderr` by an `Output` each."""
    missing = [descriptor for descriptor in (_STDIN, _STDOUT, _STDERR) if _open_missing(descriptor)]
    if sys.stdin is None:
        sys.stdin = open(_STDIN, encoding="utf-8", closefd=False)  # noqa: SIM115  (a descriptor, for good)
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # what is typed as an answer; a sheet is read as bytes
    sys.stdout = _output(sys.stdout, _STDOUT, missing)
    sys.stderr = _output(sys.stderr, _STDERR, missing)


def check_output() -> None:
    """Raise `UsageError` where what was printed on standard output has not arrived.

    A reader that has closed it has read as much as it wants.
    """
    failure = sys.stdout.failure if isinstance(sys.stdout, Output) else None
    if failure and failure.errno != errno.EPIPE:
        raise UsageError(
            f"Standard output could not be written: {failure.strerror}.",
            "Make room on the disk, or send it to another place.",
        )


def _open_missing(descriptor: int) -> bool:
    """Open the null device where *descriptor* is closed; those below it are open, so it gets that number."""
    try:
        os.fstat(descriptor)
    except OSError:
        os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # noqa: FBT003  (its only form)
        return True
    return False


def _output(stream: TextIO | None, descriptor: int, missing: list[int]) -> io.TextIOWrapper:
    if os.name == "nt" and isinstance(stream, io.TextIOWrapper) and stream.isatty():
        stream.reconfigure(errors="backslashreplace")  # a console of Windows is not written to by its descriptor
        return stream
    encoding = getattr(stream, "encoding", None) if os.isatty(descriptor) else None
    failure = OSError(errno.EBADF, "it is closed") if descriptor in missing else None
    return Output(descriptor, encoding or "utf-8", failure)
