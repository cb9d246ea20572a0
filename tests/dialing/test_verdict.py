"""May this phone have rung? Every documented answer, what is undocumented, and what no server should ever send."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from makers import verdict_on

from batch_dialer.dialing.taken_ids import TakenIds
from batch_dialer.dialing.verdict import DOCUMENTED, MOST_TRIES, REMEDIES, About
from batch_dialer.model import Again, Answer, Halt, Lost, Outcome, Reply, Settled, Unsent, Verdict, Via
from batch_dialer.words import CALL_EXISTS, Status

_PLACED = {
    "id": "call_789012",
    "agent_id": "agent_1",
    "to": "+14155550101",
    "status": "initiated",
    "created_at": "2026",
}
_CODES = sorted(DOCUMENTED, key=str)
_SAFE = (*CALL_EXISTS, Status.UNKNOWN)


def _first(message: str, code: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "details": {}}}


def _second(message: str, code: str) -> dict[str, Any]:
    return {"success": False, "error": {"code": code, "message": message, "details": {}}}


def _third(message: str, code: str) -> dict[str, Any]:
    return {"success": False, "message": message, "errors": {"to": ["is wrong"]}, "code": code}


def _third_without_code(message: str) -> dict[str, Any]:
    return {"success": False, "message": message, "errors": {"to": ["is wrong"]}}


def _answer(status: int, document: object = None, *, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, headers or {}, json.dumps(document).encode())


def _raw(status: int, body: bytes, *, whole: bool = True) -> Answer:
    return Answer(status, {}, body, whole)


def _judged(reply: Reply, via: Via = Via.AGENT, tries: int = 1) -> Verdict:
    return verdict_on(reply, via, tries)


def _outcome(reply: Reply, via: Via = Via.AGENT) -> Outcome:
    return verdict_on(reply, via, 1).outcome


def _settled(reply: Reply, via: Via = Via.AGENT) -> Outcome:
    verdict = verdict_on(reply, via, 1)
    assert isinstance(verdict, Settled), verdict
    return verdict.outcome


# What is documented


@pytest.mark.parametrize("shape", [_first, _second, _third])
@pytest.mark.parametrize(("via", "status", "code"), _CODES)
def test_every_documented_code_means_the_same_in_every_shape(via: Via, status: int, code: str, shape: Any) -> None:
    verdict = _judged(_answer(status, shape("no", code)), via)

    expected = {
        About.ROW: (Settled, Status.REFUSED),
        About.AGENT: (Halt, Status.DEFERRED),
        About.RUN: (Halt, Status.DEFERRED),
        About.MOMENT: (Again, Status.DEFERRED),
        About.DOUBT: (Settled, Status.UNKNOWN),
    }[DOCUMENTED[via, status, code]]
    assert expected == (type(verdict), verdict.outcome.status)
    assert (code, status) == (verdict.outcome.error_code, verdict.outcome.http_status)
    assert verdict.outcome.error_message.startswith("no")
    assert verdict.outcome.call_id == ""
    assert (code in {"AGENT_INACTIVE", "AGENT_NOT_FOUND"}) == (isinstance(verdict, Halt) and verdict.of_agent)


@pytest.mark.parametrize(
    ("via", "status", "code", "about"),
    [
        (Via.AGENT, 400, "INVALID_PHONE_NUMBER", About.ROW),
        (Via.AGENT, 400, "MISSING_PHONE_NUMBER", About.ROW),
        (Via.AGENT, 400, "AGENT_INACTIVE", About.AGENT),
        (Via.AGENT, 404, "AGENT_NOT_FOUND", About.AGENT),
        (Via.AGENT, 401, "INVALID_TOKEN", About.RUN),
        (Via.AGENT, 402, "INSUFFICIENT_CREDITS", About.RUN),
        (Via.AGENT, 429, "RATE_LIMIT_EXCEEDED", About.MOMENT),
        (Via.CAMPAIGN, 404, "CAMPAIGN_NOT_FOUND", About.RUN),
        (Via.CAMPAIGN, 400, "CAMPAIGN_NOT_ACTIVE", About.RUN),
        (Via.CAMPAIGN, 403, "FORBIDDEN", About.RUN),
        (Via.CAMPAIGN, 401, "INVALID_TOKEN", About.RUN),
        (Via.CAMPAIGN, 422, "VALIDATION_ERROR", About.ROW),
        (Via.CAMPAIGN, 500, "SERVER_ERROR", About.DOUBT),
    ],
)
def test_the_api_s_own_table_is_ours(via: Via, status: int, code: str, about: About) -> None:
    assert about is DOCUMENTED[via, status, code]


@pytest.mark.parametrize(
    "code", sorted({c for (_, _, c), about in DOCUMENTED.items() if about in {About.AGENT, About.RUN}})
)
def test_whatever_stops_the_run_says_what_to_do(code: str) -> None:
    assert REMEDIES[code].endswith(".")


@pytest.mark.parametrize(
    ("via", "status", "code"),
    [
        (Via.AGENT, 401, "INVALID_TOKEN"),
        (Via.AGENT, 402, "INSUFFICIENT_CREDITS"),
        (Via.AGENT, 404, "AGENT_NOT_FOUND"),
        (Via.AGENT, 429, "RATE_LIMIT_EXCEEDED"),
        (Via.CAMPAIGN, 401, "INVALID_TOKEN"),
        (Via.CAMPAIGN, 403, "FORBIDDEN"),
        (Via.CAMPAIGN, 404, "CAMPAIGN_NOT_FOUND"),
        (Via.CAMPAIGN, 422, "VALIDATION_ERROR"),
        (Via.CAMPAIGN, 429, "RATE_LIMIT_EXCEEDED"),
        (Via.CAMPAIGN, 500, "SERVER_ERROR"),
    ],
)
def test_where_no_code_is_given_the_documented_one_is_taken(via: Via, status: int, code: str) -> None:
    with_code = _judged(_answer(status, _third("no", code)), via)

    assert with_code == _judged(_answer(status, _third_without_code("no")), via)


@pytest.mark.parametrize("via", Via)
def test_where_several_codes_are_documented_none_is_chosen(via: Via) -> None:
    assert Outcome(Status.REFUSED, "", "HTTP_400", "no", 400) == _settled(_answer(400, _third_without_code("no")), via)


def test_a_code_of_the_other_endpoint_is_not_documented_here() -> None:
    """An agent knows no campaign: the code is passed on, and the row alone is refused."""
    assert (Status.REFUSED, "CAMPAIGN_NOT_FOUND") == _worded(_answer(404, _first("no", "CAMPAIGN_NOT_FOUND")))


def _worded(reply: Reply, via: Via = Via.AGENT) -> tuple[Status, str]:
    outcome = _outcome(reply, via)
    return outcome.status, outcome.error_code


# Placed


def test_an_agent_s_call() -> None:
    answer = _answer(200, {"success": True, "data": _PLACED})

    assert Outcome(Status.INITIATED, "call_789012", "", "", 200, "2026") == _settled(answer)


def test_the_flat_shape_of_the_tutorial() -> None:
    flat = {key: value for key, value in _PLACED.items() if key != "id"} | {"call_id": "call_1", "status": "ringing"}

    assert Outcome(Status.RINGING, "call_1", "", "", 200, "2026") == _settled(_answer(200, flat))


@pytest.mark.parametrize("status", ["queued", "scheduled"])
def test_a_campaign_s_call(status: str) -> None:
    call = {"id": "cc_1", "campaign_id": "camp_1", "to": "+1", "status": status, "created_at": "2026"}
    campaign = {"id": "camp_1", "name": "Recall", "status": "active"}
    expected = Outcome(Status(status), "cc_1", "", "", 201, "2026")

    assert expected == _settled(_answer(201, {"campaign_call": call, "campaign": campaign}), Via.CAMPAIGN)
    assert expected == _settled(_answer(201, {"campaign": campaign, "campaign_call": call}), Via.CAMPAIGN)
    assert expected == _settled(_answer(201, {"data": {"campaign": campaign, "campaign_call": call}}), Via.CAMPAIGN)


def test_a_campaign_without_a_call_is_no_call() -> None:
    assert Status.UNKNOWN is _outcome(_answer(201, {"campaign": {"id": "camp_1"}}), Via.CAMPAIGN).status


def test_a_duplicate_is_the_call_that_exists() -> None:
    """After an attempt whose outcome was lost, it IS the lost call."""
    call = {"id": "cc_1", "campaign_id": "camp_1", "to": "+1", "status": "queued", "created_at": "2026"}
    document = _third("exists", "DUPLICATE_CALL") | {"existing_call": call}
    outcome = _settled(_answer(409, document), Via.CAMPAIGN)

    assert (Status.QUEUED, "cc_1", "DUPLICATE_CALL", 409, "2026") == (
        outcome.status,
        outcome.call_id,
        outcome.error_code,
        outcome.http_status,
        outcome.created_at,
    )


@pytest.mark.parametrize("call", [None, {}, {"id": None}, {"id": ""}, []])
def test_a_duplicate_that_is_not_named_may_be_the_lost_call(call: object) -> None:
    """`refused` would say that no call exists."""
    document = _third("exists", "DUPLICATE_CALL") | {"existing_call": call}

    assert (Status.UNKNOWN, "DUPLICATE_CALL") == _worded(_answer(409, document), Via.CAMPAIGN)


@pytest.mark.parametrize("via", Via)
@pytest.mark.parametrize("status", [100, 200, 202, 204, 302, 307, 400, 401, 402, 404, 408, 409, 422, 429, 500, 503])
def test_a_call_id_is_a_placed_call_whatever_the_status(status: int, via: Via) -> None:
    documents: list[dict[str, Any]] = [
        {"data": {"id": "call_1"}},
        {"campaign_call": {"id": "call_1"}},
        {"existing_call": {"id": "call_1"}},
        {"call_id": "call_1"},
    ]
    for document in documents:
        for refusal in ({}, _first("no", "INVALID_PHONE_NUMBER"), _first("no", "RATE_LIMIT_EXCEEDED")):
            assert "call_1" == _settled(_answer(status, refusal | document), via).call_id


@pytest.mark.parametrize("status", sorted(CALL_EXISTS))
def test_a_call_s_status_is_the_api_s_word(status: Status) -> None:
    assert status is _settled(_answer(200, {"data": {"id": "c", "status": status.value}})).status


@pytest.mark.parametrize("status", ["", "pending", "INITIATED", "rejected", "unknown", "refused", 7, None, ["ringing"]])
def test_a_word_that_is_no_call_s_does_not_undo_the_call(status: object) -> None:
    """Our own words (`refused`, `unknown`) are not the API's to say."""
    assert Status.INITIATED is _settled(_answer(200, {"data": {"id": "c", "status": status}})).status


