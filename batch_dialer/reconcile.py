"""What became of attempts whose answer was lost: asked of the API's own list of calls, before anybody is dialed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

import anyio

from batch_dialer.edges.listing import Gets, Unavailable, campaign_agent, read_calls
from batch_dialer.model import Entry, Target, Via
from batch_dialer.rules import matching
from batch_dialer.rules.matching import Absent, Found, Unproven
from batch_dialer.words import CALL_EXISTS, CALL_MAY_EXIST, Status

_BETWEEN_READINGS = timedelta(seconds=60)


async def reconcile(
    api: Gets, history: Sequence[Entry], target: Target, quiet: timedelta, told: Callable[[str], None]
) -> list[Entry]:
    """Return a new entry for every attempt in doubt of which the list tells anything.

    Found: its ID and status. Proven absent by two readings: `deferred`. Else it stays `unknown`, and says why.
    """
    doubts = [entry for entry in history if entry.status in CALL_MAY_EXIST]
    settled: list[Entry] = []
    for agent_id in dict.fromkeys(entry.agent_id for entry in doubts):
        mine = [entry for entry in doubts if entry.agent_id == agent_id]
        told(f"Asking the API what became of {len(mine)} {'call' if len(mine) == 1 else 'calls'} in doubt.")
        try:
            settled += await _settle(api, mine, history, target, quiet, told)
        except Unavailable as error:
            told(f"The API's list of calls cannot be had ({error}): what is in doubt stays so.")
    return settled


async def _settle(
    api: Gets,
    doubts: Sequence[Entry],
    history: Sequence[Entry],
    target: Target,
    quiet: timedelta,
    told: Callable[[str], None],
) -> list[Entry]:
    agent_id = doubts[0].agent_id
    if target == Target(Via.CAMPAIGN, agent_id):
        agent_id = await campaign_agent(api, agent_id)
    dated = [matching.sent_at(entry) for entry in doubts if entry.sent_at]
    if not dated:
        return []

    async def look(at: Iterable[Entry]) -> list[Entry]:
        reading = await read_calls(api, agent_id, min(dated).date())
        return [_settled(doubt, matching.find(doubt, doubts, history, reading, quiet)) for doubt in at]

    first = await look(doubts)
    absent = [doubt for doubt, entry in zip(doubts, first, strict=True) if entry.status is Status.DEFERRED]
    if not absent:
        return first
    wait = min(_BETWEEN_READINGS, quiet).total_seconds()
    told(f"{len(absent)} of them are not in the list; in {wait:.0f} s it is read once more, to be sure.")
    await anyio.sleep(wait)
    second = {entry.key: entry for entry in await look(absent)}
    return [second.get(entry.key, entry) for entry in first]


def _settled(doubt: Entry, finding: matching.Finding) -> Entry:
    match finding:
        case Found(call):
            status = next((known for known in CALL_EXISTS if known.value == call.status), Status.INITIATED)
            created = call.created_at.isoformat() if call.created_at else ""
            message = "The answer was lost; the call was found in the API's list."
            return replace(
                doubt, status=status, call_id=call.id, error_code="", error_message=message, created_at=created
            )
        case Absent():
            message = "The answer was lost; two readings of the API's list show that no call was placed."
            return replace(doubt, status=Status.DEFERRED, error_message=message)
        case Unproven(why):
            return replace(doubt, status=Status.UNKNOWN, error_message=why)
