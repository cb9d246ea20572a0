"""The clock of a rehearsal, in which time passes faster while everybody only waits for it."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from types import TracebackType
from typing import Self

import anyio
import anyio.to_thread

from batch_dialer.timeline import Timeline

_SHORT = 0.001
_LONG = 0.01
_NEVER = -1
_TURNS = 50
"""Turns of the event loop in which whoever was woken gets to the next thing that it waits for."""


class RehearsalClock:
    """Time passes at its real speed while a request is under way, and *speed* times as fast while everybody waits.

    It stops at each moment that somebody sleeps until, and goes on when that one waits for something else: a wait of
    67 ms is exactly that by this clock, however late the machine wakes the sleeper. It begins at *start* and moves
    while it is entered as a context manager, in an event loop of asyncio. The sandbox, which has another thread, reads
    it and waits by it as well.
    """

    def __init__(self, speed: float, start: datetime) -> None:
        self._speed = speed
        self._start = start.astimezone(UTC)
        self._timeline = Timeline()
        self._quiet_since = _NEVER  # after which of the changes nobody had anything to do but to wait

    async def __aenter__(self) -> Self:
        self._driver = asyncio.get_running_loop().create_task(self._drive())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._driver.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._driver

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return self._start + timedelta(seconds=self._timeline.now)

    def timestamp(self) -> float:
        """Return the present moment in seconds since the epoch."""
        return self._start.timestamp() + self._timeline.now

    def go_on_from(self, moment: datetime) -> None:
        """Be at *moment*, where that is later: a rehearsal before this one got so far. Nobody waits yet."""
        self._start = max(self._start, moment.astimezone(UTC) - timedelta(seconds=self._timeline.now))

    def time(self) -> float:
        """Return seconds that only go forward."""
        return self._timeline.now

    async def sleep(self, seconds: float) -> None:
        """Return when so many *seconds* have passed."""
        woken = anyio.Event()
        with self._woken_after(seconds, woken.set):
            await woken.wait()

    @contextlib.asynccontextmanager
    async def move_on_after(self, seconds: float | None) -> AsyncIterator[anyio.CancelScope]:
        """Cancel what is inside once *seconds* have passed; None: never."""
        with anyio.CancelScope() as scope:
            if seconds is None:
                yield scope
                return
            with self._woken_after(seconds, scope.cancel):
                yield scope

    @contextlib.asynccontextmanager
    async def hold_back(self, seconds: float) -> AsyncIterator[anyio.CancelScope]:
        """Cancel what is inside after *seconds* for which the answer to a request is held back: it waits, too."""
        with anyio.CancelScope() as scope, self._woken_after(seconds, scope.cancel, holds_back=True):
            yield scope

    @contextlib.contextmanager
    def busy(self) -> Iterator[None]:
        """Count what is inside as a request that is under way."""
        self._timeline.begin_request()
        try:
            yield
        finally:
            self._timeline.end_request()

    @contextlib.contextmanager
    def _woken_after(self, seconds: float, wake: Callable[[], None], *, holds_back: bool = False) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        waiter = self._timeline.wait(seconds, partial(_call, loop, wake), holds_back=holds_back)
        try:
            yield
        finally:
            self._timeline.dismiss(waiter)

    async def _drive(self) -> None:
        """Let time pass. Where the machine is late, less of it does: a pace is not to depend on how busy that is."""
        timeline = self._timeline
        while True:
            waiting = await self._only_wait()
            changes, until_next = timeline.changes, timeline.until_next
            speed, most = (self._speed, _LONG) if waiting else (1.0, _SHORT)
            began = time.perf_counter()
            await asyncio.sleep(most if until_next is None else min(most, until_next / speed))
            passed = min(time.perf_counter() - began, _LONG)
            timeline.advance(passed * speed if changes == timeline.changes else passed)

    async def _only_wait(self) -> bool:
        """Return whether somebody waits for this clock, and nobody has anything else to do."""
        timeline = self._timeline
        threads = anyio.to_thread.current_default_thread_limiter()  # whoever waits for the disk is at work, too
        turns = 0
        while self._quiet_since != timeline.changes and turns < _TURNS:
            if timeline.is_busy or threads.borrowed_tokens:
                break
            changes = timeline.changes
            await asyncio.sleep(0)
            turns = turns + 1 if changes == timeline.changes else 0
        at_work = timeline.is_busy or threads.borrowed_tokens > 0
        self._quiet_since = _NEVER if at_work else timeline.changes
        return not at_work and timeline.until_next is not None


def _call(loop: asyncio.AbstractEventLoop, wake: Callable[[], None]) -> None:
    with contextlib.suppress(RuntimeError):  # the loop is closed, and nobody waits there any more
        loop.call_soon_threadsafe(wake)
