"""Which calls of a ledger may be under way now. It knows of each call what was known when it was last looked up."""

from datetime import datetime, timedelta

import polars as pl

from batch_dialer.entry import History
from batch_dialer.ledger.calls import find_under_way
from batch_dialer.words import Status

_WAITING = pl.col("status").is_in([Status.QUEUED.value, Status.SCHEDULED.value])
"""Only a campaign's call has one of these, before it is placed."""
LONGEST = timedelta(hours=25)
"""How long after its attempt a call may be under way: a day, and the longest delay of Make a Call."""


def may_be_under_way(history: History, now: datetime) -> History:
    """Return the rows of *history* with a call that may be under way, or waits in a campaign, the latest first."""
    rows = find_under_way(history).filter(sent_lately(now) | _WAITING)
    return History(rows.sort("sent_at", descending=True))


def sent_lately(now: datetime) -> pl.Expr:
    """Return whether a row's attempt is so recent that its call may be under way; so is one of an unknown time."""
    return (pl.col("sent_at") >= (now - LONGEST).isoformat(timespec="milliseconds")) | (pl.col("sent_at") == "")


def waiting_campaigns(history: History) -> list[str]:
    """Return the IDs of the campaigns in which calls of *history* wait."""
    return history.filter(_WAITING)["agent_id"].unique(maintain_order=True).to_list()
