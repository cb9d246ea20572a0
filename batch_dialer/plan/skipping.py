"""Rows that are deliberately not dialed, each with its reason. Pure."""

import polars as pl

from batch_dialer.plan.redial import Next
from batch_dialer.words import CALL_MAY_EXIST, Code, Status


def skip(rows: pl.DataFrame, which: pl.Expr, code: Code, message: pl.Expr) -> pl.DataFrame:
    """Return *rows* with those skipped that were to be dialed and that *which* is true of.

    Whoever may have been called stays in doubt: to be skipped says that nobody was called.
    """
    left = which & (pl.col("next") == Next.DIAL.value)
    skipped = left & ~pl.col("known").is_in([status.value for status in CALL_MAY_EXIST]).fill_null(value=False)
    return rows.with_columns(
        pl.when(skipped).then(pl.lit(Status.SKIPPED.value)).otherwise("status").alias("status"),
        pl.when(skipped).then(pl.lit(code.value)).otherwise("error_code").alias("error_code"),
        pl.when(skipped).then(message).otherwise("error_message").alias("error_message"),
        pl.when(left).then(pl.lit(Next.LEAVE.value)).otherwise("next").alias("next"),
    )
