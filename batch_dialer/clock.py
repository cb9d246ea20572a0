"""What time it is, and waiting for it. It is handed to whatever needs it, so that a test can move it."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, nullcontext
from datetime import UTC, datetime
from typing import Protocol

import anyio


class Clock(Protocol):
    """Tells the time of day, measures durations, and waits. Whatever is about a run's time goes by it."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...

    def time(self) -> float:
        """Return seconds that only go forward: for durations. It is asked while an event loop runs."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return when so many *seconds* have passed."""
        ...

    def move_on_after(self, seconds: float | None) -> AbstractAsyncContextManager[anyio.CancelScope]:
        """Cancel what is inside once *seconds* have passed; None: never."""
        ...

    def busy(self) -> AbstractContextManager[None]:
        """Say that what is inside waits for an answer, and not for this clock."""
        ...


class SystemClock:
    """The clock of this machine: a person or a time server may set it, also while a run is under way."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251  (this is that clock)

    def time(self) -> float:
        """Return seconds that only go forward."""
        return anyio.current_time()  # noqa: TID251  (as above)

    async def sleep(self, seconds: float) -> None:
        """Return when so many *seconds* have passed."""
        await anyio.sleep(seconds)  # noqa: TID251  (as above)

    @asynccontextmanager
    async def move_on_after(self, seconds: float | None) -> AsyncIterator[anyio.CancelScope]:
        """Cancel what is inside once *seconds* have passed; None: never."""
        with anyio.move_on_after(seconds) as scope:  # noqa: TID251  (as above)
            yield scope

    def busy(self) -> AbstractContextManager[None]:
        """Make no difference: this clock waits for nobody."""
        return nullcontext()
