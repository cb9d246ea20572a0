"""The lines of a results file: which there are, and in which order."""

import polars as pl

from batch_dialer.entry import ENTRY_SCHEMA, History, Lines
from batch_dialer.ledger.keys import is_stable
from batch_dialer.ledger.results_csv import COUNTS
from batch_dialer.model import Rows
from batch_dialer.words import JUDGED, Code, Status


def results_lines(
    rows: Rows, history: History, why_left: str, held: pl.DataFrame | None = None, *, testing: bool
) -> Lines:
    """Return the lines of the results file: every row of the sheet in its order, then rows that are no longer in it.

    *rows* have their key and, where the plan judged them, our word on them (`status` is null elsewhere). A row without
    a word from us or from *history* was not reached, for the reason *why_left* or, where its `key` is in *held*, for
    the one there (`held_code`, `held_message`). That history rejected or skipped it, or deferred it to its calling
    hours, is no word: it was judged afresh, and is due. A row that has a call keeps it on its line, whatever the word
    on it.
    """
    words = ("status", "error_code", "error_message")
    judged_before = pl.col("status").is_in([Status.REJECTED.value, Status.SKIPPED.value])
    judged_before |= (pl.col("error_code") == Code.OUTSIDE_CALLING_HOURS.value) & (pl.col("calls") == 0)
    facts = history.filter(~judged_before).drop("row", "id").with_columns(known=pl.lit(value=True))
    lines = rows.join(facts, on="key", how="left", suffix="_known", maintain_order="left")
    judged = pl.col("status").is_not_null()
    called = (pl.col("calls") > 0).fill_null(value=False)
    left = ~judged & pl.col("known").is_null()
    lines = _with_held(lines, held)
    why = pl.coalesce("held_message", pl.lit(why_left or "Not dialed yet."))
    of_history = ~judged | called
    word = {name: pl.when(judged).then(name).otherwise(f"{name}_known").alias(name) for name in words}
    here = lines.select(
        "row",
        pl.col("id").fill_null(""),
        pl.coalesce(pl.when(of_history).then("to_known"), "to").alias("to"),
        pl.when(left).then(pl.lit(Status.DEFERRED.value)).otherwise(word["status"]).alias("status"),
        pl.when(left).then("held_code").otherwise(word["error_code"]).alias("error_code"),
        pl.when(left).then(why).otherwise(word["error_message"]).alias("error_message"),
        "key",
        *(pl.when(of_history).then(name).alias(name) for name in ENTRY_SCHEMA if name not in rows.columns),
    )
    here = here.with_columns(pl.col("testing").fill_null(value=testing), pl.col("calls").fill_null(0))
    gone = _gone(history.join(rows, on="key", how="anti").sort("row", maintain_order=True), rows)
    return Lines(pl.concat([here.select(pl.col(name).cast(kind) for name, kind in ENTRY_SCHEMA.items()), gone]))


def _with_held(lines: pl.DataFrame, held: pl.DataFrame | None) -> pl.DataFrame:
    if held is None or held.is_empty():
        return lines.with_columns(held_code=pl.lit(None, pl.String), held_message=pl.lit(None, pl.String))
    return lines.join(held, on="key", how="left", maintain_order="left")


_LEFT_SHEET = "No longer in the sheet, and not called"


def _gone(lines: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    """Return *lines*, of rows that are no longer in the sheet, with what is true of them now.

    Who has no call, and is in the sheet by an ID instead of the number alone or the other way round, has a line there
    and needs none here. Who is deferred is so no more; and what stands for a number may be another row by now.
    """
    called = (pl.col("calls") > 0) | ~pl.col("status").is_in([status.value for status in JUDGED])
    by_id = pl.col("key").str.starts_with("id:")
    ids, numbers = (rows.filter(kind & pl.col("to").is_not_null())["to"] for kind in (by_id, ~by_id))
    elsewhere = pl.when(by_id).then(pl.col("to").is_in(numbers.implode())).otherwise(pl.col("to").is_in(ids.implode()))
    deferred = ~called & (pl.col("status") == Status.DEFERRED.value)
    stale = deferred | (~called & pl.col("error_code").is_in([Code.DUPLICATE_NUMBER.value, Code.HIDDEN_ROW.value]))
    said = pl.col("error_message").str.starts_with(_LEFT_SHEET)
    before = (
        pl.when(~called & ~said).then(pl.format(f"{_LEFT_SHEET}: {{}}", "error_message")).otherwise("error_message")
    )
    why = pl.when(stale).then(pl.lit(f"{_LEFT_SHEET}.")).otherwise(before)
    return lines.filter(called | ~elsewhere).with_columns(
        pl.when(deferred).then(pl.lit(Status.SKIPPED.value)).otherwise("status").alias("status"),
        pl.when(deferred).then(pl.lit("")).otherwise("error_code").alias("error_code"),
        why.alias("error_message"),
    )


def update_lines(lines: Lines, history: History) -> Lines:
    """Return *lines* in their order with the words of *history*, and then what only *history* knows."""
    known = lines.select("key").join(history, on="key", how="inner", maintain_order="left")
    others = lines.join(known, on="key", how="anti")
    order = lines.select("key").with_row_index("_at")
    both = pl.concat([known.select(lines.columns), others]).join(order, on="key", how="left").sort("_at").drop("_at")
    return Lines(pl.concat([both, history.join(lines, on="key", how="anti")]))


def judgements_only_in(lines: Lines, history: History) -> Lines:
    """Return those of *lines* on which *history* has no word: they were judged, and never an attempt."""
    judged = Lines(lines.filter(pl.col("status").is_in([status.value for status in JUDGED])))
    known = history.filter(pl.col("key").is_in(judged["key"].implode()))
    return Lines(judged.join(known, on="key", how="anti"))


def keep_stable_keys(lines: Lines) -> Lines:
    """Return those of *lines* that mean something to another run."""
    named = lines.filter(is_stable(pl.col("key")))
    return Lines(named.with_columns(pl.col(COUNTS).fill_null(0), pl.col(pl.String).fill_null("")))
