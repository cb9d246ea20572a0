"""A run, on one screen: from a sheet to its results.

read -> map -> validate -> recall what is known -> reconcile what is in doubt -> plan -> dial -> write it all down
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

import polars as pl

from batch_dialer.contacts.validate import Checked
from batch_dialer.dialing import dispatch, session
from batch_dialer.dialing.gate import Gate
from batch_dialer.dialing.pace import Pace
from batch_dialer.errors import BadSheet, UsageError
from batch_dialer.flows.checking import judged
from batch_dialer.flows.reconcile import reconciled
from batch_dialer.flows.results_file import finish, keep_aside
from batch_dialer.job import Job, Rate
from batch_dialer.ledger import lock
from batch_dialer.ledger.doubts import doubted
from batch_dialer.ledger.journal import Journal
from batch_dialer.ledger.keys import with_keys
from batch_dialer.ledger.recall import Recalled, opened, recall
from batch_dialer.ledger.results_lines import final
from batch_dialer.ledger.tally import Tally, count
from batch_dialer.model import Ending, Sheet
from batch_dialer.plan.planning import Plan, make_plan, shown
from batch_dialer.talkover.call_list import Gets
from batch_dialer.words import Exit


class Api(dispatch.Api, Gets, Protocol):
    """The whole of the API that a run needs."""


class Watcher(session.Watcher, Protocol):
    """Told what happens, and asked once whether to go on. It decides nothing else."""

    def checked(self, sheet: Sheet, checked: Checked) -> None:
        """Take note of the sheet, and of what is wrong in those of its rows that are not left out for being hidden."""
        ...

    def planned(self, plan: Plan, job: Job, rate: float) -> None:
        """Take note of whom the run would dial, at *rate* calls a second."""
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

    pace = pace_of(job.rate)
    gate = Gate(pace)
    with lock.held(job.ledger.results):
        past = recall(job.ledger)
        keep_aside(job.ledger, past, watcher)
        known = _with_silent(past, checked, job)
        with opened(job.ledger, past.origin, known) as journal:
            history = await reconciled(known, journal, api, gate, job.caller.target, job.settle_after, watcher)
            plan = make_plan(checked, history, job.policy, job.caller, datetime.now(UTC))
            del checked  # as large as the sheet, and a run may take hours
            watcher.planned(plan, job, pace.rate)
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
    watcher.planned(plan, job, pace_of(job.rate).rate)
    return plan


def pace_of(rate: Rate) -> Pace:
    """Return the pace at which requests leave: nothing has left yet."""
    return Pace(rate.per_second, adaptive=rate.adaptive, headroom=rate.headroom, burst=rate.burst)


def _as_the_sheet_says(job: Job, checked: Checked) -> Job:
    """A sheet whose rows are tests is as good as --testing."""
    if not checked.testing:
        return job
    return replace(job, caller=replace(job.caller, testing=True), ledger=replace(job.ledger, testing=True))


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
    finish(job.ledger, lines, history, journal, watcher)
    return count(lines.head(plan.rows.height), ending)
