"""A pilot: a few rows are dialed first, their calls come to an end, and somebody decides about all the others."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Protocol

import polars as pl

from batch_dialer.clock import Clock
from batch_dialer.dialing import session
from batch_dialer.dialing.session import Session
from batch_dialer.entry import History
from batch_dialer.flows.looks import BETWEEN_LOOKS, Looks
from batch_dialer.job import Job
from batch_dialer.ledger.calls import find_under_way
from batch_dialer.ledger.history import to_entries
from batch_dialer.ledger.tally import count_statuses
from batch_dialer.model import Ending, Rows
from batch_dialer.plan.outlook import look_ahead
from batch_dialer.plan.pilot import choose_pilot, without
from batch_dialer.plan.planning import Plan
from batch_dialer.words import Exit, Status


class Watcher(session.Watcher, Protocol):
    """Is told what happens, and asked after a pilot. It decides nothing else."""

    def go_on(self, calls: Mapping[str, int], average: float | None, others: int) -> bool:
        """Return whether to call the *others* after a pilot whose *calls*, counted by status, went so.

        *average*: the seconds that were talked in each call that was completed, if there was one.
        """
        ...


class Pilot:
    """The pilot of one run. *place* places the calls to rows, and returns when they are placed."""

    def __init__(
        self, job: Job, session: Session, looks: Looks, watcher: Watcher, clock: Clock,
        place: Callable[[Rows], Awaitable[None]],
    ) -> None:  # fmt: skip
        self._job = job
        self._session = session
        self._looks = looks
        self._watcher = watcher
        self._clock = clock
        self._place = place

    async def carry_out(self, plan: Plan, count: int) -> Rows | Ending:
        """Dial *count* rows of *plan*, wait until these calls have ended, and ask.

        Return which rows to dial after that, or why the run ends.
        """
        pilot = choose_pilot(plan.dial, count)
        others = without(plan.dial, pilot)
        await self._place(pilot)
        ended = await self._wait_for_ends(plan, frozenset(pilot["key"]))
        if others.is_empty() or self._session.halt:
            return Rows(others.clear())
        lengths = ended.filter(pl.col("status") == Status.COMPLETED.value)["duration_seconds"].drop_nulls()
        average = sum(lengths) / len(lengths) if len(lengths) else None
        wanted = self._watcher.go_on(count_statuses(ended), average, others.height)
        await self._clock.sleep(1)  # a Ctrl-C that answered the question, and connections that closed, are noticed now
        if not wanted:
            reason = f"The pilot is over. Rows left: {others.height:,}."
            return Ending(Exit.ROWS_LEFT, reason, "See how its calls went, then run again without --pilot to go on.")
        return others

    async def _wait_for_ends(self, plan: Plan, keys: Collection[str]) -> History:
        """Wait until the calls of the rows with *keys* have ended; return what is known of these rows."""
        await self._looks.reconcile(keys)
        while True:
            await self._looks.track(list(to_entries(find_under_way(self._looks.known(keys)))))
            await self._session.show()
            known, now = self._looks.known(keys), self._clock.now()
            if not look_ahead(known, plan, now, self._job.settle_after).under_way or self._session.halt:
                return known
            self._watcher.waiting(count_statuses(known), None)
            await self._clock.sleep(BETWEEN_LOOKS.total_seconds())
