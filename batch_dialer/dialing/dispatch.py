"""The only place where a phone rings: many calls at a time, each on disk before it can ring and again after.

Read `attempt`: its three lines are the promise that all the rest serves.
"""

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

import anyio
from anyio.abc import TaskGroup

from batch_dialer.clock import Clock
from batch_dialer.dialing.backoff import backoff
from batch_dialer.dialing.breaker import Breaker
from batch_dialer.dialing.gate import Gate
from batch_dialer.dialing.sent import Turn
from batch_dialer.dialing.taken_ids import TakenIds
from batch_dialer.dialing.verdict import judge
from batch_dialer.entry import Entry
from batch_dialer.ledger.doubts import entry_of
from batch_dialer.ledger.journal import UnwrittenError
from batch_dialer.model import Again, Call, Halt, Outcome, Reply, Settled, Target, Verdict
from batch_dialer.plan.calling_hours import why_outside
from batch_dialer.schema.schema import CallingHours
from batch_dialer.talkover.evidence import without_numbers
from batch_dialer.words import CALL_EXISTS, Status

BEHIND = 30.0
"""Seconds that everybody waits before the API's list is asked about lost answers, as it may be behind."""

Explain = Callable[[Collection[str]], Awaitable[Mapping[str, str]]]
"""Asks the API's list about the lost answers of the rows with these keys: the call ID of each that has a call there.

What it finds is on disk when it returns; it raises `UnwrittenError` where that cannot be.
"""


class Api(Protocol):
    """Where calls are placed. It never raises for what the wire did."""

    async def place(self, call: Call) -> Reply:
        """Send the request once, and return what came of it."""
        ...


class Record(Protocol):
    """Where facts are kept."""

    async def write(self, entry: Entry) -> None:
        """Return once *entry* is durable; raise `UnwrittenError` where it cannot be."""
        ...


class Watcher(Protocol):
    """Told what happens; decides nothing."""

    def attempted(self, entry: Entry, verdict: Verdict) -> None:
        """Take note that an attempt ended so, and is on disk."""
        ...

    def unrecorded(self, entry: Entry) -> None:
        """Take note that *entry* could not be written to disk: this is the last that holds it."""
        ...

    def paused(self, seconds: float, why: str) -> None:
        """Take note that everybody waits."""
        ...


