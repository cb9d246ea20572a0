"""`sandbox`: serve a model of the API on this machine, for rehearsals."""

import click

from batch_dialer.commands.options.grouping import GroupedCommand, Heading, example, option
from batch_dialer.commands.options.rehearsal import outcomes_option, sandbox_extra
from batch_dialer.errors import UsageError
from batch_dialer.sandbox.numbers import SPECIAL_NUMBERS
from batch_dialer.sandbox.outcomes import Outcomes
from batch_dialer.terminal.text import say
from batch_dialer.words import Exit

_NUMBERS = "\n".join(f"  {special.number}  {special.sentence}" for special in SPECIAL_NUMBERS)


@click.command(
    cls=GroupedCommand,
    epilog=example(
        "batch-dialer sandbox --limit 100",
        "TALKOVER_TOKEN=talq_rehearsal batch-dialer run contacts.csv \\",
        "    --agent agent_1 --base-url http://127.0.0.1:8765/api/v1",
    )
    + f"\n\n\b\nNumbers with a fixed behaviour:\n{_NUMBERS}",
)
@option(
    Heading.SANDBOX,
    "--port",
    default=8765,
    show_default=True,
    metavar="N",
    type=click.IntRange(0, 65535),
    help="The port to listen on. 0 takes any that is free.",
)
@option(
    Heading.SANDBOX,
    "--limit",
    default=1000,
    show_default=True,
    metavar="N",
    type=click.IntRange(min=1),
    help="The rate limit: requests a minute.",
)
@option(
    Heading.SANDBOX,
    "--speed",
    default=1.0,
    show_default=True,
    metavar="N",
    type=click.FloatRange(0.1, 1000),
    help="How many times faster than in reality a call goes.",
)
@outcomes_option(Heading.SANDBOX)
def command(port: int, limit: int, speed: float, outcomes: Outcomes | None) -> Exit:
    """Run a stand-in for the API on this machine until Ctrl-C. It calls nobody.

    It accepts any token that begins with talq_.
    """
    with sandbox_extra():
        from batch_dialer.sandbox.serve import serve  # noqa: PLC0415  (an extra: it may not be installed)
        from batch_dialer.sandbox.settings import Settings  # noqa: PLC0415  (as above)
    try:
        exchange = serve(port=port, settings=Settings(limit=limit, speed=speed, outcomes=outcomes), announce=_announce)
    except OSError as error:
        remedy = "Give another --port. 0 takes any that is free."
        raise UsageError(f"The sandbox cannot listen on port {port}: {error.strerror}.", remedy) from None
    say(f"\nCalls that were placed: {len(exchange.rings):,}")
    return Exit.DONE


def _announce(address: str) -> None:
    say(f"The sandbox listens at {address}. Ctrl-C ends it.")
    say(f"In another terminal, first: export TALKOVER_BASE_URL={address} TALKOVER_TOKEN=talq_rehearsal")