def test_a_number_is_an_id_too() -> None:
    assert "789012" == _settled(_answer(200, {"data": {"id": 789012}})).call_id


def _named(to: object, place: str) -> dict[str, Any]:
    call = {"id": "call_9", "to": to, "status": "initiated"}
    match place.split("."):
        case ["flat"]:
            return {"call_id": "call_9", "to": to, "status": "initiated"}
        case [outer, inner]:
            return {outer: {inner: call}}
        case _:
            return {place: call}


_PLACES = ["data", "campaign_call", "existing_call", "flat", "data.campaign_call", "data.existing_call"]


@pytest.mark.parametrize("to", ["+12125550101", "+1 212-555-0101", "+4915123456789", "2125550102", 12125550102])
@pytest.mark.parametrize("place", _PLACES)
@pytest.mark.parametrize("via", Via)
@pytest.mark.parametrize("status", [200, 201, 409, 500])
def test_a_call_to_another_number_is_not_this_row_s(status: int, via: Via, place: str, to: object) -> None:
    outcome = _settled(_answer(status, _named(to, place)), via)

    assert (Status.UNKNOWN, "", "WRONG_RECIPIENT") == (outcome.status, outcome.call_id, outcome.error_code)
    assert "call_9" in outcome.error_message
    assert "another number" in outcome.error_message
    assert (status, "") == (outcome.http_status, outcome.created_at)


