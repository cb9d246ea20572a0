"""Whether a sheet names the people of its results file by other keys than before, as where a schema was forgotten."""

from dataclasses import dataclass

import polars as pl

from batch_dialer.entry import History
from batch_dialer.errors import UsageError
from batch_dialer.ledger.keys import is_stable
from batch_dialer.ledger.ledger import Ledger
from batch_dialer.model import Rows

_FEW = 2


def check_keys(ledger: Ledger, rows: Rows, history: History) -> None:
    """Raise `UsageError` where the sheet's *rows* name most people otherwise than *history* does.

    The results file would get a second line for each, and tell less of both.
    """
    differing = _differing_keys(rows, history)
    if differing is None:
        return
    now, before = ("its ID", "its number alone") if differing.now_by_id else ("its number alone", "an ID")
    question = (
        "Is the column of IDs new, or is this another schema file? Run as before."
        if differing.now_by_id
        else "Was --schema left out, or was the column of IDs renamed? Run as before."
    )
    raise UsageError(
        f"{ledger.results} names the people of this sheet in another way: row {differing.row} goes by {now}, and"
        " there by"
        f" {before}, as do {differing.count:,} of the {differing.shared:,} numbers that both have.",
        f"{question} If you mean it, begin another results file, in which nobody is called again who is in this one:"
        f" --results NEW.csv --suppress {ledger.results}",
    )


@dataclass(frozen=True, slots=True)
class _DifferingKeys:
    """That *count* of the *shared* numbers of a sheet are known by keys of another kind than the sheet gives them.

    *row* is the first; *now_by_id*: whether it has an ID, and was known by its number.
    """

    row: int
    now_by_id: bool
    count: int
    shared: int


def _differing_keys(rows: Rows, history: History) -> _DifferingKeys | None:
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
    return _DifferingKeys(differing["row"][0], differing["now"][0], differing.height, numbers.height)
