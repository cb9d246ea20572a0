"""How a run looks at the API's lists while it goes on: what became of lost answers, and how its calls went on.

What is learned is written to the ledger. What is wrong with the lists for hours is said once.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

import polars as pl

from batch_dialer.clock import Clock
from batch_dialer.dialing import session
from batch_dialer.dialing.failures import Failures
from batch_dialer.entry import Entry, History
from batch_dialer.flows.follow import follow_calls
from batch_dialer.flows.reconcile import reconcile
from batch_dialer.flows.track import Tracked, track
from batch_dialer.job import Job
from batch_dialer.ledger.doubts import in_doubt
from batch_dialer.ledger.opening import OpenLedger
from batch_dialer.model import Halt
from batch_dialer.plan.outlook import Outlook
from batch_dialer.talkover.call_lists import CallLists
from batch_dialer.words import CALL_EXISTS

BETWEEN_LOOKS = timedelta(seconds=30)
BETWEEN_PROOFS = timedelta(minutes=5)


class Looks:
    """The looks of one run.

    *sparing* has the same lists as *lists*, and asks for them so slowly that calls can be placed meanwhile.
    """

    def __init__(
        self, job: Job, ledger: OpenLedger, lists: CallLists, sparing: CallLists, watcher: session.Watcher, clock: Clock
    ) -> None:
        self._job = job
        self._ledger = ledger
        self._lists = lists
        self._sparing = sparing
        self._watcher = watcher
        self._clock = clock
        self._proved_at: datetime | None = None
        self._warned = set[str]()

    def history(self) -> History:
        """Return the last word on every row."""
        return self._ledger.history()

    def known(self, keys: Collection[str]) -> History:
        """Return the last words on the rows with *keys*."""
        return History(self.history().filter(pl.col("key").is_in(list(keys))))

    async def track(self, rows: Sequence[Entry] | None = None) -> Tracked:
        """Learn how the calls of *rows* went on, or of all that are under way."""
        return await track(self._ledger, self._lists, self._warn, rows)

    async def follow(self, failures: Failures) -> Halt:
        """Learn while calls are placed how they go, until too many of them have failed; return why the run stops."""
        return await follow_calls(failures, self._ledger, self._sparing, self._warn, self._clock)

    async def explain(self, lost: Collection[str]) -> Mapping[str, str]:
        """Ask the list once what became of the rows *lost* (keys); return the call ID of each that has one now.

        Nothing is written of any other row: it may be dialed meanwhile.
        """
        await self.reconcile(among=lost)
        placed = pl.col("status").is_in([status.value for status in CALL_EXISTS])
        return dict(self.known(lost).filter(placed).select("key", "call_id").rows())

    async def reconcile(self, among: Collection[str] | None = None) -> None:
        """Ask the list once what became of lost answers; *among*: the keys of the only rows that it is about."""
        await self._reconcile(prove=False, among=among)

    async def prove(self, outlook: Outlook) -> None:
        """Ask, where the lists may prove by now that no call was placed; not again before some minutes have passed."""
        now = self._clock.now()
        if outlook.settled_at is None or now < outlook.settled_at:
            return
        if self._proved_at is None or now >= self._proved_at + BETWEEN_PROOFS:
            await self._reconcile(prove=True)

    async def _reconcile(self, *, prove: bool, among: Collection[str] | None = None) -> None:
        if in_doubt(self.history()).is_empty():
            return
        job = self._job
        if prove:
            self._proved_at = self._clock.now()
        await reconcile(
            self._ledger, self._lists, job.caller, job.settle_after, self._watcher.note, self._clock,
            prove=prove, among=among,
        )  # fmt: skip

    def _warn(self, sentence: str) -> None:
        """Warn once of what may be so for hours."""
        if sentence not in self._warned:
            self._warned.add(sentence)
            self._watcher.warn(sentence)
