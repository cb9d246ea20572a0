"""What `reconcile` and `track` share: a flow that asks the API about the calls of a results file, and dials nobody."""

from datetime import timedelta
from pathlib import Path
from typing import Protocol

import anyio
import click

from batch_dialer.clock import Clock, SystemClock
from batch_dialer.commands.options.api import ApiOptions
from batch_dialer.commands.options.grouping import Heading, argument, option
from batch_dialer.commands.options.output import MessageOptions
from batch_dialer.commands.settings import read_target
from batch_dialer.dialing import session
from batch_dialer.dialing.pace import STANDARD_PLAN
from batch_dialer.errors import UsageError
from batch_dialer.job import Rate
from batch_dialer.ledger.ledger import Ledger
from batch_dialer.ledger.tally import Tally
from batch_dialer.model import Target, Via
from batch_dialer.talkover.api import TalkoverApi
from batch_dialer.talkover.payload import Caller
from batch_dialer.talkover.questions import Getter
from batch_dialer.talkover.token import Token
from batch_dialer.terminal.console import Console
from batch_dialer.terminal.interrupts import LeavingAtOnce
from batch_dialer.words import Exit

results_argument = argument("results", type=click.Path(path_type=Path))
campaign_option = option(
    Heading.WHO, "--campaign", metavar="ID", help="The campaign that placed the calls, if one did."
)


class Flow(Protocol):
    """Asks the API about the calls of a results file, and writes down what it says."""

    async def __call__(
        self,
        place: Ledger,
        api: Getter,
        caller: Caller,
        rate: Rate,
        quiet: timedelta,
        watcher: session.Watcher,
        clock: Clock,
    ) -> Tally:
        """Return how the rows stand then."""
        ...


def read_caller(campaign: str | None) -> Caller:
    """Return who placed the calls, where no option names an agent: each row does; raise `UsageError`."""
    return Caller(read_target(None, campaign, None) or Target(Via.AGENT, ""))


def carry_out(results: Path, campaign: str | None, api: ApiOptions, messages: MessageOptions, flow: Flow) -> Exit:
    """Carry out *flow* for the file *results*, and give its closing summary; raise `UsageError`."""
    if not results.exists():
        raise UsageError(f"There is no results file {results}.", "Name the file that `run` has written.")
    ledger = Ledger(results.resolve(), api.address())
    caller = read_caller(campaign)
    clock = SystemClock()
    console = messages.console(clock)
    token = api.token()
    with LeavingAtOnce():
        tally = anyio.run(_carry_out, flow, ledger, token, caller, api.settle_after, console, clock)
    console.ended(tally, results)
    return tally.exit


async def _carry_out(
    flow: Flow, ledger: Ledger, token: Token, caller: Caller, settle_after: timedelta, console: Console, clock: Clock
) -> Tally:
    async with TalkoverApi(ledger.through, token, 1, clock) as api:
        return await flow(ledger, api, caller, Rate(STANDARD_PLAN, adaptive=True), settle_after, console, clock)
