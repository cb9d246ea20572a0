"""Standing dialects and lies of the second model's answers to calls, and of its errors."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from second_api import AGENT, CAMPAIGN, SecondApi
from second_client import AGENT_CALL, BASE, CAMPAIGN_CALL, ONE, TWO, Clock, ask, call
from second_lies import Delivery


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


def test_answer_dialects(api: SecondApi) -> None:
    """The answers to calls come in the other shapes, and the rings stay true."""
    api.lie(flat_answer=True, answer_number_format="masked_head", campaign_status="scheduled", campaign_in_data=True)
    flat = call(api).body
    assert (flat["call_id"], flat["to"]) == (api.rings[0].call_id, "***0101")
    scheduled = call(api, path=CAMPAIGN_CALL)
    assert scheduled.at("data", "campaign_call", "status") == "scheduled"
    assert scheduled.at("data", "campaign_call", "scheduled_at") == "2030-01-15T12:00:00Z"
    assert [ring.number for ring in api.rings] == [ONE, ONE]
    api.lie(date_header=False)
    assert "date" not in call(api).headers


def test_duplicates(api: SecondApi) -> None:
    """Where the existing call stands is settable; calls of others do not count."""
    call(api)
    first = call(api, path=CAMPAIGN_CALL).at("campaign_call", "id")
    api.lie(existing_place="details", answer_number_format="null")
    got = call(api, path=CAMPAIGN_CALL)
    assert (got.at("details", "existing_call", "id"), got.at("details", "existing_call", "to")) == (first, None)
    api.lie(existing_place="none")
    assert "existing_call" not in str(call(api, path=CAMPAIGN_CALL).body)
    api.put_campaign(replace(CAMPAIGN, id="campaign_2"))
    assert call(api, path=f"{BASE}/campaigns/campaign_2/call").status == 201


SHAPES: dict[str, dict[str, object]] = {
    "error": {"error": {"code": "AGENT_INACTIVE", "message": "Agent is not published"}},
    "success_error": {"success": False, "error": {"code": "AGENT_INACTIVE", "message": "Agent is not published"}},
    "fields": {"success": False, "message": "Agent is not published"},
    "fields_code": {"success": False, "message": "Agent is not published", "code": "AGENT_INACTIVE"},
}


@pytest.mark.parametrize(("shape", "body"), SHAPES.items())
def test_error_shapes(api: SecondApi, shape: str, body: dict[str, object]) -> None:
    """Each of the three shapes can be had everywhere."""
    api.put_agent(replace(AGENT, current_status="draft"))
    api.lie(error_shape=shape)
    assert call(api).body == body


def test_refused_content_type_and_numbers(api: SecondApi) -> None:
    """A number may be refused for no reason that shows, and a body must say that it is JSON."""
    api.lie(invalid_numbers=frozenset({TWO}))
    assert [call(api, number).status for number in (ONE, TWO)] == [200, 400]
    assert ask(api, "POST", AGENT_CALL).status == 415


def test_standing_delivery(api: SecondApi) -> None:
    """A delivery set for all answers holds for all of them."""
    api.deliver(Delivery(chunked=True, announce_close=True))
    got = ask(api, "GET", f"{BASE}/health")
    assert (got.headers["transfer-encoding"], got.headers["connection"]) == ("chunked", "close")
    assert got.body == {"status": "ok"}
