"""What became of attempts whose answer was lost: asked of the API's own list of calls, before anybody is dialed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import anyio

from batch_dialer.clock import Clock
from batch_dialer.dialing import session
from batch_dialer.dialing.gate import PacedApi, make_gate
from batch_dialer.job import Rate
from batch_dialer.ledger import matching
from batch_dialer.ledger.doubts import in_doubt, placed_since_doubt
from batch_dialer.ledger.history import to_entries
from batch_dialer.ledger.ledger import Ledger
from batch_dialer.ledger.matching import Absent, Found, Unproven
from batch_dialer.ledger.opening import OpenLedger, open_ledger
from batch_dialer.ledger.results_lines import update_lines
from batch_dialer.ledger.tally import Tally, count
from batch_dialer.model import Entry, Target, Via
from batch_dialer.talkover.call_list import Getter, Unavailable, campaign_agent, read_calls
from batch_dialer.words import CALL_EXISTS, Status

_BETWEEN_READINGS = timedelta(seconds=60)


async def reconcile_results(
    place: Ledger, api: Getter, target: Target, rate: Rate, quiet: timedelta, watcher: session.Watcher, clock: Clock
) -> Tally:
    """Reconcile every row in doubt of a results file with the API's list of calls, dialing nobody."""
    with open_ledger(place, clock, watcher.warn) as ledger:
        await reconcile(ledger, PacedApi(api, make_gate(rate)), target, quiet, watcher.note, clock)
        lines = update_lines(ledger.lines, ledger.history())
        ledger.finish(lines)
    return count(lines, None)


async def reconcile(
    ledger: OpenLedger, api: Getter, target: Target, quiet: timedelta, note: Callable[[str], None], clock: Clock
) -> None:
    """Write a new entry for every attempt in doubt of which the API's list of calls tells anything.

    Found: its ID and status. Proven absent by two readings: `deferred`. Else it stays `unknown`, and says why. *note*
    is given each decision in a sentence.
    """
    history = ledger.history()
    doubts = list(to_entries(in_doubt(history)))
    placed = list(to_entries(placed_since_doubt(history)))
    decided: list[Entry] = []
    for agent_id in dict.fromkeys(entry.agent_id for entry in doubts):
        ours = [entry for entry in doubts if entry.agent_id == agent_id]
        note(f"Asking the API what became of {len(ours)} {'call' if len(ours) == 1 else 'calls'} in doubt.")
        try:
            decided += await _decide(api, _Doubts(ours, placed, quiet), target, note, clock)
        except Unavailable as error:
            note(f"The API's list of calls cannot be had ({error}): what is in doubt stays so.")
    for entry in decided:
        note(f"Row {entry.row}: {entry.error_message}")
    await ledger.write_many(decided)


@dataclass(frozen=True, slots=True)
class _Doubts:
    """Attempts of one agent, the calls of their time, and how long the list may lag behind."""

    attempts: Sequence[Entry]
    placed: Sequence[Entry]
    quiet: timedelta


async def _decide(
    api: Getter, doubts: _Doubts, target: Target, note: Callable[[str], None], clock: Clock
) -> list[Entry]:
    agent_id = doubts.attempts[0].agent_id
    if target == Target(Via.CAMPAIGN, agent_id):
        agent_id = await campaign_agent(api, agent_id)
    dated = [matching.sent_at(entry) for entry in doubts.attempts if entry.sent_at]
    if not dated:
        return []

    async def look(at: Iterable[Entry]) -> list[Entry]:
        reading = await read_calls(api, agent_id, min(dated).date(), clock)
        return [
            _entry_of(doubt, matching.find(doubt, doubts.attempts, doubts.placed, reading, doubts.quiet))
            for doubt in at
        ]

    first = await look(doubts.attempts)
    absent = [doubt for doubt, entry in zip(doubts.attempts, first, strict=True) if entry.status is Status.DEFERRED]
    if not absent:
        return first
    wait = min(_BETWEEN_READINGS, doubts.quiet).total_seconds()
    note(f"Not in the list: {len(absent)}. It is read once more in {wait:.0f} s, to be sure.")
    await anyio.sleep(wait)
    second = {entry.key: entry for entry in await look(absent)}
    return [second.get(entry.key, entry) for entry in first]


def _entry_of(doubt: Entry, finding: matching.Finding) -> Entry:
    match finding:
        case Found(call):
            status = next((known for known in CALL_EXISTS if known.value == call.status), Status.INITIATED)
            created = call.created_at.isoformat() if call.created_at else ""
            message = f"The answer was lost; the API's list of calls has the call: {call.id}."
            return replace(
                doubt, status=status, call_id=call.id, error_code="", error_message=message, created_at=created
            )
        case Absent():
            message = "The answer was lost; two readings of the API's list of calls show that none was placed."
            return replace(doubt, status=Status.DEFERRED, error_message=message)
        case Unproven(why):
            return replace(doubt, status=Status.UNKNOWN, error_message=why)
