"""Build answers and refusals in the documented shapes. The vendor's pages show three shapes of refusals.

bare        {"error": {"code", "message", "details"}}                     Make a Call
wrapped     {"success": false, "error": {"code", "message", "details"}}   the API introduction
flat        {"success": false, "message", "errors", "code"}               campaigns and lists, often without the code
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from starlette.responses import JSONResponse

from batch_dialer.sandbox.exchange import Exchange, PlacedCall

OWN_NUMBER = "+14155550100"


def bare_error(http: int, code: str, message: str, **details: object) -> JSONResponse:
    """Return a refusal as Make a Call gives it."""
    return JSONResponse({"error": _error_object(code, message, details)}, status_code=http)


def wrapped_error(http: int, code: str, message: str, **details: object) -> JSONResponse:
    """Return a refusal as the API introduction shows it."""
    return JSONResponse({"success": False, "error": _error_object(code, message, details)}, status_code=http)


def flat_error(http: int, message: str, *, code: str = "", **more: object) -> JSONResponse:
    """Return a refusal as campaigns and lists give it; *more* is `errors` or `existing_call`."""
    named = {"code": code} if code else {}
    return JSONResponse({"success": False, "message": message, **named, **more}, status_code=http)


def success(data: object, **more: object) -> JSONResponse:
    """Return an answer (200) as most endpoints give it; *more* is `pagination`."""
    return JSONResponse({"success": True, "data": data, **more})


def _error_object(code: str, message: str, details: Mapping[str, object]) -> dict[str, object]:
    return {"code": code, "message": message, **({"details": details} if details else {})}


def format_timestamp(moment: float) -> str:
    """Return *moment* (seconds since the epoch) as the API writes it: ISO 8601 in UTC, whole seconds."""
    return f"{datetime.fromtimestamp(int(moment), UTC):%Y-%m-%dT%H:%M:%SZ}"


def call_reply(exchange: Exchange, call: PlacedCall) -> JSONResponse:
    """Return the answer to Make a Call."""
    return success(
        {
            "id": call.id,
            "agent_id": call.order.agent_id,
            "to": call.to,
            "status": exchange.state(call).status,
            "created_at": format_timestamp(call.created_at),
        }
    )


def campaign_call_record(exchange: Exchange, call: PlacedCall) -> dict[str, object]:
    """Return a campaign's call as the API shows it."""
    return {
        "id": call.id,
        "campaign_id": call.order.campaign_id,
        "to": call.to,
        "status": exchange.state(call).status,
        "created_at": format_timestamp(call.created_at),
    }


def campaign_call_reply(exchange: Exchange, call: PlacedCall) -> JSONResponse:
    """Return the answer to Make a Campaign Call: 201, without `success` and `data`."""
    campaign_id = call.order.campaign_id
    scheduled_at = format_timestamp(call.created_at + call.wait_seconds / exchange.speed)
    return JSONResponse(
        {
            "campaign_call": {**campaign_call_record(exchange, call), "scheduled_at": scheduled_at},
            "campaign": {"id": campaign_id, "name": "Sandbox campaign", "status": "active"},
        },
        status_code=201,
    )


def listed_call_record(exchange: Exchange, call: PlacedCall, *, with_agent: bool) -> dict[str, object]:
    """Return a call as the lists show it: without `context`, which the API does not return either."""
    state = exchange.state(call)
    agent = {"id": call.order.agent_id, "name": "Sandbox agent", "label": "Sandbox agent"}
    return {
        "id": call.id,
        "sid": call.sid,
        "to": call.to,
        "from": OWN_NUMBER,
        "is_testing": call.order.is_testing,
        "direction": "outbound",
        "status": state.status,
        "duration": state.duration,
        **({"agent": agent} if with_agent else {}),
        "created_at": format_timestamp(call.created_at),
        "updated_at": format_timestamp(state.since),
    }


def active_call_record(exchange: Exchange, call: PlacedCall) -> dict[str, object]:
    """Return an active call as Get Active Call shows it."""
    state = exchange.state(call)
    return {
        "id": call.id,
        "agent_id": call.order.agent_id,
        "to": call.to,
        "status": state.status,
        "started_at": format_timestamp(call.created_at),
        "duration_seconds": state.duration,
    }
