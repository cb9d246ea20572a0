"""Who is dialed again: the contract's table, and who was not reached. Everything else in this room asks it.

Nobody is dialed again who was reached, whose call is under way, or of whom it is not known how the call ended.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import polars as pl

from batch_dialer.ledger.history import moment_in
from batch_dialer.words import CALL_EXISTS, CALL_MAY_EXIST, JUDGED, Retry, Status


class Next(Enum):
    """What becomes of a row, from what is known of it."""

    DIAL = "dial"
    LEAVE = "leave"
    IF_CHANGED = "if changed"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Redial:
    """Whom to call again that was not reached: whose last call ended in one of *endings*, or was *shorter_than* that.

    *shorter_than*: seconds, for calls that were completed. A row is called again *after* that time since its last call
    ended, until it has had *most_calls* calls.
    """

    endings: frozenset[Status]
    shorter_than: float = 0.0
    after: timedelta = timedelta(hours=2)
    most_calls: int = 3


NEXT: dict[Status, Next] = {
    **dict.fromkeys(CALL_EXISTS, Next.LEAVE),
    **dict.fromkeys(JUDGED, Next.DIAL),  # it is here only where the sheet now holds a good value
    Status.REFUSED: Next.IF_CHANGED,
    **dict.fromkeys(CALL_MAY_EXIST, Next.LEAVE),  # reconciliation alone can make it `deferred`
}


def next_step(status: pl.Expr, retry: Collection[Retry]) -> pl.Expr:
    """Return the `Next` of each *status* (null: nothing is known), by its value."""
    table = {known.value: step.value for known, step in NEXT.items()}
    if Retry.REFUSED in retry:
        table[Status.REFUSED.value] = Next.DIAL.value
    if Retry.UNKNOWN in retry:
        table |= {known.value: Next.DIAL.value for known in CALL_MAY_EXIST}
    known = status.replace_strict(table, default=Next.LEAVE.value, return_dtype=pl.String)
    return pl.when(status.is_null()).then(pl.lit(Next.DIAL.value)).otherwise(known)


def missed(redial: Redial) -> pl.Expr:
    """Return whether the last call of a row ended as *redial* says. A call of unknown length was not too short."""
    ended_so = pl.col("known").is_in([status.value for status in redial.endings])
    completed = pl.col("known") == Status.COMPLETED.value
    short = completed & (pl.col("duration_seconds") < redial.shorter_than).fill_null(value=False)
    return (ended_so | short).fill_null(value=False)


_CUT_OFF = timedelta(seconds=1)
"""So much later than it says a moment may have been whose fraction of a second is not written."""


def redial_missed(rows: pl.DataFrame, redial: Redial, now: datetime, clock_ahead: timedelta) -> pl.DataFrame:
    """Return *rows* with those to be dialed again whose pause is over at *now*, and the others `LATER` until `due`.

    The pause is counted from when the call ended, by the API's clock, which is *clock_ahead* of ours; and never from
    earlier than our request and what was talked, so that no clock that is wrong makes it shorter.
    """
    told = moment_in("updated_at") + pl.lit(_CUT_OFF) - pl.lit(clock_ahead)
    talked = pl.col("duration_seconds").fill_null(0).clip(0) + pl.col("doubt_seconds").fill_null(0).clip(0)
    ended = pl.max_horizontal(told, moment_in("doubt_since") + pl.duration(seconds=talked))
    again = missed(redial) & (pl.col("calls") < redial.most_calls) & ended.is_not_null()
    due = pl.when(again).then(ended + pl.lit(redial.after)).alias("due")
    step = pl.when(pl.col("due") <= pl.lit(now)).then(pl.lit(Next.DIAL.value)).otherwise(pl.lit(Next.LATER.value))
    timed = rows.with_columns(due)
    return timed.with_columns(pl.when(pl.col("due").is_not_null()).then(step).otherwise("next").alias("next"))
