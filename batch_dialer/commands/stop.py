"""`stop RESULTS`: hang up this job's calls that are under way."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import anyio
import click

from batch_dialer.clock import Clock, SystemClock
from batch_dialer.commands.of_results import campaign_option, read_caller, results_argument
from batch_dialer.commands.options.api import ApiOptions, api_options
from batch_dialer.commands.options.grouping import GroupedCommand, Heading, example, option
from batch_dialer.commands.options.output import MessageOptions, message_options
from batch_dialer.dialing.hang_up import MOST, Stopped
from batch_dialer.dialing.pace import STANDARD_PLAN
from batch_dialer.errors import UsageError
from batch_dialer.flows.stop import stop_results
from batch_dialer.job import Rate
from batch_dialer.ledger.ledger import Ledger
from batch_dialer.talkover.api import TalkoverApi
from batch_dialer.talkover.payload import Caller
from batch_dialer.talkover.token import Token
from batch_dialer.terminal.console import Console
from batch_dialer.terminal.interrupts import LeavingAtOnce
from batch_dialer.terminal.question import ask, check_askable
from batch_dialer.terminal.stopped import tell_stopped
from batch_dialer.words import Exit

_HUNG_UP = "Calls are hung up"
_REMEDY = "Give --yes."


@click.command(cls=GroupedCommand, epilog=example("batch-dialer stop contacts.results.csv"))
@results_argument
@campaign_option
@option(
    Heading.OUTPUT,
    "--yes",
    "-y",
    is_flag=True,
    help="Do not ask before calls are hung up. Needed where standard input is no terminal.",
)
@api_options
@message_options
def command(results: Path, campaign: str | None, api: ApiOptions, messages: MessageOptions, *, yes: bool) -> Exit:
    """Hang up the calls of RESULTS that are under way, and of no other job.

    A run that dials into RESULTS is stopped first: it finishes the requests that it has sent. The exit status is 0
    where no call of RESULTS is under way any more, and 1 where one is or may be.
    """
    if not yes:
        check_askable(_HUNG_UP, _REMEDY)
    if not results.exists() and not Ledger(results.resolve(), "").journal.exists():
        raise UsageError(f"There is no results file {results}.", "Name the file that `run` has written.")
    ledger = Ledger(results.resolve(), api.address())
    caller = read_caller(campaign)
    clock = SystemClock()
    console = messages.console(clock)
    confirm = (lambda _: True) if yes else partial(ask, what=_HUNG_UP, remedy=_REMEDY)
    token = api.token()
    with LeavingAtOnce():
        stopped = anyio.run(_stop, ledger, token, caller, api.settle_after, console, confirm, clock)
    tell_stopped(stopped, results, as_json=messages.log_format == "json")
    if stopped.ending:
        console.warn(f"{stopped.ending.reason} {stopped.ending.remedy}")
    return stopped.exit


async def _stop(
    ledger: Ledger,
    token: Token,
    caller: Caller,
    settle_after: timedelta,
    console: Console,
    confirm: Callable[[str], bool],
    clock: Clock,
) -> Stopped:
    async with TalkoverApi(ledger.through, token, MOST + 1, clock) as api:
        rate = Rate(STANDARD_PLAN, adaptive=True)
        return await stop_results(ledger, api, caller, rate, settle_after, console, confirm, clock)
