"""One number, one call: numbers that several rows have, that have a call already, or that changed since their call.

A row is known by its key, and a person by the number. Whatever is deleted, sorted or renamed, no number is dialed again
through another row, of this results file or of another in its folder, unless a person asked for it; and no row is taken
for called because of a call to somebody else.
"""

import polars as pl

from batch_dialer.entry import History, OtherCalls
from batch_dialer.plan.redial import Next
from batch_dialer.plan.skipping import skip
from batch_dialer.words import CALL_EXISTS, CALL_MAY_EXIST, Code

_MAY_HAVE_A_CALL = [status.value for status in CALL_EXISTS | CALL_MAY_EXIST]
_NAME_IT = "To call it again, name the results file of this run with --results."
_GONE = "This number was called for a row that is no longer in the sheet."
_GONE_ID = "This number was called for ID {}, which is no longer in the sheet."


def skip_changed(rows: pl.DataFrame, wanted: pl.Expr) -> pl.DataFrame:
    """Return *rows* with those skipped whose call was to another number; those that are *wanted* are dialed instead.

    A call to the old number says nothing of whoever has the new one: the ID was used again, or the number mended.
    """
    exists = pl.col("known").is_in([status.value for status in CALL_EXISTS])
    changed = (exists & (pl.col("known_to") != "") & (pl.col("known_to") != pl.col("to"))).fill_null(value=False)
    message = pl.format(
        "Its call {} was to {}; the sheet now holds {}. To call this number, too: --retry changed, or --only ID.",
        "call_id",
        "known_to",
        "to",
    )
    due = rows.with_columns(pl.when(changed).then(pl.lit(Next.DIAL.value)).otherwise("next").alias("next"))
    return skip(due, changed & ~wanted, Code.NUMBER_CHANGED, message)


def skip_held(rows: pl.DataFrame, history: History, may_share: pl.Expr) -> pl.DataFrame:
    """Return *rows* with those skipped whose number has a call, or may have one, through another row.

    Rows that *may_share* a number are held only by a row that is no longer in the sheet, and only where nothing is
    known of them: each may be that row under another ID.
    """
    in_line = rows.filter(pl.col("next") == Next.DIAL.value).select("key", "to")
    held = history.filter(pl.col("status").is_in(_MAY_HAVE_A_CALL) & pl.col("to").is_in(in_line["to"].implode()))
    held = held.join(in_line, on=["key", "to"], how="anti")  # a doubt that is dialed again holds nobody else
    if held.is_empty():
        return rows
    here = rows.filter(pl.col("key").is_in(held["key"].implode()))
    here = here.select(
        "key", pl.format("Same number as row {}, which has a call or may have one.", "row").alias("stands")
    )
    holders = held.join(here, on="key", how="left").with_columns(_of_gone_row()).group_by("to", maintain_order=True)
    words = holders.agg(
        pl.coalesce("stands", "gone row").first().alias("stands"), pl.col("stands").is_null().any().alias("gone")
    )
    rows = rows.join(words, on="to", how="left", maintain_order="left")
    which = pl.col("stands").is_not_null() & (~may_share | (pl.col("gone") & pl.col("known").is_null()))
    return skip(rows, which, Code.DUPLICATE_NUMBER, pl.col("stands")).drop("stands", "gone")


def _of_gone_row() -> pl.Expr:
    """Say for whom a number was called whose row is not in the sheet: under that key at least."""
    by_id = pl.col("key").str.starts_with("id:")
    return pl.when(by_id).then(pl.format(_GONE_ID, "id")).otherwise(pl.lit(_GONE)).alias("gone row")


def skip_called_elsewhere(rows: pl.DataFrame, elsewhere: OtherCalls) -> pl.DataFrame:
    """Return *rows* with those skipped whose number has a call, or may have one, in another results file."""
    if elsewhere.is_empty():
        return rows
    words = elsewhere.select("to", _word_on_call().alias("elsewhere"))
    rows = rows.join(words, on="to", how="left", maintain_order="left")
    return skip(rows, pl.col("elsewhere").is_not_null(), Code.DUPLICATE_NUMBER, pl.col("elsewhere")).drop("elsewhere")


def count_called_elsewhere(rows: pl.DataFrame, elsewhere: OtherCalls) -> dict[str, int]:
    """Return how many of *rows* are skipped, or dialed, although another results file has their call, by its name.

    *rows* have a number (`to`) and, where they are those of a plan, the `error_message` that says so.
    """
    same = rows.join(elsewhere, on="to", how="inner")
    if "error_message" in rows.columns:
        same = same.filter(pl.col("error_message") == _word_on_call())
    return dict(same.group_by("file", maintain_order=True).len().rows())


def _word_on_call() -> pl.Expr:
    has = pl.format("{} has a call to this number: {}. {}", "file", "call_id", pl.lit(_NAME_IT))
    may_have = pl.format("{} may have a call to this number. {}", "file", pl.lit(_NAME_IT))
    return pl.when(pl.col("call_id") == "").then(may_have).otherwise(has)


def skip_repeated(rows: pl.DataFrame, may_share: pl.Expr) -> pl.DataFrame:
    """Return *rows* with one row for each number to be dialed: the first that is stands for all.

    A row that is dialed again goes before one that never was: else the number's calls would be counted anew. Rows that
    *may_share* a number are left as they are.
    """
    never_dialed = ~pl.col("known").is_in(_MAY_HAVE_A_CALL).fill_null(value=False)
    in_line = rows.filter(pl.col("next") == Next.DIAL.value).sort(never_dialed, maintain_order=True)
    first = in_line.unique("to", keep="first", maintain_order=True).select("to", pl.col("row").alias("stands"))
    if first.height == in_line.height:
        return rows
    rows = rows.join(first, on="to", how="left", maintain_order="left")
    message = pl.format("Same number as row {}, which is called instead.", "stands")
    return skip(rows, ~may_share & (pl.col("row") != pl.col("stands")), Code.DUPLICATE_NUMBER, message).drop("stands")
