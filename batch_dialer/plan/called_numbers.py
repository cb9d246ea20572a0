"""A results file as a list of numbers not to call: whoever has a call in it, or may have one. Pure."""

from dataclasses import replace

import polars as pl

from batch_dialer.entry import History, Lines
from batch_dialer.errors import BadSheet
from batch_dialer.ledger.keys import number_in
from batch_dialer.ledger.results_csv import parse_lines
from batch_dialer.model import Sheet
from batch_dialer.plan.suppression import Suppressed, suppressed
from batch_dialer.words import NO_CALL


def called_numbers(sheet: Sheet, region: str | None, under_way: History | None = None) -> Suppressed:
    """Return the numbers of the rows of the results *sheet* that have a call or may have one.

    *under_way* is what the journal knows beyond that, where the run has not ended. Raises `BadSheet` as `suppressed`
    does, and for a row that has a call but no number.
    """
    lines = _with_numbers(parse_lines(sheet), sheet)
    called = lines.filter(_has_call() & ((pl.col("status") != "") | (pl.col("number") != "")))
    numberless = called.filter(pl.col("number") == "")
    if numberless.height:
        raise BadSheet(
            f"{sheet.name}, a results file, has a call in row {numberless['row'][0]} without its number.",
            "Undo what was changed in that file. The whole list is refused, because it must be known who was called.",
        )
    numbers = called.select("row", pl.col("number").alias("c0"))
    found = suppressed(replace(sheet, headers=("to",), cells=numbers), region)
    more = under_way.filter(_has_call())["to"].to_list() if under_way is not None else []
    left_out = lines.height - called.height
    return replace(found, numbers=found.numbers | frozenset(more), of_results=True, left_out=left_out)


def _with_numbers(lines: Lines, sheet: Sheet) -> pl.DataFrame:
    """Return the status of each line, what it says of calls, and its number, or the text that was to be one."""
    shown = pl.col(f"c{sheet.headers.index('to')}") if "to" in sheet.headers else pl.lit(None, pl.String)
    texts = sheet.cells.select("row", shown.fill_null("").str.strip_chars().alias("shown"))
    known = lines.select(pl.col("_line").alias("row"), "status", "call_id", "calls", "key", "to")
    read = pl.coalesce(number_in(pl.col("key")), pl.when(pl.col("to") != "").then("to"), "shown")
    return known.join(texts, on="row", how="left", maintain_order="left").with_columns(read.alias("number"))


def _has_call() -> pl.Expr:
    """Whether a call exists or may exist: a word that is not known counts, and so does a call before the last one."""
    none = pl.col("status").is_in([status.value for status in NO_CALL])
    return ~none | (pl.col("call_id") != "") | (pl.col("calls") > 0)
