"""The endpoints as a client sees them, over a real port, in the documented shapes."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from batch_dialer.sandbox.limiter import ResetStyle
from batch_dialer.sandbox.serve import Sandbox
from batch_dialer.sandbox.settings import Settings

NOW = 1_800_000_000.0
TOKEN = {"authorization": "Bearer talq_for_the_tests"}
TO = "+14155550123"
AGENT, CAMPAIGN = "/agents/agent_1/call", "/campaigns/campaign_1/call"


class Clock:
    """A clock that moves only when the test sets it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(clock=clock) as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox.base_url, headers=TOKEN, trust_env=False) as client:
        yield client


def shape(response: httpx.Response) -> tuple[int, Any]:
    return response.status_code, response.json()


def test_make_a_call(client: httpx.Client, sandbox: Sandbox) -> None:
    """200, and the exchange has every field of the request."""
    asked = {"to": TO, "payload": {"name": "Ann"}, "context": {"row": 2}, "delay_seconds": 5, "is_testing": True}

    status, answer = shape(client.post(AGENT, json=asked))

    (call,) = sandbox.exchange.calls
    data = {"agent_id": "agent_1", "to": TO, "status": "initiated", "created_at": "2027-01-15T08:00:00Z"}
    assert (status, answer) == (200, {"success": True, "data": {"id": call.id, **data}})
    assert (call.order.payload, call.order.context) == ({"name": "Ann"}, {"row": 2})
    assert (call.order.delay_seconds, call.order.is_testing) == (5, True)


def test_make_a_campaign_call(client: httpx.Client, sandbox: Sandbox) -> None:
    """201, without `success`; the same number again is refused as a duplicate, unless duplicates are allowed."""
    status, answer = shape(client.post(CAMPAIGN, json={"to": TO}))

    (call,) = sandbox.exchange.calls
    existing = {
        "id": call.id,
        "campaign_id": "campaign_1",
        "to": TO,
        "status": "queued",
        "created_at": "2027-01-15T08:00:00Z",
    }
    assert status == 201
    assert answer == {
        "campaign_call": {**existing, "scheduled_at": "2027-01-15T08:00:05Z"},
        "campaign": {"id": "campaign_1", "name": "Sandbox campaign", "status": "active"},
    }
    status, refusal = shape(client.post(CAMPAIGN, json={"to": TO}))
    assert (status, refusal["code"], refusal["existing_call"]) == (409, "DUPLICATE_CALL", existing)
    assert client.post(CAMPAIGN, json={"to": TO, "allow_duplicates": True}).status_code == 201
    assert sandbox.exchange.rings == [TO, TO]


@pytest.mark.parametrize(
    ("path", "asked", "status", "code"),
    [
        (AGENT, {}, 400, "MISSING_PHONE_NUMBER"),
        (AGENT, {"to": ""}, 400, "MISSING_PHONE_NUMBER"),
        (AGENT, {"to": "4155550123"}, 400, "INVALID_PHONE_NUMBER"),
        (AGENT, {"to": "+1 415 555 0123"}, 400, "INVALID_PHONE_NUMBER"),
        (AGENT, {"to": 14155550123}, 400, "INVALID_PHONE_NUMBER"),
        (AGENT, {"to": "+14155550193"}, 400, "INVALID_PHONE_NUMBER"),
        (AGENT, {"to": "+14155550194"}, 402, "INSUFFICIENT_CREDITS"),
        (CAMPAIGN, {"to": "+14155550194"}, 402, "INSUFFICIENT_CREDITS"),
        ("/agents/agent_missing_1/call", {"to": TO}, 404, "AGENT_NOT_FOUND"),
        ("/agents/agent_inactive/call", {"to": TO}, 400, "AGENT_INACTIVE"),
    ],
)
def test_a_refusal_names_its_code(
    client: httpx.Client, sandbox: Sandbox, path: str, asked: object, status: int, code: str
) -> None:
    """The documented code, and no call is placed."""
    response = client.post(path, json=asked)

    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert sandbox.exchange.rings == []


