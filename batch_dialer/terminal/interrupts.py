"""Ctrl-C while there is nothing to be finished: the program ends at once, and says so in one line.

As an exception it could be swallowed or disguised by whatever is being imported or called at that moment. This file
imports next to nothing.
"""

import os
import signal
from types import FrameType, TracebackType
from typing import NoReturn

INTERRUPTED = "\nInterrupted. Nothing is lost: run the same command again to continue."
_STATUS = 130  # Exit.INTERRUPTED, without its import


class LeavingAtOnce:
    """A context in which Ctrl-C ends the program with status 130. Where it is ignored, it stays ignored.

    It ends, too, where somebody else handles the signal.
    """

    def __enter__(self) -> None:
        """Begin it."""
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, leave)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        if signal.getsignal(signal.SIGINT) is leave:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def leave(_: int = 0, __: FrameType | None = None) -> NoReturn:
    """Say that the program was interrupted, and end it. What is in buffers is lost; whatever is printed is in none."""
    try:
        os.write(2, f"{INTERRUPTED}\n".encode())
    except OSError:
        pass  # nobody is there to read it
    finally:
        os._exit(_STATUS)
