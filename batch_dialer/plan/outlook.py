"""What a run that stays has to wait for: calls that have not ended, doubts that may be settled, pauses. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from batch_dialer.entry import History
from batch_dialer.ledger.calls import find_under_way
from batch_dialer.ledger.doubts import in_doubt
from batch_dialer.ledger.history import moment_in
from batch_dialer.model import DEADLINE, Ending
from batch_dialer.plan.planning import Plan
from batch_dialer.words import Exit

LONGEST_CALL = timedelta(hours=4)
"""A call that has not ended so long after it was asked for is waited for no more: its end was not told."""
LAST_PROOF = timedelta(minutes=15)
"""How long a doubt is asked about after the list can settle it: what it has not settled by then, it does not."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What there is to wait for: calls that have not ended, and doubts that can be settled from *settled_at* on.

    *under_way* and *in_doubt* count them. *next_due*: when the first row is to be called again, or comes
    into its calling hours, as the plan has it.
    """

    under_way: int
    in_doubt: int
    settled_at: datetime | None
    next_due: datetime | None

    @property
    def is_over(self) -> bool:
        """Whether there is nothing to wait for."""
        return not self.under_way and not self.in_doubt and self.next_due is None


def look_ahead(history: History, plan: Plan, now: datetime, quiet: timedelta) -> Outlook:
    """Return what there is to wait for at *now*, where the API's list can prove an absence *quiet* after an attempt."""
    began = find_under_way(history).select(_began())
    fresh = began.filter(pl.col("began") > pl.lit(now - LONGEST_CALL))
    settled = pl.col("began") + pl.lit(max(quiet, timedelta(seconds=DEADLINE)))
    doubts = in_doubt(history).select(_began()).select(settled.alias("settled"))
    open_ = doubts.filter(pl.col("settled") > pl.lit(now - LAST_PROOF))["settled"]
    first = open_.min()
    next_due = min((moment for moment in (plan.next_due, plan.opens) if moment), default=None)
    return Outlook(fresh.height, len(open_), first if isinstance(first, datetime) else None, next_due)


def _began() -> pl.Expr:
    """Return when the last attempt of a row began, with its delay; null where it is not known."""
    return (moment_in("sent_at") + pl.duration(seconds=pl.col("delay_seconds").fill_null(0))).alias("began")


def left_for_later(plan: Plan) -> Ending | None:
    """Return how a run ends after which rows are to be called again, or may have to be; None where none are."""
    if not plan.later and not plan.under_way:
        return None
    parts = []
    if plan.later:
        when = f" from {plan.next_due.astimezone():%Y-%m-%d %H:%M} on" if plan.next_due else ""
        parts.append(f"To be called again{when}: {plan.later:,}.")
    if plan.under_way:
        parts.append(f"Not yet known how the call ends: {plan.under_way:,}.")
    return Ending(Exit.ROWS_LEFT, " ".join(parts), "Run the same command again then; with --wait, a run stays for it.")
