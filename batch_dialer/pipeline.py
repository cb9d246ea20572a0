"""A run, on one screen: from a sheet to its results.

read -> map -> validate -> recall what is known -> reconcile what is in doubt -> plan -> dial -> write it all down
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Protocol

import anyio
import anyio.to_thread
import polars as pl

from batch_dialer import dispatch
from batch_dialer.edges import lock, signals
from batch_dialer.edges.journal import Journal, entries, read_journal
from batch_dialer.edges.listing import Gets
from batch_dialer.edges.results import Results, frame, set_aside
from batch_dialer.edges.sheet import read_sheet
from batch_dialer.errors import BadSheet, UsageError
from batch_dialer.job import Job, Source
from batch_dialer.model import Again, Entry, Reply, Sheet, Verdict
from batch_dialer.recall import opened, recall
from batch_dialer.reconcile import reconcile
from batch_dialer.rules import resume
from batch_dialer.rules.mapping import map_columns
from batch_dialer.rules.payload import calls
from batch_dialer.rules.planning import Plan, final, make_plan
from batch_dialer.rules.tally import Ending, Tally, count
from batch_dialer.rules.validation import Checked, validate
from batch_dialer.words import CALL_MAY_EXIST, Exit

_SECONDS_BEHIND = 1.0


class Api(dispatch.Api, Gets, Protocol):
    """The whole of the API that a run needs."""


class Watcher(dispatch.Watcher, Protocol):
    """Told what happens, and asked once whether to go on. It decides nothing else."""

    def checked(self, sheet: Sheet, checked: Checked) -> None:
        """Take note of the sheet and of what is wrong in it."""
        ...

    def told(self, sentence: str) -> None:
        """Take note of something that a person should know."""
        ...

    def planned(self, plan: Plan, job: Job) -> None:
        """Take note of whom the run would dial."""
        ...

    def agrees(self) -> bool:
        """Return whether the plan may be carried out."""
        ...

    def dialing(self) -> None:
        """Take note that calls go out from now on."""
        ...

    def dialed(self) -> None:
        """Take note that no more calls go out."""
        ...


async def run(job: Job, api: Api, watcher: Watcher) -> Tally:
    """Dial every row of the sheet that is due, and write down what became of each."""
    checked = check(job.source, watcher)
    if job.strict and checked.problems.height:
        raise BadSheet("The sheet has rows that are not valid, and --strict asks for none.", "See `validate SHEET`.")

    gate = dispatch.Gate(job.pace)
    with lock.held(job.results):
        history, mangled = recall(job, checked)
        if mangled:
            copy = set_aside(job.results)
            watcher.told(
                f"{job.results.name} was changed ({mangled}). It is kept as {copy.name}; the journal is gone by."
            )
        with opened(job, history) as journal:
            settled = await reconcile(
                _Paced(api, gate), _recent(history), job.caller.target, job.settle_after, watcher.told
            )
            await journal.write_many(settled)
            history = resume.last_words(pl.concat([history, frame(settled)]))

            plan = make_plan(checked, history, job.policy, job.caller, datetime.now(UTC))
            watcher.planned(plan, job)
            if not watcher.agrees():
                raise UsageError("You said no, so nobody was called.", "Run the same command again when you want to.")
            ending = await _dial(job, plan, history, api, journal, gate, watcher)
        return _write_down(job, plan, ending, watcher)


def check(source: Source, watcher: Watcher) -> Checked:
    """Read the sheet and judge all of its rows, dialing nobody."""
    sheet = read_sheet(source.path, source.worksheet)
    checked = validate(sheet, map_columns(source.schema, sheet.headers), source.zone)
    watcher.checked(sheet, checked)
    return checked


def preview(job: Job, watcher: Watcher) -> Plan:
    """Plan the run without sending, asking or writing anything."""
    checked = check(job.source, watcher)
    history, _ = recall(job, checked)
    plan = make_plan(checked, history, job.policy, job.caller, datetime.now(UTC))
    watcher.planned(plan, job)
    return plan


async def _dial(
    job: Job, plan: Plan, history: pl.DataFrame, api: Api, journal: Journal, gate: dispatch.Gate, watcher: Watcher
) -> Ending | None:
    """Place the plan's calls while the results file follows the journal; return why it ended with rows left, if so."""
    results = Results(job.results, _now(), lambda: read_journal(job.journal).history)
    dialing = dispatch.Dispatch(api, journal, gate, _Kept(results, watcher))
    if not plan.dial.height:
        return None
    watcher.dialing()
    async with anyio.create_task_group() as group:
        await _tried(watcher, results.begin, history.join(plan.dial, on="key", how="anti"))
        group.start_soon(_follow, results, watcher)
        with anyio.move_on_after(job.max_duration.total_seconds() if job.max_duration else None) as scope:
            caught: signals.Caught = await group.start(signals.stop_on_signal, scope)
            await dialing.run(calls(plan.dial, job.caller), job.concurrency)
        group.cancel_scope.cancel()
    watcher.dialed()
    if caught.first:
        return caught.ending()
    if dialing.halt:
        return Ending(Exit.STOPPED_EARLY, dialing.halt.reason, dialing.halt.remedy)
    if scope.cancelled_caught:
        return Ending(Exit.ROWS_LEFT, "The time of --max-duration is over.", "Run the same command again to go on.")
    return None


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
        watcher.told(f"The results file cannot be written now ({error.strerror or error}); the journal has it all.")


def _write_down(job: Job, plan: Plan, ending: Ending | None, watcher: Watcher) -> Tally:
    history = read_journal(job.journal).history
    if ending is None and plan.waiting:
        ending = Ending(Exit.ROWS_LEFT, f"{plan.waiting} rows are left by --limit.", "Run again to go on.")
    lines = final(plan.rows, history, ending.reason if ending else "")
    try:
        Results(job.results, _now(), lambda: history).finish(lines)
    except OSError as error:
        watcher.told(
            f"{job.results} could not be written ({error.strerror or error}). Close it where it is open, make room, "
            "and run the same command again: the journal has it all, and nobody is called twice."
        )
    return count(lines.filter(pl.col("key").is_in(plan.rows["key"].implode())), ending)


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


class _Paced:
    """Questions to the API wait their turn as calls do: they count towards the same limit."""

    def __init__(self, api: Gets, gate: dispatch.Gate) -> None:
        self._api = api
        self._gate = gate

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Reply:
        await self._gate.turn()
        reply = await self._api.get(path, params)
        self._gate.learn(reply)
        return reply


def _recent(history: pl.DataFrame) -> list[Entry]:
    """Return the attempts in doubt, and the calls of their time, which may be what became of them."""
    doubtful = history.filter(pl.col("status").is_in([status.value for status in CALL_MAY_EXIST]))
    if not doubtful.height:
        return []
    placed = history.filter(
        (pl.col("call_id") != "") & (pl.col("sent_at") >= str(doubtful["sent_at"].min() or "")[:10])
    )
    return [*entries(doubtful), *entries(placed)]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
