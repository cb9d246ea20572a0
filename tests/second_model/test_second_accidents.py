"""Each accident of the second model does what it says, to the call, to the answer and on the wire."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from second_accidents import (
    Accident,
    Cached,
    Edited,
    Predicate,
    Refusal,
    Reply,
    Swapped,
    any_call,
    empty,
    from_call,
    html,
    nth_call,
    nth_list,
    to_number,
)
from second_api import SecondApi
from second_client import (
    BASE,
    CAMPAIGN_CALL,
    ONE,
    TWO,
    ask,
    call,
    listed,
)
from second_limit import LimitRule


@pytest.fixture
def api() -> Iterator[SecondApi]:
    with SecondApi() as model:
        yield model
        assert model.faults == ()


PREDICATES: list[tuple[Predicate, list[int]]] = [
    (nth_call(1, 3), [1, 5]),
    (from_call(3), [5, 6]),
    (nth_list(2), [4]),
    (any_call, [1, 3, 5, 6]),
    (to_number(ONE), [1, 5]),
    (to_number(ONE, 2), [5]),
]


@pytest.mark.parametrize(("when", "struck"), PREDICATES)
def test_predicates(api: SecondApi, when: Predicate, struck: list[int]) -> None:
    """Six requests of which exactly these are struck."""
    api.set_accidents(Accident(when, html(503), place=False))
    plan = (ONE, "", TWO, "", ONE, TWO)
    got = [call(api, to) if to else ask(api, "GET", f"{BASE}/calls") for to in plan]
    assert [nth for nth, one in enumerate(got, 1) if one.status == 503] == struck
    assert len(api.rings) == 4 - len({1, 3, 5, 6} & set(struck))


REPLIES: list[tuple[Reply, int, str | None]] = [
    (Refusal("RATE_LIMIT_EXCEEDED", details={"retry_after": 7}), 429, "RATE_LIMIT_EXCEEDED"),
    (Refusal("TOKEN_EXPIRED", status=401), 401, "TOKEN_EXPIRED"),
    (Refusal("FORBIDDEN"), 403, "FORBIDDEN"),
    (Refusal("INSUFFICIENT_CREDITS"), 402, "INSUFFICIENT_CREDITS"),
    (Refusal("AGENT_INACTIVE"), 400, "AGENT_INACTIVE"),
    (Refusal("AGENT_NOT_FOUND"), 404, "AGENT_NOT_FOUND"),
    (Refusal("VALIDATION_ERROR", errors={"to": ["no"]}, shape="fields_code"), 422, None),
    (Refusal("SERVER_ERROR"), 500, "SERVER_ERROR"),
    (Refusal(status=418), 418, None),
    (html(429), 429, None),
    (html(500), 500, None),
    (html(502), 502, None),
    (html(503), 503, None),
    (html(504), 504, None),
    (empty(429, retry_after="2"), 429, None),
]


@pytest.mark.parametrize("placed", [True, False])
@pytest.mark.parametrize(("reply", "status", "code"), REPLIES)
def test_replies(api: SecondApi, reply: Reply, status: int, code: str | None, *, placed: bool) -> None:
    """The call gets this error, whether or not it was placed."""
    api.set_accidents(Accident(any_call, reply, place=placed, times=1))
    got = call(api)
    assert (got.status, len(api.rings)) == (status, int(placed))
    if code is not None:
        assert got.at("error", "code") == code
        assert "x-ratelimit-limit" in got.headers
    if isinstance(reply, Refusal):
        assert not reply.errors or got.at("errors") == reply.errors
    else:
        assert "x-ratelimit-limit" not in got.headers
        assert (got.raw == b"") == (got.headers.get("retry-after") == "2")
    assert call(api).status == 200


def test_a_message_that_tells_too_much(api: SecondApi) -> None:
    """The token is quoted as sent."""
    api.set_accidents(Accident(any_call, Refusal("INVALID_TOKEN", message="no {token}"), place=False))
    assert call(api).at("error", "message") == f"no {api.token}"


def test_answers_that_belong_to_other_calls(api: SecondApi) -> None:
    """Cached and edited answers name another call or number than the one that was placed."""
    other = Edited({"to": TWO})
    api.set_accidents(Accident(nth_call(1, 2), Cached()), Accident(nth_call(3, 4), other))
    got = [call(api, to) for to in (ONE, TWO, ONE)]
    ids = [ring.call_id for ring in api.rings]
    assert [one.at("data", "id") for one in got] == [ids[0], ids[0], ids[2]]
    assert [one.at("data", "to") for one in got] == [ONE, ONE, TWO]
    assert call(api, path=CAMPAIGN_CALL).at("campaign_call", "to") == TWO


def test_swapped_answers(api: SecondApi) -> None:
    """Two calls at the same time get each other's answers; one alone gets its own in the end."""
    api.set_accidents(Accident(nth_call(1, 2), Swapped(wait=5.0)), Accident(nth_call(3), Swapped(wait=0.01)))
    with ThreadPoolExecutor(2) as pool:
        swapped = [one.at("data", "to") for one in pool.map(lambda to: call(api, to), (ONE, TWO))]
    assert swapped == [TWO, ONE]
    assert call(api).at("data", "to") == ONE


def test_lists_that_fail(api: SecondApi) -> None:
    """The second reading is refused with 500, and the others are not."""
    call(api)
    api.set_accidents(Accident(nth_list(2), Refusal("SERVER_ERROR"), place=False))
    assert [ask(api, "GET", f"{BASE}/calls").status for _ in range(3)] == [200, 500, 200]
    assert len(listed(api)) == 1


def test_accidents_count_against_the_limit(api: SecondApi) -> None:
    """A request that came to nothing is counted, and one that is refused by the limit is not placed."""
    api.set_limit(LimitRule(2))
    api.set_accidents(Accident(nth_call(1), html(502), place=False))
    assert [call(api).status for _ in range(3)] == [502, 200, 429]
    assert len(api.rings) == 1


def test_a_plan_with_nothing_to_send_is_refused() -> None:
    """A request without effect has no true answer."""
    with pytest.raises(ValueError, match="no true answer"):
        Accident(any_call, place=False)
