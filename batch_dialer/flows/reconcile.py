"""What became of attempts whose answer was lost: asked of the API's own list of calls, before anybody is dialed."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from batch_dialer.clock import Clock
from batch_dialer.entry import Entry
from batch_dialer.ledger.calls import gone_on
from batch_dialer.ledger.doubts import in_doubt, placed_since_doubt
from batch_dialer.ledger.history import to_entries
from batch_dialer.ledger.matching import Absent, Evidence, Finding, Found, Terms, Unproven
from batch_dialer.ledger.opening import OpenLedger
from batch_dialer.ledger.two_clocks import clock_samples, sent_at
from batch_dialer.model import DEADLINE, Reading, Target, Via
from batch_dialer.talkover.call_list import CallList
from batch_dialer.talkover.call_lists import CallLists
from batch_dialer.talkover.payload import Caller
from batch_dialer.talkover.questions import Unavailable
from batch_dialer.words import CALL_EXISTS, Status

BETWEEN_READINGS = 60.0
"""Seconds between the two readings that prove an absence."""


async def reconcile(
    ledger: OpenLedger,
    lists: CallLists,
    caller: Caller,
    quiet: timedelta,
    note: Callable[[str], None],
    clock: Clock,
    *,
    prove: bool = True,
    among: Collection[str] | None = None,
) -> None:
    """Write a new entry for every attempt in doubt of which the API's list of calls tells anything.

    Found: its ID and status. Proven absent by two readings: `deferred`. Else it stays `unknown`, and says why. *quiet*
    is how long the list may lag. *note* is given each decision in a sentence. Without *prove* the list is read once,
    which finds a call and proves no absence: what is not found is left as it is. *among*: the keys of the only rows
    that it is about, so that it can go on beside other attempts.
    """
    history = ledger.history()
    doubts = list(to_entries(in_doubt(history)))
    placed = list(to_entries(placed_since_doubt(history)))
    decided: list[Entry] = []
    for agent_id in dict.fromkeys(entry.agent_id for entry in doubts):
        attempts = [entry for entry in doubts if entry.agent_id == agent_id]
        sought = attempts if among is None else [entry for entry in attempts if entry.key in among]
        if not sought:
            continue
        note(f"Asking the API what became of {len(sought)} {'call' if len(sought) == 1 else 'calls'} in doubt.")
        case = _Case(sought, attempts, placed, _terms(caller, agent_id, quiet))
        try:
            decided += await _decide(await lists.of(agent_id), case, note, clock, prove=prove)
        except Unavailable as error:
            note(f"The API's list of calls could not be read ({error}): rows in doubt stay `unknown`.")
    if not prove:
        decided = [entry for entry in decided if entry.status in CALL_EXISTS]  # the next run looks again for the others
    for entry in decided:
        note(f"Row {entry.row}: {entry.error_message}")
    await ledger.write_many(decided)


@dataclass(frozen=True, slots=True)
class _Case:
    """Attempts in doubt, all in doubt of the same agent, the calls of their time, and what a proof depends on."""

    attempts: Sequence[Entry]
    rivals: Sequence[Entry]
    placed: Sequence[Entry]
    terms: Terms

    def find(self, reading: Reading, attempts: Iterable[Entry]) -> dict[str, Finding]:
        """Return what *reading* tells of *attempts*, by their keys."""
        evidence = Evidence(reading, self.rivals, self.placed)
        return {doubt.key: evidence.find(doubt, self.terms) for doubt in attempts}

    def since(self) -> datetime | None:
        """Return the earliest moment, by any clock that was seen, at which one of the calls may have been created."""
        began = [sent_at(entry) for entry in self.attempts if entry.sent_at]
        ahead = [seen for _, seen in clock_samples(self.placed)]
        return min(began) + min([*ahead, timedelta()]) if began else None


def _terms(caller: Caller, agent_id: str, quiet: timedelta) -> Terms:
    """The API may be at work on a request for as long as we would have waited for its answer, whatever was asked for.

    A campaign that is dialed again answers 409 and names the call that it has queued, which stands in no list; so no
    later call need stand there either. It does not where it was told to allow duplicates.
    """
    through_campaign = caller.target == Target(Via.CAMPAIGN, agent_id)
    return Terms(
        quiet=max(quiet, timedelta(seconds=DEADLINE)),
        control=not through_campaign,
        provable=not (through_campaign and caller.allow_duplicates),
    )


async def _decide(
    calls: CallList, case: _Case, note: Callable[[str], None], clock: Clock, *, prove: bool
) -> list[Entry]:
    """Search for a few numbers where that takes fewer requests; read the list whole where it may prove an absence."""
    since = case.since()
    if since is None:
        return []
    attempts = case.attempts
    found: dict[str, Finding] = {}
    numbers = dict.fromkeys(entry.to for entry in attempts)
    if len(numbers) < await calls.count_pages(since.date()):
        for number in numbers:
            reading = await calls.search(number, since.date())
            found |= case.find(reading, [entry for entry in attempts if entry.to == number])
        attempts = [entry for entry in attempts if _asks_for_more(found[entry.key])]
    if attempts and prove:
        found |= await _read_twice(calls, case, attempts, since.date(), note, clock)
    elif attempts:
        found |= case.find(await calls.read_once(since.date()), attempts)
    return [_entry_of(doubt, found[doubt.key]) for doubt in case.attempts]


def _asks_for_more(finding: Finding) -> bool:
    return isinstance(finding, Unproven) and finding.incomplete


async def _read_twice(
    calls: CallList, case: _Case, attempts: Sequence[Entry], since: date, note: Callable[[str], None], clock: Clock
) -> dict[str, Finding]:
    """Return what the list tells of *attempts*. An absence must be seen twice; what was found once stays found."""
    found = case.find(await calls.read(since), attempts)
    absent = [doubt for doubt in attempts if isinstance(found[doubt.key], Absent)]
    if not absent:
        return found
    note(f"Not in the API's list: {len(absent)}. The list is read once more in {BETWEEN_READINGS:.0f} s, to be sure.")
    await clock.sleep(BETWEEN_READINGS)
    try:
        return found | case.find(await calls.read(since), absent)
    except Unavailable as error:
        why = f"The API does not list such a call; its list could not be read a second time, to be sure ({error})."
        return found | {doubt.key: Unproven(why) for doubt in absent}


def _entry_of(doubt: Entry, finding: Finding) -> Entry:
    """Return what is to be written of the attempt *doubt*."""
    match finding:
        case Found(call):
            status = next((known for known in CALL_EXISTS if known.value == call.status), Status.INITIATED)
            created = call.created_at.isoformat() if call.created_at else ""
            message = f"The answer was lost; the API's list of calls has the call: {call.id}."
            found = replace(doubt, call_id=call.id, error_code="", error_message=message, created_at=created)
            return gone_on(replace(found, calls=doubt.calls + 1), status, call, call.created_at)
        case Absent():
            message = "The answer was lost; two readings of the API's list of calls show that none was placed."
            return replace(doubt, status=Status.DEFERRED, error_message=message)
        case Unproven(why):
            return replace(doubt, status=Status.UNKNOWN, error_message=why)
