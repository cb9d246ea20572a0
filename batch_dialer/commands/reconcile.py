"""`reconcile RESULTS`: what became of the calls whose answer was lost."""

from datetime import timedelta
from pathlib import Path

import anyio
import click

from batch_dialer.clock import SystemClock
from batch_dialer.commands import options, settings
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
from batch_dialer.talkover.token_file import read_token
from batch_dialer.terminal.console import Console
from batch_dialer.words import Exit


@click.command(epilog=options.example("batch-dialer reconcile contacts.results.csv"))
@click.argument("results", type=click.Path(path_type=Path))
@click.option("--campaign", metavar="ID", help="The campaign that the calls went through, if one did.")
@options.settle_after
@options.base_url
@options.allow_insecure
@options.token_file
@options.quiet
@options.log_format
def command(
    results: Path,
    campaign: str | None,
    settle_after: str,
    base_url: str | None,
    token_file: Path | None,
    *,
    allow_insecure: bool,
    quiet: bool,
    log_format: str,
) -> Exit:
    """Ask the API's list of calls what became of every row that is `unknown` in RESULTS. Nobody is dialed.

    A call that is found is written down. A row that is proven not to have been called is dialed by the next `run`; what
    cannot be proven stays `unknown`, and error_message says why.
    """
    if not results.exists():
        raise UsageError(f"There is no results file {results}.", "Name the file that `run` has written.")
    ledger = Ledger(results.resolve(), settings.read_base_url(base_url, allow_insecure=allow_insecure))
    target = settings.read_target(None, campaign, None) or Target(Via.AGENT, "")
    quiet_time = settings.read_duration(settle_after, "--settle-after")
    console = Console(SystemClock(), quiet=quiet, verbose=False, as_json=log_format == "json", ask=False)
    tally = anyio.run(_reconcile, ledger, read_token(token_file), target, quiet_time, console)
    console.ended(tally, results)
    return tally.exit


async def _reconcile(ledger: Ledger, token: Token, target: Target, quiet: timedelta, console: Console) -> Tally:
    clock = SystemClock()
    async with TalkoverApi(ledger.through, token, 1, clock) as api:
        rate = Rate(STANDARD_PLAN, adaptive=True)
        return await reconcile_results(ledger, api, Caller(target), rate, quiet, console, clock)
