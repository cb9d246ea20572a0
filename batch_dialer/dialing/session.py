"""The dispatch in its surroundings: the results file follows it, signals and the clock can end it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

import anyio
import anyio.to_thread
import polars as pl

from batch_dialer.dialing import dispatch, signals
from batch_dialer.dialing.dispatch import Api
from batch_dialer.dialing.gate import Gate
from batch_dialer.job import Job
from batch_dialer.ledger.journal import Journal
from batch_dialer.ledger.results import Results
from batch_dialer.model import Again, Ending, Entry, Verdict
from batch_dialer.plan.planning import Plan
from batch_dialer.talkover.payload import calls
from batch_dialer.words import Exit

_SECONDS_BEHIND = 1.0


class Watcher(dispatch.Watcher, Protocol):
    """Told what happens; decides nothing."""

    def told(self, sentence: str) -> None:
        """Take note of something that a person may want to know."""
        ...

    def warned(self, sentence: str) -> None:
        """Take note of something that a person has to know."""
        ...

    def dialing(self) -> None:
        """Take note that calls go out from now on."""
        ...

    def dialed(self) -> None:
        """Take note that no more calls go out."""
        ...


async def dial(
    job: Job, plan: Plan, history: pl.DataFrame, api: Api, journal: Journal, gate: Gate, watcher: Watcher
) -> Ending | None:
    """Place the plan's calls; return why it ended with rows left, if it did."""
    if not plan.dial.height:
        return None
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    results = Results(job.ledger.results, now, journal.history)
    dispatched = dispatch.Dispatch(api, journal, gate, _Kept(results, watcher))
    watcher.dialing()
    async with anyio.create_task_group() as group:
        await _tried(watcher, results.begin, history.filter(~pl.col("key").is_in(plan.dial["key"].implode())))
        group.start_soon(_follow, results, watcher)
        with anyio.move_on_after(job.max_duration.total_seconds() if job.max_duration else None) as scope:
            caught: signals.Caught = await group.start(signals.stop_on_signal, scope)
            await dispatched.run(calls(plan.dial, job.caller), job.concurrency)
        group.cancel_scope.cancel()
    watcher.dialed()
    if caught.first:
        return caught.ending()
    if dispatched.halt:
        return Ending(Exit.STOPPED_EARLY, dispatched.halt.reason, dispatched.halt.remedy)
    if scope.cancelled_caught:
        return Ending(Exit.ROWS_LEFT, "The time of --max-duration is over.", "Run the same command again to go on.")
    return None


class _Kept:
    """Hands what the dispatch tells to the results file, and on to the watcher."""

    def __init__(self, results: Results, watcher: Watcher) -> None:
        self._results = results
        self._watcher = watcher
        self.unrecorded = watcher.unrecorded
        self.paused = watcher.paused

    def attempted(self, entry: Entry, verdict: Verdict) -> None:
        if not isinstance(verdict, Again):
            self._results.add(entry)
        self._watcher.attempted(entry, verdict)


async def _follow(results: Results, watcher: Watcher) -> None:
    """Keep the results file a second behind the journal."""
    while True:
        await anyio.sleep(_SECONDS_BEHIND)
        await _tried(watcher, results.flush)


async def _tried(watcher: Watcher, write: Callable[..., None], *content: pl.DataFrame) -> None:
    """The calls are safe in the journal: a results file that can't be written now stops nobody."""
    try:
        await anyio.to_thread.run_sync(write, *content)
    except OSError as error:
        watcher.warned(f"The results file cannot be written now ({error.strerror or error}); the journal has it all.")
