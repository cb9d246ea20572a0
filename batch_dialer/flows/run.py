"""A run, on one screen: from a sheet to its results.

read -> map -> validate -> open the ledger -> reconcile what is in doubt -> track how calls ended -> look up who was
called lately -> plan -> dial, in rounds -> write it all down
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from batch_dialer.clock import Clock
from batch_dialer.contacts.validate import Checked
from batch_dialer.dialing import dispatch, session
from batch_dialer.dialing.gate import PacedApi, make_gate
from batch_dialer.dialing.held import end_held, held_words
from batch_dialer.dialing.session import time_left
from batch_dialer.entry import Lines
from batch_dialer.errors import BadSheet, UsageError
from batch_dialer.flows import pilot
from batch_dialer.flows.check import targets_of
from batch_dialer.flows.check_first import MOST_REQUESTS, check_first, end_refused
from batch_dialer.flows.checking import check_sheet
from batch_dialer.flows.follow import share_of_looks
from batch_dialer.flows.looks import Looks
from batch_dialer.flows.other_results import read_other_results
from batch_dialer.flows.recent_calls import looks_up, plan_calls, time_of
from batch_dialer.flows.reconcile import reconcile
from batch_dialer.flows.rounds import Dialed, Rounds
from batch_dialer.flows.track import Tracked, track
from batch_dialer.job import Job
from batch_dialer.ledger.belonging import belonging
from batch_dialer.ledger.extra_columns import sheet_columns
from batch_dialer.ledger.keys import with_keys
from batch_dialer.ledger.ledger import Ledger
from batch_dialer.ledger.opening import OpenLedger, SheetRows, open_ledger, read_ledger
from batch_dialer.ledger.results_lines import results_lines
from batch_dialer.ledger.tally import Tally, count
from batch_dialer.model import Ending, Sheet, Target
from batch_dialer.plan.agents import check_agents
from batch_dialer.plan.calling_hours import end_outside, hours_of
from batch_dialer.plan.flight_plan import FlightPlan, draw_up
from batch_dialer.plan.forecast import Spacing
from batch_dialer.plan.left_out import without_excluded, without_hidden
from batch_dialer.plan.planning import Plan, Policy, make_plan
from batch_dialer.plan.timetable import Hours
from batch_dialer.sheets.files import Progress
from batch_dialer.talkover.call_lists import CallLists
from batch_dialer.talkover.questions import Getter
from batch_dialer.words import Code, Exit

_LONGEST_SLEEP = 60.0


class Api(dispatch.Api, Getter, Protocol):
    """The whole of the API that a run needs."""


class Watcher(pilot.Watcher, Protocol):
    """Is told what happens, and asked whether to go on. It decides nothing else."""

    def reading(self, name: str) -> AbstractContextManager[Progress]:
        """Take note that the sheet *name* is read, and be told how many rows were read so far."""
        ...

    def checked(self, sheet: Sheet, checked: Checked) -> None:
        """Take note of the sheet, and of what is wrong in its rows, but for those that are hidden or excluded."""
        ...

    def planned(self, flight: FlightPlan, job: Job) -> None:
        """Take note of whom the run would dial, and when."""
        ...

    def confirm(self) -> bool:
        """Return whether the plan may be carried out."""
        ...


async def run(
    job: Job, api: Api, watcher: Watcher, clock: Clock, located: Callable[[Ledger], None] = lambda _: None
) -> Tally:
    """Dial every row of the sheet that is due, and write down what became of each.

    *located* is given the ledger once it is known which results file the sheet belongs to, before the API is asked.
    """
    job, checked = _check(job, watcher)
    located(job.ledger)
    if job.strict and without_excluded(without_hidden(checked, job.policy.hidden)).problems.height:
        raise BadSheet(
            "The sheet has rows that are not valid, and --strict was given.", "`validate SHEET` shows what is wrong."
        )

    await _wait_to_begin(job, watcher, clock)
    gate = make_gate(job.rate, clock)
    with open_ledger(job.ledger, clock, watcher.warn, _sheet_rows(job, checked)) as ledger:
        paced = PacedApi(api, gate)
        lists = CallLists(paced, job.caller.target, clock)
        look = await check_first(job, checked, paced, watcher)
        await reconcile(ledger, lists, job.caller, job.settle_after, watcher.note, clock)
        if look.halt:
            return end_refused(job, checked, ledger, look.halt, clock.now())
        calls_again = job.policy.redial or job.policy.only
        tracked = await track(ledger, lists, watcher.warn) if calls_again else Tracked()
        elsewhere = read_other_results(job, checked, watcher)

        async def replan(policy: Policy, clock_ahead: timedelta, *, look_up: bool) -> Plan:
            now = replace(job, policy=policy, not_called_within=job.not_called_within if look_up else timedelta())
            history = ledger.history()
            return await plan_calls(now, checked, history, paced, watcher, clock, elsewhere.held, clock_ahead)

        plan = await replan(job.policy, tracked.clock_ahead, look_up=True)
        elsewhere.tell(plan)
        if not (job.wait or job.policy.redial):
            del checked  # as large as the sheet, and a run may take hours
        watcher.planned(_flight_plan(plan, job, gate.rate, clock.now(), 1, look.openings), job)
        if not watcher.confirm():
            raise UsageError("Cancelled. Nobody was called.", "Run the same command again when you are ready.")
        placing = session.Session(job, api, ledger, gate, watcher, clock)
        sparing = CallLists(PacedApi(api, gate, clock), job.caller.target, clock)
        looks = Looks(job, ledger, lists, sparing, watcher, clock)
        dialed = await Rounds(job, placing, looks, watcher, clock, replan).carry_out(plan)
        return _finish(plan, dialed, ledger, job)


async def _wait_to_begin(job: Job, watcher: Watcher, clock: Clock) -> None:
    """Wait for the moment of --start-at. A machine that sleeps meanwhile does not make it later than it need be."""
    if job.start_at is None or job.start_at <= clock.now():
        return
    watcher.note(f"Waiting until {job.start_at.astimezone():%Y-%m-%d %H:%M %Z} (--start-at). Ctrl-C ends it.")
    while (left := (job.start_at - clock.now()).total_seconds()) > 0:
        await clock.sleep(min(left, _LONGEST_SLEEP))


def preview(job: Job, watcher: Watcher, clock: Clock) -> FlightPlan:
    """Plan the run without sending, asking or writing anything. What its agents say first is not known, then."""
    job, checked = _check(job, watcher)
    past = read_ledger(job.ledger, clock, _sheet_rows(job, checked))
    elsewhere = read_other_results(job, checked, watcher)
    begins = max(clock.now(), job.start_at or clock.now())
    plan = make_plan(checked, past.history, job.policy, job.caller, begins, elsewhere=elsewhere.held)
    elsewhere.tell(plan)
    if plan.dial.height and looks_up(job):
        watcher.note(
            f"A dry run does not ask the API who was called in {time_of(job.not_called_within)} from elsewhere. The"
            " real run does, and skips them."
        )
    asked = min(len(targets_of(checked, job.caller)), MOST_REQUESTS) + looks_up(job)
    flight = _flight_plan(plan, job, make_gate(job.rate, clock).rate, begins, asked, {})
    watcher.planned(flight, job)
    return flight


def _flight_plan(
    plan: Plan, job: Job, rate: float, begins: datetime, asked: int, openings: Mapping[Target, str]
) -> FlightPlan:
    """Return the flight plan of a run that *begins* then, before which so many questions are *asked* at its pace."""
    limit, _ = time_left(job, begins)
    ends = begins + limit if limit is not None else None
    spacing = Spacing(rate, job.rate.burst, asked, share_of_looks(rate))
    hours = Hours(begins, ends, job.policy.hours, waits=job.wait)
    return draw_up(plan, job.policy, job.caller, spacing, hours, openings, job.pilot)


def _check(job: Job, watcher: Watcher) -> tuple[Job, Checked]:
    """Read the sheet and judge all of its rows. A sheet whose rows are tests is as good as --testing."""
    with watcher.reading(job.source.path.name) as progress:
        sheet, checked = check_sheet(job.source, progress)
    seen = without_hidden(checked, job.policy.hidden)
    watcher.checked(sheet, without_excluded(seen))
    check_agents(seen, job.caller)
    if checked.testing:
        job = replace(job, caller=replace(job.caller, testing=True), ledger=replace(job.ledger, testing=True))
    told = job.source.schema.calling_hours if job.source.schema else None
    hours = hours_of(told, any_hour=job.any_hour, testing=job.caller.testing, sandbox=job.caller.sandbox)
    job = replace(job, policy=replace(job.policy, hours=hours))
    ledger = belonging(job.ledger, job.source.path, sheet.origin)
    if sheet.origin and sheet.origin.results and not ledger.named:
        whose = sheet.origin.sheet or "standard input"
        watcher.note(f"{sheet.name} was made from {whose}, so its results go into {ledger.results}.")
    return replace(job, ledger=ledger), checked


def _sheet_rows(job: Job, checked: Checked) -> SheetRows:
    rows = with_keys(checked.rows)
    kept = sheet_columns([header for header, _ in checked.mapping.kept], rows)
    return SheetRows(rows, job.caller.target.id, kept)


def _finish(first: Plan, dialed: Dialed, ledger: OpenLedger, job: Job) -> Tally:
    """Write the results as the last plan has them; *first* is the one that the person has seen."""
    ending, plan = dialed.ending, dialed.plan
    if ending is None and first.waiting:
        ending = Ending(
            Exit.ROWS_LEFT, f"Rows left by --limit: {first.waiting:,}.", "Run the same command again to go on."
        )
    why_left = ending.reason if ending else ""
    held = held_words(first.dial, job.caller, dialed.held, dialed.outside)
    lines = results_lines(plan.rows, ledger.history(), why_left, held, testing=ledger.rehearsed)
    written = ledger.finish(lines, of_sheet=True)
    of_sheet, later = Lines(lines.head(plan.rows.height)), plan.later + plan.under_way
    if ending is None and (closed := of_sheet.filter(error_code=Code.OUTSIDE_CALLING_HOURS.value).height):
        ending = end_outside(closed, plan.opens)
    ended = end_held(ending, dialed.held)
    return count(of_sheet, ended, written=written, reached_after=job.reached_after, later=later)
