"""What names a row across runs, and which names last."""

import polars as pl

LASTING = r"(?s)^id:.|^tel:\+\d{7,15}(?:#\d+)?$"


def with_keys(rows: pl.DataFrame) -> pl.DataFrame:
    """Name each row by what stays when the sheet is sorted, renamed or saved otherwise: its ID, or else its number.

    The second row of the same number is `tel:+1…#2`. A row that can't be named so is `row:17`, and that name is worth
    nothing across runs. A key begins with letters: no spreadsheet program takes it for a number or a date.
    """
    by_id = pl.col("id").fill_null("") != ""
    nth = pl.int_range(pl.len()).over("to") + 1
    number = pl.when(nth > 1).then(pl.format("tel:{}#{}", "to", nth)).otherwise(pl.format("tel:{}", "to"))
    named = pl.when(by_id).then(pl.format("id:{}", "id")).when(pl.col("to").is_not_null()).then(number)
    again = pl.col("key").is_null() | ~pl.col("key").is_first_distinct()
    keyed = rows.with_columns(named.alias("key"))
    return keyed.with_columns(pl.when(again).then(pl.format("row:{}", "row")).otherwise("key").alias("key"))
