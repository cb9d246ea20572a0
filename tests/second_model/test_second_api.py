"""Each endpoint of the second model does what api.md says."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from second_api import AGENT, CAMPAIGN, SecondApi
from second_calls import Progress
from second_client import AGENT_CALL, BASE, CAMPAIGN_CALL, NOON, ONE, TWO, Clock, ask, call, listed, numbers, search_for


@pytest.fixture
def clock() -> Clock:
    """True time under the test's control."""
    return Clock()


@pytest.fixture
def api(clock: Clock) -> Iterator[SecondApi]:
    """A truthful model."""
    with SecondApi(true_now=clock) as model:
        yield model
        assert model.faults == ()


def test_make_a_call(api: SecondApi, clock: Clock) -> None:
    """The answer is the documented one, and the call is written down with all it carried."""
    got = call(api, payload={"first_name": "Ann"}, context={"row": 7}, is_testing=True, delay_seconds=5)
    data = {"agent_id": "agent_1", "to": ONE, "status": "initiated", "created_at": "2030-01-15T12:00:00Z"}
    assert (got.status, got.body) == (200, {"success": True, "data": {"id": api.rings[0].call_id, **data}})
    (ring,) = api.rings_of(ONE)
    assert (ring.agent_id, ring.campaign_id, ring.is_testing) == ("agent_1", None, True)
    assert (ring.payload, ring.context) == ({"first_name": "Ann"}, {"row": 7})
    assert (ring.true_time, ring.rings_at) == (clock.now, clock.now + timedelta(seconds=5))
    (arrived,) = api.requests
    assert (arrived.method, arrived.path) == ("POST", AGENT_CALL)
    assert b"Ann" in arrived.body


def test_the_same_post_twice_rings_twice(api: SecondApi) -> None:
    """There is no idempotency, and IDs follow from the seed alone."""
    ids = [call(api).at("data", "id") for _ in range(2)]
    assert [ring.call_id for ring in api.rings] == ids
    with SecondApi() as again:
        assert [call(again).at("data", "id") for _ in range(2)] == ids


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        (AGENT_CALL, {}, 400, "MISSING_PHONE_NUMBER"),
        (AGENT_CALL, {"to": "4155550101"}, 400, "INVALID_PHONE_NUMBER"),
        (AGENT_CALL, {"to": "+999000"}, 400, "INVALID_PHONE_NUMBER"),
        (AGENT_CALL, {"to": 4}, 400, "INVALID_PHONE_NUMBER"),
        (AGENT_CALL, {"to": ONE, "delay_seconds": 3601}, 422, "VALIDATION_ERROR"),
        (AGENT_CALL, {"to": ONE, "context": "x"}, 422, "VALIDATION_ERROR"),
        (AGENT_CALL, [], 422, "VALIDATION_ERROR"),
        (f"{BASE}/agents/none/call", {"to": ONE}, 404, "AGENT_NOT_FOUND"),
        (f"{BASE}/agents/draft/call", {"to": ONE}, 400, "AGENT_INACTIVE"),
        (f"{BASE}/campaigns/none/call", {"to": ONE}, 404, "CAMPAIGN_NOT_FOUND"),
        (f"{BASE}/campaigns/paused/call", {"to": ONE}, 400, "CAMPAIGN_NOT_ACTIVE"),
        (f"{BASE}/campaigns/theirs/call", {"to": ONE}, 403, "FORBIDDEN"),
        (CAMPAIGN_CALL, {"to": "12"}, 422, "VALIDATION_ERROR"),
        (f"{BASE}/agents/agent_1/end-call", {}, 422, "VALIDATION_ERROR"),
        (f"{BASE}/agents/agent_1/end-call", {"call_sid": "none"}, 404, None),
        (f"{BASE}/nothing", {}, 404, None),
    ],
)
def test_refusals(api: SecondApi, path: str, body: object, status: int, code: str | None) -> None:
    """Each refusal has the documented status and code, and no call is placed."""
    api.put_agent(replace(AGENT, id="draft", current_status="draft"))
    api.put_campaign(replace(CAMPAIGN, id="paused", status="paused"))
    api.put_campaign(replace(CAMPAIGN, id="theirs", forbidden=True))
    got = ask(api, "POST", path, body)
    error = got.body.get("error", got.body)
    assert isinstance(error, dict)
    assert (got.status, error.get("code")) == (status, code)
    assert api.rings == ()


def test_token_and_credits(api: SecondApi) -> None:
    """A wrong token is 401; without credits only test calls go through, until they are topped up."""
    assert ask(api, "GET", f"{BASE}/calls", token="wrong").status == 401  # noqa: S106 - not a secret
    api.set_credits(1)
    assert [call(api).status, call(api).status, call(api, is_testing=True).status] == [200, 402, 200]
    api.set_credits(None)
    assert call(api).status == 200