@pytest.mark.parametrize("place", _PLACES)
@pytest.mark.parametrize(
    "to",
    [
        *("+14155550101", "+1 415 555 0101", "14155550101", "tel:+14155550101", "4155550101", 14155550101),
        *("*******0101", "+1415555****", "", None, [], {"number": "+12125550102"}, True, "(hidden)", "x" * 5_000),
    ],
)
def test_a_number_that_is_ours_or_cannot_be_read_leaves_the_call_ours(place: str, to: object) -> None:
    assert "call_9" == _settled(_answer(200, _named(to, place)), Via.CAMPAIGN).call_id


@pytest.mark.parametrize(
    "body",
    [
        b'{"data":{"id":"call_9","to":"+12125550101","sta',
        b'{"data":{"to":"+12125550101","id":"call_9"',
        b'{"data":{"to":12125550102,"id":789012,',
        b'{"campaign":{"id":"c","to":"+14155550101"},"campaign_call":{"id":"call_9","to" : "+12125550101"',
        b'{"to":"+12125550101","call_id":"call_9","x',
        b'{"call_id":"call_9","to":"+12125550101","x":{"to":"+14155550101"',
        b'{"data":{"id":"call_9","to":"+12125550101"}} and more',
    ],
)
def test_a_call_to_another_number_is_not_this_row_s_though_the_answer_broke_off(body: bytes) -> None:
    for whole in (True, False):
        assert (Status.UNKNOWN, "WRONG_RECIPIENT") == _worded(_raw(200, body, whole=whole))


@pytest.mark.parametrize(
    "body",
    [
        b'{"data":{"id":"call_9","to":"+1212555010',
        b'{"data":{"id":"call_9","agent":{"to":"+12125550101"',
        b'{"from":{"to":"+12125550101"},"call_id":"call_9","x',
        b'{"data":{"id":"call_9","note":"\\"to\\":\\"+12125550101\\"","x',
        b'{"to":"+12125550101","data":{"id":"call_9","x',
    ],
)
def test_only_a_whole_number_that_stands_beside_the_id_is_compared(body: bytes) -> None:
    assert "call_9" == _outcome(_raw(200, body, whole=False)).call_id