class Dispatch:
    """One run's calls. *halt* tells, once it is over, what stopped it; None where nothing did.

    *targets*: through how many agents the calls go. *held*: those through which none can be placed, and why; whoever
    makes the calls may leave theirs out. *taken* has the call IDs of earlier runs; those of this one are added to it.
    *hours*: when phones may ring, None: at any hour. *outside*: by key, the rows whose turn came outside them, and why.
    *explain* is asked about answers that were lost in a row: the run goes on if all of their calls are found.
    """

    def __init__(
        self,
        api: Api,
        record: Record,
        gate: Gate,
        watcher: Watcher,
        clock: Clock,
        taken: TakenIds | None = None,
        hours: CallingHours | None = None,
    ) -> None:
        self._api = api
        self._record = record
        self._gate = gate
        self._watcher = watcher
        self._clock = clock
        self._taken = taken or TakenIds()
        self._hours = hours
        self._breaker = Breaker()
        self._lost: list[str] = []
        self._explaining: anyio.Event | None = None
        self._group: TaskGroup | None = None
        self.explain: Explain | None = None
        self.targets = 1
        self.held: dict[Target, Halt] = {}
        self.outside: dict[str, str] = {}
        self.halt: Halt | None = None

    async def run(self, calls: Iterator[Call], concurrency: int) -> None:
        """Place *calls*, at most *concurrency* at a time; cancelling it ends the run between attempts, never in one."""
        self._lost.clear()  # what was lost in an earlier round was asked about since
        self._explaining = None
        async with anyio.create_task_group() as self._group:
            for _ in range(concurrency):
                self._group.start_soon(self._work, calls)
        self._group = None

    def stop(self, halt: Halt) -> None:
        """Begin no more attempts, because of *halt*; those that are under way are let run to their end."""
        self.halt = self.halt or halt
        if self._group:
            self._group.cancel_scope.cancel()

    async def _work(self, calls: Iterator[Call]) -> None:
        for call in calls:
            halt = None if call.target in self.held else await self._place(call)
            if halt and not self._hold_back(call.target, halt):
                self.stop(halt)
                return

    def _hold_back(self, target: Target, halt: Halt) -> bool:
        """Hold back the calls of *target* where *halt* is about that agent; return whether others can be placed."""
        if halt.of_agent:
            self.held.setdefault(target, halt)
        return halt.of_agent and len(self.held) < self.targets

    async def _place(self, call: Call) -> Halt | None:
        """Place one call, again if need be, until its row has a last word."""
        first = call.attempt
        while True:
            turn = await self._turn()
            if call.target in self.held:
                return None
            if call.expires and call.expires <= self._clock.now() + timedelta(seconds=call.delay_seconds):
                return None  # it expired while it waited: the row is judged afresh, and skipped, by the next plan
            if not self._may_ring(call):
                return None
            verdict = await self._attempt(call, turn, tries=call.attempt - first + 1)
            strain = self._breaker.observe(verdict, self._clock.time())
            if verdict.outcome.status is Status.UNKNOWN:
                self._lost.append(call.key)
            elif verdict.outcome.status in CALL_EXISTS:
                self._forget_lost()
            if isinstance(strain, Halt):
                return await self._ask_about_lost(strain, self.explain) if self.explain else strain
            if strain:
                self._wait(strain, "half of the last attempts failed")
            if not isinstance(verdict, Again):
                return None
            seconds = verdict.after if verdict.after is not None else backoff(call.attempt - first + 1)
            self._wait(seconds, verdict.outcome.error_message or verdict.outcome.error_code)
            call = replace(call, attempt=call.attempt + 1)

    def _may_ring(self, call: Call) -> bool:
        """Judge the hour again: a plan may be hours old when a row's turn comes."""
        if self._hours is None:
            return True
        why = why_outside(self._hours, call.to, call.zone, self._clock.now(), call.delay_seconds)
        if why:
            self.outside[call.key] = why
        return not why

    async def _turn(self) -> Turn:
        """Return when the next request may leave: not while it is asked what became of lost answers."""
        while True:
            while self._explaining:
                await self._explaining.wait()
            turn = await self._gate.turn()
            if not self._explaining:
                return turn

    def _forget_lost(self) -> None:
        """A call placed starts the count again, unless it is being asked about what was counted."""
        if not self._explaining:
            self._lost.clear()

    async def _ask_about_lost(self, halt: Halt, explain: Explain) -> Halt | None:
        """Let everybody wait, and ask what became of the lost answers; return *halt* unless all calls are found.

        One asks; whoever else loses an answer meanwhile waits for what comes of it.
        """
        if not halt.explainable:
            return halt
        if self._explaining:
            await self._explaining.wait()
            return None
        self._explaining = anyio.Event()
        self._wait(BEHIND, "answers in a row were lost; the API's list of calls is asked what became of them")
        await self._clock.sleep(BEHIND)
        lost = frozenset(self._lost)
        try:
            found = await explain(lost)
        except UnwrittenError as error:
            return unwritten(halt.outcome, error)
        for key, call_id in found.items():
            self._taken.add(call_id, key)
        if not lost <= found.keys():
            return halt
        self._lost = [key for key in self._lost if key not in lost]
        self._breaker.explained(len(self._lost))
        self._explaining.set()
        self._explaining = None
        return None

    def _wait(self, seconds: float, why: str) -> None:
        """Let nobody go for a while, and say so; the API's own words may name a phone, which no log shows."""
        self._gate.pause(seconds)
        self._watcher.paused(seconds, without_numbers(why))

    async def _attempt(self, call: Call, turn: Turn, tries: int) -> Verdict:
        """Dial once: on disk before the phone can ring, on disk again once we know what became of it."""
        with anyio.CancelScope(shield=True):
            sent_at = self._clock.now()
            try:
                await self._record.write(entry_of(call, Outcome(Status.DIALING), sent_at))
            except UnwrittenError as error:
                return unwritten(Outcome(Status.DEFERRED), error)
            reply = await self._api.place(call)
            came = self._clock.time()
            verdict = judge(reply, call, tries, self._taken)
            if verdict.outcome.call_id:
                self._taken.add(verdict.outcome.call_id, call.key)
            if isinstance(verdict, Settled) and verdict.wait:
                # At once: whoever leaves meanwhile is in doubt, too.
                self._wait(verdict.wait, verdict.outcome.error_message)
            settled = entry_of(call, verdict.outcome, sent_at)
            try:
                await self._record.write(settled)
            except UnwrittenError as error:
                self._watcher.unrecorded(settled)
                return unwritten(verdict.outcome, error)
        self._gate.learn(turn, reply, came)
        self._watcher.attempted(settled, verdict)
        return verdict


def unwritten(outcome: Outcome, error: UnwrittenError) -> Halt:
    """Return why the run stops where the journal cannot be written."""
    return Halt(outcome, error.what, error.remedy)
