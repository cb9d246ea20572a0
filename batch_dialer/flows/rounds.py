"""The rounds of a run: dial, wait until somebody is due again, dial. Without --wait there is one, or a pilot before it.

Between two rounds the API's lists are asked how the calls went on and what became of lost answers, and the plan is made
anew. What a person asked for once (--retry, --only) is done in the first round only.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import polars as pl

from batch_dialer.clock import Clock
from batch_dialer.dialing import session
from batch_dialer.dialing.dispatch import unwritten
from batch_dialer.dialing.session import Session, time_left, until_stopped
from batch_dialer.entry import History
from batch_dialer.flows.follow import follow_calls
from batch_dialer.flows.reconcile import reconcile
from batch_dialer.flows.track import track
from batch_dialer.job import Job
from batch_dialer.ledger.calls import find_under_way
from batch_dialer.ledger.doubts import in_doubt
from batch_dialer.ledger.history import to_entries
from batch_dialer.ledger.journal import UnwrittenError
from batch_dialer.ledger.opening import OpenLedger
from batch_dialer.model import Ending, Halt, Outcome, Rows, Target
from batch_dialer.plan.outlook import Outlook, left_for_later, look_ahead
from batch_dialer.plan.pilot import choose_pilot, without
from batch_dialer.plan.planning import Plan, Policy
from batch_dialer.talkover.call_list import CallLists
from batch_dialer.talkover.payload import target_id
from batch_dialer.words import CALL_EXISTS, Exit, Status

BETWEEN_LOOKS = timedelta(seconds=30)
BETWEEN_PROOFS = timedelta(minutes=5)
MOST_TRIES = 3
"""How often one run dials a row of which no call comes: where a number's connection always drops, none ever does."""


class Watcher(session.Watcher, Protocol):
    """Is told what happens, and asked after a pilot. It decides nothing else."""

    def go_on(self, calls: Mapping[str, int], average: float | None, others: int) -> bool:
        """Return whether to call the *others* after a pilot whose *calls*, counted by status, went so.

        *average*: the seconds that were talked in each call that was completed, if there was one.
        """
        ...


class Replan(Protocol):
    """Makes the plan anew."""

    async def __call__(self, policy: Policy, clock_ahead: timedelta, *, look_up: bool) -> Plan:
        """Return the plan by *policy*; *look_up*: whether to ask who was called lately from elsewhere."""
        ...


@dataclass(frozen=True, slots=True)
class Dialed:
    """How the dialing ended: the last *plan*, why with rows left, if so, and which agents were held back.

    *outside* has the keys of rows whose turn came outside their calling hours, with the reason.
    """

    plan: Plan
    ending: Ending | None
    held: Mapping[Target, Halt]
    outside: Mapping[str, str]