@pytest.mark.parametrize("place", _PLACES)
def test_a_call_that_another_row_has_is_not_this_row_s(place: str) -> None:
    taken = TakenIds()
    taken.add("call_9", "id:another")
    answer = _answer(200, _named("+14155550101", place))
    outcome = verdict_on(answer, taken=taken).outcome

    assert (Status.UNKNOWN, "", "WRONG_RECIPIENT") == (outcome.status, outcome.call_id, outcome.error_code)
    assert "call_9" in outcome.error_message
    assert "another row" in outcome.error_message
    assert "call_9" == verdict_on(answer, taken=taken, key="id:another").outcome.call_id, "its own"


# About the job


_PAGES = [b"<html>no</html>", b"", b"null", b"[]", b'"no"', b"no"]


@pytest.mark.parametrize("via", Via)
@pytest.mark.parametrize(("status", "remedy"), [(401, "token"), (402, "credits"), (403, "token")])
@pytest.mark.parametrize("shape", [_first, _second, _third])
@pytest.mark.parametrize("code", ["TOKEN_EXPIRED", "INVALID_PHONE_NUMBER", "NEW_CODE"])
def test_the_token_and_the_account_are_about_the_job_whatever_the_code(
    code: str, shape: Any, status: int, remedy: str, via: Via
) -> None:
    verdict = _judged(_answer(status, shape("no", code)), via)

    assert isinstance(verdict, Halt)
    assert (Status.DEFERRED, code, "no") == (
        verdict.outcome.status,
        verdict.outcome.error_code,
        verdict.outcome.error_message,
    )
    assert code in verdict.reason
    assert remedy in verdict.remedy


@pytest.mark.parametrize("via", Via)
@pytest.mark.parametrize("status", [401, 402, 403])
@pytest.mark.parametrize("body", [*_PAGES, b'{"error": {"code": 7}}'])
def test_so_they_are_with_no_code_at_all(status: int, body: bytes, via: Via) -> None:
    verdict = _judged(_raw(status, body), via)

    assert isinstance(verdict, Halt)
    assert Status.DEFERRED is verdict.outcome.status
    assert verdict.outcome.error_code in {f"HTTP_{status}", *(code for _, at, code in _CODES if at == status)}
    assert "HTTP_" in verdict.outcome.error_code or body.startswith(b"{"), "no code is made up for a page"
    assert verdict.reason.isprintable()


@pytest.mark.parametrize("via", Via)
@pytest.mark.parametrize("status", [404, 405])
@pytest.mark.parametrize("body", _PAGES)
def test_a_page_at_a_wrong_address_stops_the_run_and_leaves_a_doubt(status: int, body: bytes, via: Via) -> None:
    verdict = _judged(_raw(status, body), via)

    assert isinstance(verdict, Halt)
    assert (Status.UNKNOWN, f"HTTP_{status}") == (verdict.outcome.status, verdict.outcome.error_code)
    assert "--base-url" in verdict.remedy


def test_a_phone_number_in_the_api_s_words_is_in_the_results_and_not_in_the_reason() -> None:
    verdict = _judged(_answer(403, _first("You may not call +1 (415) 555-0101.", "NOT_ALLOWED")))

    assert isinstance(verdict, Halt)
    assert "555-0101" in verdict.outcome.error_message
    assert "The API stopped the run: NOT_ALLOWED. You may not call (number)." == verdict.reason


# Not documented


@pytest.mark.parametrize("via", Via)
@pytest.mark.parametrize("status", [400, 405, 406, 409, 410, 413, 415, 418, 422, 451])
def test_a_refusal_in_json_is_a_refusal_with_its_own_code(status: int, via: Via) -> None:
    assert (Status.REFUSED, "NEW_CODE") == _worded(_answer(status, _first("no", "NEW_CODE")), via)


@pytest.mark.parametrize("status", [405, 409, 418, 422])
def test_no_code_is_made_up(status: int) -> None:
    assert (Status.REFUSED, f"HTTP_{status}") == _worded(_answer(status, {"message": "no"}))


@pytest.mark.parametrize("via", Via)
@pytest.mark.parametrize("status", [400, 404, 405, 409, 422, 429])
@pytest.mark.parametrize("body", _PAGES)
def test_a_page_of_somebody_else_proves_nothing(status: int, body: bytes, via: Via) -> None:
    assert (Status.UNKNOWN, f"HTTP_{status}") == _worded(_raw(status, body), via)


@pytest.mark.parametrize("status", [408, 425, 499])
def test_a_timeout_on_the_other_side_is_doubt(status: int) -> None:
    assert (Status.UNKNOWN, f"HTTP_{status}") == _worded(_answer(status, {"message": "too late"}))
    assert (Status.UNKNOWN, "NEW_CODE") == _worded(_answer(status, _first("too late", "NEW_CODE")))


