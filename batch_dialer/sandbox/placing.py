"""The two endpoints that place calls: through an agent, and through a campaign."""

from collections.abc import Callable, Mapping
from typing import cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from batch_dialer.sandbox import faults
from batch_dialer.sandbox.bodies import (
    Body,
    read_body,
    refuse_campaign_number,
    refuse_fields,
    refuse_number,
    validation_error,
)
from batch_dialer.sandbox.directory import (
    FORBIDDEN_CAMPAIGN,
    INACTIVE_AGENT,
    MISSING_AGENT,
    MISSING_CAMPAIGN,
    campaign_status,
    first_status,
)
from batch_dialer.sandbox.exchange import CAMPAIGN_AGENT, Exchange, Order, PlacedCall
from batch_dialer.sandbox.faults import Fault, wrap
from batch_dialer.sandbox.numbers import Behaviour, behaviour_of
from batch_dialer.sandbox.replies import (
    bare_error,
    call_reply,
    campaign_call_record,
    campaign_call_reply,
    flat_error,
    wrapped_error,
)
from batch_dialer.sandbox.wire import HoldBack
from batch_dialer.words import Status

Reply = Callable[[Exchange, PlacedCall], Response]

_WAIT_SECONDS = 1
_NO_CREDITS = "Account has insufficient credits to place this call"


class CallEndpoints:
    """Make a Call and Make a Campaign Call, for one exchange.

    *slow_seconds* is the delay of the slow number, by the clock of *hold_back*.
    """

    def __init__(self, exchange: Exchange, slow_seconds: float, hold_back: HoldBack) -> None:
        self._exchange = exchange
        self._faults: Mapping[Behaviour, Fault] = {
            Behaviour.WAIT_ONCE: faults.too_many(_WAIT_SECONDS),
            Behaviour.PLACED_THEN_500: faults.place_then_500,
            Behaviour.PLACED_THEN_DROPPED: faults.place_then_drop,
            Behaviour.SLOW: faults.slow(slow_seconds, hold_back),
            Behaviour.DROPPED: faults.drop,
        }

    async def through_agent(self, request: Request) -> ASGIApp:
        """`POST /agents/{agent_id}/call`."""
        agent_id = request.path_params["agent_id"]
        body = await read_body(request)
        if isinstance(body, Response):
            return body
        to = body.get("to")
        refusal = _refuse_agent(agent_id) or refuse_number(to) or refuse_fields(body, delayable=True)
        if refusal:
            return refusal
        match behaviour_of(str(to)):
            case Behaviour.REFUSED:
                return bare_error(400, "INVALID_PHONE_NUMBER", "Phone number is not in use", field="to", value=to)
            case Behaviour.NO_CREDITS:
                return bare_error(402, "INSUFFICIENT_CREDITS", _NO_CREDITS)
            case _:
                return self._place_and_answer(_make_order(body, agent_id), call_reply)

    async def through_campaign(self, request: Request) -> ASGIApp:
        """`POST /campaigns/{campaign_id}/call`."""
        campaign_id = request.path_params["campaign_id"]
        body = await read_body(request)
        if isinstance(body, Response):
            return body
        to = body.get("to")
        refusal = _refuse_campaign(campaign_id) or refuse_campaign_number(to) or refuse_fields(body, delayable=False)
        if refusal:
            return refusal
        match behaviour_of(str(to)):
            case Behaviour.REFUSED:
                return validation_error({"to": ["Phone number is not in use"]})
            case Behaviour.NO_CREDITS:
                return wrapped_error(402, "INSUFFICIENT_CREDITS", _NO_CREDITS)
            case _:
                return self._refuse_duplicate(campaign_id, body) or self._place_and_answer(
                    _make_order(body, CAMPAIGN_AGENT, campaign_id), campaign_call_reply
                )

    def _refuse_duplicate(self, campaign_id: str, body: Body) -> Response | None:
        if body.get("allow_duplicates"):
            return None
        call = self._exchange.find_duplicate(campaign_id, str(body["to"]))
        if call is None:
            return None
        message = "A call to this number is already queued or active in this campaign"
        return flat_error(409, message, code="DUPLICATE_CALL", existing_call=campaign_call_record(self._exchange, call))

    def _place_and_answer(self, order: Order, reply: Reply) -> ASGIApp:
        """Return an app that places the call and answers with *reply*, or with the fault that the number stands for."""

        async def place(scope: Scope, receive: Receive, send: Send) -> None:
            await reply(self._exchange, self._exchange.place(order))(scope, receive, send)

        behaviour = behaviour_of(order.to)
        fault = self._faults.get(behaviour)
        if behaviour is Behaviour.WAIT_ONCE and not self._exchange.record_wait(order.to):
            fault = None
        return wrap(fault, place) if fault else place


def _refuse_agent(agent_id: str) -> Response | None:
    if agent_id.startswith(MISSING_AGENT):
        return bare_error(404, "AGENT_NOT_FOUND", "Voice agent not found", agent_id=agent_id)
    if agent_id.startswith(INACTIVE_AGENT):
        return bare_error(400, "AGENT_INACTIVE", "Agent is not published", agent_id=agent_id)
    return None


def _refuse_campaign(campaign_id: str) -> Response | None:
    if campaign_id.startswith(MISSING_CAMPAIGN):
        return flat_error(404, "Campaign not found", code="CAMPAIGN_NOT_FOUND")
    if campaign_id.startswith(FORBIDDEN_CAMPAIGN):
        return flat_error(403, "You do not have access to this campaign")
    if campaign_status(campaign_id) != "active":
        return flat_error(400, "Campaign is not active", code="CAMPAIGN_NOT_ACTIVE")
    return None


def _make_order(body: Body, agent_id: str, campaign_id: str = "") -> Order:
    return Order(
        to=cast("str", body["to"]),
        agent_id=agent_id,
        campaign_id=campaign_id,
        payload=cast("Body", body.get("payload") or {}),
        context=cast("Body", body.get("context") or {}),
        delay_seconds=0 if campaign_id else cast("int", body.get("delay_seconds") or 0),
        is_testing=bool(body.get("is_testing")),
        first=first_status(campaign_id) if campaign_id else Status.INITIATED,
    )
