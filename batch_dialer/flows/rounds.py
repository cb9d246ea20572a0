"""The rounds of a run: dial, wait until somebody is due again, dial. Without --wait there is one.

Between two rounds the API's lists are asked how the calls went on and what became of lost answers, and the plan is made
anew. What a person asked for once (--retry, --only) is done in the first round only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from batch_dialer.clock import Clock
from batch_dialer.dialing.session import Session, Watcher, time_left, until_stopped
from batch_dialer.flows.reconcile import reconcile
from batch_dialer.flows.track import track
from batch_dialer.job import Job
from batch_dialer.ledger.doubts import in_doubt
from batch_dialer.ledger.opening import OpenLedger
from batch_dialer.model import Ending, Halt, Rows, Target
from batch_dialer.plan.outlook import Outlook, left_for_later, look_ahead
from batch_dialer.plan.planning import Plan, Policy
from batch_dialer.talkover.call_list import CallLists
from batch_dialer.talkover.payload import target_id
from batch_dialer.words import Exit

BETWEEN_LOOKS = timedelta(seconds=30)
BETWEEN_PROOFS = timedelta(minutes=5)


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
    """The rounds of one run, the first of which carries out *plan*. *replan* makes the plans of the others."""

    def __init__(
        self, job: Job, plan: Plan, ledger: OpenLedger, session: Session, lists: CallLists, watcher: Watcher,
        clock: Clock, replan: Replan,
    ) -> None:  # fmt: skip
        self._job = job
        self._plan = self._first = plan
        self._ledger = ledger
        self._session = session
        self._lists = lists
        self._watcher = watcher
        self._clock = clock
        self._replan = replan
        self._proved_at: datetime | None = None
        self._warned = set[str]()
        self._ahead = timedelta()

    async def carry_out(self) -> Dialed:
        """Dial, and with --wait stay until every call has ended; return how it ended."""
        ending = await until_stopped(self._dial, self._clock, *time_left(self._job, self._clock.now()))
        if self._first.dial.height and not _is_interrupt(ending):
            ending = await until_stopped(self._ask_once, self._clock) or ending
        halt = self._session.halt
        if halt and not _is_interrupt(ending):
            ending = Ending(Exit.STOPPED_EARLY, halt.reason, halt.remedy)
        return Dialed(self._plan, ending or left_for_later(self._plan), self._session.held, self._session.outside)

    async def _dial(self) -> None:
        """Place the calls of the first plan, and with --wait those of each that follows."""
        rows = self._plan.dial
        if rows.height:
            await self._session.dial(rows)
        while self._job.wait and not self._session.halt:
            rows = await self._wait()
            if rows.is_empty():
                return
            await self._session.dial(rows)

    async def _ask_once(self) -> None:
        """Ask the API's list about answers that were lost, and see who is due later."""
        await self._reconcile(prove=False)
        if self._job.policy.redial:
            self._plan = await self._replan(self._later_policy(), self._ahead, look_up=False)

    async def _wait(self) -> Rows:
        """Wait until somebody is due; return who, or nobody where there is nothing to wait for."""
        await self._reconcile(prove=False)
        while True:
            self._ahead = (await track(self._ledger, self._lists, self._warn)).clock_ahead
            await self._session.show()
            self._plan = await self._replan(self._later_policy(), self._ahead, look_up=True)
            now, history = self._clock.now(), self._ledger.history()
            outlook = look_ahead(history, self._plan, now, self._job.settle_after)
            if (rows := self._due()).height or outlook.is_over:
                return rows
            self._watcher.waiting(dict(history.group_by("status").len().rows()), outlook.next_due)
            await self._clock.sleep(max(1.0, (_next_look(outlook, now) - now).total_seconds()))
            if self._may_prove(outlook):
                await self._reconcile(prove=True)

    def _due(self) -> Rows:
        """Return who is due: not the rows of agents that are held back, which would be due for ever."""
        held = [target.id for target in self._session.held]
        rows = self._plan.dial
        return Rows(rows.filter(~target_id(rows, self._job.caller).is_in(held))) if held else rows

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

    async def _reconcile(self, *, prove: bool) -> None:
        if in_doubt(self._ledger.history()).is_empty():
            return
        job = self._job
        if prove:
            self._proved_at = self._clock.now()
        await reconcile(
            self._ledger, self._lists, job.caller, job.settle_after, self._watcher.note, self._clock, prove=prove
        )

    def _warn(self, sentence: str) -> None:
        """Warn once of what may be so for hours."""
        if sentence not in self._warned:
            self._warned.add(sentence)
            self._watcher.warn(sentence)


def _is_interrupt(ending: Ending | None) -> bool:
    return ending is not None and ending.exit is not Exit.ROWS_LEFT


def _next_look(outlook: Outlook, now: datetime) -> datetime:
    """Return when to look again: soon while calls are under way, else when the next thing is due."""
    looks = [now + BETWEEN_LOOKS] if outlook.under_way else []
    if outlook.settled_at:
        looks.append(max(outlook.settled_at, now + BETWEEN_LOOKS))
    return min([*looks, *([outlook.next_due] if outlook.next_due else [])])
