"""SIGINT, SIGTERM and SIGHUP: the first stops the dialing, the second everything."""

import os
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from signal import SIG_IGN, SIGINT, SIGTERM, Signals, getsignal, signal

import anyio
from anyio.abc import TaskStatus

from batch_dialer.model import Ending
from batch_dialer.words import Exit

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP
_EXITS = {SIGINT: Exit.INTERRUPTED, SIGTERM: Exit.TERMINATED}


@dataclass(slots=True)
class Interrupt:
    """The first signal that came, if one did."""

    first: Signals | None = None

    def ending(self) -> Ending:
        """Return how a run ends that was stopped so."""
        return Ending(
            _EXITS.get(self.first or SIGINT, Exit.TERMINATED),
            "The run was interrupted; the calls that were under way are written down.",
            "Run the same command again to go on.",
        )


async def stop_on_signal(dialing: anyio.CancelScope, *, task_status: TaskStatus[Interrupt]) -> None:
    """Cancel *dialing* at the first signal; at a second leave at once: the journal holds all that was begun."""
    interrupt = Interrupt()
    before = getsignal(SIGINT)
    try:
        with _received() as signals:
            task_status.started(interrupt)
            async for number in signals or _none():
                if interrupt.first:
                    os._exit(_EXITS.get(number, Exit.TERMINATED))
                interrupt.first = number
                dialing.cancel()
    finally:
        if before is not None:  # what was not set from Python cannot be set back
            signal(SIGINT, before)  # the receiver leaves the default, whoever handled it before


def _received() -> AbstractContextManager[AsyncIterator[Signals] | None]:
    """Receive the signals that are not ignored, as nohup(1) has SIGHUP ignored and a shell SIGINT behind `&`.

    On Windows there is none: Ctrl-C cancels the whole run there, which shields the calls that are under way.
    """
    if os.name == "nt":
        return nullcontext()
    heard = [Signals[name] for name in _NAMES if getsignal(Signals[name]) is not SIG_IGN]
    return anyio.open_signal_receiver(*heard) if heard else nullcontext()


async def _none() -> AsyncIterator[Signals]:
    await anyio.sleep_forever()
    yield SIGINT
