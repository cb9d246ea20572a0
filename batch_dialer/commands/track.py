"""`track RESULTS`: how the calls that were placed went on, and how they ended."""

from datetime import timedelta
from pathlib import Path

import anyio
import click

from batch_dialer.clock import Clock, SystemClock
from batch_dialer.commands.options.api import ApiOptions, api_options
from batch_dialer.commands.options.grouping import GroupedCommand, Heading, argument, example, option
from batch_dialer.commands.options.output import MessageOptions, message_options
from batch_dialer.commands.options.redial import reached_after as reached_after_option
from batch_dialer.commands.settings import read_target
from batch_dialer.dialing.pace import STANDARD_PLAN
from batch_dialer.errors import UsageError
from batch_dialer.flows.track import track_results
from batch_dialer.job import Rate
from batch_dialer.ledger.ledger import Ledger
from batch_dialer.ledger.tally import Tally
from batch_dialer.model import Target, Via
from batch_dialer.talkover.api import TalkoverApi
from batch_dialer.talkover.payload import Caller
from batch_dialer.talkover.token import Token
from batch_dialer.terminal.console import Console
from batch_dialer.terminal.interrupts import LeavingAtOnce
from batch_dialer.words import Exit


@click.command(cls=GroupedCommand, epilog=example("batch-dialer track contacts.results.csv"))
@argument("results", type=click.Path(path_type=Path))
@option(Heading.WHO, "--campaign", metavar="ID", help="The campaign that placed the calls, if one did.")
@reached_after_option
@api_options
@message_options
def command(
    results: Path, campaign: str | None, reached_after: float, api: ApiOptions, messages: MessageOptions
) -> Exit:
    """Write into RESULTS how each call ended, when, and how long it was, from the API's lists. Nobody is dialed.

    Rows that are `unknown` are looked up, too, as `reconcile` does. Give it as often as you like, also from cron: what
    is known of a call never goes back.
    """
    if not results.exists():
        raise UsageError(f"There is no results file {results}.", "Name the file that `run` has written.")
    ledger = Ledger(results.resolve(), api.address())
    caller = Caller(read_target(None, campaign, None) or Target(Via.AGENT, ""))
    clock = SystemClock()
    console = messages.console(clock)
    token = api.token()
    with LeavingAtOnce():
        tally = anyio.run(_track, ledger, token, caller, api.settle_after, console, clock, reached_after)
    console.ended(tally, results)
    return tally.exit


async def _track(
    ledger: Ledger,
    token: Token,
    caller: Caller,
    settle_after: timedelta,
    console: Console,
    clock: Clock,
    reached_after: float,
) -> Tally:
    async with TalkoverApi(ledger.through, token, 1, clock) as api:
        rate = Rate(STANDARD_PLAN, adaptive=True)
        return await track_results(ledger, api, caller, rate, settle_after, console, clock, reached_after)
