"""A run, on one screen: from a sheet to its results.

read -> map -> validate -> open the ledger -> reconcile what is in doubt -> plan -> dial -> write it all down
"""

from dataclasses import replace
from typing import Protocol

from batch_dialer.clock import Clock
from batch_dialer.contacts.validate import Checked
from batch_dialer.dialing import dispatch, session
from batch_dialer.dialing.gate import PacedApi, make_gate
from batch_dialer.errors import BadSheet, UsageError
from batch_dialer.flows.checking import check_sheet
from batch_dialer.flows.reconcile import reconcile
from batch_dialer.job import Job
from batch_dialer.ledger.keys import with_keys
from batch_dialer.ledger.opening import OpenLedger, SheetRows, open_ledger, read_ledger
from batch_dialer.ledger.results_lines import results_lines
from batch_dialer.ledger.tally import Tally, count
from batch_dialer.model import Ending, Lines, Sheet
from batch_dialer.plan.planning import Plan, make_plan, without_hidden
from batch_dialer.talkover.call_list import Getter
from batch_dialer.words import Exit


class Api(dispatch.Api, Getter, Protocol):
    """The whole of the API that a run needs."""


class Watcher(session.Watcher, Protocol):
    """Is told what happens, and asked once whether to go on. It decides nothing else."""

    def checked(self, sheet: Sheet, checked: Checked) -> None:
        """Take note of the sheet, and of what is wrong in those of its rows that are not left out for being hidden."""
        ...

    def planned(self, plan: Plan, job: Job, rate: float) -> None:
        """Take note of whom the run would dial, at *rate* calls a second."""
        ...

    def confirm(self) -> bool:
        """Return whether the plan may be carried out."""
        ...


async def run(job: Job, api: Api, watcher: Watcher, clock: Clock) -> Tally:
    """Dial every row of the sheet that is due, and write down what became of each."""
    job, checked = _check(job, watcher)
    if job.strict and without_hidden(checked, job.policy).problems.height:
        raise BadSheet("The sheet has rows that are not valid, and --strict asks for none.", "See `validate SHEET`.")

    gate = make_gate(job.rate)
    with open_ledger(job.ledger, clock, watcher.warn, _sheet_rows(job, checked)) as ledger:
        await reconcile(ledger, PacedApi(api, gate), job.caller, job.settle_after, watcher.note, clock)
        plan = make_plan(checked, ledger.history(), job.policy, job.caller, clock.now())
        del checked  # as large as the sheet, and a run may take hours
        watcher.planned(plan, job, gate.rate)
        if not watcher.confirm():
            raise UsageError("Cancelled. Nobody was called.", "Run the same command again when you want to.")
        ending = await session.dial(job, plan, api, ledger, gate, watcher, clock)
        return _finish(plan, ending, ledger)


def preview(job: Job, watcher: Watcher, clock: Clock) -> Plan:
    """Plan the run without sending, asking or writing anything."""
    job, checked = _check(job, watcher)
    past = read_ledger(job.ledger, clock, _sheet_rows(job, checked))
    plan = make_plan(checked, past.history, job.policy, job.caller, clock.now())
    watcher.planned(plan, job, make_gate(job.rate).rate)
    return plan


def _check(job: Job, watcher: Watcher) -> tuple[Job, Checked]:
    """Read the sheet and judge all of its rows. A sheet whose rows are tests is as good as --testing."""
    sheet, checked = check_sheet(job.source)
    watcher.checked(sheet, without_hidden(checked, job.policy))
    if checked.testing:
        job = replace(job, caller=replace(job.caller, testing=True), ledger=replace(job.ledger, testing=True))
    return job, checked


def _sheet_rows(job: Job, checked: Checked) -> SheetRows:
    return SheetRows(with_keys(checked.rows), job.caller.target.id)


def _finish(plan: Plan, ending: Ending | None, ledger: OpenLedger) -> Tally:
    if ending is None and plan.waiting:
        ending = Ending(
            Exit.ROWS_LEFT, f"Rows left by --limit: {plan.waiting:,}.", "Run the same command again to go on."
        )
    why_left = ending.reason if ending else ""
    lines = results_lines(plan.rows, ledger.history(), why_left, testing=ledger.rehearsed)
    written = ledger.finish(lines, of_sheet=True)
    return count(Lines(lines.head(plan.rows.height)), ending, written=written)
