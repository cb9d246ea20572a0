"""`track RESULTS`: how the calls that were placed went on, and how they ended."""

from pathlib import Path

import click

from batch_dialer.commands.of_results import campaign_option, carry_out, results_argument
from batch_dialer.commands.options.api import ApiOptions, api_options
from batch_dialer.commands.options.grouping import GroupedCommand, example
from batch_dialer.commands.options.output import MessageOptions, message_options
from batch_dialer.commands.options.redial import reached_after as reached_after_option
from batch_dialer.words import Exit


@click.command(cls=GroupedCommand, epilog=example("batch-dialer track contacts.results.csv"))
@results_argument
@campaign_option
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
    return carry_out(results, campaign, api, messages, tracks=True, reached_after=reached_after)