@pytest.mark.parametrize("via", Via)
@pytest.mark.parametrize("status", [500, 501, 502, 503, 504, 520, 524, 529, 599])
def test_a_failure_of_the_server_is_doubt(status: int, via: Via) -> None:
    assert Status.UNKNOWN is _settled(_raw(status, b"<html>oops</html>"), via).status
    assert Status.UNKNOWN is _settled(_answer(status, _first("oops", "INVALID_PHONE_NUMBER")), via).status
    assert Status.UNKNOWN is _settled(_answer(status, {}), via).status


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308, 399])
def test_a_redirect_stops_the_run_and_leaves_a_doubt(status: int) -> None:
    verdict = _judged(_raw(status, b"<html>moved</html>"))

    assert isinstance(verdict, Halt)
    assert (Status.UNKNOWN, f"HTTP_{status}") == (verdict.outcome.status, verdict.outcome.error_code)
    assert "--base-url" in verdict.remedy


@pytest.mark.parametrize("status", [200, 201, 202, 204, 206])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'[{"id": "call_1"}]',
        b'{"success": true}',
        b'{"success": true, "data": null}',
        b'{"success": true, "data": {}}',
        b'{"success": true, "data": []}',
        b'{"success": true, "data": {"id": null}}',
        b'{"success": true, "data": {"id": ""}}',
        b'{"success": true, "data": "call_1"}',
        b'{"id": "call_1"}',
        b'{"success": false, "error": {"code": "INVALID_PHONE_NUMBER", "message": "no"}}',
        b"<!doctype html><title>Sign in</title>",
        b"OK",
    ],
)
def test_accepted_without_a_call_s_name_is_doubt(status: int, body: bytes) -> None:
    assert (Status.UNKNOWN, "BAD_RESPONSE") == _worded(_raw(status, body))


# Too fast


@pytest.mark.parametrize(
    ("after", "answer"),
    [
        (7.0, _answer(429, {"error": {"code": "RATE_LIMIT_EXCEEDED", "details": {"retry_after": 7}}})),
        (7.0, _answer(429, {"error": {"code": "RATE_LIMIT_EXCEEDED", "details": {"retry_after": "7"}}})),
        (9.0, _answer(429, _first("slow", "RATE_LIMIT_EXCEEDED"), headers={"retry-after": "9"})),
        (60.0, _answer(429, _first("slow", "RATE_LIMIT_EXCEEDED"))),
        (60.0, _answer(429, {"message": "Too Many Attempts."})),
        (60.0, _answer(429, {"error": {"code": "RATE_LIMIT_EXCEEDED", "details": None}})),
        (60.0, _answer(429, {"error": {"code": "RATE_LIMIT_EXCEEDED", "details": {"retry_after": [[]]}}})),
    ],
)
def test_too_fast_goes_again_when_the_api_says(after: float, answer: Answer) -> None:
    verdict = _judged(answer)

    assert isinstance(verdict, Again)
    assert after == verdict.after
    assert (Status.DEFERRED, "RATE_LIMIT_EXCEEDED") == (verdict.outcome.status, verdict.outcome.error_code)


