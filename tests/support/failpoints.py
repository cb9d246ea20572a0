"""Run the real command with a fault at a chosen step.

    python tests/support/failpoints.py POINT COUNT ACTION run sheet.csv …

The program itself knows nothing of this. At the COUNT-th time that the step POINT is reached, ACTION happens: `kill`
sends SIGKILL, anything else is the name of an errno that the step then fails with.
"""

import errno
import itertools
import os
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from hurried import hurry

from batch_dialer import __main__, disk
from batch_dialer.clock import SystemClock
from batch_dialer.flows import recent_calls
from batch_dialer.ledger.results import ResultsWriter
from batch_dialer.talkover.api import TalkoverApi


class Failpoint:
    """Counts how often its step is reached."""

    def __init__(self, count: int, action: str) -> None:
        self._left = count
        self._action = action

    def reached(self, first: Callable[[], object] | None = None) -> None:
        """At the right time do *first*, and then what has to happen."""
        self._left -= 1
        if self._left != 0:
            return
        if first:
            first()
        if self._action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        number = getattr(errno, self._action)
        raise OSError(number, os.strerror(number))


def _before(holder: Any, name: str, fail: Failpoint) -> None:
    step = getattr(holder, name)

    def wrapped(*arguments: Any) -> Any:
        fail.reached()
        return step(*arguments)

    setattr(holder, name, wrapped)


def _after(holder: Any, name: str, fail: Failpoint) -> None:
    step = getattr(holder, name)

    def wrapped(*arguments: Any) -> Any:
        done = step(*arguments)
        fail.reached()
        return done

    setattr(holder, name, wrapped)


def _half(holder: Any, name: str, fail: Failpoint) -> None:
    """Let the step write half of its bytes first."""
    step = getattr(holder, name)

    def wrapped(target: Any, data: bytes) -> Any:
        fail.reached(lambda: step(target, data[: len(data) // 2]))
        return step(target, data)

    setattr(holder, name, wrapped)


def _around_place(fail: Failpoint, *, arrived: bool) -> None:
    place: Callable[..., Awaitable[Any]] = TalkoverApi.place

    async def wrapped(self: TalkoverApi, call: Any) -> Any:
        if not arrived:
            fail.reached()
        reply = await place(self, call)
        if arrived:
            fail.reached()
        return reply

    TalkoverApi.place = wrapped  # type: ignore[method-assign]  # that is what this file is for


POINTS: dict[str, Callable[[Failpoint], None]] = {
    "before a line of the journal": lambda fail: _before(disk, "write_whole", fail),
    "in the middle of a line of the journal": lambda fail: _half(disk, "write_whole", fail),
    "behind a line of the journal, before its sync": lambda fail: _after(disk, "write_whole", fail),
    "in the sync of the journal": lambda fail: _before(disk, "sync", fail),
    "behind the sync of the journal": lambda fail: _after(disk, "sync", fail),
    "before the request leaves": lambda fail: _around_place(fail, arrived=False),
    "behind the answer, before it is written": lambda fail: _around_place(fail, arrived=True),
    "in the middle of a line of the results": lambda fail: _half(ResultsWriter, "_append", fail),
    "before a file is replaced": lambda fail: _before(disk, "_replace", fail),
    "behind a replacement, before the folder's sync": lambda fail: _before(disk, "sync_folder", fail),
    "behind a replacement": lambda fail: _after(disk, "sync_folder", fail),
}


_STEPS = (
    (disk, "write_whole"),
    (disk, "sync"),
    (disk, "sync_folder"),
    (disk, "_replace"),
    (ResultsWriter, "_append"),
    (TalkoverApi, "place"),
    (SystemClock, "now"),
    (recent_calls, "make_plan"),
    (tempfile, "mkstemp"),
)
"""What the points above, a clock that jumps and a bug put something else in the place of."""


def _let_the_clock_jump(after: int, seconds: int) -> None:
    """From the request behind the *after*-th on our clock is *seconds* off."""
    place: Callable[..., Awaitable[Any]] = TalkoverApi.place
    now = SystemClock.now
    placed = itertools.count(1)

    def jumped(self: SystemClock) -> datetime:
        return now(self) + timedelta(seconds=seconds)

    async def wrapped(self: TalkoverApi, call: Any) -> Any:
        reply = await place(self, call)
        if next(placed) == after:
            SystemClock.now = jumped  # type: ignore[method-assign]  # as below
        return reply

    TalkoverApi.place = wrapped  # type: ignore[method-assign]  # that is what this file is for


def _have_a_bug(action: str, *, nowhere: bool) -> None:
    """Let the run fail with a number in the exception; where *nowhere*, no new file can be made from then on."""

    def full(*_: Any, **__: Any) -> Any:
        number = getattr(errno, action)
        raise OSError(number, os.strerror(number))

    def fail(*_: Any, **__: Any) -> Any:
        if nowhere:
            tempfile.mkstemp = full
        raise KeyError("+12125550100")

    recent_calls.make_plan = fail  # type: ignore[attr-defined]  # it imports the name, and reads it there


def prepare(point: str, count: int, action: str) -> None:
    """Let *action* happen at the *count*-th time that *point* is reached."""
    if point == "a bug":
        _have_a_bug(action, nowhere=bool(count))
    elif point == "the clock jumps":
        _let_the_clock_jump(count, int(action))
    else:
        POINTS[point](Failpoint(count, action))


@contextmanager
def prepared(point: str, count: int, action: str) -> Iterator[None]:
    """Do as `prepare` does, for a run in this process, which a kill would end; put every step back afterwards."""
    steps: list[tuple[Any, str, Any]] = [(holder, name, getattr(holder, name)) for holder, name in _STEPS]
    try:
        prepare(point, count, action)
        yield
    finally:
        for holder, name, step in steps:
            setattr(holder, name, step)


def main() -> None:
    point, count, action, *arguments = sys.argv[1:]
    prepare(point, int(count), action)
    sys.argv[1:] = arguments
    hurry()
    __main__.main()


if __name__ == "__main__":
    main()
