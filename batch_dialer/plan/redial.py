"""Who is dialed again: the contract's table. Everything else in this room asks it."""

from collections.abc import Collection
from enum import Enum

import polars as pl

from batch_dialer.words import CALL_EXISTS, CALL_MAY_EXIST, Retry, Status


class Next(Enum):
    """What becomes of a row, from what is known of it."""

    DIAL = "dial"
    LEAVE = "leave"
    IF_CHANGED = "if changed"


NEXT: dict[Status, Next] = {
    **dict.fromkeys(CALL_EXISTS, Next.LEAVE),
    Status.DEFERRED: Next.DIAL,
    Status.REJECTED: Next.DIAL,  # judged afresh: it is here only where the sheet now holds a good value
    Status.SKIPPED: Next.DIAL,  # likewise
    Status.REFUSED: Next.IF_CHANGED,
    Status.DIALING: Next.LEAVE,  # a call may exist: reconciliation alone can make it `deferred`
    Status.UNKNOWN: Next.LEAVE,
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


def unknown_to(history: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Return those of *lines* on which *history* has no word: they were judged, and never an attempt."""
    judged = lines.filter(pl.col("status").is_in([s.value for s in Status if NEXT[s] is Next.DIAL]))
    known = history.filter(pl.col("key").is_in(judged["key"].implode()))
    return judged.join(known, on="key", how="anti")
