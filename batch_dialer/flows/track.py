"""How the calls went on: asked of the API's own lists, once for all rows, newest first and only as far as needed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from batch_dialer.entry import Entry
from batch_dialer.ledger.calls import call_ids, find_under_way, follow_calls
from batch_dialer.ledger.history import to_entries
from batch_dialer.ledger.opening import OpenLedger
from batch_dialer.talkover.call_list import CallList
from batch_dialer.talkover.call_lists import CallLists
from batch_dialer.talkover.questions import Unavailable

_CLOCKS_DIFFER = timedelta(minutes=10)
"""By how much a call may be listed as created before we asked for it, besides what the server's clock is ahead."""


@dataclass(frozen=True, slots=True)
class Tracked:
    """What was learned: the new *entries*, how far the server's clock is ahead of ours, and why a list is missing."""

    entries: Sequence[Entry] = ()
    clock_ahead: timedelta = timedelta()
    missing: str = ""


async def track(
    ledger: OpenLedger, lists: CallLists, warn: Callable[[str], None], rows: Sequence[Entry] | None = None
) -> Tracked:
    """Write a new entry for every row of whose calls the API's lists tell more than is known.

    What *lists* have read already is not asked for again. *rows*: the last words on the only rows that it is about,
    which nobody else writes meanwhile; the lists are then read no further back than these rows' calls.
    """
    waiting = list(to_entries(find_under_way(ledger.history()))) if rows is None else rows
    told: list[Entry] = []
    ahead, missing = timedelta(), ""
    for agent_id in dict.fromkeys(entry.agent_id for entry in waiting):
        entries = [entry for entry in waiting if entry.agent_id == agent_id]
        try:
            calls = await lists.of(agent_id)
            await _read_as_far_as_needed(calls, entries, all_of_them=rows is None)
        except Unavailable as error:
            missing = str(error)
            warn(f"The API's list of calls cannot be had ({error}): how the calls of {agent_id} went on is not known.")
            continue
        reading = calls.read_so_far()
        calls.forget()  # the next time they are asked for again
        ahead = reading.clock_ahead
        told += follow_calls(entries, reading, by_number=lists.is_campaign(agent_id))
    if told:
        await ledger.write_many(told)
    return Tracked(told, ahead, missing)


async def _read_as_far_as_needed(calls: CallList, entries: Sequence[Entry], *, all_of_them: bool) -> None:
    known = {call.id for call in calls.read_so_far().calls}
    wanted = {call_id for entry in entries for call_id in call_ids(entry)} - known
    began = [datetime.fromisoformat(entry.sent_at) for entry in entries if entry.sent_at]
    if wanted and began:
        await calls.read_once(min(began).date(), wanted, None if all_of_them else min(began) - _CLOCKS_DIFFER)
