"""`run SHEET`: dial what is not yet dialed, and write down what became of each row."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import anyio
import click

from batch_dialer.clock import Clock
from batch_dialer.commands.line import Line, SandboxLine
from batch_dialer.commands.moments import moment_of
from batch_dialer.commands.options.api import ApiOptions, api_options
from batch_dialer.commands.options.grouping import GroupedCommand, example
from batch_dialer.commands.options.output import OutputOptions, output_options
from batch_dialer.commands.options.pace import PaceOptions, pace_options
from batch_dialer.commands.options.redial import RedialOptions, redial_options
from batch_dialer.commands.options.rehearsal import (
    SANDBOX_TOKEN,
    RehearsalOptions,
    rehearsal_options,
    serving_sandbox,
)
from batch_dialer.commands.options.sheet import SheetOptions, sheet_options
from batch_dialer.commands.options.suppress import list_note, read_lists
from batch_dialer.commands.options.who import WhoOptions, who_options
from batch_dialer.dialing.pace import STANDARD_PLAN
from batch_dialer.errors import UsageError
from batch_dialer.flows.run import preview, run
from batch_dialer.job import Job
from batch_dialer.ledger.ledger import SANDBOX, Ledger
from batch_dialer.ledger.tally import Tally
from batch_dialer.model import Target, Via
from batch_dialer.plan.planning import Policy
from batch_dialer.rehearsal_clock import RehearsalClock
from batch_dialer.schema.schema import Schema
from batch_dialer.talkover.api import TalkoverApi
from batch_dialer.talkover.payload import Caller, calls
from batch_dialer.talkover.token import Token
from batch_dialer.terminal.console import Console
from batch_dialer.terminal.interrupts import LeavingAtOnce
from batch_dialer.terminal.question import check_askable
from batch_dialer.terminal.text import printable_path, say
from batch_dialer.words import Exit

_SHOWN = 3
_SANDBOX_PLAN = 1000 / 60  # requests a second, as the sandbox's settings have it
_SANDBOX_AGENT = Target(Via.AGENT, "agent_sandbox")
_NOBODY = Target(Via.AGENT, "")  # the rows may name their agents


@click.command(
    cls=GroupedCommand,
    epilog=example(
        "batch-dialer run contacts.csv --sandbox",
        "batch-dialer run contacts.xlsx --schema reminder.toml --agent agent_123456",
    ),
)
@sheet_options
@who_options
@pace_options
@redial_options
@rehearsal_options
@api_options
@output_options
def command(
    sheet: SheetOptions,
    who: WhoOptions,
    pace: PaceOptions,
    redial: RedialOptions,
    rehearsal: RehearsalOptions,
    api: ApiOptions,
    output: OutputOptions,
) -> Exit:
    """Dial every row of SHEET that has not been dialed yet, and write the outcome of each into the results file.

    SHEET is a CSV file or a workbook; - reads standard input. Run the same command again to continue where it stopped:
    nobody is called twice. The token is taken from TALKOVER_TOKEN or --token-file.
    """
    _check_together(rehearsal, api, output)
    _check_begin(pace, rehearsal, output)
    source, clock = replace(sheet.source(), keep=output.keep_column), rehearsal.clock()
    caller = _caller(who, rehearsal, source.schema)
    job = Job(
        source=source,
        caller=caller,
        rate=pace.from_limit(_SANDBOX_PLAN if rehearsal.sandbox else STANDARD_PLAN),
        ledger=Ledger(
            results=output.results_path(sheet.path, clock.now()),
            through=SANDBOX if rehearsal.sandbox else api.address(),
            testing=rehearsal.testing,
            named=output.results is not None,
        ),
        policy=Policy(
            limit=pace.limit,
            retry=who.retry,
            suppressed=read_lists(who.suppress, source),
            hidden=sheet.hidden,
            only=who.only,
            redial=redial.policy(caller),
        ),
        concurrency=pace.concurrency,
        strict=who.strict,
        settle_after=api.settle_after,
        max_duration=pace.max_duration,
        until=moment_of(pace.until, clock.now(), "--until"),
        start_at=moment_of(pace.start_at, clock.now(), "--start-at"),
        pilot=pace.pilot,
        not_called_within=who.not_called_within,
        wait=redial.wait,
        reached_after=redial.reached_after,
        any_hour=who.any_hour,
    )
    if job.until and job.start_at and job.until <= job.start_at:
        raise UsageError("--until is not after --start-at.", "Name a later end.")
    return _carry_out(job, rehearsal, api, output.console(clock), clock)


def _check_together(rehearsal: RehearsalOptions, api: ApiOptions, output: OutputOptions) -> None:
    if not (output.yes or rehearsal.dry_run or rehearsal.sandbox):
        check_askable()
    if rehearsal.sandbox and api.base_url:
        raise UsageError("--sandbox and --base-url are both given.", "Give only one of them.")


def _check_begin(pace: PaceOptions, rehearsal: RehearsalOptions, output: OutputOptions) -> None:
    if pace.start_at and not (output.yes or rehearsal.dry_run or rehearsal.sandbox):
        raise UsageError("--start-at needs --yes: nobody may be there to be asked then.", "Add --yes.")


def _caller(who: WhoOptions, rehearsal: RehearsalOptions, schema: Schema | None) -> Caller:
    target = who.target(schema) or (_SANDBOX_AGENT if rehearsal.sandbox else _NOBODY)
    return Caller(target, rehearsal.testing, who.allow_duplicates, sandbox=rehearsal.sandbox)


def _carry_out(job: Job, rehearsal: RehearsalOptions, api: ApiOptions, console: Console, clock: Clock) -> Exit:
    for listed in job.policy.suppressed:
        (console.note if listed.numbers else console.warn)(list_note(listed))
    with _reach(job, rehearsal, api, clock) as line, _ends_at_ctrl_c():
        if rehearsal.dry_run:
            return anyio.run(_preview, job, console, clock, line.address, rehearsal.report)
        tally = anyio.run(_run, job, console, clock, line)
    console.ended(tally, line.results)
    return tally.exit


def _ends_at_ctrl_c() -> contextlib.AbstractContextManager[None]:
    """On Windows the event loop answers Ctrl-C itself, since nothing else does while calls are placed."""
    return contextlib.nullcontext() if os.name == "nt" else LeavingAtOnce()


async def _run(job: Job, console: Console, clock: Clock, line: Line) -> Tally:
    passing = clock if isinstance(clock, RehearsalClock) else contextlib.nullcontext()
    async with passing, TalkoverApi(line.address, line.token, job.concurrency, clock) as api:
        return await run(job, api, console, clock, line.located)


async def _preview(job: Job, console: Console, clock: Clock, address: str, report: Path | None) -> Exit:
    flight = preview(job, console, clock)
    plan = flight.plan
    async with TalkoverApi(address, Token("hidden"), 1, clock) as api:
        for call in calls(plan.dial.head(_SHOWN), job.caller):
            say(f"Row {call.row} would be sent as\n\n{api.shown(call)}\n")
    more = plan.dial.height - _SHOWN
    say(f"{f'{more:,} more like these. ' if more > 0 else ''}Nothing was sent.")
    if report:
        from batch_dialer.reports.flight_page import write_flight_page  # noqa: PLC0415  (few runs write it)

        write_flight_page(report, job.source.path.name, flight, sandbox=job.caller.sandbox)
        say(f"The plan as a page: {printable_path(report)}")
    return Exit.DONE


@contextlib.contextmanager
def _reach(job: Job, rehearsal: RehearsalOptions, api: ApiOptions, clock: Clock) -> Iterator[Line]:
    """Give the way to the API; where the sandbox is asked for, start it and give the way there."""
    results = job.ledger.results
    if not rehearsal.sandbox:
        yield Line(job.ledger.through, Token("") if rehearsal.dry_run else api.token(), results)
        return
    with serving_sandbox(rehearsal.outcomes, clock) as sandbox:
        yield SandboxLine(sandbox.base_url, SANDBOX_TOKEN, results, sandbox.exchange, clock)
