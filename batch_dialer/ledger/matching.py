"""A lost attempt and the API's own list of calls: the call is found, proven absent, or neither can be proved.

The list carries nothing of ours, so a call is matched by agent, number and time of creation. Whoever is not proven
absent is not called again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from batch_dialer.model import Entry, ListedCall, Reading
from batch_dialer.words import CALL_EXISTS

BEFORE = timedelta(seconds=60)
AFTER = timedelta(seconds=90 + 600)  # the request's own deadline, and a server that creates the call late


@dataclass(frozen=True, slots=True)
class Found:
    """The attempt is this call."""

    call: ListedCall


@dataclass(frozen=True, slots=True)
class Absent:
    """The reading does not show the call, and the reading can be relied on: one half of the proof."""


@dataclass(frozen=True, slots=True)
class Unproven:
    """Neither found nor absent; *why* is for the results file."""

    why: str


Finding = Found | Absent | Unproven


def find(
    doubt: Entry, doubts: Sequence[Entry], history: Iterable[Entry], reading: Reading, quiet: timedelta
) -> Finding:
    """Look for the attempt *doubt* in *reading*. *quiet* (`--settle-after`) is how long the list may lag behind."""
    if not doubt.sent_at:
        return Unproven("It is not known when the attempt was made.")
    placed = [entry for entry in history if entry.call_id and entry.status in CALL_EXISTS]
    unclaimed = _unclaimed(doubt, placed, reading)
    candidates = [call for call in unclaimed if _in_window(doubt, call, reading)]
    if candidates:
        rivals = [other for other in doubts if other.to == doubt.to]
        if len(candidates) == 1 and len(rivals) == 1:
            return Found(candidates[0])
        ids = ", ".join(call.id for call in candidates)
        return Unproven(f"It may be one of these calls to the number: {ids}. Look them up.")
    if stray := _since_our_first(unclaimed, [*doubts, *placed], reading):
        ids = ", ".join(call.id for call in stray)
        return Unproven(
            f"The API lists calls to the number at another time: {ids}. If a clock was wrong, look them up."
        )
    return _absent(doubt, placed, reading, quiet)


def _absent(doubt: Entry, placed: Sequence[Entry], reading: Reading, quiet: timedelta) -> Absent | Unproven:
    """Where no call can be the one: whether that proves anything."""
    settled_at = sent_at(doubt) + timedelta(seconds=doubt.delay_seconds) + quiet
    if reading.at < settled_at:
        wait = f"{settled_at:%Y-%m-%d %H:%M} UTC"
        return Unproven(f"The API does not list such a call so far; a run after {wait} looks again.")
    if not _controlled(doubt, placed, reading):
        return Unproven("The API does not list such a call, nor a later one of ours that would show the list is whole.")
    return Absent()


def sent_at(entry: Entry) -> datetime:
    """Return when the attempt began, as an aware moment."""
    return datetime.fromisoformat(entry.sent_at)


def _reach(entry: Entry) -> timedelta:
    return AFTER + timedelta(seconds=entry.delay_seconds)


def _in_window(entry: Entry, call: ListedCall, reading: Reading) -> bool:
    """A call whose time cannot be read may be the one."""
    if call.created_at is None:
        return True
    began = sent_at(entry) + reading.clock_ahead
    return began - BEFORE <= call.created_at <= began + _reach(entry)


def _unclaimed(doubt: Entry, placed: Sequence[Entry], reading: Reading) -> list[ListedCall]:
    """Return the calls to the number that no row has."""
    claimed = {entry.call_id for entry in placed}
    return [call for call in reading.calls if call.outbound and call.to == doubt.to and call.id not in claimed]


def _since_our_first(unclaimed: Sequence[ListedCall], attempts: Sequence[Entry], reading: Reading) -> list[ListedCall]:
    """A clock that jumped puts a call out of its attempt's window: since our first attempt, none may be unaccounted."""
    first = min(sent_at(entry) for entry in attempts if entry.sent_at) + reading.clock_ahead - BEFORE
    return [call for call in unclaimed if call.created_at is None or call.created_at >= first]


def _controlled(doubt: Entry, placed: Iterable[Entry], reading: Reading) -> bool:
    """A later call of ours that is listed, at the time at which we made it, shows that the list reaches so far."""
    listed = {call.id: call for call in reading.calls}
    return any(
        entry.agent_id == doubt.agent_id
        and entry.sent_at > doubt.sent_at
        and entry.call_id in listed
        and listed[entry.call_id].created_at is not None
        and _in_window(entry, listed[entry.call_id], reading)
        for entry in placed
    )
