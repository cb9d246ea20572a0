"""What `reconcile` and `track` share: the API is asked about the calls of a results file, and nobody is dialed."""

from pathlib import Path

import anyio
import click

from batch_dialer.clock import SystemClock
from batch_dialer.commands.options.api import ApiOptions
from batch_dialer.commands.options.grouping import Heading, argument, option
from batch_dialer.commands.options.output import MessageOptions
from batch_dialer.commands.settings import read_target
from batch_dialer.errors import UsageError
from batch_dialer.flows.update_results import update_results
from batch_dialer.ledger.ledger import Ledger
from batch_dialer.ledger.tally import Tally
from batch_dialer.model import Target, Via
from batch_dialer.talkover.api import TalkoverApi
from batch_dialer.talkover.payload import Caller
from batch_dialer.terminal.interrupts import LeavingAtOnce
from batch_dialer.words import Exit

results_argument = argument("results", type=click.Path(path_type=Path))
campaign_option = option(
    Heading.WHO, "--campaign", metavar="ID", help="The campaign that placed the calls, if one did."
)


def read_caller(campaign: str | None) -> Caller:
    """Return who placed the calls, where no option names an agent: each row does; raise `UsageError`."""
    return Caller(read_target(None, campaign, None) or Target(Via.AGENT, ""))


def carry_out(
    results: Path,
    campaign: str | None,
    api: ApiOptions,
    messages: MessageOptions,
    *,
    tracks: bool,
    reached_after: float = 0.0,
) -> Exit:
    """Bring the file *results* up to date as `update_results` does; give the closing summary; raise `UsageError`."""
    if not results.exists():
        raise UsageError(f"There is no results file {results}.", "Name the file that `run` has written.")
    ledger = Ledger(results.resolve(), api.address())
    caller = read_caller(campaign)
    clock = SystemClock()
    console = messages.console(clock)
    token = api.token()

    async def update() -> Tally:
        async with TalkoverApi(ledger.through, token, 1, clock) as talkover:
            return await update_results(
                ledger, talkover, caller, api.settle_after, console, clock, tracks=tracks, reached_after=reached_after
            )

    with LeavingAtOnce():
        tally = anyio.run(update)
    console.ended(tally, results)
    return tally.exit
