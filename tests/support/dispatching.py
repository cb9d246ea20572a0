"""A dispatch in memory: an exchange whose requests take time, a record that may break, a watcher that remembers."""

import errno
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from makers import CLOCK, SetClock, call, number, on_jumping_clock
from switchboard import Act, Silent, Switchboard

from batch_dialer.dialing.dispatch import Dispatch, Record
from batch_dialer.dialing.gate import make_gate
from batch_dialer.entry import Entry
from batch_dialer.job import Rate
from batch_dialer.ledger.journal import UnwrittenError
from batch_dialer.model import Call, Halt, Reply, Verdict
from batch_dialer.words import Status

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Exchange(Switchboard):
    """A switchboard on which a request takes *seconds*, and row *n* goes as *acts[n]* say, one for each try.

    *left* are the seconds at which requests came; *most* is how many were under way together.
    """

    def __init__(
        self, acts: Mapping[int, Iterable[Act]] | None = None, seconds: Mapping[int, float] | None = None
    ) -> None:
        super().__init__()
        self._acts = {row: iter(tries) for row, tries in (acts or {}).items()}
        self._seconds = seconds or {}
        self._under_way = self.most = 0
        self.left: list[float] = []

    async def place(self, call: Call) -> Reply:
        self.left.append(CLOCK.time())
        self._under_way += 1
        self.most = max(self.most, self._under_way)
        self.script([next(self._acts.get(call.row, iter(())), Act.PLACE)])
        reply = await super().place(call)
        await CLOCK.sleep(self._seconds.get(call.row, 1.0))
        self._under_way -= 1
        return reply


class Notebook:
    """A record in memory. Once *fails_at* entries were handed to it, it is broken for good, as a journal is."""

    def __init__(self, fails_at: int = 0) -> None:
        self._left = fails_at
        self.entries: list[Entry] = []

    async def write(self, entry: Entry) -> None:
        self._left -= 1
        if self._left == 0:
            self._left = 1
            raise UnwrittenError(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
        self.entries.append(entry)

    def of(self, row: int) -> list[tuple[Status, int]]:
        """Return each status that was written of *row*, with the count of attempts."""
        return [(entry.status, entry.attempts) for entry in self.entries if entry.row == row]


class Witness(Silent):
    """A watcher that remembers who was told, and why everybody had to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.verdicts: list[Verdict] = []
        self.pauses: list[tuple[float, str]] = []

    def attempted(self, entry: Entry, verdict: Verdict) -> None:
        assert entry.status is verdict.outcome.status
        self.verdicts.append(verdict)

    def paused(self, seconds: float, why: str) -> None:
        self.pauses.append((seconds, why))


def numbered_calls(count: int, **changes: Any) -> list[Call]:
    return [call(row=row, to=number(row), key=f"tel:{number(row)}", **changes) for row in range(2, count + 2)]


def dispatched(
    api: Exchange,
    calls: Iterable[Call],
    record: Record | None = None,
    watcher: Witness | None = None,
    *,
    concurrency: int = 3,
    seconds: float = 1e6,
) -> Halt | None:
    """Dispatch *calls*, for so many *seconds* at the most; return what stopped it."""

    async def run() -> Halt | None:
        gate = make_gate(Rate(100_000), CLOCK)
        dispatch = Dispatch(api, record or Notebook(), gate, watcher or Witness(), SetClock(NOON))
        async with CLOCK.move_on_after(seconds):
            await dispatch.run(iter(calls), concurrency)
        return dispatch.halt

    halt: Halt | None = on_jumping_clock(run)
    return halt