def test_campaign_call_and_duplicate(api: SecondApi, clock: Clock) -> None:
    """A second call while one waits or goes on is 409 with the first; the list has it once it is dialed."""
    first = call(api, path=CAMPAIGN_CALL)
    assert first.status == 201
    assert first.at("campaign") == {"id": "campaign_1", "name": CAMPAIGN.name, "status": "active"}
    assert (first.at("campaign_call", "status"), first.at("campaign_call", "scheduled_at")) == ("queued", None)
    second = call(api, path=CAMPAIGN_CALL)
    assert (second.status, second.at("code")) == (409, "DUPLICATE_CALL")
    assert second.at("existing_call", "id") == first.at("campaign_call", "id")
    assert (listed(api), api.rings[0].rings_at, api.rings[0].campaign_id) == ([], None, "campaign_1")
    assert api.dial_queued() == 1
    assert numbers(api) == [ONE]
    assert call(api, path=CAMPAIGN_CALL).at("existing_call", "status") == "initiated"
    assert call(api, path=CAMPAIGN_CALL, allow_duplicates=True).status == 201
    api.dial_queued()
    clock.pass_seconds(30)
    assert call(api, path=CAMPAIGN_CALL).status == 201
    assert len(api.rings) == 3


def test_queued_calls_are_dialed_in_time(api: SecondApi, clock: Clock) -> None:
    """With `dial_after`, a queued call is dialed by itself."""
    api.set_progress(Progress(dial_after=10.0))
    call(api, path=CAMPAIGN_CALL)
    clock.pass_seconds(9.9)
    assert numbers(api) == []
    clock.pass_seconds(0.1)
    assert numbers(api) == [ONE]
    assert listed(api)[0]["created_at"] == "2030-01-15T12:00:10Z"


def test_calls_go_on(api: SecondApi, clock: Clock) -> None:
    """Statuses follow the table of outcomes; active calls are found and can be hung up."""
    api.set_progress(Progress(outcomes={TWO: "busy", "+14155550103": "no-answer", "+14155550104": "failed"}))
    everyone = (ONE, TWO, "+14155550103", "+14155550104")
    for number in everyone:
        call(api, number)
    seen = []
    for wait in (0, 1, 2, 17):
        clock.pass_seconds(wait)
        seen.append([item["status"] for item in reversed(listed(api))])
    assert list(zip(*seen, strict=True)) == [
        ("initiated", "ringing", "answered", "completed"),
        ("initiated", "ringing", "busy", "busy"),
        ("initiated", "ringing", "no-answer", "no-answer"),
        ("initiated", "failed", "failed", "failed"),
    ]
    call_id = call(api).at("data", "id")
    active = ask(api, "GET", f"{BASE}/agents/agent_1/active-call/%2B{ONE[1:]}")
    assert active.at("data", 0, "id") == call_id
    ends = [ask(api, "POST", f"{BASE}/agents/agent_1/end-call", {"call_sid": call_id}) for _ in range(2)]
    assert [end.status for end in ends] == [200, 409]
    assert ask(api, "GET", f"{BASE}/agents/agent_1/active-call/%2B{ONE[1:]}").status == 404


def test_reading_agent_campaign_and_health(api: SecondApi) -> None:
    """The reading endpoints show what was set; health needs no token and has no limit headers."""
    agent = ask(api, "GET", f"{BASE}/agents/agent_1")
    assert (agent.at("data", "current_status"), agent.at("data", "is_sandbox")) == ("published", False)
    assert agent.at("data", "trainings", 0, "instructions") == "Ask about {{topic}}."
    assert ask(api, "GET", f"{BASE}/campaigns/campaign_1").at("data", "agent_id") == "agent_1"
    health = ask(api, "GET", f"{BASE}/health", token="")
    assert (health.body, "x-ratelimit-limit" in health.headers) == ({"status": "ok"}, False)


def test_list_filters_and_pages(api: SecondApi) -> None:
    """The filters, the page size and the pagination are those of api.md."""
    for day in range(1, 31):
        direction = "inbound" if day > 28 else "outbound"
        api.add_call(f"+141555502{day:02d}", created_at=NOON - timedelta(days=day), direction=direction)
    api.add_call(ONE, status="busy")
    first = ask(api, "GET", f"{BASE}/calls")
    assert first.at("pagination") == {"current_page": 1, "last_page": 2, "per_page": 20, "total": 31}
    assert first.at("data", 0, "agent") == {"id": "agent_1", "name": AGENT.name, "label": AGENT.label}
    assert set(listed(api)[0]) == {
        "id", "sid", "to", "from", "is_testing", "direction", "status", "duration", "created_at", "updated_at",
    }  # fmt: skip
    queries = {
        "?page=2": 11, "?per_page=500": 31, "?direction=inbound": 2, "?status=busy": 1, "?date_from=2030-01-14": 2,
        "?date_from=2030-01-13&date_to=2030-01-14": 2, search_for(ONE): 1, f"?search={ONE}": 0, "?page=9": 0,
    }  # fmt: skip
    assert {query: len(listed(api, query)) for query in queries} == queries
    assert numbers(api, "?per_page=2") == [ONE, "+14155550201"]
    assert ask(api, "GET", f"{BASE}/calls?per_page=x&date_to=soon").status == 422
    assert len(listed(api, "?agent_id=agent_1", f"{BASE}/calls")) == 20
    assert (listed(api, "?agent_id=agent_2", f"{BASE}/calls"), api.rings) == ([], ())
