"""Contacts and history become the plan: whom this run dials, and the word on everybody else."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from batch_dialer.contacts.validate import Checked
from batch_dialer.ledger.keys import with_keys
from batch_dialer.model import History, Problems, Rows
from batch_dialer.plan.redial import Next, next_step
from batch_dialer.plan.suppression import Suppressed, on_list
from batch_dialer.talkover.payload import Caller, calls, check_delays
from batch_dialer.words import CALL_EXISTS, CALL_MAY_EXIST, Code, Hidden, Retry, Status


@dataclass(frozen=True, slots=True)
class Policy:
    """What the person asked for, as far as it decides who is dialed."""

    limit: int | None = None
    retry: Collection[Retry] = ()
    suppressed: Sequence[Suppressed] = ()
    hidden: Hidden = Hidden.SKIP


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom to dial now, and the word on every other row.

    *rows*: every row of the sheet in its order, with its key and, where we judge it ourselves, the last word.

    Columns of *rows*: `row`, `id`, `to`, `key`, and `status`, `error_code`, `error_message` (null where the row is
    dialed, or where history has the word). *dial*: the rows to dial now, with all their values. *waiting*: how many
    more are due, beyond `--limit`. *released*: how many are dialed now whose number was on a list the last time.
    """

    rows: Rows
    dial: Rows
    waiting: int
    released: int = 0


def make_plan(checked: Checked, history: History, policy: Policy, caller: Caller, now: datetime) -> Plan:
    """Decide on every row of the sheet, from what is known of it and of its number, at the moment *now*.

    Raises `UsageError` where a row that is due asks for what the caller cannot do.
    """
    known = history.select("key", "attempts", "fingerprint", pl.col("status").alias("known"))
    keyed = with_keys(checked.rows).join(known, on="key", how="left", maintain_order="left")
    rows = keyed.with_columns(next_step(pl.col("known"), policy.retry).alias("next"))
    rows = _redial_if_changed(rows, caller)
    hidden = _hidden(rows, policy)
    rows = _reject(rows, ~hidden)
    rows = _skip(rows, hidden, Code.HIDDEN_ROW, pl.lit(_HIDDEN))
    rows = _skip(rows, _expired(rows, now), Code.EXPIRED, pl.lit("Its time has passed."))
    for listed in policy.suppressed:
        rows = _skip(rows, on_list(listed), Code.SUPPRESSED, pl.lit(f"The number is in {listed.name}."))
    if not caller.allow_duplicates:
        rows = _skip_held(rows, history)
        rows = _skip_repeated(rows)
    due = rows.filter(pl.col("next") == Next.DIAL.value)
    check_delays(due, caller)
    dial = due if policy.limit is None else due.head(policy.limit)
    listed_before = history.filter(pl.col("error_code") == Code.SUPPRESSED.value)
    released = dial.join(listed_before, on="to", how="semi").height
    planned = rows.select("row", "id", "to", "key", "status", "error_code", "error_message")
    return Plan(Rows(planned), Rows(dial), due.height - dial.height, released)


_HIDDEN = "The row is hidden or filtered out in the sheet. To dial such rows, too: --hidden dial."


def _hidden(rows: pl.DataFrame, policy: Policy) -> pl.Expr:
    """People filter a sheet and take it that the rest is not called, whatever is wrong with the rest."""
    is_left = "hidden" in rows.columns and policy.hidden is Hidden.SKIP
    return pl.col("hidden") if is_left else pl.lit(value=False)


def without_hidden(checked: Checked, policy: Policy) -> Checked:
    """Return *checked* without the rows that are left out for being hidden, and without their problems."""
    rows = checked.rows.filter(~_hidden(checked.rows, policy))
    if rows.height == checked.rows.height:
        return checked
    problems = checked.problems.filter(pl.col("row").is_in(rows["row"].implode()))
    return replace(checked, rows=Rows(rows), problems=Problems(problems))


