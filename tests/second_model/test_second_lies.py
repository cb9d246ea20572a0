"""Each standing lie of the second model about lists, numbers and times does what it says."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from second_api import SecondApi
from second_client import BASE, CAMPAIGN_CALL, NOON, ONE, TWO, Clock, ask, call, listed, numbers, search_for
from second_formats import NUMBER_FORMATS, TIME_FORMATS, NumberFormat, TimeFormat, format_number

WRITTEN: dict[NumberFormat, str | None] = {
    "e164": "+14155550101",
    "double_zero": "0014155550101",
    "national": "4155550101",
    "trunk_zero": "04155550101",
    "masked_tail": "+1415555••••",
    "masked_head": "***0101",
    "sip": "sip:+14155550101@carrier.example",
    "tel": "tel:+14155550101",
    "null": None,
    "no_plus": "14155550101",
    "spaced": "+1 415 555 0101",
    "brackets": "+1 (415) 555-0101",
}
TIMES: dict[TimeFormat, object] = {
    "z": "2030-01-15T12:00:00Z",
    "millis": "2030-01-15T12:00:00.000Z",
    "offset": "2030-01-15T14:00:00+02:00",
    "naive": "2030-01-15T14:00:00",
    "spaced": "2030-01-15 14:00:00",
    "epoch": 1894708800,
    "epoch_millis": 1894708800000,
    "null": None,
    "unreadable": "a moment ago",
}


@pytest.fixture
def clock() -> Clock:
    """True time under the test's control."""
    return Clock()


@pytest.fixture
def api(clock: Clock) -> Iterator[SecondApi]:
    """A model that is truthful until the test says otherwise."""
    with SecondApi(true_now=clock) as model:
        yield model
        assert model.faults == ()


@pytest.mark.parametrize(("how", "written"), WRITTEN.items())
def test_numbers_in_lists(api: SecondApi, how: NumberFormat, written: str | None) -> None:
    """The list writes the number so, and `search` looks at what is written."""
    call(api)
    api.lie_in_lists(number_format=how)
    assert numbers(api) == [written]
    assert numbers(api, search_for(ONE)) == ([written] if ONE in (written or "") else [])
    api.lie_in_lists(number_format="e164", number_formats={TWO: how})
    assert numbers(api) == [ONE]


def test_national_numbers_know_country_codes() -> None:
    """National numbers are cut after a calling code of one, two or three digits."""
    cut = {"+4917012345678": "17012345678", "+353861234567": "861234567", "+79161234567": "9161234567"}
    assert {number: format_number(number, "national") for number in cut} == cut


@pytest.mark.parametrize(("how", "written"), TIMES.items())
def test_times(api: SecondApi, how: TimeFormat, written: object) -> None:
    """Times in lists, answers and `existing_call` are written so."""
    api.lie(answer_time_format=how, zone_hours=2.0)
    api.lie_in_lists(time_format=how)
    assert call(api).at("data", "created_at") == written
    assert listed(api)[0]["created_at"] == written
    assert call(api, path=CAMPAIGN_CALL).at("campaign_call", "created_at") == written
    assert call(api, path=CAMPAIGN_CALL).at("existing_call", "created_at") == written


def test_an_absent_time(api: SecondApi) -> None:
    """`absent` leaves the key out; every way has been looked at."""
    call(api)
    api.lie_in_lists(time_format="absent")
    assert "created_at" not in listed(api)[0]
    assert {*TIMES, "absent"} == set(TIME_FORMATS)
    assert set(WRITTEN) == set(NUMBER_FORMATS)


PAGING: list[tuple[dict[str, object], str, list[int]]] = [
    ({}, "?per_page=2&page=2", [3, 4]),
    ({"page_stuck": True}, "?per_page=2&page=2", [1, 2]),
    ({"page_shift": 1}, "?per_page=2&page=2", [2, 3]),
    ({"page_shift": -1}, "?per_page=2&page=2", [4, 5]),
    ({"order": "oldest"}, "?per_page=2", [6, 5]),
    ({"per_page_cap": 3}, "?per_page=100", [1, 2, 3]),
    ({"ignored_filters": frozenset({"date_from"})}, "?date_from=2030-01-15", [1, 2, 3, 4, 5, 6]),
    ({"ignored_filters": frozenset({"search"})}, search_for(ONE), [1, 2, 3, 4, 5, 6]),
    ({"lag": 2 * 86400 + 1.0}, "", [3, 4, 5, 6]),
    ({"date_zone_hours": 13.0}, "?date_to=2030-01-10", [6]),
    ({"number_format": "masked_tail"}, search_for("+14155550203"), []),
]


@pytest.mark.parametrize(("lies", "query", "days"), PAGING)
def test_list_lies(api: SecondApi, lies: dict[str, object], query: str, days: list[int]) -> None:
    """Six calls of the last six days, read with one lie: these days are shown."""
    for day in range(1, 7):
        api.add_call(f"+1415555020{day}", created_at=NOON - timedelta(days=day))
    api.lie_in_lists(**lies)
    assert [int(str(number)[-1]) for number in numbers(api, query)] == days


def test_a_shuffled_list(api: SecondApi) -> None:
    """A shuffled list has the same calls in an order that is the same at each reading."""
    added = [f"+141555503{count:02d}" for count in range(20)]
    for number in added:
        api.add_call(number)
    api.lie_in_lists(order="shuffled")
    first = numbers(api)
    assert first == numbers(api)
    assert first not in (added, added[::-1])
    assert sorted(str(number) for number in first) == added


def test_pagination_lies_and_arrivals(api: SecondApi) -> None:
    """Wrong totals are only in the pagination; arrivals between readings shift the pages for real."""
    for number in (TWO, ONE):
        api.add_call(number)
    api.lie_in_lists(total_says=99, last_page_says=1, page_stuck=True, arrivals_per_reading=1)
    shown = ask(api, "GET", f"{BASE}/calls?per_page=1&page=2").at("pagination")
    assert shown == {"current_page": 1, "last_page": 1, "per_page": 1, "total": 99}
    api.lie_in_lists(page_stuck=False)
    assert numbers(api, "?per_page=1&page=2") == [ONE]
    assert numbers(api, "?per_page=1&page=3") == [ONE]
    assert api.rings == ()


def test_list_dialects(api: SecondApi, clock: Clock) -> None:
    """Keys, IDs and hidden kinds of call are settable."""
    call(api, is_testing=True)
    call(api, TWO, delay_seconds=60)
    call(api, path=CAMPAIGN_CALL)
    clock.pass_seconds(5)
    api.dial_queued()
    assert [item["id"] for item in listed(api)] == [ring.call_id for ring in (api.rings[2], *api.rings[1::-1])]
    api.lie_in_lists(
        delayed_hidden=True, dialed_id="own"
    )  # fmt: skip
    dialed = listed(api)[0]
    assert dialed["id"] != api.rings[2].call_id
    assert dialed["created_at"] == "2030-01-15T12:00:05Z"
    api.lie_in_lists(items_key="calls")
    assert ask(api, "GET", f"{BASE}/calls").at("calls", 0, "id") == dialed["id"]
    api.lie_in_lists(items_key="nested")
    assert ask(api, "GET", f"{BASE}/calls").at("data", "pagination", "total") == 2
    active = f"{BASE}/agents/agent_1/active-call/%2B{ONE[1:]}"
    assert ask(api, "GET", active).status == 200
