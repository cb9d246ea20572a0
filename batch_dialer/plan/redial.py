"""Who is dialed again: the contract's table. Everything else in this room asks it."""

from collections.abc import Collection
from enum import Enum

import polars as pl

from batch_dialer.words import CALL_EXISTS, CALL_MAY_EXIST, JUDGED, Retry, Status


class Next(Enum):
    """What becomes of a row, from what is known of it."""

    DIAL = "dial"
    LEAVE = "leave"
    IF_CHANGED = "if changed"


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
