"""Attempts of which it is not known what became: which rows are in doubt, and since when."""

from datetime import datetime

import polars as pl

from batch_dialer.model import ENTRY_SCHEMA, History, Rows
from batch_dialer.words import CALL_MAY_EXIST, Code, Status


def mark_interrupted(history: History) -> History:
    """Return *history* as it is to be read when no run is under way: what was being sent has an unknown outcome."""
    dialing = pl.col("status") == Status.DIALING.value
    message = "The run was cut short while this call was being sent: a call may exist."
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


def doubt_silent_rows(rows: Rows, history: History, agent_id: str, since: datetime, now: datetime) -> History:
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
        name: pl.lit(facts.get(name, "" if kind == pl.String else None), kind) for name, kind in ENTRY_SCHEMA.items()
    }
    known = {
        "row": pl.col("row").cast(pl.Int64),
        "id": pl.col("id").fill_null(""),
        "to": pl.col("to"),
        "key": pl.col("key"),
    }
    lines = silent.select(**{name: known.get(name, blank[name]) for name in ENTRY_SCHEMA})
    return History(pl.concat([history, lines]))
