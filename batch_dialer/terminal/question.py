"""The question before calls are placed or hung up: asked of whoever sits at standard input, wherever output goes."""

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import click

from batch_dialer.errors import UsageError

_TERMINAL = Path("CONOUT$" if os.name == "nt" else "/dev/tty")
_ANSWERS = {"y": True, "yes": True, "n": False, "no": False, "": False}
_PLACED = "Real calls are placed"
_REMEDY = "Look at the plan with --dry-run, then give --yes."


def check_askable(what: str = _PLACED, remedy: str = _REMEDY) -> None:
    """Raise `UsageError` where nobody can be asked: standard input is no terminal. *what* is done once one agrees."""
    if not sys.stdin.isatty():
        raise UsageError(
            f"{what} only after you agree, and you cannot be asked: standard input is not a terminal.", remedy
        )


def ask(question: str, what: str = _PLACED, remedy: str = _REMEDY) -> bool:
    """Ask on the terminal, until the answer is understood; none is a no.

    Raises `UsageError` where the question cannot be shown or answered, and `click.Abort` at Ctrl-C.
    """
    check_askable(what, remedy)
    with _shown_on(what, remedy) as terminal, _interruptible():
        while True:
            print(f"{question} [y/N]: ", end="", flush=True, file=terminal)
            line = sys.stdin.readline()
            if line.strip().lower() in _ANSWERS:
                return _ANSWERS[line.strip().lower()]


@contextlib.contextmanager
def _shown_on(what: str, remedy: str) -> Iterator[TextIO]:
    """Give standard error, or the terminal itself where standard error goes elsewhere."""
    if sys.stderr.isatty():
        yield sys.stderr
        return
    try:
        with _TERMINAL.open("w", encoding="utf-8") as terminal:
            yield terminal
    except OSError:
        raise UsageError(
            f"{what} only after you agree, and there is no terminal on which you can be asked.", remedy
        ) from None


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """The event loop may hold Ctrl-C back while it runs; a question must be answered by it at once."""
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        raise click.Abort from None
    finally:
        signal.signal(signal.SIGINT, before)
