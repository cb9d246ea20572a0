"""A lost attempt and the API's own list of calls: the call is found, proven absent, or neither can be proved.

The list carries nothing of ours, so a call is matched by agent, number and time of creation. Whoever is not proven
absent is not called again, and nothing that could not be read is taken for a sign of absence.

An absence is proven only if all of this holds, in two readings:

1. The reading is complete, and it is later than the attempt by all that the list may lag and the API may still take.
2. Every outbound call in the attempt's window, or whose time cannot be read, has a number that can be read to the last
   digit, and none is the number in doubt. The window is as wide as the two clocks were ever seen to disagree.
3. No call to the number since our first attempt is unaccounted for: a clock that jumped puts a call out of its window.
   Accounted for are the calls that the row had before, whose IDs we were told.
4. A later call of ours through the same agent stands in the list, at its time and with its number: the list reaches so
   far, and writes numbers so that this one would have been recognised.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from batch_dialer.entry import Entry
from batch_dialer.ledger.calls import read_earlier
from batch_dialer.ledger.listed_numbers import NumberIndex, Sameness, same_number
from batch_dialer.ledger.two_clocks import AFTER, BEFORE, clock_samples, in_window, sent_at
from batch_dialer.model import ListedCall, Reading
from batch_dialer.words import CALL_EXISTS

_TRANSIENT = timedelta(minutes=15)
"""How long before our first attempt a call may stand that is none of ours, and still forbid a proof."""
_NEAR = timedelta(hours=1)
"""How near a call of ours must be to an attempt to show how the clocks stood at it."""


_NO_CONTROL = (
    "The API does not list such a call. It does not list a later one of ours with its number, either, so its list may"
    " be incomplete."
)


@dataclass(frozen=True, slots=True)
class Found:
    """The attempt is this call."""

    call: ListedCall


@dataclass(frozen=True, slots=True)
class Absent:
    """The reading does not show the call, and the reading can be relied on: one half of the proof."""


@dataclass(frozen=True, slots=True)
class Unproven:
    """Neither found nor absent; *why* is for the results file. *incomplete*: a complete reading may tell more."""

    why: str
    incomplete: bool = False


Finding = Found | Absent | Unproven


@dataclass(frozen=True, slots=True)
class Terms:
    """What a proof of absence depends on, besides the reading.

    *quiet*: how long the list may lag, and no shorter than the API may be at work on a request that we gave up.
    *control*: whether a later call of ours must stand in the list. *provable*: whether the list can prove anything; a
    campaign's queued calls stand in no list.
    """

    quiet: timedelta
    control: bool = True
    provable: bool = True


class Evidence:
    """One reading, beside all that we know of the attempts in doubt and of the calls of their time."""

    def __init__(self, reading: Reading, doubts: Sequence[Entry], placed: Iterable[Entry]) -> None:
        """*doubts* are the attempts in doubt that this reading is about, *placed* the entries of calls."""
        ours = [entry for entry in placed if entry.call_id and entry.status in CALL_EXISTS]
        self._reading = reading
        self._claimed = {entry.call_id: entry.to for entry in ours}
        self._rivals = Counter(doubt.to for doubt in doubts)
        self._same: dict[str, list[ListedCall]] = defaultdict(list)
        self._blurred: dict[str, list[ListedCall]] = defaultdict(list)
        self._unreadable: list[ListedCall] = []
        self._compare_numbers(reading.calls, NumberIndex(self._rivals))
        listed = {call.id: call for call in reading.calls}
        pairs = [(entry, listed[entry.call_id]) for entry in ours if entry.call_id in listed]
        answered = clock_samples(ours)
        listed_at = [(sent_at(e), c.created_at - sent_at(e)) for e, c in pairs if e.sent_at and c.created_at]
        clocks = [(at, self._without_latency(ahead)) for at, ahead in (*answered, *listed_at)]
        self._clocks = sorted(clocks)
        self._ahead = sorted({reading.clock_ahead, *(ahead for _, ahead in clocks)})
        by_answers = sorted({reading.clock_ahead, *(self._without_latency(ahead) for _, ahead in answered)})
        self._latest = _latest(ours)
        # A call's place in the list cannot vouch for the time at which it is listed itself.
        self._controls = _latest(
            entry
            for entry, call in pairs
            if entry.sent_at
            and in_window(entry, call, by_answers[0], by_answers[-1])
            and same_number(call.to, entry.to) is Sameness.SAME
        )
        began = [sent_at(entry) for entry in (*doubts, *ours) if entry.sent_at]
        created = [call.created_at for _, call in pairs if call.created_at]
        self._first = min([min(began, default=reading.at) + self._ahead[0], *created]) - _TRANSIENT

    def find(self, doubt: Entry, terms: Terms) -> Finding:
        """Look for the attempt *doubt*."""
        if not doubt.sent_at:
            return Unproven("It is not known when the attempt was made.")
        before = {call.id for call in read_earlier(doubt.earlier_calls)}
        ours = [call for call in self._same[doubt.to] if call.id not in before]
        candidates = [call for call in ours if call.created_at is None or self._may_be(doubt, call)]
        if candidates:
            if len(candidates) == 1 and self._is_this(doubt, candidates[0]):
                return Found(candidates[0])
            return Unproven(f"It may be one of these calls to the number: {_ids(candidates)}. Look them up.")
        stray = [
            call for call in ours if call.created_at and (call.created_at >= self._first or self._is_untimed(doubt))
        ]
        if stray:
            return Unproven(
                f"The API lists calls to the number at another time: {_ids(stray)}. If a clock was wrong, look them up."
            )
        return self._prove_absence(doubt, terms)

    def _prove_absence(self, doubt: Entry, terms: Terms) -> Absent | Unproven:
        due = sent_at(doubt) + timedelta(seconds=doubt.delay_seconds) + terms.quiet
        if self._reading.at < due:
            return Unproven(
                f"The API does not list such a call so far; a run after {due:%Y-%m-%d %H:%M} UTC looks again."
            )
        if not terms.provable:
            return Unproven(
                "The campaign may have queued the call, and queued calls are in no list. Look it up in the campaign."
            )
        needs_control = terms.control and bool(doubt.attempts)
        if needs_control and self._latest.get(doubt.agent_id, "") <= doubt.sent_at:
            return Unproven(_NO_CONTROL)
        if self._reading.gap:
            why = f"The API does not list such a call, but its list is not complete: {self._reading.gap}."
            return Unproven(why, incomplete=True)
        return self._prove_by_numbers(doubt, needs_control=needs_control)

    def _prove_by_numbers(self, doubt: Entry, *, needs_control: bool) -> Absent | Unproven:
        nobody_s = [*self._unreadable, *self._blurred[doubt.to]]
        of_that_time = [call for call in nobody_s if call.created_at is None or self._may_be(doubt, call)]
        if of_that_time:
            return Unproven(
                "The API does not list such a call, but it lists calls of that time whose number cannot be read:"
                f" {_ids(of_that_time)}."
            )
        if needs_control and self._controls.get(doubt.agent_id, "") <= doubt.sent_at:
            return Unproven(_NO_CONTROL)
        return Absent()

    def _compare_numbers(self, calls: Iterable[ListedCall], numbers: NumberIndex) -> None:
        """Note which outbound calls of no row are to one of *numbers*, and which may be for all that can be read."""
        for call in calls:
            if not call.outbound:
                continue
            near = numbers.compare(call.to)
            if near is None:
                self._unreadable.append(call)
                continue
            for number, sameness in near.items():
                if sameness is Sameness.UNREADABLE:
                    self._blurred[number].append(call)
                elif self._claimed.get(call.id) != number:  # a row of another number has no call to this one
                    self._same[number].append(call)

    def _without_latency(self, ahead: timedelta) -> timedelta:
        """Return by how much the clocks disagree, where a call was created *ahead* after it was sent.

        A call takes its time to be created: what that explains is no disagreement other than the present one.
        """
        here = self._reading.clock_ahead
        return here if -BEFORE <= ahead - here <= AFTER else ahead

    def _may_be(self, entry: Entry, call: ListedCall) -> bool:
        """Whether *call* was created when the attempt may have been, by any clock that was seen."""
        return bool(entry.sent_at) and in_window(entry, call, self._ahead[0], self._ahead[-1])

    def _is_this(self, doubt: Entry, call: ListedCall) -> bool:
        """Whether *call*, the only one that may be, is the attempt *doubt* and nothing else."""
        return self._rivals[doubt.to] == 1 and call.id not in self._claimed and self._is_at_its_time(doubt, call)

    def _is_at_its_time(self, entry: Entry, call: ListedCall) -> bool:
        """Whether *call* was created when the attempt was made, as the clocks stood at the call of ours next to it."""
        sample = self._nearest_sample(entry)
        ahead = sample[1] if sample else self._reading.clock_ahead
        return in_window(entry, call, ahead, ahead)

    def _is_untimed(self, doubt: Entry) -> bool:
        """Whether no call of ours shows how the clocks stood about the time of the attempt."""
        sample = self._nearest_sample(doubt)
        return sample is None or abs(sample[0] - sent_at(doubt)) > _NEAR

    def _nearest_sample(self, entry: Entry) -> tuple[datetime, timedelta] | None:
        began = sent_at(entry)
        at = bisect_left(self._clocks, (began, timedelta.min))
        return min(self._clocks[max(at - 1, 0) : at + 1], key=lambda sample: abs(sample[0] - began), default=None)


def _latest(entries: Iterable[Entry]) -> dict[str, str]:
    """Return for each agent when the latest of *entries* was sent."""
    latest: dict[str, str] = {}
    for entry in entries:
        latest[entry.agent_id] = max(latest.get(entry.agent_id, ""), entry.sent_at)
    return latest


def _ids(calls: Sequence[ListedCall]) -> str:
    shown = ", ".join(call.id for call in calls[:5])
    return f"{shown} and {len(calls) - 5} more" if len(calls) > 5 else shown  # noqa: PLR2004  (as many as are shown)
