"""Answers to calls that lie, or come in a way that few clients are ready for: never a wrong ID, nobody rung twice."""

from pathlib import Path

import pytest
from harness import TOKEN
from makers import contacts, number
from second_accidents import (
    Accident,
    Cached,
    Edited,
    Raw,
    Refusal,
    Reply,
    Swapped,
    any_call,
    empty,
    from_call,
    html,
    nth_call,
)
from second_api import SecondApi
from second_formats import NumberFormat
from second_lies import Delivery, Lies
from second_runs import UNLISTED, check_all_placed, dial, second_api

_PEOPLE = 8
_NOBODY = "+14155550199"
_OF_THE_FIRST = SecondApi().add_call(_NOBODY)
"""The ID that the first call gets in any model."""


@pytest.fixture(name="sheet")
def _sheet(tmp_path: Path) -> Path:
    return contacts(tmp_path / "sheet.csv", _PEOPLE)


_OTHER_CALLS: dict[str, Reply] = {
    "another number": Edited({"to": _NOBODY}),
    "the answer to the call before": Cached(),
    "the ID of another row's call": Edited({"id": _OF_THE_FIRST}),
}


@pytest.mark.parametrize("reply", _OTHER_CALLS.values(), ids=_OTHER_CALLS)
def test_an_id_of_another_call_is_not_the_rows(sheet: Path, reply: Reply) -> None:
    with second_api(Accident(nth_call(4), reply), UNLISTED) as api:
        known = dial(sheet, api, "--concurrency", "1", expect=1)[number(3)]
        assert ("unknown", "WRONG_RECIPIENT", "") == (known["status"], known["error_code"], known["call_id"])
        api.set_accidents()
        check_all_placed(dial(sheet, api), api)


def test_two_rows_that_get_each_others_answers_do_not_get_each_others_ids(sheet: Path) -> None:
    with second_api(Accident(nth_call(3, 4), Swapped()), UNLISTED) as api:
        known = dial(sheet, api, expect=1)
        assert 2 == sum(line["error_code"] == "WRONG_RECIPIENT" for line in known.values())
        api.set_accidents()
        check_all_placed(dial(sheet, api), api)


def test_three_answers_in_a_row_for_other_numbers_stop_the_run(sheet: Path) -> None:
    with second_api(Accident(from_call(3), Edited({"to": _NOBODY})), UNLISTED) as api:
        dial(sheet, api, "--concurrency", "1", expect=4)
        assert 5 == len(api.rings)


@pytest.mark.parametrize("how", ["masked_tail", "null"])
def test_the_same_number_in_another_form_is_the_same_number(sheet: Path, how: NumberFormat) -> None:
    with second_api(lies=Lies(answer_number_format=how)) as api:
        check_all_placed(dial(sheet, api), api)


def test_an_answer_that_comes_twice_is_not_the_next_calls(sheet: Path) -> None:
    with second_api(Accident(nth_call(2, 5), delivery=Delivery(twice=True))) as api:
        dial(sheet, api, "--concurrency", "1", expect=None)
        assert _PEOPLE == len(api.rings)


_TOKENS: dict[str, Reply] = {
    "another code": Refusal("TOKEN_EXPIRED", status=401),
    "no code": Refusal(status=401, shape="fields"),
    "the token in the message": Refusal("INVALID_TOKEN", message="Token {token} is not valid"),
}


@pytest.mark.parametrize("reply", _TOKENS.values(), ids=_TOKENS)
def test_a_token_that_is_not_taken_stops_the_run_whatever_the_401_says(sheet: Path, reply: Reply) -> None:
    with second_api(Accident(any_call, reply, place=False)) as api:
        known = dial(sheet, api, "--concurrency", "1", expect=4)
        assert ["GET", "POST"] == [request.method for request in api.requests], "what the agent is, and one call"
        assert {"deferred"} == {line["status"] for line in known.values()}
        assert all(TOKEN not in file.read_text(encoding="utf-8") for file in sheet.parent.iterdir())


def test_a_401_that_is_a_page_stops_the_run(sheet: Path) -> None:
    """It may come from a machine in front of the API, which need not have kept the call back."""
    with second_api(Accident(any_call, html(401), place=False)) as api:
        known = dial(sheet, api, "--concurrency", "1", expect=4)
        assert ["GET", "POST"] == [request.method for request in api.requests], "what the agent is, and one call"
        assert known[number(0)]["status"] in {"deferred", "unknown"}
        api.set_accidents()
        dial(sheet, api, expect=None)


_TOO_FAST: dict[str, Reply] = {
    "in HTML": Raw(429, html(429).body, headers=(("Retry-After", "1"),)),
    "without a body": empty(429, retry_after="1"),
}


@pytest.mark.parametrize("reply", _TOO_FAST.values(), ids=_TOO_FAST)
def test_after_a_429_of_whatever_form_everybody_waits_and_its_row_alone_is_in_doubt(sheet: Path, reply: Reply) -> None:
    """Nobody documents such a 429, so it proves nothing of its row; the others are placed when the time is over."""
    with second_api(Accident(nth_call(4), reply, place=False)) as api:
        known = dial(sheet, api, "--concurrency", "1", expect=1)
        words = [(line["status"], line["error_code"]) for line in known.values()]
        assert [("unknown", "HTTP_429")] == [word for word in words if word[0] != "initiated"]
        assert len(words) - 1 == len({ring.number for ring in api.rings}) == len(api.rings)


_DELIVERIES = {
    "a header of 9,000 bytes": Delivery(pad_bytes=9_000),
    "300 headers": Delivery(extra_headers=300),
}


@pytest.mark.parametrize("delivery", _DELIVERIES.values(), ids=_DELIVERIES)
def test_an_answer_with_large_headers_is_understood(sheet: Path, delivery: Delivery) -> None:
    with second_api(lies=Lies(delivery=delivery)) as api:
        check_all_placed(dial(sheet, api), api)


def test_connections_that_are_closed_after_each_answer_cost_nobody_a_call(tmp_path: Path) -> None:
    """One request every 10 ms; a connection that the server has closed is not sent the next one."""
    sheet = contacts(tmp_path / "sheet.csv", 40)
    with second_api(lies=Lies(delivery=Delivery(drop_after_ms=(0.0, 0.0)))) as api:
        check_all_placed(dial(sheet, api, "--rate", "100/s", "--concurrency", "1"), api)


def test_connections_that_are_closed_as_the_next_request_leaves_cost_one_answer_at_most(tmp_path: Path) -> None:
    """Nobody can know before that this one will be; from then on each request has a connection of its own."""
    sheet = contacts(tmp_path / "sheet.csv", 40)
    with second_api(lies=Lies(delivery=Delivery(drop_after_ms=(8.0, 11.0)))) as api:
        known = dial(sheet, api, "--rate", "100/s", "--concurrency", "1", expect=None)
        in_doubt = {to for to, line in known.items() if line["status"] == "unknown"}
        assert len(in_doubt) <= 1
        placed = {to: line["call_id"] for to, line in known.items() if to not in in_doubt}
        assert placed == {ring.number: ring.call_id for ring in api.rings if ring.number not in in_doubt}
