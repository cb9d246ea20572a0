"""Who is dialed again: the contract's table, and which of two words on a row is believed.

Everything that decides from the past whether a phone may ring lives in this file, and nothing here knows the present
sheet.
"""

from collections.abc import Iterator

import polars as pl

from batch_dialer.model import Entry
from batch_dialer.words import CALL_EXISTS, CALL_MAY_EXIST, Status

HISTORY_SCHEMA = {
    "row": pl.Int64,
    "id": pl.String,
    "to": pl.String,
    "status": pl.String,
    "call_id": pl.String,
    "error_code": pl.String,
    "error_message": pl.String,
    "http_status": pl.Int64,
    "attempts": pl.Int64,
    "agent_id": pl.String,
    "sent_at": pl.String,
    "created_at": pl.String,
    "key": pl.String,
    "delay_seconds": pl.Int64,
    "fingerprint": pl.String,
}
"""The columns of the results file, in its order, with an `Entry` in each line."""


def _weight(status: pl.Expr) -> pl.Expr:
    """A call outweighs the doubt of one, and the doubt every other word."""
    exists, may_exist = [s.value for s in CALL_EXISTS], [s.value for s in CALL_MAY_EXIST]
    return pl.when(status.is_in(exists)).then(2).when(status.is_in(may_exist)).then(1).otherwise(0)


def merge(journal: pl.DataFrame, results: pl.DataFrame) -> pl.DataFrame:
    """Return one history from both files' last words: a call that one of them knows of is a call.

    The journal's word stands unless the results file knows of a call that it does not, or of an attempt in doubt
    that is later than all the journal has.
    """
    both = results.join(journal.select("key", "status", "attempts"), on="key", how="left", suffix="_known")
    mine, theirs = _weight(pl.col("status_known")), _weight(pl.col("status"))
    later = pl.col("attempts") > pl.col("attempts_known")
    stronger = (theirs > mine) & ((theirs == 2) | later)  # noqa: PLR2004  (a call)
    overrules = pl.col("status_known").is_null() | stronger
    wins = both.filter(overrules).select(list(HISTORY_SCHEMA))
    return pl.concat([journal.join(wins, on="key", how="anti"), wins])


def last_words(entries: pl.DataFrame) -> pl.DataFrame:
    """Reduce *entries*, oldest first, to one for each key: the last, but no later word takes a call back."""
    hashes = entries["key"].hash()  # two keys of one hash are only looked at more closely
    ordered = hashes.sort()  # half the time of `is_duplicated`, and a tenth of the memory
    repeated = hashes.is_in(ordered.filter(ordered == ordered.shift()).implode())
    # Filtered first: to select of a frame in pieces copies all of it.
    rivals = entries.filter(repeated).select("key", "status", repeated.arg_true().alias("_at"))
    ranked = rivals.sort(_weight(pl.col("status")) == 2, "_at")  # noqa: PLR2004  (a call)
    last = ranked.unique("key", keep="last", maintain_order=True)["_at"]
    return entries.filter(~repeated | pl.int_range(pl.len(), dtype=pl.get_index_type()).is_in(last.implode()))


def followed(history: pl.DataFrame, entries: pl.DataFrame) -> pl.DataFrame:
    """Return the last words of *history*, which has one for each key, and of the later *entries*, which may be few."""
    if entries.is_empty():
        return history  # as it is: a copy of a million rows is felt
    again = history["key"].is_in(entries["key"].implode())
    return pl.concat([history.filter(~again), last_words(pl.concat([history.filter(again), entries]))])


def frame(entries: list[Entry]) -> pl.DataFrame:
    """Return *entries* as lines of history."""
    return pl.DataFrame([entry.facts() for entry in entries], schema=HISTORY_SCHEMA)


def entries(history: pl.DataFrame) -> Iterator[Entry]:
    """Yield the lines of *history* as what they are."""
    for row in history.iter_rows(named=True):
        yield Entry(**(row | {"status": Status(row["status"])}))