@pytest.mark.parametrize(
    ("path", "asked", "status", "code", "field"),
    [
        (CAMPAIGN, {}, 422, "VALIDATION_ERROR", "to"),
        (CAMPAIGN, {"to": "0123"}, 422, "VALIDATION_ERROR", "to"),
        (CAMPAIGN, {"to": "+14155550193"}, 422, "VALIDATION_ERROR", "to"),
        (CAMPAIGN, {"to": TO, "allow_duplicates": "yes"}, 422, "VALIDATION_ERROR", "allow_duplicates"),
        (AGENT, {"to": TO, "payload": ["a list"]}, 422, "VALIDATION_ERROR", "payload"),
        (AGENT, {"to": TO, "is_testing": "no"}, 422, "VALIDATION_ERROR", "is_testing"),
        (AGENT, {"to": TO, "delay_seconds": 3601}, 422, "VALIDATION_ERROR", "delay_seconds"),
        (AGENT, {"to": TO, "delay_seconds": "5"}, 422, "VALIDATION_ERROR", "delay_seconds"),
        ("/campaigns/campaign_missing/call", {"to": TO}, 404, "CAMPAIGN_NOT_FOUND", None),
        ("/campaigns/campaign_paused_2/call", {"to": TO}, 400, "CAMPAIGN_NOT_ACTIVE", None),
        ("/campaigns/campaign_forbidden/call", {"to": TO}, 403, None, None),
    ],
)
def test_a_flat_refusal_names_its_field(
    client: httpx.Client, sandbox: Sandbox, path: str, asked: object, status: int, code: str | None, field: str | None
) -> None:
    """`message`, `errors` by field, and a code at the top where there is one."""
    response = client.post(path, json=asked)

    body = response.json()
    assert (response.status_code, body["success"], body.get("code")) == (status, False, code)
    assert list(body.get("errors", {})) == ([field] if field else [])
    assert sandbox.exchange.rings == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"[" * 100_000, b"\xff"])
def test_what_is_no_json_object_is_refused(client: httpx.Client, body: bytes) -> None:
    """400, whatever the body is."""
    assert client.post(AGENT, content=body).status_code == 400


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer sk_other", "Bearer talq_", "Bearer talq_invalid_1", "talq_good"]
)
def test_a_bad_token_is_turned_away(client: httpx.Client, sandbox: Sandbox, given: str) -> None:
    """401, in the shape of the endpoint, with the rate-limit headers."""
    turned_away = client.post(AGENT, json={"to": TO}, headers={"authorization": given})
    from_list = client.get("/calls", headers={"authorization": given})

    assert (turned_away.status_code, turned_away.json()["error"]["code"]) == (401, "INVALID_TOKEN")
    assert "x-ratelimit-limit" in turned_away.headers
    assert (from_list.status_code, from_list.json()["success"]) == (401, False)
    assert sandbox.exchange.rings == []


def test_a_busy_client_is_told_to_wait(clock: Clock) -> None:
    """429 with `retry_after`, in the body and as a header; after that time, requests are allowed again."""
    settings = Settings(limit=2, window_seconds=30, reset=ResetStyle.DELTA)
    with (
        Sandbox(settings, clock=clock) as sandbox,
        httpx.Client(base_url=sandbox.base_url, headers=TOKEN) as client,
    ):
        first = client.post(AGENT, json={"to": TO})
        client.get("/calls")
        clock.now += 10
        refused, refused_list = client.post(AGENT, json={"to": TO}), client.get("/calls")
        health = client.get("/health", headers={"authorization": ""})
        clock.now += 20
        last = client.post(AGENT, json={"to": TO})

    left = [(each.status_code, each.headers["x-ratelimit-remaining"]) for each in (first, refused, last)]
    assert left == [(200, "1"), (429, "0"), (200, "1")]
    assert (refused.headers["retry-after"], refused.headers["x-ratelimit-reset"]) == ("20", "20")
    error = refused.json()["error"]
    assert (error["code"], error["details"]) == ("RATE_LIMIT_EXCEEDED", {"retry_after": 20})
    assert refused_list.json() == {"success": False, "error": error}
    assert shape(health) == (200, {"status": "ok"})
    assert "x-ratelimit-limit" not in health.headers
    assert sandbox.exchange.rings == [TO, TO]


def test_without_a_limit_nothing_is_said_of_one() -> None:
    """No headers, no 429."""
    with Sandbox(Settings(limit=None)) as sandbox, httpx.Client(base_url=sandbox.base_url, headers=TOKEN) as client:
        assert "x-ratelimit-limit" not in client.get("/calls").headers


