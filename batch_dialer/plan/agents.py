"""Whether every row has somebody who calls: an agent of its own, or the agent or campaign of the whole run."""

import polars as pl

from batch_dialer.contacts.validate import Checked
from batch_dialer.errors import UsageError
from batch_dialer.model import Via
from batch_dialer.schema.schema import Place
from batch_dialer.talkover.payload import Caller, target_id


def check_agents(checked: Checked, caller: Caller) -> None:
    """Raise `UsageError` where a campaign has rows with agents of their own, or a valid row has nobody to call it."""
    column = checked.mapping.header(Place.AGENT)
    if column and caller.target.via is Via.CAMPAIGN:
        raise UsageError(
            f'The sheet has a column of agents, "{column}", and the calls are to go through {caller.target}. Calls by'
            " an agent would not follow the campaign's schedule, its retries and its list of people not to call.",
            "Delete the column, or call through agents: without --campaign (in the schema file: campaign_id).",
        )
    if caller.target.id:
        return
    if not column:
        remedy = "Give --agent ID or --campaign ID, or write agent_id into the schema file."
        raise UsageError("No agent or campaign is given.", remedy)
    without = checked.rows.filter(pl.col("code").is_null() & (target_id(checked.rows, caller) == ""))
    if without.height:
        count = "1 row has" if without.height == 1 else f"{without.height:,} rows have"
        raise UsageError(
            f'No agent is given, and {count} no agent in the column "{column}"; the first is row {without["row"][0]}.',
            "Fill in the column, or give --agent ID for the rows that have none.",
        )
