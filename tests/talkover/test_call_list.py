"""The API's list of calls, read whole or not believed."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from email.utils import format_datetime
from typing import Any

import anyio
import pytest

from batch_dialer.clock import SystemClock
from batch_dialer.model import Answer, Lost, Reading, Reply, Unsent
from batch_dialer.talkover.call_list import CallList
from batch_dialer.talkover.call_lists import campaign_agent
from batch_dialer.talkover.questions import Unavailable

_DAY = date(2026, 11, 22)


def _item(number: int, **changes: Any) -> dict[str, Any]:
    item = {"id": f"call_{number}", "to": "+14155550101", "status": "completed", "direction": "outbound"}
    return item | {"created_at": "2026-11-22T10:00:00Z"} | changes


def _page(items: list[Any], last: object = 1, number: object = 1, total: object = None) -> Answer:
    says = {"current_page": number, "last_page": last, "total": len(items) if total is None else total}
    body = {"success": True, "data": items, "pagination": says}
    return _answer(json.dumps(body).encode())


def _answer(body: bytes, status: int = 200, *, whole: bool = True) -> Answer:
    return Answer(status, {"date": format_datetime(SystemClock().now())}, body, whole)


class Listing:
    """A list that answers each request as *answer* says, from the number of the page and of the request."""

    def __init__(self, answer: Callable[[int, int], Reply]) -> None:
        self._answer = answer
        self.asked: list[tuple[str, dict[str, str | int]]] = []

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Reply:
        self.asked.append((path, dict(params or {})))
        return self._answer(int((params or {}).get("page", 1)), len(self.asked))


def _read(listing: Listing) -> Reading:
    return anyio.run(CallList(listing, "agent 1/..", SystemClock()).read, _DAY)


def test_one_page_is_one_question_and_asks_for_a_day_more() -> None:
    listing = Listing(lambda _page_number, _asked: _page([_item(1), _item(2)]))
    assert ["call_1", "call_2"] == [call.id for call in _read(listing).calls]
    (asked,) = listing.asked
    assert ("/agents/agent%201%2F../calls", {"date_from": "2026-11-21", "per_page": 100, "page": 1}) == asked


def test_pages_that_shift_while_calls_arrive_lose_nobody() -> None:
    """Newest first: whatever arrives between two pages pushes the rest on; whatever leaves pulls it back."""
    calls = [_item(n) for n in range(6)]

    def shifting(page: int, asked: int) -> Reply:
        if asked == 2:
            del calls[0]  # what stood first on page 2 now stands last on page 1, which has been read
        return _page(calls[(page - 1) * 2 : page * 2], -(-len(calls) // 2), page, len(calls))

    assert {f"call_{n}" for n in range(6)} <= {call.id for call in _read(Listing(shifting)).calls} | {"call_0"}


def test_a_list_that_never_comes_to_rest_is_not_complete() -> None:
    assert _read(Listing(lambda page, asked: _page([_item(asked)], 2, page, 2 + asked))).gap


def test_a_complete_list_is_read_once() -> None:
    calls = [_item(n) for n in range(250)]
    listing = Listing(lambda page, _asked: _page(calls[(page - 1) * 100 : page * 100], 3, page, 250))
    reading = _read(listing)

    assert ("", 250, 3) == (reading.gap, len(reading.calls), len(listing.asked))


@pytest.mark.parametrize(
    ("page", "gap"),
    [
        (lambda _: _page([_item(1)], 3, 1, 300), "answers page 2 as page 1"),
        (lambda number: _page([_item(number)], 2, None, 2), "answers page 1 as page ?"),
        (lambda _: _page([_item(1)], 1, 1, 2), "has 2 calls and shows 1"),
        (lambda _: _page([_item(1), {"no": "id"}], 1, 1, 2), "has 2 calls and shows 1"),
        (lambda _: _page([_item(1), _item(2)], 1, 1, 1), "has 1 calls and shows 2"),
        (lambda _: _page([_item(1)], 1, 1, "one"), "does not say how many"),
    ],
)
def test_a_list_that_does_not_add_up_is_not_complete(page: Callable[[int], Reply], gap: str) -> None:
    reading = _read(Listing(lambda number, _asked: page(number)))
    assert gap in reading.gap
    assert reading.calls, "it can still find a call"


@pytest.mark.parametrize(
    "reply",
    [
        _answer(b"{}", 404),
        _answer(b"{}", 500),
        _answer(b"<html>"),
        _answer(b"[]"),
        _answer(b"{}"),
        _answer(b'{"data": {}, "pagination": {"last_page": 1}}'),
        _page([], "many"),
        _page([], 10_000),
        _page([], None),
        _answer(b'{"data": [', whole=False),
        Unsent("no connection"),
        Lost("no answer in time"),
    ],
    ids=range(12),
)
def test_what_is_no_list_is_not_taken_for_an_empty_one(reply: Reply) -> None:
    with pytest.raises(Unavailable):
        _read(Listing(lambda _page_number, _asked: reply))


@pytest.mark.parametrize("written", ["+14155550101", "14155550101", "+1 (415) 555-0101"])
def test_a_number_is_passed_on_as_it_is_written(written: str) -> None:
    (call,) = _read(Listing(lambda _page_number, _asked: _page([_item(1, to=written)]))).calls
    assert written == call.to


def test_what_cannot_be_read_of_a_call_is_left_open() -> None:
    items = [
        _item(1, created_at="yesterday"),
        _item(2, direction="inbound"),
        {"no": "id"},
        None,
        _item(3, direction=None),
    ]
    calls = _read(Listing(lambda _page_number, _asked: _page(items))).calls
    assert [("call_1", None, True), ("call_2", datetime(2026, 11, 22, 10, tzinfo=UTC), False)] == [
        (call.id, call.created_at, call.outbound) for call in calls[:2]
    ]
    assert calls[2].outbound, "no word on the direction is no proof that it was not ours"


@pytest.mark.parametrize("body", [b'{"data": {}}', b'{"data": {"agent_id": ""}}', b'{"data": {"agent_id": 7}}', b"{}"])
def test_a_campaign_that_does_not_name_its_agent_says_nothing(body: bytes) -> None:
    with pytest.raises(Unavailable):
        anyio.run(campaign_agent, Listing(lambda _page_number, _asked: _answer(body)), "campaign_1")


def test_a_server_without_a_sensible_date_is_taken_to_have_our_time() -> None:
    document = json.dumps({"data": [_item(1)], "pagination": {"last_page": 1}}).encode()
    reading = _read(Listing(lambda _page_number, _asked: Answer(200, {"date": "nonsense"}, document)))
    assert abs(reading.clock_ahead.total_seconds()) < 1