def test_the_list_of_calls(client: httpx.Client, clock: Clock) -> None:
    """Items and pagination as documented; an agent's list leaves the agent out; no context anywhere."""
    for _ in range(5):
        client.post(AGENT, json={"to": TO, "context": {"row": 2}})
    clock.now += 100

    every = client.get("/calls", params={"per_page": 2, "page": 3, "search": TO, "status": "completed"}).json()
    agents = client.get("/agents/agent_1/calls", params={"per_page": 1000}).json()

    (item,) = every["data"]
    assert every["pagination"] == {"current_page": 3, "last_page": 3, "per_page": 2, "total": 5}
    assert agents["pagination"] == {"current_page": 1, "last_page": 1, "per_page": 100, "total": 5}
    assert item["agent"]["id"] == "agent_1"
    assert agents["data"][-1] == {name: value for name, value in item.items() if name != "agent"}
    assert {**item, "id": "", "sid": "", "agent": ""} == {
        "id": "",
        "sid": "",
        "to": TO,
        "from": "+14155550100",
        "is_testing": False,
        "direction": "outbound",
        "status": "completed",
        "duration": 30,
        "agent": "",
        "created_at": "2027-01-15T08:00:00Z",
        "updated_at": "2027-01-15T08:00:36Z",
    }


@pytest.mark.parametrize("query", [{"page": "two"}, {"date_from": "yesterday"}])
def test_a_query_that_makes_no_sense_is_refused(client: httpx.Client, query: dict[str, str]) -> None:
    """422, like other invalid fields."""
    assert client.get("/calls", params=query).status_code == 422


def test_active_calls_and_hanging_up(client: httpx.Client, clock: Clock) -> None:
    """An active call is found, can be ended once, and is then no longer found."""
    call_id = client.post(AGENT, json={"to": TO}).json()["data"]["id"]
    clock.now += 16

    found = client.get("/agents/agent_1/active-call/%2B14155550123").json()
    foreign = client.post("/agents/agent_2/end-call", json={"call_sid": call_id})
    ended = client.post("/agents/agent_1/end-call", json={"call_sid": call_id})
    again = client.post("/agents/agent_1/end-call", json={"call_sid": call_id})

    (active,) = found["data"]
    assert (active["id"], active["status"], active["started_at"]) == (call_id, "answered", "2027-01-15T08:00:00Z")
    assert foreign.status_code == 404
    assert shape(ended) == (
        200,
        {
            "success": True,
            "data": {
                "id": call_id,
                "status": "completed",
                "ended_at": "2027-01-15T08:00:16Z",
                "ended_reason": "ended_by_api",
            },
        },
    )
    assert (again.status_code, again.json()["code"]) == (409, "CALL_NOT_ACTIVE")
    assert client.get("/agents/agent_1/active-call/%2B14155550123").status_code == 404


@pytest.mark.parametrize(
    ("path", "status", "expected"),
    [
        ("/agents/agent_1", 200, {"current_status": "published", "direction": "outbound", "is_sandbox": False}),
        ("/agents/agent_rehearsal", 200, {"is_sandbox": True}),
        ("/agents/agent_reminder", 200, {"initial_message": "Hello {{ customer_name }}, this is {{practice}}."}),
        ("/agents/agent_inactive", 200, {"current_status": "draft"}),
        ("/agents/agent_inbound", 200, {"direction": "inbound"}),
        ("/agents/agent_missing", 404, {}),
        ("/agents/agent_missing/calls", 404, {}),
        ("/campaigns/campaign_1", 200, {"status": "active", "agent_id": "agent_sandbox"}),
        ("/campaigns/campaign_paused", 200, {"status": "paused"}),
        ("/campaigns/campaign_missing", 404, {}),
        ("/campaigns/campaign_forbidden", 403, {}),
        ("/agents/agent_1/", 404, {}),
        ("/agents/a%2Fb", 404, {}),
        ("/nothing", 404, {}),
        (AGENT, 405, {}),
    ],
)
def test_looking_something_up(client: httpx.Client, path: str, status: int, expected: dict[str, object]) -> None:
    """The ID decides on the answer; an unknown path is refused in JSON and never redirected."""
    response = client.get(path)

    data = response.json().get("data", {})
    assert (response.status_code, {name: data[name] for name in expected}) == (status, expected)


def test_the_date_is_the_clocks(client: httpx.Client, clock: Clock) -> None:
    """So that a client which measures the error of its own clock can be tested."""
    clock.now += 3600

    assert client.get("/health").headers["date"] == "Fri, 15 Jan 2027 09:00:00 GMT"


def test_all_that_was_asked_is_on_record(client: httpx.Client, sandbox: Sandbox) -> None:
    """So that a test can check which requests were sent, or that none was."""
    client.get("/agents/agent_1")
    client.post(AGENT, json={"to": TO}, headers={"authorization": ""})

    assert sandbox.app.seen == ["GET /api/v1/agents/agent_1", "POST /api/v1/agents/agent_1/call"]
