"""Who is dialed again: the contract's table, and which of two words on a row is believed.

Everything that decides from the past whether a phone may ring lives in this file, and nothing here knows the present
sheet.
"""

from collections.abc import Collection
from datetime import datetime
from enum import Enum

import polars as pl

from batch_dialer.words import CALL_EXISTS, CALL_MAY_EXIST, Code, Retry, Status


class Next(Enum):
    """What becomes of a row, from what is known of it."""

    DIAL = "dial"
    LEAVE = "leave"
    IF_CHANGED = "if changed"


NEXT: dict[Status, Next] = {
    **dict.fromkeys(CALL_EXISTS, Next.LEAVE),
    Status.DEFERRED: Next.DIAL,
    Status.REJECTED: Next.DIAL,  # judged afresh: it is here only where the sheet now holds a good value
    Status.SKIPPED: Next.DIAL,  # likewise
    Status.REFUSED: Next.IF_CHANGED,
    Status.DIALING: Next.LEAVE,  # a call may exist: reconciliation alone can make it `deferred`
    Status.UNKNOWN: Next.LEAVE,
}

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


def next_step(status: pl.Expr, retry: Collection[Retry]) -> pl.Expr:
    """Return the `Next` of each *status* (null: nothing is known), by its value."""
    table = {known.value: step.value for known, step in NEXT.items()}
    if Retry.REFUSED in retry:
        table[Status.REFUSED.value] = Next.DIAL.value
    if Retry.UNKNOWN in retry:
        table |= {known.value: Next.DIAL.value for known in CALL_MAY_EXIST}
    known = status.replace_strict(table, default=Next.LEAVE.value, return_dtype=pl.String)
    return pl.when(status.is_null()).then(pl.lit(Next.DIAL.value)).otherwise(known)


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


def cut_short(history: pl.DataFrame) -> pl.DataFrame:
    """Return *history* as it is to be read when no run is under way: what was being sent has an unknown end."""
    dialing = pl.col("status") == Status.DIALING.value
    message = "The run was cut short while this call was being sent: a call may exist."
    return history.with_columns(
        pl.when(dialing).then(pl.lit(Status.UNKNOWN.value)).otherwise("status").alias("status"),
        pl.when(dialing).then(pl.lit(Code.INTERRUPTED.value)).otherwise("error_code").alias("error_code"),
        pl.when(dialing).then(pl.lit(message)).otherwise("error_message").alias("error_message"),
    )


def in_doubt(history: pl.DataFrame) -> pl.DataFrame:
    """Return the attempts of which it is not known what became."""
    return history.filter(pl.col("status").is_in([status.value for status in CALL_MAY_EXIST]))


def placed_since_doubt(history: pl.DataFrame) -> pl.DataFrame:
    """Return the calls since the day of the oldest attempt in doubt: whose place in the API's list is known."""
    oldest = in_doubt(history)["sent_at"].min()
    return history.filter(
        (pl.col("call_id") != "") & (pl.col("sent_at") >= str(oldest)[:10]) & pl.lit(oldest is not None)
    )


def brought_up(lines: pl.DataFrame, history: pl.DataFrame) -> pl.DataFrame:
    """Return *lines* in their order with the words of *history*, and then what only *history* knows."""
    known = lines.select("key").join(history, on="key", how="inner", maintain_order="left")
    others = lines.join(known, on="key", how="anti")
    order = lines.select("key").with_row_index("_at")
    both = pl.concat([known.select(lines.columns), others]).join(order, on="key", how="left").sort("_at").drop("_at")
    return pl.concat([both, history.join(lines, on="key", how="anti")])


def doubted(rows: pl.DataFrame, history: pl.DataFrame, agent_id: str, since: datetime, now: datetime) -> pl.DataFrame:
    """Return *history* with a word on each of *rows* that has none: each may have been called after *since*.

    So it is where a run was cut short and its journal is gone. The time of the attempt being unknown, it reaches from
    *since* until *now*.
    """
    silent = rows.filter(pl.col("to").is_not_null()).join(history, on="key", how="anti")
    facts: dict[str, object] = {
        "status": Status.UNKNOWN.value,
        "error_code": Code.INTERRUPTED.value,
        "error_message": "A run was cut short and its journal is gone: this row may have been called.",
        "attempts": 1,
        "agent_id": agent_id,
        "sent_at": since.isoformat(),
        "delay_seconds": int((now - since).total_seconds()) + 3600,
    }
    blank = {
        name: pl.lit(facts.get(name, "" if kind == pl.String else None), kind) for name, kind in HISTORY_SCHEMA.items()
    }
    known = {
        "row": pl.col("row").cast(pl.Int64),
        "id": pl.col("id").fill_null(""),
        "to": pl.col("to"),
        "key": pl.col("key"),
    }
    lines = silent.select(**{name: known.get(name, blank[name]) for name in HISTORY_SCHEMA})
    return pl.concat([history, lines])


def unknown_to(history: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Return those of *lines* on which *history* has no word: they were judged, and never an attempt."""
    judged = lines.filter(pl.col("status").is_in([s.value for s in Status if NEXT[s] is Next.DIAL]))
    known = history.filter(pl.col("key").is_in(judged["key"].implode()))
    return judged.join(known, on="key", how="anti")


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
