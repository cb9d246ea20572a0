"""The endpoints that look something up, and the one that ends a call."""

import math
from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from batch_dialer.sandbox.bodies import read_body, validation_error
from batch_dialer.sandbox.directory import (
    FORBIDDEN_CAMPAIGN,
    MISSING_AGENT,
    MISSING_CAMPAIGN,
    agent_record,
    campaign_record,
)
from batch_dialer.sandbox.exchange import Exchange, Query
from batch_dialer.sandbox.replies import active_call_record, flat_error, format_timestamp, listed_call_record, success

_MAX_PER_PAGE = 100


class LookupEndpoints:
    """Lists, agents, campaigns, active calls and End Call, for one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def calls(self, request: Request) -> Response:
        """`GET /calls`."""
        return self._list_calls(request, request.query_params.get("agent_id"), with_agent=True)

    async def agent_calls(self, request: Request) -> Response:
        """`GET /agents/{agent_id}/calls`."""
        agent_id = request.path_params["agent_id"]
        return _refuse_missing_agent(agent_id) or self._list_calls(request, agent_id, with_agent=False)

    async def agent(self, request: Request) -> Response:
        """`GET /agents/{agent_id}`."""
        agent_id = request.path_params["agent_id"]
        return _refuse_missing_agent(agent_id) or success(agent_record(agent_id))

    async def campaign(self, request: Request) -> Response:
        """`GET /campaigns/{campaign_id}`."""
        campaign_id = request.path_params["campaign_id"]
        if campaign_id.startswith(MISSING_CAMPAIGN):
            return flat_error(404, "Campaign not found")
        if campaign_id.startswith(FORBIDDEN_CAMPAIGN):
            return flat_error(403, "You do not have access to this campaign")
        return success(campaign_record(campaign_id))

    async def active_calls(self, request: Request) -> Response:
        """`GET /agents/{agent_id}/active-call/{phone}`."""
        calls = self._exchange.find_active(request.path_params["agent_id"], request.path_params["phone"])
        if not calls:
            return flat_error(404, "No active call found for this phone number")
        return success([active_call_record(self._exchange, call) for call in calls])

    async def end_call(self, request: Request) -> Response:
        """`POST /agents/{agent_id}/end-call`. The call ends at once; with the real API it may take a moment."""
        body = await read_body(request)
        if isinstance(body, Response):
            return body
        call = self._exchange.find(str(body.get("call_sid")))
        if call is None or call.order.agent_id != request.path_params["agent_id"]:
            return flat_error(404, "Call not found for this agent")
        if not self._exchange.end(call):
            return flat_error(409, "Call is not active", code="CALL_NOT_ACTIVE")
        state = self._exchange.state(call)
        ended = {"ended_at": format_timestamp(state.since), "ended_reason": "ended_by_api"}
        return success({"id": call.id, "status": state.status, **ended})

    def _list_calls(self, request: Request, agent_id: str | None, *, with_agent: bool) -> Response:
        asked = request.query_params
        try:
            per_page, page = int(asked.get("per_page", 20)), int(asked.get("page", 1))
            since, until = (
                date.fromisoformat(asked[key]) if key in asked else None for key in ("date_from", "date_to")
            )
        except ValueError:
            return validation_error({"query": ["per_page and page are numbers, date_from and date_to are YYYY-MM-DD."]})
        per_page, page = min(max(per_page, 1), _MAX_PER_PAGE), max(page, 1)
        status, direction, search = (asked.get(key) for key in ("status", "direction", "search"))
        calls = self._exchange.list_calls(Query(agent_id, status, direction, since, until, search))
        shown = calls[(page - 1) * per_page : page * per_page]
        pagination = {
            "current_page": page,
            "last_page": max(1, math.ceil(len(calls) / per_page)),
            "per_page": per_page,
            "total": len(calls),
        }
        items = [listed_call_record(self._exchange, call, with_agent=with_agent) for call in shown]
        return success(items, pagination=pagination)


def _refuse_missing_agent(agent_id: str) -> Response | None:
    return flat_error(404, "Voice agent not found") if agent_id.startswith(MISSING_AGENT) else None
