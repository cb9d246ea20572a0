"""What became of attempts whose answer was lost: asked of the API's own list of calls, before anybody is dialed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import anyio
import polars as pl

from batch_dialer.dialing import session
from batch_dialer.dialing.gate import Gate, Paced
from batch_dialer.dialing.pace import Pace
from batch_dialer.flows.results_file import finish, keep_aside
from batch_dialer.ledger import lock, matching
from batch_dialer.ledger.doubts import in_doubt, placed_since_doubt
from batch_dialer.ledger.history import entries, followed, frame
from batch_dialer.ledger.journal import Journal
from batch_dialer.ledger.ledger import Ledger
from batch_dialer.ledger.matching import Absent, Found, Unproven
from batch_dialer.ledger.recall import opened, recall
from batch_dialer.ledger.results_lines import brought_up
from batch_dialer.ledger.tally import Tally, count
from batch_dialer.model import Entry, Target, Via
from batch_dialer.talkover.call_list import Gets, Unavailable, campaign_agent, read_calls
from batch_dialer.words import CALL_EXISTS, Status

_BETWEEN_READINGS = timedelta(seconds=60)

Told = Callable[[str], None]


async def reconcile(api: Gets, history: pl.DataFrame, target: Target, quiet: timedelta, told: Told) -> list[Entry]:
    """Return a new entry for every attempt in doubt of which the list tells anything.

    Found: its ID and status. Proven absent by two readings: `deferred`. Else it stays `unknown`, and says why. *told*
    is given each decision in a sentence.
    """
    doubts = list(entries(in_doubt(history)))
    placed = list(entries(placed_since_doubt(history)))
    settled: list[Entry] = []
    for agent_id in dict.fromkeys(entry.agent_id for entry in doubts):
        mine = [entry for entry in doubts if entry.agent_id == agent_id]
        told(f"Asking the API what became of {len(mine)} {'call' if len(mine) == 1 else 'calls'} in doubt.")
        try:
            settled += await _settle(api, _Doubts(mine, placed, quiet), target, told)
        except Unavailable as error:
            told(f"The API's list of calls cannot be had ({error}): what is in doubt stays so.")
    for entry in settled:
        told(f"Row {entry.row}: {entry.error_message}")
    return settled


@dataclass(frozen=True, slots=True)
class _Doubts:
    """Attempts of one agent, the calls of their time, and how long the list may lag behind."""

    attempts: Sequence[Entry]
    placed: Sequence[Entry]
    quiet: timedelta


async def _settle(api: Gets, doubts: _Doubts, target: Target, told: Told) -> list[Entry]:
    agent_id = doubts.attempts[0].agent_id
    if target == Target(Via.CAMPAIGN, agent_id):
        agent_id = await campaign_agent(api, agent_id)
    dated = [matching.sent_at(entry) for entry in doubts.attempts if entry.sent_at]
    if not dated:
        return []

    async def look(at: Iterable[Entry]) -> list[Entry]:
        reading = await read_calls(api, agent_id, min(dated).date())
        return [
            _settled(doubt, matching.find(doubt, doubts.attempts, doubts.placed, reading, doubts.quiet)) for doubt in at
        ]

    first = await look(doubts.attempts)
    absent = [doubt for doubt, entry in zip(doubts.attempts, first, strict=True) if entry.status is Status.DEFERRED]
    if not absent:
        return first
    wait = min(_BETWEEN_READINGS, doubts.quiet).total_seconds()
    told(f"Not in the list: {len(absent)}. It is read once more in {wait:.0f} s, to be sure.")
    await anyio.sleep(wait)
    second = {entry.key: entry for entry in await look(absent)}
    return [second.get(entry.key, entry) for entry in first]


def _settled(doubt: Entry, finding: matching.Finding) -> Entry:
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


async def settle(
    ledger: Ledger, api: Gets, target: Target, pace: Pace, quiet: timedelta, watcher: session.Watcher
) -> Tally:
    """Reconcile every row in doubt of a results file with the API's list of calls, dialing nobody."""
    with lock.held(ledger.results):
        past = recall(ledger, whole=True)
        keep_aside(ledger, past, watcher)
        with opened(ledger, past.origin, past.history) as journal:
            history = await reconciled(past.history, journal, api, Gate(pace), target, quiet, watcher)
            lines = brought_up(past.lines, history)
            finish(ledger, lines, history, journal, watcher)
    return count(lines, None)


async def reconciled(
    known: pl.DataFrame,
    journal: Journal,
    api: Gets,
    gate: Gate,
    target: Target,
    quiet: timedelta,
    watcher: session.Watcher,
) -> pl.DataFrame:
    """Return *known* with a later word on every attempt in doubt of which the API's list tells anything."""
    settled = await reconcile(Paced(api, gate), known, target, quiet, watcher.told)
    await journal.write_many(settled)
    return followed(known, frame(settled))
