"""The two endpoints of the second model that place calls: Make a Call and Make a Campaign Call.

Not stated in api.md and therefore chosen here: 422 VALIDATION_ERROR for a body that is no object and for a wrong
`delay_seconds`, `payload` or `context`; 415 without a code for another Content-Type; that test calls need no credit;
that only calls of the same campaign count as duplicates. The place of `existing_call` is settable.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from second_calls import ACTIVE, WAITING, Agent, Call, Campaign
from second_errors import Problem, RefusalError, invalid
from second_formats import format_number, time_field
from second_http import Answer, JsonObject, Request, json_answer
from second_state import State

_MOST_DELAY_SECONDS = 3600
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True)
class _Common:
    """What both kinds of call take from a body, apart from the number."""

    payload: Mapping[str, object]
    context: Mapping[str, object]
    is_testing: bool


def make_call(state: State, request: Request, agent: Agent) -> Answer:
    """Place a call at once, or later by `delay_seconds`; a second equal request places a second call."""
    if agent.current_status != "published":
        raise RefusalError(Problem("AGENT_INACTIVE"))
    body = _body(request)
    number = body.get("to")
    if number is None or number == "":
        raise RefusalError(Problem("MISSING_PHONE_NUMBER", details={"field": "to"}))
    if not isinstance(number, str) or not _can_be_called(state, number):
        raise RefusalError(Problem("INVALID_PHONE_NUMBER", details={"field": "to", "value": number}))
    common = _common(body)
    delay = body.get("delay_seconds", 0)
    if not isinstance(delay, int) or isinstance(delay, bool) or not 0 <= delay <= _MOST_DELAY_SECONDS:
        raise invalid("delay_seconds", "The delay_seconds must be an integer between 0 and 3600.")
    _pay(state, common)
    now = state.true_now()
    call = state.book.enter(
        Call(
            number, now, state.server_now(), now + timedelta(seconds=delay), agent.id,
            is_testing=common.is_testing, payload=common.payload, context=common.context, ours=True,
        )
    )  # fmt: skip
    return json_answer(200, _call_body(state, call))


def make_campaign_call(state: State, request: Request, campaign: Campaign) -> Answer:
    """Queue a call for the campaign to dial, unless one to the number is queued or active already."""
    if campaign.status != "active":
        raise RefusalError(Problem("CAMPAIGN_NOT_ACTIVE"))
    body = _body(request)
    number = body.get("to")
    if not isinstance(number, str) or not _can_be_called(state, number):
        raise invalid("to", "The to field must be a phone number in international format.")
    common = _common(body)
    existing = None if body.get("allow_duplicates") is True else _duplicate(state, campaign, number)
    if existing is not None:
        raise RefusalError(Problem("DUPLICATE_CALL", existing_call=_campaign_call(state, existing)))
    call = state.book.enter(
        Call(
            number, state.true_now(), state.server_now(), None, campaign.agent_id, campaign.id,
            is_testing=common.is_testing, payload=common.payload, context=common.context, ours=True,
            fixed_status=state.lies.campaign_status,
        )
    )  # fmt: skip
    return json_answer(201, _campaign_body(state, call, campaign))


def _body(request: Request) -> JsonObject:
    """Return the body as an object, or refuse it."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise RefusalError(Problem(None, status=415, message="Content-Type must be application/json"))
    body = request.json()
    if body is None:
        raise invalid("body", "The body must be a JSON object.")
    return body


def _common(body: JsonObject) -> _Common:
    """Read what both kinds of call have in common; PHP writes an empty object as `[]`, so that is accepted."""
    objects: dict[str, Mapping[str, object]] = {}
    for name in ("payload", "context"):
        value = body.get(name) or {}
        if not isinstance(value, dict):
            raise invalid(name, f"The {name} must be an object.")
        objects[name] = value
    testing = body.get("is_testing", False)
    if not isinstance(testing, bool):
        raise invalid("is_testing", "The is_testing field must be true or false.")
    return _Common(objects["payload"], objects["context"], testing)


def _can_be_called(state: State, number: str) -> bool:
    return _E164.fullmatch(number) is not None and number not in state.lies.invalid_numbers


def _pay(state: State, common: _Common) -> None:
    """Take one credit for a call that is no test, or refuse it."""
    if state.credits is None or common.is_testing:
        return
    if state.credits <= 0:
        raise RefusalError(Problem("INSUFFICIENT_CREDITS"))
    state.credits -= 1


def _call_body(state: State, call: Call) -> JsonObject:
    """Return the answer to Make a Call, in the vendor's present shape or the older flat one."""
    lies = state.lies
    data: JsonObject = {
        "call_id" if lies.flat_answer else "id": call.id,
        "agent_id": call.agent_id,
        "to": format_number(call.to, lies.answer_number_format),
        "status": state.status(call),
        **time_field("created_at", call.created_at, lies.answer_time_format, lies.zone_hours),
    }
    return data if lies.flat_answer else {"success": True, "data": data}


def _campaign_body(state: State, call: Call, campaign: Campaign) -> JsonObject:
    """Return the answer to Make a Campaign Call; a `scheduled` call says when, a `queued` one does not."""
    lies = state.lies
    scheduled: JsonObject = {"scheduled_at": None}
    if lies.campaign_status == "scheduled":
        due = call.created_at + timedelta(seconds=state.progress.dial_after or 0.0)
        scheduled = time_field("scheduled_at", due, lies.answer_time_format, lies.zone_hours)
    inner: JsonObject = {
        "campaign_call": {**_campaign_call(state, call), **scheduled},
        "campaign": {"id": campaign.id, "name": campaign.name, "status": campaign.status},
    }
    return {"success": True, "data": inner} if lies.campaign_in_data else {"success": True, **inner}


def _campaign_call(state: State, call: Call) -> JsonObject:
    """Return the fields that a new call and the one that a duplicate ran into have in common."""
    lies = state.lies
    return {
        "id": call.id,
        "campaign_id": call.campaign_id,
        "to": format_number(call.to, lies.answer_number_format),
        "status": state.status(call),
        **time_field("created_at", call.created_at, lies.answer_time_format, lies.zone_hours),
    }


def _duplicate(state: State, campaign: Campaign, number: str) -> Call | None:
    """Return the newest call of the campaign to the number that is queued or active."""
    for call in reversed(state.book.all()):
        ours = call.campaign_id == campaign.id and call.to == number
        if ours and state.status(call) in ACTIVE | WAITING:
            return call
    return None
