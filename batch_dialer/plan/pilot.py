"""Which rows are dialed first, as a pilot. Pure."""

import polars as pl

from batch_dialer.model import Rows


def choose_pilot(rows: Rows, count: int) -> Rows:
    """Return *count* of *rows*, spread evenly over them, the first and the last included; all where they are no more.

    One alone is the first.
    """
    if count >= rows.height:
        return rows
    last, steps = rows.height - 1, max(count - 1, 1)
    return Rows(rows[[place * last // steps for place in range(count)]])


def without(rows: Rows, pilot: Rows) -> Rows:
    """Return *rows* without those of the *pilot*."""
    return Rows(rows.filter(~pl.col("key").is_in(pilot["key"].implode())))
