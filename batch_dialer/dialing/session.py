"""The dispatch in its surroundings: the results file follows it, signals and the clock can end it."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import anyio
import anyio.to_thread
import polars as pl

from batch_dialer.clock import Clock
from batch_dialer.dialing import dispatch, signals
from batch_dialer.dialing.dispatch import Api, Explain
from batch_dialer.dialing.failures import Failures
from batch_dialer.dialing.gate import Gate
from batch_dialer.dialing.taken_ids import TakenIds
from batch_dialer.entry import Entry
from batch_dialer.job import Job
from batch_dialer.ledger.calls import known_calls
from batch_dialer.ledger.opening import OpenLedger
from batch_dialer.ledger.results import ResultsWriter
from batch_dialer.model import Again, Ending, Halt, Rows, Target, Verdict
from batch_dialer.talkover.payload import calls, count_by_target
from batch_dialer.words import Exit

_SECONDS_BEHIND = 1.0
_GO_ON = "Run the same command again to go on."
_OUT_OF_TIME = Ending(Exit.ROWS_LEFT, "The time of --max-duration is over.", _GO_ON)


class Watcher(dispatch.Watcher, Protocol):
    """Is told what happens; decides nothing."""

    def note(self, sentence: str) -> None:
        """Take note of something that a person may want to know."""
        ...

    def warn(self, sentence: str) -> None:
        """Take note of something that a person has to know."""
        ...

    def dialing_began(self, calls: int) -> None:
        """Take note that so many *calls* go out from now on."""
        ...

    def dialing_ended(self) -> None:
        """Take note that no more calls go out."""
        ...

    def waiting(self, calls: Mapping[str, int], until: datetime | None) -> None:
        """Take note how many *calls* have come how far, and that nobody is called before *until*, if that is known."""
        ...


class Session:
    """The calls of one run, placed in one or several rounds. *halt*: why no more can be placed; None: they can be.

    *held*: the agents through which none can be placed, where calls go through several, and why. *failures*: which of
    the calls failed, as far as it is known.
    """

    def __init__(self, job: Job, api: Api, ledger: OpenLedger, gate: Gate, watcher: Watcher, clock: Clock) -> None:
        self._job = job
        self._ledger = ledger
        self._watcher = watcher
        self._clock = clock
        self._results = ledger.results_writer()
        known = known_calls(ledger.history())
        taken = TakenIds.known(known["call_id"], known["key"])
        self.failures = Failures(clock.now())
        told = _ResultsWatcher(self._results, watcher, self.failures)
        self._dispatch = dispatch.Dispatch(api, ledger, gate, told, clock, taken, job.policy.hours)
        self._targets = set[Target]()

    @property
    def held(self) -> Mapping[Target, Halt]:
        """The agents that are held back, where others are not."""
        return self._dispatch.held if len(self._targets) > 1 else {}

    @property
    def outside(self) -> Mapping[str, str]:
        """The keys of rows whose turn came outside their calling hours, and why they were not dialed then."""
        return self._dispatch.outside

    @property
    def halt(self) -> Halt | None:
        """Why no more calls can be placed; None where it is about one agent of several."""
        halt = self._dispatch.halt
        return None if halt and halt.of_agent and self.held else halt

    async def dial(
        self, rows: Rows, explain: Explain | None = None, follow: Callable[[], Awaitable[Halt]] | None = None
    ) -> None:
        """Place a call to each of *rows*; cancelling it lets the requests that are under way end, and begins no more.

        The results file is kept a second behind the journal meanwhile. *explain* is asked about lost answers in a row;
        *follow* goes on beside, and what it returns stops the dialing.
        """
        self._dispatch.explain = explain
        self.failures.begin()
        self._targets.update(count_by_target(rows, self._job.caller))
        self._dispatch.targets = len(self._targets)
        self._watcher.dialing_began(rows.height)
        try:
            await self.show(rows["key"])
            async with anyio.create_task_group() as group:
                group.start_soon(self._follow)
                if follow:
                    group.start_soon(self._stop_after, follow)
                placed = calls(rows, self._job.caller, self._dispatch.held)
                await self._dispatch.run(placed, self._job.concurrency)
                group.cancel_scope.cancel()
        finally:
            self._watcher.dialing_ended()

    async def show(self, awaited: pl.Series | None = None) -> None:
        """Bring the results file up to date, but for the rows *awaited* (keys), which are about to be dialed."""
        keys = pl.Series(dtype=pl.String) if awaited is None else awaited
        await self._try_to_write(partial(self._results.begin, keys, self._clock.now()))

    def stop(self, halt: Halt) -> None:
        """Place no more calls, because of *halt*."""
        self._dispatch.stop(halt)

    async def _stop_after(self, follow: Callable[[], Awaitable[Halt]]) -> None:
        self.stop(await follow())

    async def _follow(self) -> None:
        while True:
            await anyio.sleep(_SECONDS_BEHIND)  # noqa: TID251  (the file is for people, and so is this second)
            await self._try_to_write(self._results.flush)

    async def _try_to_write(self, write: Callable[[], None]) -> None:
        """The calls are safe in the journal: a results file that can't be written now stops nobody."""
        try:
            await anyio.to_thread.run_sync(write)
        except OSError as error:
            self._watcher.warn(
                f"The results file cannot be written now ({error.strerror or error}); the journal has it all."
            )


def time_left(job: Job, now: datetime) -> tuple[timedelta | None, Ending]:
    """Return how long *job* may go on at *now*, None without a bound, and how it ends when that time is over."""
    if job.until is None or (job.max_duration is not None and now + job.max_duration <= job.until):
        return job.max_duration, _OUT_OF_TIME
    ended = Ending(
        Exit.ROWS_LEFT, f"It is {job.until.astimezone():%Y-%m-%d %H:%M}, the end that --until names.", _GO_ON
    )
    return max(job.until - now, timedelta()), ended


async def until_stopped(
    work: Callable[[], Awaitable[None]],
    clock: Clock,
    limit: timedelta | None = None,
    out_of_time: Ending = _OUT_OF_TIME,
) -> Ending | None:
    """Do *work* until it is done, a signal stops it, or the time of *limit* is over; return what stopped it."""
    if limit is not None and not limit:
        return out_of_time  # a request that began would be let run to its end
    async with anyio.create_task_group() as group:
        async with clock.move_on_after(limit.total_seconds() if limit is not None else None) as scope:
            interrupt: signals.Interrupt = await group.start(signals.stop_on_signal, scope)
            await work()
        group.cancel_scope.cancel()
    if interrupt.first:
        return interrupt.ending()
    return out_of_time if scope.cancelled_caught else None


class _ResultsWatcher:
    """Hands what the dispatch tells to the results file, and on to the watcher."""

    def __init__(self, results: ResultsWriter, watcher: Watcher, failures: Failures) -> None:
        self._results = results
        self._watcher = watcher
        self._failures = failures
        self.unrecorded = watcher.unrecorded
        self.paused = watcher.paused

    def attempted(self, entry: Entry, verdict: Verdict) -> None:
        if not isinstance(verdict, Again):
            self._results.add(entry)
            self._failures.add(entry)
        self._watcher.attempted(entry, verdict)
