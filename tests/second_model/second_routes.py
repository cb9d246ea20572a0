"""The endpoints of the second model, each a function from a request to its true answer, under the state's lock."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import unquote

from second_calls import ACTIVE, Agent, Call, Campaign
from second_errors import Problem, RefusalError, area_of, error_answer, invalid
from second_formats import time_field
from second_http import Answer, JsonObject, Request, json_answer
from second_limit import LimitState
from second_lists import list_answer, listed_created_at, listed_id, listed_number
from second_place import make_call, make_campaign_call
from second_state import BASE_PATH, State

_Handler = Callable[[State, Request, list[str]], Answer]


def true_answer(state: State, request: Request) -> Answer:
    """Let the request take effect; return its answer, with the headers that every answer carries."""
    with state.lock:
        state.dial_due()
        if request.path == f"{BASE_PATH}/health":
            return json_answer(200, {"status": "ok"}, state.date_header())
        limit = state.limiter.hit(state.true_now().timestamp())
        try:
            _admit(state, request, limit)
            answer = _route(state, request)
        except RefusalError as refusal:
            answer = error_answer(refusal.problem, state.lies, area_of(request))
        answer = replace(answer, headers=(*answer.headers, *state.usual_headers(limit)))
        if answer.status < 300 and area_of(request) in {"call", "campaign"}:
            state.good_answers.append(answer)
        return answer


def _admit(state: State, request: Request, limit: LimitState) -> None:
    """Refuse requests beyond the limit and those without the token, in this order."""
    if not limit.allowed:
        raise RefusalError(Problem("RATE_LIMIT_EXCEEDED", details={"retry_after": limit.retry_after}))
    if request.token != state.token:
        raise RefusalError(Problem("INVALID_TOKEN"))


def _route(state: State, request: Request) -> Answer:
    """Find the endpoint and call it; an unknown one is 404, a known one with another method 405."""
    known = False
    for route in _ROUTES:
        match = route.pattern.fullmatch(request.path)
        if match is None:
            continue
        known = True
        if route.method == request.method:
            return route.handler(state, request, [unquote(part) for part in match.groups()])
    raise RefusalError(Problem(None, status=405 if known else 404, message="No such endpoint"))


def _agent(state: State, agent_id: str) -> Agent:
    agent = state.agents.get(agent_id)
    if agent is None:
        raise RefusalError(Problem("AGENT_NOT_FOUND", details={"agent_id": agent_id}))
    return agent


def _campaign(state: State, campaign_id: str) -> Campaign:
    campaign = state.campaigns.get(campaign_id)
    if campaign is None:
        raise RefusalError(Problem("CAMPAIGN_NOT_FOUND"))
    if campaign.forbidden:
        raise RefusalError(Problem("FORBIDDEN", message="This campaign belongs to another account"))
    return campaign


def _post_agent_call(state: State, request: Request, parts: list[str]) -> Answer:
    return make_call(state, request, _agent(state, parts[0]))


def _post_campaign_call(state: State, request: Request, parts: list[str]) -> Answer:
    return make_campaign_call(state, request, _campaign(state, parts[0]))


def _get_calls(state: State, request: Request, _parts: list[str]) -> Answer:
    return list_answer(state, request, None)


def _get_agent_calls(state: State, request: Request, parts: list[str]) -> Answer:
    return list_answer(state, request, _agent(state, parts[0]).id)


def _get_agent(state: State, _request: Request, parts: list[str]) -> Answer:
    agent = _agent(state, parts[0])
    data: JsonObject = {
        "id": agent.id,
        "name": agent.name,
        "label": agent.label,
        "current_status": agent.current_status,
        "direction": agent.direction,
        "is_sandbox": agent.is_sandbox,
        "initial_message": agent.initial_message,
        "trainings": [{"instructions": text} for text in agent.trainings],
    }
    return json_answer(200, {"success": True, "data": data})


def _get_campaign(state: State, _request: Request, parts: list[str]) -> Answer:
    campaign = _campaign(state, parts[0])
    data: JsonObject = {
        "id": campaign.id,
        "name": campaign.name,
        "status": campaign.status,
        "agent_id": campaign.agent_id,
        "timezone": campaign.timezone,
    }
    return json_answer(200, {"success": True, "data": data})


def _get_active(state: State, _request: Request, parts: list[str]) -> Answer:
    """Return the active calls to a number; 404 where there is none, without a code, since none is documented."""
    agent = _agent(state, parts[0])
    active = [
        _active_item(state, call)
        for call in state.book.all()
        if call.agent_id == agent.id and call.to == parts[1] and state.status(call) in ACTIVE
    ]
    if not active:
        raise RefusalError(Problem(None, status=404, message="No active call to this number"))
    return json_answer(200, {"success": True, "data": active})


def _active_item(state: State, call: Call) -> JsonObject:
    """Return one active call, its number and time written as in the lists."""
    lies = state.lies.lists
    return {
        "id": listed_id(state, call),
        "to": listed_number(lies, call.to),
        "status": state.status(call),
        **time_field("started_at", listed_created_at(call), lies.time_format, state.lies.zone_hours),
    }


def _post_end(state: State, request: Request, parts: list[str]) -> Answer:
    """Hang up, by ID or SID."""
    agent = _agent(state, parts[0])
    name = (request.json() or {}).get("call_sid")
    if not isinstance(name, str) or not name:
        raise invalid("call_sid", "The call_sid field is required.")
    call = state.book.find(name)
    if call is None or call.agent_id != agent.id:
        raise RefusalError(Problem(None, status=404, message="Call not found for this agent"))
    if state.status(call) not in ACTIVE:
        raise RefusalError(Problem("CALL_NOT_ACTIVE", message="The call is not active"))
    state.book.end(call)
    return json_answer(200, {"success": True, "data": {"id": listed_id(state, call), "status": "completed"}})


@dataclass(frozen=True, slots=True)
class _Route:
    """One endpoint: its method, its path (each group one percent-encoded part) and its function."""

    method: str
    pattern: re.Pattern[str]
    handler: _Handler


def _at(method: str, path: str, handler: _Handler) -> _Route:
    """Return a route whose `*` stand for one path segment each."""
    return _Route(method, re.compile(re.escape(BASE_PATH) + path.replace("*", "([^/]+)")), handler)


_ROUTES = (
    _at("POST", "/agents/*/call", _post_agent_call),
    _at("POST", "/campaigns/*/call", _post_campaign_call),
    _at("GET", "/calls", _get_calls),
    _at("GET", "/agents/*/calls", _get_agent_calls),
    _at("GET", "/agents/*", _get_agent),
    _at("GET", "/campaigns/*", _get_campaign),
    _at("GET", "/agents/*/active-call/*", _get_active),
    _at("POST", "/agents/*/end-call", _post_end),
)
