"""What names a row across runs: keys are made here and read here, and nowhere else.

A key is `id:` and the row's ID, or `tel:` and its number, with `#2` for the second row of one number. A row that can
be named neither way is `row:17`; that name means nothing to another run. A key begins with letters, so that no
spreadsheet program takes it for a number or a date.
"""

from dataclasses import dataclass

import polars as pl

from batch_dialer.model import History, Rows

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


@dataclass(frozen=True, slots=True)
class DifferingKeys:
    """That *count* of the *shared* numbers of a sheet are known by keys of another kind than the sheet gives them.

    *row* is the first; *now_by_id*: whether it has an ID, and was known by its number.
    """

    row: int
    now_by_id: bool
    count: int
    shared: int


_FEW = 2


def differing_keys(rows: Rows, history: History) -> DifferingKeys | None:
    """Return how the keys of *rows* differ from those in *history*, of the same numbers; None where they do not.

    They differ if most of the numbers that both have are known by IDs alone where the sheet now has none, or the other
    way round. One or two numbers are no reason, unless the sheet has no more.
    """
    if rows.is_empty() or history.is_empty():
        return None
    by_id = pl.col("key").str.starts_with("id:")
    kinds = set(rows.select(by_id)["key"].unique()) | set(history.select(by_id)["key"].unique())
    if len(kinds) == 1:
        return None  # all keys are of one kind: a million of them are seen through in no time
    named = rows.filter(is_stable(pl.col("key")) & pl.col("to").is_not_null()).select("row", "to", "key")
    known = history.filter(pl.col("to") != "").select("to", pl.col("key").alias("before"))
    both = named.unique("to", keep="first", maintain_order=True).join(
        known, on="to", how="inner", maintain_order="left"
    )
    both = both.with_columns(by_id.alias("now"), pl.col("before").str.starts_with("id:").alias("then"))
    numbers = both.group_by("to", maintain_order=True).agg(
        pl.col("row", "now").first(), (pl.col("now") != pl.col("then")).all().alias("differs")
    )
    differing = numbers.filter("differs")
    if differing.height * 2 <= numbers.height or differing.height <= min(_FEW, named["to"].n_unique() - 1):
        return None
    return DifferingKeys(differing["row"][0], differing["now"][0], differing.height, numbers.height)
