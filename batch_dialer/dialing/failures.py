"""When so many calls fail that calling on would only use up the list. Moments come in; nobody asks or waits here.

A call counts from half a minute after it began on, as far as the API's list tells how it went: it failed, it ended
otherwise, or it goes on. Of calls that have only just begun, those that fail are the first to end: they would be all of
which the end is known.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from batch_dialer.entry import Entry
from batch_dialer.model import Halt, Outcome
from batch_dialer.words import ENDED, UNDER_WAY, Status

FEWEST_CALLS = 20
SHARE = 0.5
WINDOW = timedelta(minutes=15)
"""How long it counts how a call went, and how long the list is asked about a call of which it says nothing."""
COUNTS = timedelta(seconds=30)
GOES_ON = timedelta(seconds=90)
"""A call that has not ended so long after it began was taken by the carrier: it is asked about no more."""
MOST_FOLLOWED = 2_000
"""Calls of which it is asked how they go, at a time: they are many enough to judge by, and take little memory."""
_REMEDY = (
    "Check with the vendor whether the agent's number may call and its carrier takes the calls; then run the same"
    " command again: it goes on with the others."
)


class Failures:
    """How the calls of a run went that were placed since the moment *since*."""

    __slots__ = ("_known", "_listed", "_open", "_since")

    def __init__(self, since: datetime) -> None:
        self._since = since - timedelta(seconds=1)  # moments are written to the millisecond
        self._open: dict[str, Entry] = {}
        self._listed = set[str]()
        self._known: dict[str, tuple[Entry, datetime]] = {}

    def begin(self) -> None:
        """Begin a round of calls. Nobody asks any more about those of the round before: they may be dialed again."""
        self._open.clear()
        self._listed.clear()

    def add(self, entry: Entry) -> None:
        """Take note of a call that was just placed."""
        if entry.call_id and entry.status in UNDER_WAY and len(self._open) < MOST_FOLLOWED:
            self._open[entry.call_id] = entry

    def wanted(self, now: datetime) -> Sequence[Entry]:
        """Return the calls that should have begun at *now* and of which it is not known how they went."""
        for call_id in [call_id for call_id, entry in self._open.items() if _age(entry, now) >= WINDOW]:
            self._drop(call_id)
        return [entry for entry in self._open.values() if _age(entry, now) >= timedelta()]

    def learn(self, told: Iterable[Entry], now: datetime) -> None:
        """Take note of what the API's list tells of calls at *now*."""
        for entry in told:
            if entry.status in ENDED:
                if datetime.fromisoformat(entry.sent_at) >= self._since:
                    self._settle(entry, now)
            elif entry.call_id in self._open:
                self._open[entry.call_id] = entry
                self._listed.add(entry.call_id)
        for entry in [self._open[call_id] for call_id in self._listed]:
            if _age(entry, now) >= GOES_ON:
                self._settle(entry, now)

    def judge(self, now: datetime) -> Halt | None:
        """Return why the run stops at *now*, if too many of the last calls failed."""
        self._known = {call_id: (entry, at) for call_id, (entry, at) in self._known.items() if at > now - WINDOW}
        calls = [entry for entry, _ in self._known.values()] + [self._open[call_id] for call_id in self._listed]
        count = sum(_age(entry, now) >= COUNTS for entry in calls)
        failed = sum(_age(entry, now) >= COUNTS and entry.status is Status.FAILED for entry in calls)
        if count < FEWEST_CALLS or failed < SHARE * count:
            return None
        reason = f"{failed:,} of the last {count:,} calls failed: the carrier may be taking none."
        return Halt(Outcome(Status.DEFERRED), reason, _REMEDY)

    def _settle(self, entry: Entry, now: datetime) -> None:
        self._drop(entry.call_id)
        known_at = self._known[entry.call_id][1] if entry.call_id in self._known else now
        self._known[entry.call_id] = entry, known_at

    def _drop(self, call_id: str) -> None:
        self._open.pop(call_id, None)
        self._listed.discard(call_id)


def _age(entry: Entry, now: datetime) -> timedelta:
    """Return how long ago the call should have begun."""
    return now - datetime.fromisoformat(entry.sent_at) - timedelta(seconds=entry.delay_seconds)
