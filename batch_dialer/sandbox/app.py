"""The voice-agent API as an ASGI app: the endpoints behind the gate."""

from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from batch_dialer.sandbox.exchange import Exchange
from batch_dialer.sandbox.gate import HEALTH, RequestGate
from batch_dialer.sandbox.looking import LookupEndpoints
from batch_dialer.sandbox.placing import CallEndpoints
from batch_dialer.sandbox.replies import flat_error
from batch_dialer.sandbox.scripts import Script
from batch_dialer.sandbox.settings import DEFAULTS, Settings
from batch_dialer.sandbox.wire import HoldBack, hold_back


def make_app(
    exchange: Exchange, settings: Settings = DEFAULTS, script: Script | None = None, hold_back: HoldBack = hold_back
) -> RequestGate:
    """Return the app that places its calls on *exchange*; *script* chooses the fault for a request.

    *hold_back* holds an answer back by the clock that the exchange has.
    """
    calls, lookups = CallEndpoints(exchange, settings.slow_seconds, hold_back), LookupEndpoints(exchange)
    agent, campaign = "/api/v1/agents/{agent_id}", "/api/v1/campaigns/{campaign_id}"
    routes = [
        Route(f"{agent}/call", calls.through_agent, methods=["POST"]),
        Route(f"{campaign}/call", calls.through_campaign, methods=["POST"]),
        Route("/api/v1/calls", lookups.calls),
        Route(f"{agent}/calls", lookups.agent_calls),
        Route(agent, lookups.agent),
        Route(campaign, lookups.campaign),
        Route(f"{agent}/active-call/{{phone}}", lookups.active_calls),
        Route(f"{agent}/end-call", lookups.end_call, methods=["POST"]),
        Route(HEALTH, _health),
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _no_such_endpoint})
    # Starlette would redirect a path with a trailing slash, and a redirected POST may be sent twice.
    app.router.redirect_slashes = False
    return RequestGate(app, settings, exchange.clock, script)


async def _health(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _no_such_endpoint(_request: Request, error: Exception) -> Response:
    http = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    return flat_error(http, HTTPStatus(http).phrase)
