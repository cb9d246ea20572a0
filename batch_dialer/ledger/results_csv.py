"""The text of a results file: how its lines are written, and read again after people have had them.

A spreadsheet program that saves the file may change the look of its cells. What can be undone is undone; a line that
may stand for a call, and of which it cannot be told whose, makes the whole file unfit to be believed alone.
"""

from collections.abc import Sequence
from io import BytesIO

import polars as pl

from batch_dialer.entry import ENTRY_SCHEMA, Lines
from batch_dialer.ledger.extra_columns import UNDER_WAY, ExtraColumns, join_extra
from batch_dialer.ledger.history import complete
from batch_dialer.ledger.keys import is_key, number_in
from batch_dialer.model import Sheet
from batch_dialer.sheets import csv_safety
from batch_dialer.words import CALL_EXISTS, CALL_MAY_EXIST, Status

COLUMNS = tuple(ENTRY_SCHEMA)
COUNTS = ("row", "attempts", "delay_seconds", "calls")
_MOMENT = r"^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:\+00:00|Z)$"
_FREE_TEXT = ("id", "call_id", "error_code", "error_message", "agent_id", "created_at", "earlier_calls", "updated_at")


def to_csv(lines: pl.DataFrame, since: str = "", *, header: bool = True, extra: ExtraColumns | None = None) -> bytes:
    """Return *lines*, `Lines` or a `History`, as the file holds them; *since* marks a run that is under way.

    The columns of *extra* stand behind ours.
    """
    extra = extra or ExtraColumns()
    joined = join_extra(lines.select(COLUMNS), extra)
    safe = joined.with_columns(csv_safety.escaped(pl.col(name)).alias(name) for name in _FREE_TEXT)
    filled = safe.with_columns(pl.when(pl.col(pl.String) != "").then(pl.col(pl.String)).name.keep())
    if since:
        filled = filled.with_columns(pl.lit(None, pl.String).alias(f"{UNDER_WAY}{since}"))
    content = BytesIO()
    if header:
        headers = (
            *COLUMNS,
            *(column.header for column in extra.columns),
            *filled.columns[len(COLUMNS + extra.names) :],
        )
        content.write(_header(headers))
    filled.write_csv(content, include_header=False)
    return content.getvalue()


def _header(headers: Sequence[str]) -> bytes:
    """Return the first line; polars itself writes no two columns of one name."""
    line = pl.DataFrame({f"c{nth}": [csv_safety.escape(header)] for nth, header in enumerate(headers)})
    return line.write_csv(include_header=False).encode()


HEADER = _header(COLUMNS)
"""The first line of a file that has only our columns."""


def parse_lines(sheet: Sheet) -> Lines:
    """Return the lines of a results file that was read as *sheet*, with what writing and saving did to them undone.

    Its column `_line` has the row that each stands in.
    """
    text = {
        name: pl.col(f"c{sheet.headers.index(name)}").str.strip_chars()
        if name in sheet.headers
        else pl.lit(None, pl.String)
        for name in COLUMNS
    }
    lines = sheet.cells.select(
        pl.col("row").alias("_line"), *(cell.fill_null("").alias(name) for name, cell in text.items())
    )
    restored = lines.with_columns(csv_safety.unescaped(pl.col(name)).alias(name) for name in _FREE_TEXT)
    numbers = [name for name, kind in ENTRY_SCHEMA.items() if kind == pl.Int64]
    in_cell = pl.format("+{}", pl.col("to").str.extract(r"^'?\+?(\d{7,15})$"))
    exists = pl.col("status").is_in([status.value for status in CALL_EXISTS])
    parsed = restored.with_columns(
        pl.when((pl.col("call_id") != "") & ~exists)
        .then(pl.lit(Status.INITIATED.value))
        .otherwise("status")
        .alias("status"),
        pl.coalesce(number_in(pl.col("key")), in_cell).fill_null("").alias("to"),
        pl.when(pl.col("sent_at").str.contains(_MOMENT)).then("sent_at").otherwise(pl.lit("")).alias("sent_at"),
        *(pl.col(name).str.strip_suffix(".0").cast(pl.Int64, strict=False) for name in numbers),
        pl.col("testing").str.to_lowercase() == "true",
    )
    return Lines(complete(parsed).with_columns(pl.col(COUNTS).fill_null(0), parsed["_line"]))


def find_damage(lines: Lines, sheet: Sheet) -> str:
    """Say why the file cannot be believed alone: a line may stand for a call, and whose cannot be told. Empty: it can.

    *lines* are those that `parse_lines` made of *sheet*.
    """
    counts = [status.value for status in CALL_EXISTS | CALL_MAY_EXIST]
    worded = pl.col("status").is_in([status.value for status in Status])
    numberless = pl.col("status").is_in(counts) & (pl.col("to") == "")
    bad = lines.filter(~is_key(pl.col("key")) | ~worded | numberless)
    called = lines.filter(pl.col("call_id") != "")
    repeated = called.filter(called["call_id"].is_duplicated())
    if sheet.ragged:
        return f"its line {min(sheet.ragged)} is not whole"
    if repeated.height:
        return f"its lines {repeated['_line'][0]} and {repeated['_line'][1]} have the same call"
    return f"its line {bad['_line'][0]} cannot be read as it was written" if bad.height else ""
