"""`reconcile RESULTS`: what became of the calls whose answer was lost."""

from pathlib import Path

import click

from batch_dialer.commands.of_results import campaign_option, carry_out, results_argument
from batch_dialer.commands.options.api import ApiOptions, api_options
from batch_dialer.commands.options.grouping import GroupedCommand, example
from batch_dialer.commands.options.output import MessageOptions, message_options
from batch_dialer.words import Exit


@click.command(cls=GroupedCommand, epilog=example("batch-dialer reconcile contacts.results.csv"))
@results_argument
@campaign_option
@api_options
@message_options
def command(results: Path, campaign: str | None, api: ApiOptions, messages: MessageOptions) -> Exit:
    """Look up in the API's list of calls what became of the rows of RESULTS that are `unknown`. Nobody is dialed.

    The ID of a call that is found is written into RESULTS. A row for which it is proven that no call was placed is
    dialed by the next `run`. A row for which neither can be shown stays `unknown`, and its error_message says why.
    """
    return carry_out(results, campaign, api, messages, tracks=False)
