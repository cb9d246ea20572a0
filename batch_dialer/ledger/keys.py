"""What names a row across runs: keys are made here and read here, and nowhere else.

A key is `id:` and the row's ID, or `tel:` and its number, with `#2` for the second row of one number. A row that can
be named neither way is `row:17`; that name means nothing to another run. A key begins with letters, so that no
spreadsheet program takes it for a number or a date.
"""

import polars as pl

from batch_dialer.model import Rows

_STABLE = r"(?s)^id:.|^tel:\+\d{7,15}(?:#\d+)?$"
_KEY = rf"{_STABLE}|^row:\d+$"
_NUMBER = r"^tel:(\+\d+)"


def with_keys(rows: Rows) -> Rows:
    """Return *rows* with their `key`: by what stays when the sheet is sorted, renamed or saved otherwise."""
    by_id = pl.col("id").fill_null("") != ""
    nth = pl.int_range(pl.len()).over("to") + 1
    number = pl.when(nth > 1).then(pl.format("tel:{}#{}", "to", nth)).otherwise(pl.format("tel:{}", "to"))
    named = pl.when(by_id).then(pl.format("id:{}", "id")).when(pl.col("to").is_not_null()).then(number)
    again = pl.col("key").is_null() | ~pl.col("key").is_first_distinct()
    keyed = rows.with_columns(named.alias("key"))
    return Rows(keyed.with_columns(pl.when(again).then(pl.format("row:{}", "row")).otherwise("key").alias("key")))


def is_key(text: pl.Expr) -> pl.Expr:
    """Return whether *text* is a key as it was written."""
    return text.str.contains(_KEY)


def is_stable(key: pl.Expr) -> pl.Expr:
    """Return whether *key* names the same row in another run."""
    return key.str.contains(_STABLE)


def number_in(key: pl.Expr) -> pl.Expr:
    """Return the number (E.164) that *key* is made of; null where it is made of something else."""
    return key.str.extract(_NUMBER)
