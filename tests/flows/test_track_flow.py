"""Tracking a whole list at once: how many requests it takes, with the exchange as the witness."""

from pathlib import Path

import anyio
from makers import AGENT, call, entry, on_jumping_clock
from phones import Phones

from batch_dialer.entry import History
from batch_dialer.flows.track import track
from batch_dialer.ledger.ledger import Ledger
from batch_dialer.ledger.opening import open_ledger
from batch_dialer.talkover.call_lists import CallLists

_CALLS = 10_000


def test_ten_thousand_calls_are_tracked_in_little_more_than_their_pages(tmp_path: Path) -> None:
    phones = Phones({})
    warnings: list[str] = []

    async def place_and_track() -> History:
        async with anyio.create_task_group() as group:
            for n in range(_CALLS):
                group.start_soon(phones.place, call(to=f"+1415{2000000 + n}"))
        asked_at = phones.clock.now().isoformat()
        rows = [
            entry(row=n, to=made["to"], key=f"tel:{made['to']}", call_id=made["id"], sent_at=asked_at)
            for n, made in enumerate(phones.calls, 2)
        ]
        await phones.clock.sleep(3600)
        ledger = Ledger(tmp_path / "s.results.csv", "https://api.example/v1")
        with open_ledger(ledger, phones.clock, warnings.append) as opened:
            await opened.write_many(rows)
            await track(opened, CallLists(phones, AGENT, phones.clock), warnings.append)
            return opened.history()

    known = on_jumping_clock(place_and_track)
    assert [("completed", _CALLS)] == known.group_by("status").len().rows()
    assert len(phones.pages) <= 110
    assert [] == warnings
