"""Numbers that an agent called lately from elsewhere: another results file, another machine, a colleague. Pure.

A number is skipped only for a call that is certainly to it. A call whose time cannot be read counts as a recent one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta

import polars as pl

from batch_dialer.entry import History
from batch_dialer.ledger.calls import known_calls
from batch_dialer.ledger.listed_numbers import NumberIndex, Sameness
from batch_dialer.model import ListedCall, Reading, Target, Via
from batch_dialer.plan.skipping import skip
from batch_dialer.talkover.payload import Caller, target_id
from batch_dialer.words import CALL_MAY_EXIST, Code

_AT_A_TIME = 50_000
"""So many numbers are indexed at a time: an index of a million takes gigabytes."""


@dataclass(frozen=True, slots=True)
class RecentCall:
    """A call to the number *to* that was placed from elsewhere, by the agent or for the campaign *target_id*."""

    target_id: str
    to: str
    call: ListedCall


@dataclass(frozen=True, slots=True)
class OwnCalls:
    """The calls of this results file: their IDs, and the numbers of those whose ID the list may write otherwise."""

    ids: Collection[str]
    numbers: Collection[str] = frozenset()


def own_calls(history: History, target: Target) -> OwnCalls:
    """Return the calls that *history* knows. The list names a campaign's call by the ID that it has with the agent."""
    ids = frozenset(known_calls(history)["call_id"])
    if target.via is Via.AGENT:
        return OwnCalls(ids)
    placed = history.filter((pl.col("calls") > 0) & (pl.col("agent_id") == target.id))
    return OwnCalls(ids, frozenset(placed["to"]))


def numbers_to_look_up(dial: pl.DataFrame, caller: Caller) -> dict[str, list[str]]:
    """Return the numbers that are to be dialed, by the ID of the agent or the campaign that calls them.

    A row in doubt is left out: it is dialed only because a person asked for it, knowing that it may ring twice.
    """
    in_doubt = pl.col("known").is_in([status.value for status in CALL_MAY_EXIST]).fill_null(value=False)
    due = dial.filter(~in_doubt)
    numbers = due.select(target_id(due, caller).alias("target"), "to").unique(maintain_order=True)
    return dict(numbers.group_by("target", maintain_order=True).agg("to").rows())


def find_recent(
    reading: Reading, numbers: Sequence[str], within: timedelta, own: OwnCalls
) -> tuple[Mapping[str, ListedCall], Collection[str]]:
    """Return the latest call from elsewhere to each number that had one *within* that time, by the server's clock.

    Also returns the IDs of the calls of that time of which it cannot be read whether they are to one of *numbers*.
    """
    since = reading.at + reading.clock_ahead - within
    others = [
        call
        for call in reading.calls
        if call.outbound and call.id not in own.ids and (call.created_at is None or call.created_at >= since)
    ]
    found: dict[str, ListedCall] = {}
    unreadable: set[str] = set()
    for at in range(0, len(numbers) if others else 0, _AT_A_TIME):
        index = NumberIndex(numbers[at : at + _AT_A_TIME])
        for call in others:
            near = index.compare(call.to)
            if near is None or Sameness.UNREADABLE in near.values():
                unreadable.add(call.id)
            for number, sameness in (near or {}).items():
                if sameness is Sameness.SAME and number not in own.numbers:
                    found[number] = _later(call, found.get(number, call))
    return found, unreadable


def _later(one: ListedCall, other: ListedCall) -> ListedCall:
    """Return the later of two calls; one whose time can be read says more."""
    if one.created_at is None or other.created_at is None:
        return other if one.created_at is None else one
    return one if one.created_at > other.created_at else other


def skip_recent(rows: pl.DataFrame, recent: Sequence[RecentCall], caller: Caller) -> pl.DataFrame:
    """Return *rows* with those skipped whose number has a call in *recent* by the agent that would call it."""
    if not recent:
        return rows
    words = pl.DataFrame(
        [(known.target_id, known.to, _sentence(known.call)) for known in recent],
        schema=dict.fromkeys(("target", "to", "recent"), pl.String),
        orient="row",
    )
    in_doubt = pl.col("known").is_in([status.value for status in CALL_MAY_EXIST]).fill_null(value=False)
    joined = rows.with_columns(target_id(rows, caller).alias("target"))
    joined = joined.join(words, on=["target", "to"], how="left", maintain_order="left")
    which = pl.col("recent").is_not_null() & ~in_doubt
    return skip(joined, which, Code.RECENTLY_CALLED, pl.col("recent")).drop("target", "recent")


def _sentence(call: ListedCall) -> str:
    at = "at a time that cannot be read"
    if call.created_at:
        at = f"at {call.created_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return (
        f"The agent called this number {at}, but not for these results: the call {call.id}. To call it anyway:"
        " --not-called-within 0."
    )
