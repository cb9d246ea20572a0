"""`reconcile RESULTS`: what became of the calls whose answer was lost."""

from datetime import timedelta
from pathlib import Path

import anyio
import click

from batch_dialer.clock import Clock, SystemClock
from batch_dialer.commands.options.api import ApiOptions, api_options
from batch_dialer.commands.options.grouping import GroupedCommand, Heading, argument, example, option
from batch_dialer.commands.options.output import MessageOptions, message_options
from batch_dialer.commands.settings import read_target
from batch_dialer.dialing.pace import STANDARD_PLAN
from batch_dialer.errors import UsageError
from batch_dialer.flows.reconcile import reconcile_results
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


@click.command(cls=GroupedCommand, epilog=example("batch-dialer reconcile contacts.results.csv"))
@argument("results", type=click.Path(path_type=Path))
@option(Heading.WHO, "--campaign", metavar="ID", help="The campaign that placed the calls, if one did.")
@api_options
@message_options
def command(results: Path, campaign: str | None, api: ApiOptions, messages: MessageOptions) -> Exit:
    """Look up in the API's list of calls what became of the rows of RESULTS that are `unknown`. Nobody is dialed.

    The ID of a call that is found is written into RESULTS. A row for which it is proven that no call was placed is
    dialed by the next `run`. A row for which neither can be shown stays `unknown`, and its error_message says why.
    """
    if not results.exists():
        raise UsageError(f"There is no results file {results}.", "Name the file that `run` has written.")
    ledger = Ledger(results.resolve(), api.address())
    target = read_target(None, campaign, None) or Target(Via.AGENT, "")
    clock = SystemClock()
    console = messages.console(clock)
    token = api.token()
    with LeavingAtOnce():
        tally = anyio.run(_reconcile, ledger, token, target, api.settle_after, console, clock)
    console.ended(tally, results)
    return tally.exit


async def _reconcile(
    ledger: Ledger, token: Token, target: Target, settle_after: timedelta, console: Console, clock: Clock
) -> Tally:
    async with TalkoverApi(ledger.through, token, 1, clock) as api:
        rate = Rate(STANDARD_PLAN, adaptive=True)
        return await reconcile_results(ledger, api, Caller(target), rate, settle_after, console, clock)
