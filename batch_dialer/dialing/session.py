"""The dispatch in its surroundings: the results file follows it, signals and the clock can end it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import anyio
import anyio.to_thread
import polars as pl

from batch_dialer.clock import Clock
from batch_dialer.dialing import dispatch, signals
from batch_dialer.dialing.dispatch import Api
from batch_dialer.dialing.gate import Gate
from batch_dialer.dialing.taken_ids import TakenIds
from batch_dialer.job import Job
from batch_dialer.ledger.opening import OpenLedger
from batch_dialer.ledger.results import ResultsWriter
from batch_dialer.model import Again, Ending, Entry, Halt, History, Target, Verdict
from batch_dialer.plan.planning import Plan
from batch_dialer.talkover.payload import calls, count_by_target
from batch_dialer.words import Exit

_SECONDS_BEHIND = 1.0
_OUT_OF_TIME = Ending(Exit.ROWS_LEFT, "The time of --max-duration is over.", "Run the same command again to go on.")


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


@dataclass(frozen=True, slots=True)
class Dialed:
    """How the dialing ended: why with rows left, if it did, and which of several agents were held back."""

    ending: Ending | None = None
    held: Mapping[Target, Halt] = field(default_factory=dict)


async def dial(
    job: Job, plan: Plan, api: Api, ledger: OpenLedger, gate: Gate, watcher: Watcher, clock: Clock
) -> Dialed:
    """Place the plan's calls; return how it ended."""
    if not plan.dial.height:
        return Dialed()
    if job.max_duration is not None and not job.max_duration:
        return Dialed(_OUT_OF_TIME)  # a request that began would be let run to its end
    results = ledger.results_writer()
    known = ledger.history()
    taken = TakenIds.known(known["call_id"], known["key"])
    targets = len(count_by_target(plan.dial, job.caller))
    dispatched = dispatch.Dispatch(api, ledger, gate, _ResultsWatcher(results, watcher), clock, taken, targets)
    watcher.dialing_began()
    async with anyio.create_task_group() as group:
        await _try_to_write(
            watcher, results.begin, History(known.filter(~pl.col("key").is_in(plan.dial["key"].implode())))
        )
        group.start_soon(_follow, results, watcher)
        most = job.max_duration.total_seconds() if job.max_duration is not None else None
        async with clock.move_on_after(most) as scope:
            interrupt: signals.Interrupt = await group.start(signals.stop_on_signal, scope)
            await dispatched.run(calls(plan.dial, job.caller, dispatched.held), job.concurrency)
        group.cancel_scope.cancel()
    watcher.dialing_ended()
    held = dispatched.held if targets > 1 else {}
    halt = None if dispatched.halt and dispatched.halt.of_agent and held else dispatched.halt
    if interrupt.first:
        return Dialed(interrupt.ending(), held)
    if halt:
        return Dialed(Ending(Exit.STOPPED_EARLY, halt.reason, halt.remedy), held)
    return Dialed(_OUT_OF_TIME if scope.cancelled_caught else None, held)


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
        await anyio.sleep(_SECONDS_BEHIND)  # noqa: TID251  (the file is for people, and so is this second)
        await _try_to_write(watcher, results.flush)


async def _try_to_write(watcher: Watcher, write: Callable[..., None], *content: pl.DataFrame) -> None:
    """The calls are safe in the journal: a results file that can't be written now stops nobody."""
    try:
        await anyio.to_thread.run_sync(write, *content)
    except OSError as error:
        watcher.warn(f"The results file cannot be written now ({error.strerror or error}); the journal has it all.")