@pytest.mark.parametrize(
    "answer",
    [
        _raw(429, b"<html>Just a moment...</html>"),
        _raw(429, b""),
        _answer(429, _first("too many calls at once", "CONCURRENCY_LIMIT")),
        _raw(429, b'{"error": {"code": "RATE_LIMIT_EXCEEDED"', whole=False),
    ],
)
def test_too_fast_in_other_words_is_doubt_and_everybody_waits(answer: Answer) -> None:
    verdict = _judged(answer)

    assert isinstance(verdict, Settled)
    assert (Status.UNKNOWN, 60.0) == (verdict.outcome.status, verdict.wait)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "0"}, 1.0),
        ({"retry-after": "-5"}, 60.0),
        ({"retry-after": "NaN"}, 60.0),
        ({"retry-after": "86400"}, 900.0),
        ({"retry-after": "Sun, 22 Nov 2026 10:00:30 GMT", "date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 30.0),
        ({"retry-after": "Sun, 22 Nov 2099 10:00:30 GMT", "date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 900.0),
        ({"x-ratelimit-reset": "12"}, 12.0),
    ],
)
@pytest.mark.parametrize("body", _PAGES)
def test_a_page_of_429_says_how_long(headers: dict[str, str], seconds: float, body: bytes) -> None:
    verdict = _judged(Answer(429, headers, body))

    assert isinstance(verdict, Settled)
    assert (Status.UNKNOWN, "HTTP_429", seconds) == (*_worded(Answer(429, headers, body)), verdict.wait)


def test_a_call_that_a_429_names_is_placed_and_everybody_waits() -> None:
    verdict = _judged(_answer(429, {"data": {"id": "call_1"}}, headers={"retry-after": "7"}))

    assert isinstance(verdict, Settled)
    assert ("call_1", 7.0) == (verdict.outcome.call_id, verdict.wait)


def test_too_fast_too_often_stops_the_run() -> None:
    answer = _answer(429, _first("slow", "RATE_LIMIT_EXCEEDED"))

    assert [Again] * (MOST_TRIES - 1) + [Halt] == [type(_judged(answer, tries=n)) for n in range(1, MOST_TRIES + 1)]


# Nothing came


def test_what_never_left_goes_again_until_the_run_stops() -> None:
    verdicts = [_judged(Unsent("no connection"), tries=n) for n in range(1, MOST_TRIES + 1)]

    assert [Again] * (MOST_TRIES - 1) + [Halt] == [type(verdict) for verdict in verdicts]
    assert {Status.DEFERRED} == {verdict.outcome.status for verdict in verdicts}
    assert {"CONNECTION_LOST"} == {verdict.outcome.error_code for verdict in verdicts}


def test_what_never_can_leave_stops_the_run_at_once() -> None:
    verdict = _judged(Unsent("the certificate has expired", hopeless=True))

    assert isinstance(verdict, Halt)
    assert Status.DEFERRED is verdict.outcome.status


@pytest.mark.parametrize(("timed_out", "code"), [(True, "TIMEOUT"), (False, "CONNECTION_LOST")])
def test_what_was_lost_may_have_rung(timed_out: bool, code: str) -> None:  # noqa: FBT001  (pytest's, by name)
    assert (Status.UNKNOWN, code) == _worded(Lost("no answer", timed_out=timed_out))
    assert isinstance(_judged(Lost("no answer", timed_out=timed_out), tries=MOST_TRIES), Settled)


# Broken off


def test_broken_off_behind_the_id_it_is_placed() -> None:
    assert "call_1" == _settled(_raw(200, b'{"success":true,"data":{"id":"call_1","agent', whole=False)).call_id
    assert "call_1" == _settled(_raw(500, b'{"data": {"to": "+1", "id": "call_1"', whole=False)).call_id
    assert "789012" == _settled(_raw(200, b'{"data":{"id":789012,', whole=False)).call_id
    assert "call_1" == _settled(_raw(200, b'{"call_id":"call_1","agent_id":"a', whole=False)).call_id
    assert "cc_1" == _settled(_raw(201, b'{"campaign_call":{"id":"cc_1"', whole=False), Via.CAMPAIGN).call_id


def test_broken_off_inside_the_id_it_is_doubt() -> None:
    """Half an ID would be written down as the call's, and nobody would ever find it."""
    assert (Status.UNKNOWN, "BAD_RESPONSE") == _worded(
        _raw(200, b'{"success":true,"data":{"id":"call_7890', whole=False)
    )
    assert (Status.UNKNOWN, "BAD_RESPONSE") == _worded(_raw(200, b'{"success":true,"data":{"id":7890', whole=False))


def test_broken_off_a_duplicate_is_still_one() -> None:
    outcome = _settled(
        _raw(409, b'{"code":"DUPLICATE_CALL","existing_call":{"id":"cc_1","to', whole=False), Via.CAMPAIGN
    )

    assert ("cc_1", "DUPLICATE_CALL") == (outcome.call_id, outcome.error_code)


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(
    ("via", "document"),
    [
        (Via.AGENT, {"success": True, "data": _PLACED}),
        (Via.AGENT, {"success": True, "data": {"to": "+1", "agent": None, "id": 789012, "status": "initiated"}}),
        (Via.AGENT, {"to": "+1", "call_id": "call_1", "status": "initiated"}),
        (Via.CAMPAIGN, {"campaign_call": {"id": "cc_1", "status": "queued"}, "campaign": {"id": "camp_1"}}),
        (Via.CAMPAIGN, {"campaign": {"id": "camp_1"}, "campaign_call": {"to": "+1", "id": "cc_1"}}),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 429, 500])
def test_wherever_a_placed_answer_breaks_off_it_is_placed_or_doubt(
    status: int,
    via: Via,
    document: dict[str, Any],
    whole: bool,  # noqa: FBT001  (pytest's, by name)
) -> None:
    body = json.dumps(document).encode()
    known = _outcome(_raw(status, body), via).call_id
    for cut in range(len(body)):
        outcome = _settled(_raw(status, body[:cut], whole=whole), via)
        assert outcome.status in _SAFE, body[:cut]
        assert outcome.call_id in {"", known}, body[:cut]


@pytest.mark.parametrize(("via", "status", "code"), _CODES)
def test_a_refusal_that_breaks_off_is_doubt(via: Via, status: int, code: str) -> None:
    body = json.dumps(_first("no", code)).encode()
    for cut in range(len(body) + 1):
        assert Status.UNKNOWN is _settled(_raw(status, body[:cut], whole=False), via).status, body[:cut]


# What no server should send


@pytest.mark.parametrize(
    "body",
    [
        b'{"data":{"id":"call_1","x":' + b"[" * 100_000,
        b'{"data":{"id":"call_1"},"x":' + b"9" * 5_000 + b"}",
        b'{"data":{"id":"call_1","cost":NaN,"x":Infinity}}',
        b'{"data":{"id":"call_1","to":"\xff\xfe"}}',
        b'{"data":{"id":"call_1"},"data":null}',
        b'{"data":null,"data":{"id":"call_1"}}',
        b"\xef\xbb\xbf" + b'{"data":{"id":"call_1"}}',
        '{"data":{"id":"call_1"}}'.encode("utf-16"),
        '{"data":{"id":"call_1"}}'.encode("utf-32"),
        b'{"data":{"id":"call_1"}} and more',
        b'HTTP/1.1 200 OK\r\n\r\n{"data":{"id":"call_1"}}',
        b'{"data":{"id":"call_1","status":"\x00"}}',
        b'{"data":{"id":"call_1","to":"\\ud800"}}',
    ],
)
def test_a_hostile_body_with_an_id_is_placed_or_doubt(body: bytes) -> None:
    outcome = _settled(_raw(200, body))

    assert outcome.status in _SAFE
    assert outcome.call_id in {"", "call_1"}


@pytest.mark.parametrize(
    "placed",
    [
        b'{"data":{"id":"call_1","x":' + b"[" * 60_000,
        b'{"data":{"id":"call_1"},"x":' + b"9" * 5_000 + b"}",
        b'{"data":{"id":"call_1","cost":NaN}}',
        b'{"data":{"id":"call_1","to":"\xff\xfe"}}',
        b"\xef\xbb\xbf" + b'{"data":{"id":"call_1"}}',
        '{"data":{"id":"call_1"}}'.encode("utf-16"),
    ],
)
def test_an_id_is_saved_from_a_body_that_is_no_json(placed: bytes) -> None:
    assert "call_1" == _settled(_raw(200, placed)).call_id


@pytest.mark.parametrize(
    "value",
    [
        *("true", "false", "null", "0", "-1", "1.5", "1e3", "NaN", "{}", '{"id":"x"}', "[]", '["x"]', '""', '" "'),
        *('"call\\n1"', '"call\\u001b[2J"', '"\\ud800"', f'"{"x" * 10_240}"', "9" * 40, "9" * 5_000),
    ],
)
def test_what_can_be_no_id_is_none(value: str) -> None:
    outcome = _settled(_raw(200, f'{{"data":{{"id":{value}}}}}'.encode()))

    assert (Status.UNKNOWN, "") == (outcome.status, outcome.call_id)


def test_the_server_s_words_stay_on_one_line_and_short() -> None:
    words = "\x1b[2J no\r\nhttp_status: 200\u2028" + "x" * 10_000
    outcome = _settled(_answer(400, _first(words, "INVALID_PHONE_NUMBER")))

    assert outcome.error_message.isprintable()
    assert 300 >= len(outcome.error_message)


@pytest.mark.parametrize("code", ["", 7, None, ["INVALID_PHONE_NUMBER"], {"a": 1}, "\n"])
def test_a_code_that_is_none_is_not_passed_on(code: object) -> None:
    assert (Status.REFUSED, "HTTP_400") == _worded(_answer(400, {"error": {"code": code, "message": "no"}}))


@pytest.mark.parametrize("depth", range(900, 1010, 7))
def test_a_nested_pause_does_not_reach_the_interpreter_s_limit(depth: int) -> None:
    nested = b"[" * depth + b"]" * depth
    body = b'{"error":{"code":"RATE_LIMIT_EXCEEDED","details":{"retry_after":' + nested + b"}}}"

    assert _outcome(_raw(429, body)).status in {Status.DEFERRED, Status.UNKNOWN}


# Laws

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_codes = st.sampled_from([code for _, _, code in _CODES]) | st.text(max_size=5)
_errors = st.fixed_dictionaries(
    {},
    optional={
        "error": st.fixed_dictionaries(
            {"code": _codes}, optional={"message": _json, "details": st.dictionaries(st.just("retry_after"), _json)}
        ),
        "code": _codes,
        "errors": _json,
        "message": _json,
        "retry_after": _json,
    },
)
_statuses = st.sampled_from(sorted({status for _, status, _ in _CODES})) | st.integers(100, 599)
_headers = st.dictionaries(
    st.sampled_from(["date", "retry-after", "x-ratelimit-reset", "x-ratelimit-limit", "x-ratelimit-remaining"]),
    st.text(max_size=40) | st.integers().map(str) | st.just("Mon, 01 Jan 2024 00:00:00 +999999999999999999"),
)
_bodies = st.binary(max_size=200) | _errors.map(lambda document: json.dumps(document).encode())


_TOO_FAST = b'{"error":{"code":"RATE_LIMIT_EXCEEDED"}}'
_FAR_OFF = "Mon, 01 Jan 2024 00:00:00 +" + "9" * 30


@given(
    status=_statuses,
    headers=_headers,
    body=_bodies,
    whole=st.booleans(),
    via=st.sampled_from(Via),
    tries=st.integers(1, 9),
)
@example(status=429, headers={"retry-after": "9" * 5000}, body=_TOO_FAST, whole=True, via=Via.AGENT, tries=1)
@example(status=429, headers={"retry-after": _FAR_OFF}, body=_TOO_FAST, whole=True, via=Via.AGENT, tries=1)
def test_law_nothing_raises_and_again_is_only_for_a_documented_429(
    status: int,
    headers: dict[str, str],
    body: bytes,
    whole: bool,  # noqa: FBT001  (hypothesis's)
    via: Via,
    tries: int,
) -> None:
    verdict = verdict_on(Answer(status, headers, body, whole), via, tries)

    if isinstance(verdict, Again):
        assert (429, True) == (status, whole)
        assert "RATE_LIMIT_EXCEEDED" == verdict.outcome.error_code
        assert verdict.after is not None
        assert 1 <= verdict.after <= 900
    if verdict.outcome.status in {Status.REFUSED, Status.DEFERRED}:
        assert whole
        assert 400 <= status < 500
        assert isinstance(verdict, Halt) if status in {401, 402, 403} else isinstance(json.loads(body), dict)
    if isinstance(verdict, Settled) and status == 429:
        assert verdict.wait is not None
        assert 1 <= verdict.wait <= 900
    assert bool(verdict.outcome.call_id) == (verdict.outcome.status in CALL_EXISTS)


_ids = st.text(st.characters(categories=["L", "Nd", "Pc", "Pd"]), min_size=1, max_size=40) | st.integers(1, 10**18)
_naming = st.sampled_from(["data", "campaign_call", "existing_call", "call_id", "data.campaign_call"])


def _names(place: str, call_id: str | int) -> dict[str, Any]:
    match place.split("."):
        case ["call_id"]:
            return {"call_id": call_id}
        case [outer, inner]:
            return {outer: {inner: {"id": call_id}}}
        case _:
            return {place: {"id": call_id}}


@given(_statuses, _headers, _errors, _naming, _ids, st.booleans(), st.sampled_from(Via), st.integers(1, 9))
def test_law_a_reply_that_names_a_call_is_that_call(
    status: int,
    headers: dict[str, str],
    error: dict[str, Any],
    place: str,
    call_id: str | int,
    whole: bool,  # noqa: FBT001  (hypothesis's)
    via: Via,
    tries: int,
) -> None:
    """Never refused, never to be dialed again: whatever else the reply says, and whether or not it arrived whole."""
    body = json.dumps(error | _names(place, call_id)).encode()
    verdict = verdict_on(Answer(status, headers, body, whole), via, tries)

    assert isinstance(verdict, Settled)
    assert str(call_id) == verdict.outcome.call_id
    assert verdict.outcome.status in CALL_EXISTS


@given(_errors, _naming, st.text("abcxyz0189_-", min_size=1, max_size=40), _statuses, st.sampled_from(Via), st.data())
def test_law_a_placed_answer_cut_anywhere_is_placed_or_doubt(
    error: dict[str, Any], place: str, call_id: str, status: int, via: Via, data: st.DataObject
) -> None:
    body = json.dumps(_names(place, call_id) | error).encode()
    cut = data.draw(st.integers(0, len(body)))
    verdict = verdict_on(Answer(status, {}, body[:cut], whole=False), via, 1)

    assert verdict.outcome.status in _SAFE
    assert verdict.outcome.call_id in {"", call_id}
    assert not isinstance(verdict, Again | Halt)


@given(st.text(), st.booleans(), st.integers(1, 9), st.sampled_from(Via))
def test_law_what_may_have_left_is_never_sent_again(
    reason: str,
    timed_out: bool,  # noqa: FBT001  (hypothesis's)
    tries: int,
    via: Via,
) -> None:
    verdict = verdict_on(Lost(reason, timed_out), via, tries)

    assert isinstance(verdict, Settled)
    assert Status.UNKNOWN is verdict.outcome.status


def test_the_id_of_an_earlier_call_of_the_row_is_not_the_new_call() -> None:
    body = b'{"success": true, "data": {"id": "call_1", "to": "+14155550101", "status": "initiated"}}'
    verdict = verdict_on(Answer(200, {}, body), earlier_calls="call_0 busy; call_1 no-answer", calls=2)
    assert isinstance(verdict, Settled)
    assert (Status.UNKNOWN, "", "WRONG_RECIPIENT") == (
        verdict.outcome.status,
        verdict.outcome.call_id,
        verdict.outcome.error_code,
    )
    fresh = verdict_on(Answer(200, {}, body), earlier_calls="call_0 busy", calls=1)
    assert isinstance(fresh, Settled)
    assert "call_1" == fresh.outcome.call_id
