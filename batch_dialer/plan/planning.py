"""Contacts and history become the plan: whom this run dials, and the word on everybody else."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import polars as pl

from batch_dialer.contacts.validate import Checked
from batch_dialer.entry import History, OtherCalls
from batch_dialer.errors import UsageError
from batch_dialer.ledger.calls import all_calls
from batch_dialer.ledger.keys import with_keys
from batch_dialer.model import Rows
from batch_dialer.plan.account import Share, account
from batch_dialer.plan.calling_hours import defer_outside
from batch_dialer.plan.duplicates import skip_called_elsewhere, skip_changed, skip_held, skip_repeated
from batch_dialer.plan.left_out import is_excluded, is_hidden, skip_left_out
from batch_dialer.plan.places import Places
from batch_dialer.plan.recent import RecentCall, skip_recent
from batch_dialer.plan.redial import Next, Redial, next_step, redial_missed
from batch_dialer.plan.skipping import skip
from batch_dialer.plan.suppression import Suppressed, on_list
from batch_dialer.schema.schema import CallingHours, Place
from batch_dialer.talkover.payload import Caller, calls, check_delays
from batch_dialer.words import CALL_EXISTS, CALL_MAY_EXIST, ENDED, UNDER_WAY, Code, Hidden, Retry, Status


@dataclass(frozen=True, slots=True)
class Policy:
    """What the person asked for, as far as it decides who is dialed. *only*: the IDs of the rows to dial, or all.

    *redial*: who is called again that was not reached; None: nobody. *asked_anew*: whether *retry* and *only* hold for
    rows that have been dialed: what a person asks for once is done once, however long the run goes on. *among*: the
    keys of the rows that may be dialed, or all. *hours*: when phones may ring; None: at any hour.
    """

    limit: int | None = None
    retry: Collection[Retry] = ()
    suppressed: Sequence[Suppressed] = ()
    hidden: Hidden = Hidden.SKIP
    only: frozenset[str] = frozenset()
    redial: Redial | None = None
    asked_anew: bool = True
    among: frozenset[str] | None = None
    hours: CallingHours | None = None


_OF_CLOSED = ("row", "id", "to", "agent_id", "calling_hours", "delay_seconds", "expires", "opens")


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom to dial now, and the word on every other row.

    *rows*: every row of the sheet in its order, with its key and, where we judge it ourselves, the last word.

    Columns of *rows*: `row`, `id`, `to`, `key`, and `status`, `error_code`, `error_message` (null where the row is
    dialed, or where history has the word). *dial*: the rows to dial now, with all their values. *waiting*: how many
    more are due, beyond `--limit`. *released*: how many are dialed now whose number was on a list the last time.
    *shares* account for every row: how many have the same end. *later*: how many are called again when their pause is
    over, the first of them at *next_due*; *under_way*: how many may have to be, as their call has not ended yet.
    *opens*: when the first of the rows that are outside their calling hours may be dialed; None: there is none.
    *closed*: those rows that a run which waits dials, with when they may be: `opens`. *places*: where the phones of all
    these are and of those in *dial*; None where no calling hours are kept.
    """

    rows: Rows
    dial: Rows
    waiting: int
    released: int = 0
    shares: tuple[Share, ...] = ()
    later: int = 0
    next_due: datetime | None = None
    under_way: int = 0
    opens: datetime | None = None
    closed: Rows = field(default_factory=lambda: Rows(pl.DataFrame()))
    places: Places | None = None


def make_plan(
    checked: Checked,
    history: History,
    policy: Policy,
    caller: Caller,
    now: datetime,
    recent: Sequence[RecentCall] = (),
    elsewhere: OtherCalls | None = None,
    clock_ahead: timedelta = timedelta(),
) -> Plan:
    """Decide on every row of the sheet, from what is known of it and of its number, at the moment *now*.

    *recent*: the calls that were placed lately from elsewhere, as far as the API was asked. Whoever was
    called *elsewhere*, in another results file, is not dialed. *clock_ahead*: by how much the API's clock is ahead of
    ours. Raises `UsageError` where a row that is due asks for what the caller cannot do, and where what the person
    asked for cannot be kept.
    """
    _check_ids(checked, policy, caller)
    rows = _with_past(with_keys(checked.rows), history)
    rows = rows.with_columns(next_step(pl.col("known"), policy.retry if policy.asked_anew else ()).alias("next"))
    rows = _redial_if_changed(rows, caller)
    rows = _redial_if_missed(rows, policy, now, clock_ahead)
    rows = _reject(rows, ~is_hidden(rows, policy.hidden) & ~is_excluded(rows))
    rows = skip_changed(rows, _is_wanted(policy) | is_excluded(rows))
    rows = skip_left_out(rows, policy.hidden)
    rows = _skip_expired(rows, now)
    for listed in policy.suppressed:
        rows = skip(rows, on_list(listed), Code.SUPPRESSED, pl.lit(f"The number is in {listed.name}."))
    may_share = pl.lit(caller.allow_duplicates) & (pl.col("id").fill_null("") != "")
    rows = skip_held(rows, history, may_share)
    if elsewhere is not None:
        rows = skip_called_elsewhere(rows, elsewhere)
    rows = skip_repeated(rows, may_share)
    rows = skip_recent(rows, recent, caller)  # last: who is skipped so still stands for the other rows of the number
    rows, opens, places = defer_outside(rows, policy.hours, now, policy.among)
    due = rows.filter(pl.col("next") == Next.DIAL.value)
    check_delays(due, caller)
    dial = due.filter(pl.col("id").is_in(sorted(policy.only))) if policy.only else due
    dial = dial.filter(pl.col("key").is_in(sorted(policy.among))) if policy.among is not None else dial
    dial = dial if policy.limit is None else dial.head(policy.limit)
    listed_before = history.filter(pl.col("error_code") == Code.SUPPRESSED.value)
    released = dial.join(listed_before, on="to", how="semi").height
    planned = rows.select("row", "id", "to", "key", "status", "error_code", "error_message")
    later = rows.filter(pl.col("next") == Next.LATER.value)
    return Plan(
        Rows(planned),
        Rows(dial),
        due.height - dial.height,
        released,
        account(rows, Rows(dial)),
        later=later.height,
        next_due=later["due"].sort()[0] if later.height else None,
        under_way=_count_under_way(rows, policy),
        opens=opens,
        closed=_closed(rows, policy),
        places=places,
    )


