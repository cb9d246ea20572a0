"""A run, on one screen: from a sheet to its results.

read -> map -> validate -> recall what is known -> reconcile what is in doubt -> plan -> dial -> write it all down
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import polars as pl

from batch_dialer.contacts.validate import Checked
from batch_dialer.dialing import dispatch, session
from batch_dialer.dialing.dispatch import Gate
from batch_dialer.dialing.pace import Pace
from batch_dialer.errors import BadSheet, UsageError
from batch_dialer.flows.checking import judged
from batch_dialer.flows.reconcile import reconcile
from batch_dialer.job import Job, Ledger
from batch_dialer.ledger import lock
from batch_dialer.ledger.history import brought_up, doubted, followed, unknown_to
from batch_dialer.ledger.journal import Journal
from batch_dialer.ledger.recall import Recalled, opened, recall
from batch_dialer.ledger.results import Results, frame, lasting, set_aside
from batch_dialer.ledger.tally import Ending, Tally, count
from batch_dialer.model import Sheet, Target
from batch_dialer.plan.planning import Plan, final, make_plan, shown, with_keys
from batch_dialer.talkover.call_list import Gets
from batch_dialer.words import Exit


class Api(dispatch.Api, Gets, Protocol):
    """The whole of the API that a run needs."""


class Watcher(session.Watcher, Protocol):
    """Told what happens, and asked once whether to go on. It decides nothing else."""

    def checked(self, sheet: Sheet, checked: Checked) -> None:
        """Take note of the sheet, and of what is wrong in those of its rows that are not left out for being hidden."""
        ...

    def planned(self, plan: Plan, job: Job) -> None:
        """Take note of whom the run would dial."""
        ...

    def agrees(self) -> bool:
        """Return whether the plan may be carried out."""
        ...


async def run(job: Job, api: Api, watcher: Watcher) -> Tally:
    """Dial every row of the sheet that is due, and write down what became of each."""
    checked = check(job, watcher)
    if job.strict and shown(checked, job.policy).problems.height:
        raise BadSheet("The sheet has rows that are not valid, and --strict asks for none.", "See `validate SHEET`.")
    job = _as_the_sheet_says(job, checked)

    gate = Gate(job.pace)
    with lock.held(job.ledger.results):
        past = recall(job.ledger)
        _keep_aside(job.ledger, past, watcher)
        known = _with_silent(past, checked, job)
        with opened(job.ledger, past.origin, known) as journal:
            history = await _reconciled(known, journal, api, gate, job.caller.target, job.settle_after, watcher)
            plan = make_plan(checked, history, job.policy, job.caller, datetime.now(UTC))
            del checked  # as large as the sheet, and a run may take hours
            watcher.planned(plan, job)
            if not watcher.agrees():
                raise UsageError("You said no, so nobody was called.", "Run the same command again when you want to.")
            ending = await session.dial(job, plan, history, api, journal, gate, watcher)
            return _write_down(job, plan, ending, journal, watcher)


def check(job: Job, watcher: Watcher) -> Checked:
    """Read the sheet and judge all of its rows, dialing nobody."""
    sheet, checked = judged(job.source)
    watcher.checked(sheet, shown(checked, job.policy))
    return checked


def preview(job: Job, watcher: Watcher) -> Plan:
    """Plan the run without sending, asking or writing anything."""
    checked = check(job, watcher)
    job = _as_the_sheet_says(job, checked)
    known = _with_silent(recall(job.ledger), checked, job)
    plan = make_plan(checked, known, job.policy, job.caller, datetime.now(UTC))
    watcher.planned(plan, job)
    return plan


def _as_the_sheet_says(job: Job, checked: Checked) -> Job:
    """A sheet whose rows are tests is as good as --testing."""
    if not checked.testing:
        return job
    return replace(job, caller=replace(job.caller, testing=True), ledger=replace(job.ledger, testing=True))


async def settle(
    ledger: Ledger, api: Gets, target: Target, pace: Pace, quiet: timedelta, watcher: session.Watcher
) -> Tally:
    """Reconcile every row in doubt of a results file with the API's list of calls, dialing nobody."""
    with lock.held(ledger.results):
        past = recall(ledger, whole=True)
        _keep_aside(ledger, past, watcher)
        with opened(ledger, past.origin, past.history) as journal:
            history = await _reconciled(past.history, journal, api, Gate(pace), target, quiet, watcher)
            lines = brought_up(past.lines, history)
            _finish(ledger, lines, history, journal, watcher)
    return count(lines, None)


async def _reconciled(
    known: pl.DataFrame,
    journal: Journal,
    api: Gets,
    gate: Gate,
    target: Target,
    quiet: timedelta,
    watcher: session.Watcher,
) -> pl.DataFrame:
    """Return *known* with a later word on every attempt in doubt of which the API's list tells anything."""
    settled = await reconcile(session.Paced(api, gate), known, target, quiet, watcher.told)
    await journal.write_many(settled)
    return followed(known, frame(settled))


def _keep_aside(ledger: Ledger, past: Recalled, watcher: session.Watcher) -> None:
    """Nothing of a person's is overwritten unread: a results file that can't be gone by is kept under another name."""
    if past.mangled:
        copy = set_aside(ledger.results)
        watcher.warned(
            f"{ledger.results.name} was changed: {past.mangled}. It is kept as {copy.name}; the journal counts."
        )


def _with_silent(past: Recalled, checked: Checked, job: Job) -> pl.DataFrame:
    if not past.origin.silent_since:
        return past.history
    rows, since = with_keys(checked.rows), datetime.fromisoformat(past.origin.silent_since)
    return doubted(rows, past.history, job.caller.target.id, since, datetime.now(UTC))


def _write_down(job: Job, plan: Plan, ending: Ending | None, journal: Journal, watcher: Watcher) -> Tally:
    history = journal.history()
    if ending is None and plan.waiting:
        ending = Ending(
            Exit.ROWS_LEFT, f"Rows left by --limit: {plan.waiting:,}.", "Run the same command again to go on."
        )
    lines = final(plan.rows, history, ending.reason if ending else "")
    _finish(job.ledger, lines, history, journal, watcher)
    return count(lines.head(plan.rows.height), ending)


def _finish(
    ledger: Ledger, lines: pl.DataFrame, history: pl.DataFrame, journal: Journal, watcher: session.Watcher
) -> None:
    try:
        fingerprint = Results(ledger.results, "", lambda: lines).finish(lines)
        journal.conclude(lasting(unknown_to(history, lines)), fingerprint)
    except OSError as error:
        watcher.warned(
            f"{ledger.results} could not be written ({error.strerror or error}). Close it where it is open, make room, "
            "and run the same command again: the journal has it all, and nobody is called twice."
        )
