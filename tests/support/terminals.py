"""The real command at a terminal of its own: what is typed is its standard input, and Ctrl-C reaches it."""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from harness import environment

_AT_THE_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""
CTRL_C = "\x03"
CTRL_D = "\x04"


class AtTerminal:
    """The command line *words*, started at a terminal. All three streams are the terminal."""

    def __init__(self, words: list[str], cwd: Path, **changes: str) -> None:
        self._words = words
        self._cwd = cwd
        self._changes = changes
        self.said = ""

    def __enter__(self) -> Self:
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", _AT_THE_TERMINAL, *self._words],
            cwd=self._cwd, env=environment(COLUMNS="80", **self._changes), stdin=theirs, stdout=theirs, stderr=theirs,
            start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._ours)

    def wait_for(self, words: str) -> None:
        """Return once *words* have been printed."""
        end = time.monotonic() + 60
        while words not in self.said:
            assert time.monotonic() < end, self.said
            assert self._read(), self.said

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def end(self) -> int:
        """Read to the end, and return the exit status."""
        while self._read():
            pass
        return self.process.wait(timeout=60)

    def _read(self) -> bool:
        readable, _, _ = select.select((self._ours,), (), (), 60)
        assert readable, self.said
        try:
            piece = os.read(self._ours, 4096)
        except OSError:  # how Linux says that the other end is closed
            piece = b""
        self.said += piece.decode(errors="replace").replace("\r\n", "\n")
        return bool(piece)
