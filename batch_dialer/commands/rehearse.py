"""`rehearse SHEET --row N --to NUMBER`: one call to your own phone, as the person of that row would get it."""

import contextlib
from collections.abc import Iterator, Mapping

import anyio
import click

from batch_dialer.clock import Clock, SystemClock
from batch_dialer.commands.options.api import AccessOptions, access_options
from batch_dialer.commands.options.grouping import GroupedCommand, Heading, example, option
from batch_dialer.commands.options.rehearsal import SANDBOX_TOKEN, sandbox_option, serving_sandbox
from batch_dialer.commands.options.sheet import SheetOptions, sheet_options
from batch_dialer.commands.options.who import TargetOptions, target_options
from batch_dialer.contacts.phone import NotDialable, parse_phone
from batch_dialer.errors import UsageError
from batch_dialer.flows.rehearse import place_once, rehearsal_call
from batch_dialer.model import Again, Call, Halt, Settled, Target, Verdict, Via
from batch_dialer.plan.planning import Policy
from batch_dialer.talkover.api import TalkoverApi
from batch_dialer.talkover.payload import Caller
from batch_dialer.talkover.token import Token
from batch_dialer.terminal.question import ask, check_askable
from batch_dialer.terminal.tables import columns
from batch_dialer.terminal.text import printable, say
from batch_dialer.words import CALL_EXISTS, Exit, Status

_LONGEST = 60
_SANDBOX_AGENT = Target(Via.AGENT, "agent_sandbox")
_NOBODY = Target(Via.AGENT, "")  # the row may name its agent


@click.command(
    cls=GroupedCommand,
    epilog=example(
        "batch-dialer rehearse people.xlsx --schema s.toml --row 2 --to +14155550123",
        "batch-dialer rehearse contacts.csv --agent agent_1 --row 2 --to +14155550123",
    ),
)
@sheet_options
@option(
    Heading.REHEARSAL,
    "--row",
    type=click.IntRange(min=1),
    required=True,
    metavar="N",
    help="The row whose values are used, as the spreadsheet program numbers its rows.",
)
@option(Heading.REHEARSAL, "--to", required=True, metavar="NUMBER", help="Your own number, with + and country code.")
@sandbox_option
@target_options
@access_options
@option(Heading.OUTPUT, "--yes", "-y", is_flag=True, help="Do not ask before the call.")
def command(
    sheet: SheetOptions, row: int, to: str, who: TargetOptions, api: AccessOptions, *, sandbox: bool, yes: bool
) -> Exit:
    """Place one test call to your own phone, with the values of one row of SHEET: hear what that person would hear.

    The person of the row is not called, and nothing is written to any results file.
    """
    asks = not (yes or sandbox)
    if asks:
        check_askable()
    if sandbox and api.base_url:
        raise UsageError("--sandbox and --base-url are both given.", "Give only one of them.")
    source, number = sheet.source(), _read_number(to, sheet.region)
    target = who.target(source.schema) or (_SANDBOX_AGENT if sandbox else _NOBODY)
    call = rehearsal_call(source, row, number, Caller(target, sandbox=sandbox), Policy(hidden=sheet.hidden))
    _show(call, " in the sandbox, where no phone rings" if sandbox else "")
    with _reach(api, sandbox=sandbox) as (address, token):
        if asks and not ask(f"Place this test call to {number} now?"):
            raise UsageError("Cancelled. Nobody was called.", "Run the same command again when you want to.")
        try:
            verdict = anyio.run(_place, call, address, token, SystemClock())
        except KeyboardInterrupt:
            say("Interrupted. The call may have been placed: the phone may ring.")
            return Exit.INTERRUPTED
    return _tell(verdict)


def _read_number(text: str, region: str | None) -> str:
    number = parse_phone(text, region)
    if isinstance(number, NotDialable):
        raise UsageError(f"--to {text!r} {number.why}.", number.remedy)
    return number


@contextlib.contextmanager
def _reach(api: AccessOptions, *, sandbox: bool) -> Iterator[tuple[str, Token]]:
    """Give the API's address and token; where the sandbox is asked for, start it and give its own."""
    if not sandbox:
        yield api.address(), api.token()
        return
    with serving_sandbox() as served:
        yield served.base_url, SANDBOX_TOKEN


async def _place(call: Call, address: str, token: Token, clock: Clock) -> Verdict:
    async with TalkoverApi(address, token, 1, clock) as api:
        return await place_once(call, api)


def _show(call: Call, where: str) -> None:
    say(f"Row {call.row}, as a test call to {call.to} through {call.target}{where}:")
    values: Mapping[str, object] = call.payload
    lines = [(f"  {printable(name, _LONGEST)}", printable(str(value), _LONGEST)) for name, value in values.items()]
    say(columns(lines) if lines else "  (no prompt variables)")


def _tell(verdict: Verdict) -> Exit:
    """Say what became of the call, and return the exit status that says so."""
    outcome = verdict.outcome
    said = printable(outcome.error_message or outcome.error_code, 400)
    if outcome.status in CALL_EXISTS and not outcome.error_code:
        say(f"Placed: call {outcome.call_id}, {outcome.status.value}.")
        return Exit.DONE
    if outcome.status in CALL_EXISTS:
        say(f"Nothing new was placed: {said} It is call {outcome.call_id}, {outcome.status.value}.")
        return Exit.STOPPED_EARLY
    if outcome.status is Status.UNKNOWN:
        say(f"It is not known whether the call was placed: the phone may ring. {said}")
        say("It is not sent again. If the phone stays silent for some minutes, run the command again.")
        return Exit.SOME_NOT_PLACED
    match verdict:
        case Halt():
            say(f"No call was placed. {printable(verdict.reason, 400)}\n{verdict.remedy}")
        case Again():
            say(f"No call was placed. {said}\nRun the same command again in a minute.")
        case Settled():
            say(f"No call was placed: the API said no. {outcome.error_code} {said}")
    return Exit.STOPPED_EARLY
