"""The dispatch in its surroundings: the results file follows it, signals and the clock can end it."""

from collections.abc import Callable
from typing import Protocol

import anyio
import anyio.to_thread
import polars as pl

from batch_dialer.clock import Clock
from batch_dialer.dialing import dispatch, signals
from batch_dialer.dialing.dispatch import Api
from batch_dialer.dialing.gate import Gate
from batch_dialer.job import Job
from batch_dialer.ledger.opening import OpenLedger
from batch_dialer.ledger.results import ResultsWriter
from batch_dialer.model import Again, Ending, Entry, History, Verdict
from batch_dialer.plan.planning import Plan
from batch_dialer.talkover.payload import calls
from batch_dialer.words import Exit

_SECONDS_BEHIND = 1.0


class Watcher(dispatch.Watcher, Protocol):
    """Is told what happens; decides nothing."""

    def note(self, sentence: str) -> None:
        """Take note of something that a person may want to know."""
        ...

    def warn(self, sentence: str) -> None:
        """Take note of something that a person has to know."""
        ...

    def dialing_began(self) -> None:
        """Take note that calls go out from now on."""
        ...

    def dialing_ended(self) -> None:
        """Take note that no more calls go out."""
        ...


async def dial(
    job: Job, plan: Plan, api: Api, ledger: OpenLedger, gate: Gate, watcher: Watcher, clock: Clock
) -> Ending | None:
    """Place the plan's calls; return why it ended with rows left, if it did."""
    if not plan.dial.height:
        return None
    results = ledger.results_writer()
    dispatched = dispatch.Dispatch(api, ledger, gate, _ResultsWatcher(results, watcher), clock)
    watcher.dialing_began()
    async with anyio.create_task_group() as group:
        known = ledger.history()
        await _try_to_write(
            watcher, results.begin, History(known.filter(~pl.col("key").is_in(plan.dial["key"].implode())))
        )
        group.start_soon(_follow, results, watcher)
        with anyio.move_on_after(job.max_duration.total_seconds() if job.max_duration else None) as scope:
            interrupt: signals.Interrupt = await group.start(signals.stop_on_signal, scope)
            await dispatched.run(calls(plan.dial, job.caller), job.concurrency)
        group.cancel_scope.cancel()
    watcher.dialing_ended()
    if interrupt.first:
        return interrupt.ending()
    if dispatched.halt:
        return Ending(Exit.STOPPED_EARLY, dispatched.halt.reason, dispatched.halt.remedy)
    if scope.cancelled_caught:
        return Ending(Exit.ROWS_LEFT, "The time of --max-duration is over.", "Run the same command again to go on.")
    return None


class _ResultsWatcher:
    """Hands what the dispatch tells to the results file, and on to the watcher."""

    def __init__(self, results: ResultsWriter, watcher: Watcher) -> None:
        self._results = results
        self._watcher = watcher
        self.unrecorded = watcher.unrecorded
        self.paused = watcher.paused

    def attempted(self, entry: Entry, verdict: Verdict) -> None:
        if not isinstance(verdict, Again):
            self._results.add(entry)
        self._watcher.attempted(entry, verdict)


async def _follow(results: ResultsWriter, watcher: Watcher) -> None:
    """Keep the results file a second behind the journal."""
    while True:
        await anyio.sleep(_SECONDS_BEHIND)
        await _try_to_write(watcher, results.flush)


async def _try_to_write(watcher: Watcher, write: Callable[..., None], *content: pl.DataFrame) -> None:
    """The calls are safe in the journal: a results file that can't be written now stops nobody."""
    try:
        await anyio.to_thread.run_sync(write, *content)
    except OSError as error:
        watcher.warn(f"The results file cannot be written now ({error.strerror or error}); the journal has it all.")