def _closed(rows: pl.DataFrame, policy: Policy) -> Rows:
    """Return the rows that may be dialed when their hours begin: with --limit, none but the first ones are."""
    if "opens" not in rows.columns or policy.limit is not None:
        return Rows(rows.clear())
    kept = [name for name in _OF_CLOSED if name in rows.columns]
    outside = pl.col("error_code") == Code.OUTSIDE_CALLING_HOURS.value
    closed = rows.filter(outside & pl.col("opens").is_not_null()).select(kept)
    return Rows(closed.filter(pl.col("id").is_in(sorted(policy.only))) if policy.only else closed)


def _count_under_way(rows: pl.DataFrame, policy: Policy) -> int:
    """Return how many of *rows* may have to be called again when their call has ended."""
    if policy.redial is None:
        return 0
    more = pl.col("calls") < policy.redial.most_calls
    waits = pl.col("known").is_in([status.value for status in UNDER_WAY]) & pl.col("status").is_null()
    return rows.filter(waits & more).height


def _check_ids(checked: Checked, policy: Policy, caller: Caller) -> None:
    """What names rows by their ID needs IDs: a row that is known by its number alone is the number."""
    has_ids = any(mapped.field.place is Place.ID for mapped in checked.mapping.fields)
    if caller.allow_duplicates and not has_ids:
        raise UsageError(
            "--allow-duplicates needs a column that names each row: without it, two rows with one number cannot be told"
            " apart when the sheet is sorted or a row is deleted.",
            'Name the column in the schema file, as in [id] column = "Customer ID", or head it "id".',
        )
    unknown = sorted(policy.only - set(checked.rows["id"].drop_nulls())) if policy.only else []
    if unknown:
        raise UsageError(f"--only {unknown[0]}: no row of the sheet has this ID.", "Give the ID as the sheet has it.")


def _with_past(rows: Rows, history: History) -> pl.DataFrame:
    """Return *rows* with what is known of each: null, or empty, where nothing is.

    A row that is dialed again after a call takes that call along, so that its ID is never lost.
    """
    known = history.select(
        "key", "attempts", "fingerprint", "calls", "call_id", "earlier_calls", "duration_seconds", "updated_at",
        pl.col("status").alias("known"),
        pl.col("to").alias("known_to"),
        pl.col("sent_at").alias("doubt_since"),
        pl.col("delay_seconds").alias("doubt_seconds"),
    )  # fmt: skip
    joined = rows.join(known, on="key", how="left", maintain_order="left")
    return joined.with_columns(all_calls("known").alias("earlier_calls"))


def _redial_if_missed(rows: pl.DataFrame, policy: Policy, now: datetime, clock_ahead: timedelta) -> pl.DataFrame:
    """Who was not reached is dialed again as --redial has it, and at once where --only names the row."""
    if policy.redial:
        rows = redial_missed(rows, policy.redial, now, clock_ahead)
    if not policy.only or not policy.asked_anew:
        return rows
    named = pl.col("id").is_in(sorted(policy.only)).fill_null(value=False)
    not_reached = pl.col("known").is_in([status.value for status in ENDED - {Status.COMPLETED}]).fill_null(value=False)
    step = pl.when(named & not_reached).then(pl.lit(Next.DIAL.value)).otherwise("next")
    return rows.with_columns(step.alias("next"))


def _is_wanted(policy: Policy) -> pl.Expr:
    if not policy.asked_anew:
        return pl.lit(value=False)
    everyone = pl.lit(Retry.CHANGED in policy.retry)
    return everyone | pl.col("id").is_in(sorted(policy.only)).fill_null(value=False)


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


def _skip_expired(rows: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Skip what would ring too late: a row whose time has passed, or will have when its delay is over."""
    if "expires" not in rows.columns:
        return rows
    delay = pl.col("delay_seconds").fill_null(0) if "delay_seconds" in rows.columns else pl.lit(0)
    late = (pl.col("expires") <= pl.lit(now) + pl.duration(seconds=delay)).fill_null(value=False)
    when = pl.col("expires").dt.strftime("%Y-%m-%d %H:%M UTC")
    return skip(rows, late, Code.EXPIRED, pl.format("Expired on {}.", when))
