"""Attempts of which it is not known what became: which rows are in doubt, and since when."""

from dataclasses import replace
from datetime import datetime

import polars as pl

from batch_dialer.entry import Entry, History, Lines
from batch_dialer.ledger.calls import all_calls
from batch_dialer.ledger.history import complete
from batch_dialer.model import Call, Outcome, Rows
from batch_dialer.words import CALL_EXISTS, CALL_MAY_EXIST, Code, Status

_LONGEST_DELAY = 3600
"""Seconds by which the API can be asked to delay a call (Make a Call: `delay_seconds`)."""


def mark_interrupted(history: History) -> History:
    """Return *history* as it is to be read when no run is under way: what was being sent has an unknown outcome."""
    dialing = pl.col("status") == Status.DIALING.value
    message = "The run was cut short while this call was being sent; a call may exist."
    return History(
        history.with_columns(
            pl.when(dialing).then(pl.lit(Status.UNKNOWN.value)).otherwise("status").alias("status"),
            pl.when(dialing).then(pl.lit(Code.INTERRUPTED.value)).otherwise("error_code").alias("error_code"),
            pl.when(dialing).then(pl.lit(message)).otherwise("error_message").alias("error_message"),
        )
    )


def in_doubt(history: History) -> History:
    """Return the attempts of which it is not known what became."""
    return History(history.filter(pl.col("status").is_in([status.value for status in CALL_MAY_EXIST])))


def placed_since_doubt(history: History) -> History:
    """Return the calls since the day of the oldest attempt in doubt: they should stand in the API's list."""
    oldest = in_doubt(history)["sent_at"].min()
    since = (pl.col("call_id") != "") & (pl.col("sent_at") >= str(oldest)[:10])
    return History(history.filter(since & pl.lit(oldest is not None)))


def doubt_silent_rows(
    rows: Rows, history: History, agent_id: str, since: datetime, until: datetime, *, attempted: bool
) -> History:
    """Return *history* with a word on each of *rows* that has none: each may have been called from *since* to *until*.

    So it is where a run was cut short and what it wrote is gone. The time of the attempt being unknown, it reaches over
    the whole time, and as long as a call can be delayed. *agent_id* places the calls of rows that name no agent of
    their own. *attempted*: whether the rows may have been in that run's sheet; rows that came later count no attempt.
    """
    silent = rows.filter(pl.col("to").is_not_null()).join(history, on="key", how="anti")
    own_agent = pl.col("agent_id") if "agent_id" in rows.columns else pl.lit(None, pl.String)
    facts: dict[str, pl.Expr] = {
        "row": pl.col("row").cast(pl.Int64),
        "id": pl.col("id"),
        "to": pl.col("to"),
        "key": pl.col("key"),
        "status": pl.lit(Status.UNKNOWN.value),
        "error_code": pl.lit(Code.INTERRUPTED.value),
        "error_message": pl.lit("A run was cut short and its journal is gone: this row may have been called."),
        "attempts": pl.lit(int(attempted), pl.Int64),
        "agent_id": own_agent.fill_null(agent_id),
        "sent_at": pl.lit(since.isoformat()),
        "delay_seconds": pl.lit(int((until - since).total_seconds()) + _LONGEST_DELAY, pl.Int64),
    }
    return History(pl.concat([history, complete(silent.select(**facts))]))


def lines_under_way(history: History, awaited: pl.Series, since: str) -> Lines:
    """Return what a results file says while a run goes on that began at *since* and is to dial the rows *awaited*.

    A row without a line may have been called by that run. A row that is dialed again has a line, which keeps its calls
    and says that another is being placed, until the journal has a word on it since. *awaited* are keys.
    """
    before = history["key"].is_in(awaited.implode()) & (history["sent_at"] < since)
    again = history.filter(before & (history["calls"] > 0))
    none = pl.lit(None, pl.Int64)
    doubts = again.with_columns(
        status=pl.lit(Status.DIALING.value),
        call_id=pl.lit(""),
        earlier_calls=all_calls(),
        error_code=pl.lit(""),
        error_message=pl.lit("To be called again by the run that is under way."),
        sent_at=pl.lit(since),
        created_at=pl.lit(""),
        updated_at=pl.lit(""),
        http_status=none,
        duration_seconds=none,
    )
    return Lines(pl.concat([history.filter(~before), doubts.select(history.columns)]))


def doubt_redials(history: History, lines: History, since: datetime, until: datetime) -> History:
    """Return *history* with those *lines* of `lines_under_way` in place of what is known of their rows.

    So it is where that run was cut short, from *since* to *until*, and what it wrote is gone: the rows may have been
    called again.
    """
    began = pl.col("status").is_in([status.value for status in CALL_MAY_EXIST]) & (pl.col("call_id") == "")
    again = lines.filter(began & (pl.col("calls") > 0) & (pl.col("earlier_calls") != ""))
    known = again.join(history.select("key", pl.col("calls").alias("known")), on="key", how="left")
    open_ = known.filter(pl.col("known").is_null() | (pl.col("known") <= pl.col("calls"))).drop("known")
    delay = int((until - since).total_seconds()) + _LONGEST_DELAY
    doubted = open_.with_columns(delay_seconds=pl.lit(delay, pl.Int64)).select(history.columns)
    return History(pl.concat([history.join(doubted, on="key", how="anti"), doubted]))


def entry_of(call: Call, outcome: Outcome, sent_at: datetime) -> Entry:
    """Return what is to be written of *call*, whose attempt began at *sent_at* and had this *outcome* so far.

    A doubt ends by evidence about its own attempt alone. Where an earlier attempt is in doubt, an attempt that placed
    no call leaves the row in doubt, and the time of the doubt reaches from the earlier attempt to this one.
    """
    if not call.doubt_since or outcome.status in CALL_EXISTS:
        return Entry.of(call, outcome, sent_at)
    if outcome.status not in CALL_MAY_EXIST:
        message = f"{outcome.error_message} What became of the attempt before it is still not known.".strip()
        outcome = replace(outcome, status=Status.UNKNOWN, error_message=message)
    since = datetime.fromisoformat(call.doubt_since)
    entry = Entry.of(call, outcome, since)
    return replace(entry, delay_seconds=max(0, int((sent_at - since).total_seconds())) + call.doubt_seconds)
