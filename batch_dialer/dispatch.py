"""The only place where a phone rings: many calls at a time, each on disk before it can ring and again after.

Read `attempt`: its three lines are the promise that all the rest serves.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Protocol

import anyio
from anyio.abc import TaskGroup
from tenacity import RetryCallState, wait_random_exponential

from batch_dialer.model import Again, Answer, Call, Entry, Halt, Outcome, Reply, Verdict
from batch_dialer.rules import limits
from batch_dialer.rules.breaker import Breaker
from batch_dialer.rules.pace import Pace
from batch_dialer.rules.sent import Turn
from batch_dialer.rules.verdict import judge
from batch_dialer.words import Status

_BACKOFF = wait_random_exponential(multiplier=1, max=60)


class Api(Protocol):
    """Where calls are placed. It never raises for what the wire did."""

    async def place(self, call: Call) -> Reply:
        """Send the request once, and return what came of it."""
        ...


class Record(Protocol):
    """Where facts are kept."""

    async def write(self, entry: Entry) -> None:
        """Return once *entry* is durable; raise OSError where it cannot be."""
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


class Gate:
    """The line in which everybody waits for the pace."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._line = anyio.Lock(fast_acquire=True)  # who need not wait yields to a cancellation alone
        self._news = anyio.Event()

    async def turn(self) -> Turn:
        """Return when the next request may leave; `learn` wants to know which it was."""
        async with self._line:
            while wait := self._pace.ask(anyio.current_time()):
                with anyio.move_on_after(wait):
                    await self._news.wait()
            return self._pace.turn

    def pause(self, seconds: float) -> None:
        """Let nobody go for *seconds*."""
        self._pace.pause(anyio.current_time(), seconds)

    def learn(self, turn: Turn, reply: Reply, came: float) -> None:
        """Follow the limits that the answer to *turn* states; it *came* at that moment of anyio's clock."""
        if isinstance(reply, Answer):
            self._pace.learn(turn, limits.quota(reply.headers), came)
            if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
                self._pace.refused(turn, came)
            self._news.set()  # the wait may be another now
            self._news = anyio.Event()


class Dispatch:
    """One run's calls. *halt* tells, once it is over, what stopped it; None where nothing did."""

    def __init__(self, api: Api, record: Record, gate: Gate, watcher: Watcher) -> None:
        self._api = api
        self._record = record
        self._gate = gate
        self._watcher = watcher
        self._breaker = Breaker()
        self.halt: Halt | None = None

    async def run(self, calls: Iterator[Call], concurrency: int) -> None:
        """Place *calls*, at most *concurrency* at a time; cancelling it ends the run between attempts, never in one."""
        async with anyio.create_task_group() as group:
            for _ in range(concurrency):
                group.start_soon(self._work, calls, group)

    async def _work(self, calls: Iterator[Call], group: TaskGroup) -> None:
        for call in calls:
            halt = await self._place(call)
            if halt:
                self.halt = self.halt or halt
                group.cancel_scope.cancel()
                return

    async def _place(self, call: Call) -> Halt | None:
        """Place one call, again if need be, until its row has a last word."""
        first = call.attempt
        while True:
            turn = await self._gate.turn()
            if call.expires and call.expires <= datetime.now(UTC):
                return None  # it expired while it waited: the row is judged afresh, and skipped, by the next plan
            verdict = await self._attempt(call, turn, tries=call.attempt - first + 1)
            strain = self._breaker.observe(verdict, anyio.current_time())
            if isinstance(strain, Halt):
                return strain
            if strain:
                self._wait(strain, "half of the last attempts failed")
            if not isinstance(verdict, Again):
                return None
            seconds = verdict.after if verdict.after is not None else backoff(call.attempt - first + 1)
            self._wait(seconds, verdict.outcome.error_message or verdict.outcome.error_code)
            call = replace(call, attempt=call.attempt + 1)

    def _wait(self, seconds: float, why: str) -> None:
        """Let nobody go for a while, and say so."""
        self._gate.pause(seconds)
        self._watcher.paused(seconds, why)

    async def _attempt(self, call: Call, turn: Turn, tries: int) -> Verdict:
        """Dial once: on disk before the phone can ring, on disk again once we know what became of it."""
        with anyio.CancelScope(shield=True):
            dialing = entry(call, Outcome(Status.DIALING))
            try:
                await self._record.write(dialing)
            except OSError as error:
                return _disk(Outcome(Status.DEFERRED), error)
            reply = await self._api.place(call)
            came = anyio.current_time()
            verdict = judge(reply, call.target.via, tries)
            settled = entry(call, verdict.outcome, sent_at=dialing.sent_at)
            try:
                await self._record.write(settled)
            except OSError as error:
                self._watcher.unrecorded(settled)
                return _disk(verdict.outcome, error)
        self._gate.learn(turn, reply, came)
        self._watcher.attempted(settled, verdict)
        return verdict


def _disk(outcome: Outcome, error: OSError) -> Halt:
    remedy = "Free some space or mend the disk, then run again: it goes on where it stopped."
    return Halt(outcome, f"The journal cannot be written: {error.strerror or error}.", remedy)


def backoff(tries: int) -> float:
    """Return the seconds to wait after *tries* attempts of which nothing left: exponential, full jitter, at most 60."""
    state = RetryCallState(retry_object=None, fn=None, args=(), kwargs={})  # type: ignore[arg-type]  # only counted
    state.attempt_number = tries
    return _BACKOFF(state)


def entry(call: Call, outcome: Outcome, sent_at: str = "") -> Entry:
    """Return the line that says *outcome* of *call*."""
    return Entry(
        row=call.row,
        id=call.id,
        to=call.to,
        status=outcome.status,
        call_id=outcome.call_id,
        error_code=outcome.error_code,
        error_message=outcome.error_message,
        http_status=outcome.http_status,
        attempts=call.attempt,
        agent_id=call.target.id,
        sent_at=sent_at or datetime.now(UTC).isoformat(timespec="milliseconds"),
        created_at=outcome.created_at,
        key=call.key,
        delay_seconds=call.delay_seconds,
        fingerprint=call.fingerprint,
    )
