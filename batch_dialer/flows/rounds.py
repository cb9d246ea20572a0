"""The rounds of a run: dial, wait until somebody is due again, dial. Without --wait there is one, or a pilot before it.

Between two rounds the API's lists are asked how the calls went on and what became of lost answers, and the plan is made
anew. What a person asked for once (--retry, --only) is done in the first round only.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import polars as pl

from batch_dialer.clock import Clock
from batch_dialer.dialing.dispatch import unwritten
from batch_dialer.dialing.session import Session, time_left, until_stopped
from batch_dialer.flows.looks import BETWEEN_LOOKS, Looks
from batch_dialer.flows.pilot import Pilot, Watcher
from batch_dialer.job import Job
from batch_dialer.ledger.journal import UnwrittenError
from batch_dialer.ledger.tally import count_statuses
from batch_dialer.model import Ending, Halt, Outcome, Rows, Target
from batch_dialer.plan.outlook import Outlook, left_for_later, look_ahead
from batch_dialer.plan.planning import Plan, Policy
from batch_dialer.talkover.payload import target_id
from batch_dialer.words import Exit, Status

MOST_TRIES = 3
"""How often one run dials a row of which no call comes: where a number's connection always drops, none ever does."""


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
    """The rounds of one run. *replan* makes the plans of all but the first."""

    def __init__(
        self, job: Job, session: Session, looks: Looks, watcher: Watcher, clock: Clock, replan: Replan
    ) -> None:
        self._job = job
        self._plan: Plan
        self._first: Plan
        self._session = session
        self._looks = looks
        self._watcher = watcher
        self._clock = clock
        self._replan = replan
        self._tries = Counter[tuple[str, int]]()
        self._ahead = timedelta()
        self._pilot = Pilot(job, session, looks, watcher, clock, self._place)
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
            others = await self._pilot.carry_out(self._plan, self._job.pilot)
            if isinstance(others, Ending):
                self._ended_by_pilot = others
                return
            rows = others
        if rows.height:
            await self._place(rows)
        while self._job.wait and not self._session.halt:
            rows = await self._wait()
            if rows.is_empty() or self._too_many_fail():
                return
            await self._place(rows)

    async def _place(self, rows: Rows) -> None:
        """Place the calls to *rows*; see meanwhile how they go, and what becomes of lost answers."""
        if self._job.wait:  # else there is no second time; a sheet may have a million rows
            self._tries.update(_tries_of(rows))
        await self._session.dial(rows, self._looks.explain, partial(self._looks.follow, self._session.failures))

    def _too_many_fail(self) -> bool:
        halt = self._session.failures.judge(self._clock.now())
        if halt:
            self._session.stop(halt)
        return halt is not None

    async def _ask_once(self) -> None:
        """Ask the API's list about answers that were lost, and see who is due later."""
        await self._looks.reconcile()
        if self._job.policy.redial:
            self._plan = await self._replan(self._later_policy(), self._ahead, look_up=False)

    async def _wait(self) -> Rows:
        """Wait until somebody is due; return who, or nobody where there is nothing to wait for."""
        await self._looks.reconcile()
        while True:
            tracked = await self._looks.track()
            self._ahead = tracked.clock_ahead
            self._session.failures.learn(tracked.entries, self._clock.now())
            await self._session.show()
            self._plan = await self._replan(self._later_policy(), self._ahead, look_up=True)
            now, history = self._clock.now(), self._looks.history()
            outlook = look_ahead(history, self._plan, now, self._job.settle_after)
            if (rows := self._due()).height or outlook.is_over:
                return rows
            self._watcher.waiting(count_statuses(history), outlook.next_due)
            await self._clock.sleep(max(1.0, (_next_look(outlook, now) - now).total_seconds()))
            await self._looks.prove(outlook)

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


def _tries_of(rows: Rows) -> list[tuple[str, int]]:
    """Return the key of each row with the calls that it had: what is tried again without one more is tried in vain."""
    return rows.select("key", pl.col("calls").fill_null(0)).rows()


def _is_interrupt(ending: Ending | None) -> bool:
    return ending is not None and ending.exit is not Exit.ROWS_LEFT


def _next_look(outlook: Outlook, now: datetime) -> datetime:
    """Return when to look again: soon while calls are under way, else when the next thing is due."""
    looks = [now + BETWEEN_LOOKS] if outlook.under_way else []
    if outlook.settled_at:
        looks.append(max(outlook.settled_at, now + BETWEEN_LOOKS))
    return min([*looks, *([outlook.next_due] if outlook.next_due else [])])