class Rounds:
    """The rounds of one run. *replan* makes the plans of all but the first.

    *sparing* has the same lists as *lists*, and asks for them so slowly that calls can be placed meanwhile.
    """

    def __init__(
        self, job: Job, ledger: OpenLedger, session: Session, lists: CallLists, sparing: CallLists, watcher: Watcher,
        clock: Clock, replan: Replan,
    ) -> None:  # fmt: skip
        self._job = job
        self._plan: Plan
        self._first: Plan
        self._ledger = ledger
        self._session = session
        self._lists = lists
        self._sparing = sparing
        self._watcher = watcher
        self._clock = clock
        self._replan = replan
        self._proved_at: datetime | None = None
        self._warned = set[str]()
        self._tries = Counter[tuple[str, int]]()
        self._ahead = timedelta()
        self._ended_by_pilot: Ending | None = None

    async def carry_out(self, plan: Plan) -> Dialed:
        """Dial by *plan*, and with --wait stay until every call has ended; return how it ended."""
        self._plan = self._first = plan
        left = time_left(self._job, self._clock.now())
        ending = await until_stopped(partial(self._until_unwritten, self._dial), self._clock, *left)
        ending = ending or self._ended_by_pilot
        if self._first.dial.height and not _is_interrupt(ending):
            ending = await until_stopped(partial(self._until_unwritten, self._ask_once), self._clock) or ending
        halt = self._session.halt
        if halt and not _is_interrupt(ending):
            ending = Ending(Exit.STOPPED_EARLY, halt.reason, halt.remedy)
        return Dialed(self._plan, ending or left_for_later(self._plan), self._session.held, self._session.outside)

    async def _until_unwritten(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do *work*; a journal that cannot be written ends it as it ends the dialing."""
        try:
            await work()
        except UnwrittenError as error:
            self._session.stop(unwritten(Outcome(Status.DEFERRED), error))

    async def _dial(self) -> None:
        """Place the calls of the first plan, and with --wait those of each that follows."""
        rows = self._plan.dial
        if rows.height and self._job.pilot:
            rows = await self._carry_out_pilot(rows, self._job.pilot)
        if rows.height:
            await self._place(rows)
        while self._job.wait and not self._session.halt and not self._ended_by_pilot:
            rows = await self._wait()
            if rows.is_empty() or self._too_many_fail():
                return
            await self._place(rows)

    async def _place(self, rows: Rows) -> None:
        """Place the calls to *rows*; see meanwhile how they go, and what becomes of lost answers."""
        if self._job.wait:  # else there is no second time; a sheet may have a million rows
            self._tries.update(_tries_of(rows))
        await self._session.dial(rows, self._explain, self._follow)

    async def _follow(self) -> Halt:
        return await follow_calls(self._session.failures, self._ledger, self._sparing, self._warn, self._clock)

    def _too_many_fail(self) -> bool:
        halt = self._session.failures.judge(self._clock.now())
        if halt:
            self._session.stop(halt)
        return halt is not None

    async def _explain(self, lost: Collection[str]) -> Mapping[str, str]:
        """Ask the list once what became of the rows *lost* (keys); return the call ID of each that has one now.

        Nothing is written of any other row: it may be dialed meanwhile.
        """
        await self._reconcile(prove=False, among=lost)
        placed = pl.col("status").is_in([status.value for status in CALL_EXISTS]) & pl.col("key").is_in(list(lost))
        return dict(self._ledger.history().filter(placed).select("key", "call_id").rows())

    async def _carry_out_pilot(self, rows: Rows, count: int) -> Rows:
        """Dial *count* of *rows*, wait until these calls have ended, and ask; return which rows to dial after that."""
        pilot = choose_pilot(rows, count)
        others = without(rows, pilot)
        await self._place(pilot)
        ended = await self._wait_for_ends(frozenset(pilot["key"]))
        if others.is_empty() or self._session.halt:
            return Rows(others.clear())
        lengths = ended.filter(pl.col("status") == Status.COMPLETED.value)["duration_seconds"].drop_nulls()
        average = sum(lengths) / len(lengths) if len(lengths) else None
        wanted = self._watcher.go_on(_counts(ended), average, others.height)
        await self._clock.sleep(1)  # a Ctrl-C that answered the question, and connections that closed, are noticed now
        if not wanted:
            reason = f"The pilot is over. Rows left: {others.height:,}."
            self._ended_by_pilot = Ending(
                Exit.ROWS_LEFT, reason, "See how its calls went, then run again without --pilot to go on."
            )
            return Rows(others.clear())
        return others

    async def _wait_for_ends(self, keys: Collection[str]) -> History:
        """Wait until the calls of the rows with *keys* have ended; return what is known of these rows."""
        await self._reconcile(prove=False, among=keys)
        while True:
            under_way = list(to_entries(find_under_way(self._known(keys))))
            await track(self._ledger, self._lists, self._warn, under_way)
            await self._session.show()
            known, now = self._known(keys), self._clock.now()
            if not look_ahead(known, self._plan, now, self._job.settle_after).under_way or self._session.halt:
                return known
            self._watcher.waiting(_counts(known), None)
            await self._clock.sleep(BETWEEN_LOOKS.total_seconds())

    def _known(self, keys: Collection[str]) -> History:
        return History(self._ledger.history().filter(pl.col("key").is_in(list(keys))))

    async def _ask_once(self) -> None:
        """Ask the API's list about answers that were lost, and see who is due later."""
        await self._reconcile(prove=False)
        if self._job.policy.redial:
            self._plan = await self._replan(self._later_policy(), self._ahead, look_up=False)

    async def _wait(self) -> Rows:
        """Wait until somebody is due; return who, or nobody where there is nothing to wait for."""
        await self._reconcile(prove=False)
        while True:
            tracked = await track(self._ledger, self._lists, self._warn)
            self._ahead = tracked.clock_ahead
            self._session.failures.learn(tracked.entries, self._clock.now())
            await self._session.show()
            self._plan = await self._replan(self._later_policy(), self._ahead, look_up=True)
            now, history = self._clock.now(), self._ledger.history()
            outlook = look_ahead(history, self._plan, now, self._job.settle_after)
            if (rows := self._due()).height or outlook.is_over:
                return rows
            self._watcher.waiting(_counts(history), outlook.next_due)
            await self._clock.sleep(max(1.0, (_next_look(outlook, now) - now).total_seconds()))
            if self._may_prove(outlook):
                await self._reconcile(prove=True)

    def _due(self) -> Rows:
        """Return who is due: not whom to dial would be in vain for ever.

        These are the rows of agents that are held back, and who was tried several times and no call came of it.
        """
        held = [target.id for target in self._session.held]
        rows = self._plan.dial
        tried = pl.Series([self._tries[key] < MOST_TRIES for key in _tries_of(rows)], dtype=pl.Boolean)
        return Rows(rows.filter(~target_id(rows, self._job.caller).is_in(held) & tried))

    def _later_policy(self) -> Policy:
        """With --limit, only the rows of the first round are dialed again."""
        policy = replace(self._job.policy, asked_anew=False)
        if policy.limit is None:
            return policy
        return replace(policy, limit=None, among=frozenset(self._first.dial["key"]))

    def _may_prove(self, outlook: Outlook) -> bool:
        now = self._clock.now()
        if outlook.settled_at is None or now < outlook.settled_at:
            return False
        return self._proved_at is None or now >= self._proved_at + BETWEEN_PROOFS

    async def _reconcile(self, *, prove: bool, among: Collection[str] | None = None) -> None:
        if in_doubt(self._ledger.history()).is_empty():
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


def _tries_of(rows: Rows) -> list[tuple[str, int]]:
    """Return the key of each row with the calls that it had: what is tried again without one more is tried in vain."""
    return rows.select("key", pl.col("calls").fill_null(0)).rows()


def _counts(history: History) -> dict[str, int]:
    return dict(history.group_by("status").len().rows())


def _is_interrupt(ending: Ending | None) -> bool:
    return ending is not None and ending.exit is not Exit.ROWS_LEFT


def _next_look(outlook: Outlook, now: datetime) -> datetime:
    """Return when to look again: soon while calls are under way, else when the next thing is due."""
    looks = [now + BETWEEN_LOOKS] if outlook.under_way else []
    if outlook.settled_at:
        looks.append(max(outlook.settled_at, now + BETWEEN_LOOKS))
    return min([*looks, *([outlook.next_due] if outlook.next_due else [])])