def _redial_if_changed(rows: pl.DataFrame, caller: Caller) -> pl.DataFrame:
    """A refused row goes again only if what would be sent is no longer what was refused."""
    refused = rows.filter((pl.col("next") == Next.IF_CHANGED.value) & pl.col("code").is_null())
    changed = [
        call.row
        for call, old in zip(calls(refused, caller), refused["fingerprint"], strict=True)
        if call.fingerprint != old
    ]
    undecided = pl.col("next") == Next.IF_CHANGED.value
    step = pl.when(pl.col("row").is_in(changed)).then(pl.lit(Next.DIAL.value)).otherwise(pl.lit(Next.LEAVE.value))
    return rows.with_columns(pl.when(undecided).then(step).otherwise("next").alias("next"))


def _reject(rows: pl.DataFrame, judged: pl.Expr) -> pl.DataFrame:
    """A bad row is rejected, unless it was called while it was good: that stays its word."""
    bad = pl.col("code").is_not_null() & judged
    reached = pl.col("known").is_in([status.value for status in CALL_EXISTS | CALL_MAY_EXIST]).fill_null(value=False)
    rejected = bad & ~reached
    return rows.with_columns(
        pl.when(rejected).then(pl.lit(Status.REJECTED.value)).alias("status"),
        pl.when(rejected).then("code").alias("error_code"),
        pl.when(rejected).then("message").alias("error_message"),
        pl.when(bad).then(pl.lit(Next.LEAVE.value)).otherwise("next").alias("next"),
    )


def _expired(rows: pl.DataFrame, now: datetime) -> pl.Expr:
    return (pl.col("expires") <= now).fill_null(value=False) if "expires" in rows.columns else pl.lit(value=False)


def _skip_held(rows: pl.DataFrame, history: History) -> pl.DataFrame:
    """A number that has a call, or may have one, is not dialed again through another row."""
    words = [status.value for status in CALL_EXISTS | CALL_MAY_EXIST]
    in_line = rows.filter(pl.col("next") == Next.DIAL.value).select("key", "to")
    held = history.filter(pl.col("status").is_in(words) & pl.col("to").is_in(in_line["to"].implode()))
    held = held.join(in_line, on=["key", "to"], how="anti")  # a doubt that is dialed again holds nobody else
    if held.is_empty():
        return rows
    here = rows.filter(pl.col("key").is_in(held["key"].implode()))
    here = here.select("key", pl.format("Row {} stands for this number.", "row").alias("stands"))
    gone = pl.lit("This number was called for a row that is no longer in the sheet.")
    held = held.join(here, on="key", how="left").select("to", pl.col("stands").fill_null(gone))
    rows = rows.join(held.unique("to", keep="first", maintain_order=True), on="to", how="left", maintain_order="left")
    return _skip(rows, pl.col("stands").is_not_null(), Code.DUPLICATE_NUMBER, pl.col("stands")).drop("stands")


def _skip_repeated(rows: pl.DataFrame) -> pl.DataFrame:
    """Of several rows with one number, the first that is to be dialed stands for all."""
    in_line = rows.filter(pl.col("next") == Next.DIAL.value)
    first = in_line.unique("to", keep="first", maintain_order=True).select("to", pl.col("row").alias("stands"))
    if first.height == in_line.height:
        return rows
    rows = rows.join(first, on="to", how="left", maintain_order="left")
    message = pl.format("Row {} stands for this number.", "stands")
    return _skip(rows, pl.col("row") != pl.col("stands"), Code.DUPLICATE_NUMBER, message).drop("stands")


def _skip(rows: pl.DataFrame, which: pl.Expr, code: Code, message: pl.Expr) -> pl.DataFrame:
    """Whoever may have been called stays in doubt: to be skipped says that nobody was called."""
    left = which & (pl.col("next") == Next.DIAL.value)
    skipped = left & ~pl.col("known").is_in([status.value for status in CALL_MAY_EXIST]).fill_null(value=False)
    return rows.with_columns(
        pl.when(skipped).then(pl.lit(Status.SKIPPED.value)).otherwise("status").alias("status"),
        pl.when(skipped).then(pl.lit(code.value)).otherwise("error_code").alias("error_code"),
        pl.when(skipped).then(message).otherwise("error_message").alias("error_message"),
        pl.when(left).then(pl.lit(Next.LEAVE.value)).otherwise("next").alias("next"),
    )
