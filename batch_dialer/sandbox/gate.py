"""What every request passes before it reaches an endpoint: rate limit, token check and the script of faults."""

import re
import time
from email.utils import formatdate

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from batch_dialer.sandbox.exchange import Clock
from batch_dialer.sandbox.limiter import LimitDecision, limit_headers, make_limiter
from batch_dialer.sandbox.replies import bare_error, flat_error, wrapped_error
from batch_dialer.sandbox.scripts import ReceivedRequest, Script
from batch_dialer.sandbox.settings import Settings

HEALTH = "/api/v1/health"

_MAKE_A_CALL = re.compile(r"/api/v1/agents/[^/]+/call")
_TOKEN = re.compile(rb"Bearer talq_(?!invalid)[\x21-\x7e]{4,4096}")


class RequestGate:
    """An ASGI app that passes requests on to *app* or refuses them.

    *seen* has every request, as `METHOD /path`; *ports* has the client's port of each: one for each connection.
    """

    def __init__(
        self, app: ASGIApp, settings: Settings, clock: Clock = time.time, script: Script | None = None
    ) -> None:
        self._app = app
        self._reset = settings.reset
        self._clock = clock
        self._script = script
        limited = settings.limit is not None
        self._limiter = make_limiter(settings.window, settings.limit or 0, settings.window_seconds) if limited else None
        self.seen: list[str] = []
        self.ports: list[int] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        method, path = scope["method"], scope["path"]
        self.seen.append(f"{method} {path}")
        self.ports.append((scope.get("client") or ("", 0))[1])
        now = self._clock()
        decision = self._limiter.take(now) if self._limiter and path != HEALTH else None
        headers = {"date": formatdate(int(now), usegmt=True)}
        if decision:
            headers |= limit_headers(decision, self._reset, now)
        send = _add_headers({name.encode(): value.encode() for name, value in headers.items()}, send)

        refusal = None if path == HEALTH else self._refusal(scope, decision, now)
        if refusal:
            await refusal(scope, receive, send)
            return
        body = await _read_all(receive)
        if body is None:
            return
        fault = self._script(ReceivedRequest(method, path, body)) if self._script else None
        receive = _replay(body, receive)
        if fault:
            await fault(self._app, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope, decision: LimitDecision | None, now: float) -> Response | None:
        as_call = _MAKE_A_CALL.fullmatch(scope["path"])
        if decision and not decision.allowed:
            message = "Rate limit exceeded. Please wait before making more requests."
            shape = bare_error if as_call else wrapped_error
            return shape(429, "RATE_LIMIT_EXCEEDED", message, retry_after=decision.retry_after(now))
        given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        if not _TOKEN.fullmatch(given):
            message = "Invalid or missing authentication token"
            return bare_error(401, "INVALID_TOKEN", message) if as_call else flat_error(401, message)
        return None


def _add_headers(headers: dict[bytes, bytes], send: Send) -> Send:
    """Return a *send* that adds those of *headers* to an answer that it does not have already."""

    async def add(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = list(message.get("headers", ()))
            named = {name.lower() for name, _ in own}
            message["headers"] = own + [each for each in headers.items() if each[0] not in named]
        await send(message)

    return add


async def _read_all(receive: Receive) -> bytes | None:
    """Return the whole body; None where the client disconnects first."""
    pieces = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        pieces.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(pieces)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a *receive* that gives the *body* that was read already, and then what follows."""
    unread = True

    async def replay() -> Message:
        nonlocal unread
        if unread:
            unread = False
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return replay
