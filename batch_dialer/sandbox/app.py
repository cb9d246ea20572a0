"""The voice-agent API as an ASGI app: the endpoints, and the gate before them."""

from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from batch_dialer.sandbox.exchange import Exchange
from batch_dialer.sandbox.gate import HEALTH, Gate
from batch_dialer.sandbox.looking import Looking
from batch_dialer.sandbox.placing import Placing
from batch_dialer.sandbox.replies import flat
from batch_dialer.sandbox.scripts import Script
from batch_dialer.sandbox.settings import DEFAULTS, Settings


def make_app(exchange: Exchange, settings: Settings = DEFAULTS, script: Script | None = None) -> Gate:
    """Return the app over *exchange*; *script* names the fault that a request meets."""
    placing, looking = Placing(exchange, settings.slow_seconds), Looking(exchange)
    agent, campaign = "/api/v1/agents/{agent_id}", "/api/v1/campaigns/{campaign_id}"
    routes = [
        Route(f"{agent}/call", placing.through_agent, methods=["POST"]),
        Route(f"{campaign}/call", placing.through_campaign, methods=["POST"]),
        Route("/api/v1/calls", looking.calls),
        Route(f"{agent}/calls", looking.agent_calls),
        Route(agent, looking.agent),
        Route(campaign, looking.campaign),
        Route(f"{agent}/active-call/{{phone}}", looking.active_calls),
        Route(f"{agent}/end-call", looking.end_call, methods=["POST"]),
        Route(HEALTH, _health),
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _no_such_endpoint})
    # A redirected POST may be sent twice: a path with a slash too many is simply unknown.
    app.router.redirect_slashes = False
    return Gate(app, settings, exchange.clock, script)


async def _health(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _no_such_endpoint(_request: Request, error: Exception) -> Response:
    http = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    return flat(http, HTTPStatus(http).phrase)
