"""The lines of a results file: how each is written, read again, and put in the sheet's order."""

from io import BytesIO

import polars as pl

from batch_dialer.ledger.history import HISTORY_SCHEMA
from batch_dialer.ledger.keys import LASTING
from batch_dialer.model import Sheet
from batch_dialer.sheets import csv_safety
from batch_dialer.words import CALL_EXISTS, CALL_MAY_EXIST, Status

COLUMNS = tuple(HISTORY_SCHEMA)
_MOMENT = r"^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:\+00:00|Z)$"
UNDER_WAY = "under_way_since_"
COUNTS = ("row", "attempts", "delay_seconds")
FREE_TEXT = ("id", "call_id", "error_code", "error_message", "agent_id", "created_at")


def lasting(lines: pl.DataFrame) -> pl.DataFrame:
    """Return those of *lines* that outlast a run: a `row:` names nothing beyond its own."""
    named = lines.filter(pl.col("key").str.contains(LASTING))
    return named.with_columns(pl.col(COUNTS).fill_null(0), pl.col(pl.String).fill_null(""))


def restored(sheet: Sheet) -> pl.DataFrame:
    """Undo what writing did, and the harm that saving in a spreadsheet program does and that can be undone."""
    text = {
        name: pl.col(f"c{sheet.headers.index(name)}").str.strip_chars()
        if name in sheet.headers
        else pl.lit(None, pl.String)
        for name in COLUMNS
    }
    lines = sheet.cells.select(
        pl.col("row").alias("_line"), *(cell.fill_null("").alias(name) for name, cell in text.items())
    )
    restored = lines.with_columns(csv_safety.unescaped(pl.col(name)).alias(name) for name in FREE_TEXT)
    numbers = [name for name, kind in HISTORY_SCHEMA.items() if kind == pl.Int64]
    in_key = pl.col("key").str.extract(r"^tel:(\+\d+)")
    in_cell = pl.format("+{}", pl.col("to").str.extract(r"^'?\+?(\d{7,15})$"))
    exists = pl.col("status").is_in([status.value for status in CALL_EXISTS])
    return restored.with_columns(
        pl.when((pl.col("call_id") != "") & ~exists)
        .then(pl.lit(Status.INITIATED.value))
        .otherwise("status")
        .alias("status"),
        pl.coalesce(in_key, in_cell).fill_null("").alias("to"),
        pl.when(pl.col("sent_at").str.contains(_MOMENT)).then("sent_at").otherwise(pl.lit("")).alias("sent_at"),
        *(pl.col(name).str.strip_suffix(".0").cast(pl.Int64, strict=False) for name in numbers),
    ).with_columns(pl.col(COUNTS).fill_null(0))


def mangled(lines: pl.DataFrame, sheet: Sheet) -> str:
    """Say what makes the file unfit to go by alone: a line that may be a call, and of whom can't be told."""
    counts = [status.value for status in CALL_EXISTS | CALL_MAY_EXIST]
    unnamed = ~pl.col("key").str.contains(rf"{LASTING}|^row:\d+$")
    worded = pl.col("status").is_in([status.value for status in Status])
    numberless = pl.col("status").is_in(counts) & (pl.col("to") == "")
    bad = lines.filter(unnamed | ~worded | numberless)
    if sheet.ragged:
        return f"its line {min(sheet.ragged)} is not whole"
    return f"its line {bad['_line'][0]} cannot be read as it was written" if bad.height else ""


def written(history: pl.DataFrame, since: str = "", *, header: bool = True) -> bytes:
    """Return the lines of *history* as the file holds them; *since* marks a run that is under way."""
    safe = history.select(COLUMNS).with_columns(csv_safety.escaped(pl.col(name)).alias(name) for name in FREE_TEXT)
    filled = safe.with_columns(pl.when(pl.col(pl.String) != "").then(pl.col(pl.String)).name.keep())
    if since:
        filled = filled.with_columns(pl.lit(None, pl.String).alias(f"{UNDER_WAY}{since}"))
    content = BytesIO()
    filled.write_csv(content, include_header=header)
    return content.getvalue()


def final(rows: pl.DataFrame, history: pl.DataFrame, why_left: str) -> pl.DataFrame:
    """Return the lines of the results file: every row of the sheet in its order, then rows that are no longer in it.

    A row without a word from us or from history was not reached, for the reason *why_left*. That history rejected or
    skipped it is no word: it was judged afresh, and is due.
    """
    judgements = [Status.REJECTED.value, Status.SKIPPED.value]  # of a row that is in the sheet: made afresh
    facts = history.filter(~pl.col("status").is_in(judgements)).drop("row", "id").with_columns(known=pl.lit(value=True))
    lines = rows.join(facts, on="key", how="left", suffix="_known", maintain_order="left")
    judged = pl.col("status").is_not_null()
    left = ~judged & pl.col("known").is_null()
    here = lines.select(
        "row",
        pl.col("id").fill_null(""),
        pl.coalesce(pl.when(~judged).then("to_known"), "to").alias("to"),
        pl.when(left).then(pl.lit(Status.DEFERRED.value)).otherwise(_either("status")).alias("status"),
        _either("error_code"),
        pl.when(left)
        .then(pl.lit(why_left or "Not reached."))
        .otherwise(_either("error_message"))
        .alias("error_message"),
        "key",
        *(pl.when(~judged).then(name).alias(name) for name in HISTORY_SCHEMA if name not in rows.columns),
    )
    gone = history.join(rows, on="key", how="anti").sort("row", maintain_order=True)
    return pl.concat([here.select(pl.col(name).cast(kind) for name, kind in HISTORY_SCHEMA.items()), gone])


def _either(name: str) -> pl.Expr:
    """Our own word on a row, or else the one that history has."""
    return pl.when(pl.col("status").is_not_null()).then(name).otherwise(f"{name}_known").alias(name)


def brought_up(lines: pl.DataFrame, history: pl.DataFrame) -> pl.DataFrame:
    """Return *lines* in their order with the words of *history*, and then what only *history* knows."""
    known = lines.select("key").join(history, on="key", how="inner", maintain_order="left")
    others = lines.join(known, on="key", how="anti")
    order = lines.select("key").with_row_index("_at")
    both = pl.concat([known.select(lines.columns), others]).join(order, on="key", how="left").sort("_at").drop("_at")
    return pl.concat([both, history.join(lines, on="key", how="anti")])
