"""Answers and refusals in the documented shapes. Refusals have three, since the vendor's pages have three.

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
    """Refuse as Make a Call does."""
    return JSONResponse({"error": _error_object(code, message, details)}, status_code=http)


def wrapped_error(http: int, code: str, message: str, **details: object) -> JSONResponse:
    """Refuse as the API introduction shows it."""
    return JSONResponse({"success": False, "error": _error_object(code, message, details)}, status_code=http)


def flat_error(http: int, message: str, *, code: str = "", **more: object) -> JSONResponse:
    """Refuse as the campaign and list endpoints do; *more* is `errors` or `existing_call`."""
    named = {"code": code} if code else {}
    return JSONResponse({"success": False, "message": message, **named, **more}, status_code=http)


def success(data: object, **more: object) -> JSONResponse:
    """Answer as most endpoints do."""
    return JSONResponse({"success": True, "data": data, **more})


def _error_object(code: str, message: str, details: Mapping[str, object]) -> dict[str, object]:
    return {"code": code, "message": message, **({"details": details} if details else {})}


def format_timestamp(moment: float) -> str:
    """Write a moment as the API does: UTC, whole seconds."""
    return f"{datetime.fromtimestamp(int(moment), UTC):%Y-%m-%dT%H:%M:%SZ}"


def call_reply(exchange: Exchange, call: PlacedCall) -> JSONResponse:
    """Answer a Make a Call."""
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
    """Answer a Make a Campaign Call: 201, and without `success` or `data`."""
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
    """Return a call as the lists show it. `context` is not among it: the API does not return it either."""
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
    """Return a call that is under way as Get Active Call shows it."""
    state = exchange.state(call)
    return {
        "id": call.id,
        "agent_id": call.order.agent_id,
        "to": call.to,
        "status": state.status,
        "started_at": format_timestamp(call.created_at),
        "duration_seconds": state.duration,
    }
