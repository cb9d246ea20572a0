"""The voice-agent API over HTTP. It reports what the wire did, and never raises for it; the rules judge.

The only file that knows httpx. Whether a request may have left is observed, not guessed from an exception's class:
httpcore reports the moment before it gives the first header to the socket, and what fails before that left nothing.
"""

import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import anyio
import httpx

from batch_dialer import __version__
from batch_dialer.edges.lanes import Lanes
from batch_dialer.model import Answer, Call, Lost, Reply, Unsent, Via
from batch_dialer.rules.payload import body

DEADLINE = 90.0
"""Seconds until an exchange is given up as a whole; `rules/matching.py` reckons with it."""
_TIMEOUT = httpx.Timeout(connect=10, write=30, read=60, pool=5)
_MOST_BYTES = 64 * 1024
_LEAVING = "http11.send_request_headers.started"


class Token:
    """The API token, which no print, log or traceback shows."""

    __slots__ = ("_secret",)

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def __repr__(self) -> str:
        return "Token(***)"

    def header(self) -> str:
        """Return the value of the Authorization header. The one place where the secret leaves."""
        return f"Bearer {self._secret}"


def call_path(call: Call) -> str:
    """Return the path that places *call*: Make a Call or Make a Campaign Call. IDs are data, never a part of a path."""
    folder = "agents" if call.target.via is Via.AGENT else "campaigns"
    return f"/{folder}/{quote(call.target.id, safe='')}/call"


class TalkoverApi:
    """The API at *base_url*, with at most *connections* open; an async context manager."""

    def __init__(self, base_url: str, token: Token, connections: int, timeout: httpx.Timeout = _TIMEOUT) -> None:
        self._base_url = base_url.rstrip("/")
        self._client = httpx.AsyncClient(
            transport=Lanes(connections),
            timeout=timeout,
            follow_redirects=False,
            trust_env=False,
            headers={
                "Authorization": token.header(),
                "Accept": "application/json",
                "Accept-Encoding": "identity",  # a few compressed bytes could fill the memory
                "User-Agent": f"batch_dialer/{__version__}",
            },
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    async def place(self, call: Call) -> Reply:
        """Send the request for *call* once."""
        return await self._exchange("POST", call_path(call), json=body(call))

    def shown(self, call: Call) -> str:
        """Return the request for *call* as it would go out, but for the token."""
        request = self._client.build_request("POST", f"{self._base_url}{call_path(call)}", json=body(call))
        headers = [f"{name}: {value}" for name, value in request.headers.items() if name != "authorization"]
        lines = [f"POST {request.url}", "authorization: Bearer (hidden)", *headers, "", request.content.decode()]
        return "\n".join(lines)

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Reply:
        """Ask for *path*; a listing may be longer than an answer about one call."""
        return await self._exchange("GET", path, params=params, most=16 * _MOST_BYTES)

    async def _exchange(self, method: str, path: str, *, most: int = _MOST_BYTES, **content: Any) -> Reply:  # noqa: ANN401
        wire = _Wire(most)
        fault: Exception | None = None
        with anyio.move_on_after(DEADLINE) as deadline:
            try:
                request = self._client.build_request(method, f"{self._base_url}{path}", **content)
                request.extensions["trace"] = wire.trace
                await wire.read(await self._client.send(request, stream=True))
            except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
                fault = error
        return wire.reply(fault, timed_out=deadline.cancelled_caught)


class _Wire:
    """One exchange as it was observed: whether anything left, and what arrived until it ended or broke."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._left = False
        self._body = bytearray()
        self._response: httpx.Response | None = None

    async def trace(self, event: str, _info: Mapping[str, Any]) -> None:
        self._left = self._left or event == _LEAVING

    async def read(self, response: httpx.Response) -> None:
        self._response = response
        try:
            async for chunk in response.aiter_raw():
                self._body += chunk
                if len(self._body) >= self._most:
                    break
        finally:
            await response.aclose()

    def reply(self, fault: Exception | None, *, timed_out: bool) -> Reply:
        if self._response is not None:
            headers = {name.lower(): value for name, value in self._response.headers.items()}
            headers.setdefault("date", format_datetime(datetime.now(UTC)))
            whole = fault is None and not timed_out
            return Answer(self._response.status_code, headers, bytes(self._body[: self._most]), whole)
        reason = "no answer in time" if timed_out else _reason(fault)
        if not self._left:
            return Unsent(reason, hopeless=_is_hopeless(fault))
        return Lost(reason, timed_out=timed_out or isinstance(fault, httpx.TimeoutException))


def _reason(fault: Exception | None) -> str:
    """An exception's own text may quote a header, and so the token: it is shown only where it cannot."""
    match fault:
        case httpx.ConnectTimeout():
            return "no connection in time"
        case httpx.ConnectError():
            return f"no connection ({fault})" if str(fault) else "no connection"
        case httpx.TimeoutException():
            return "no answer in time"
        case httpx.LocalProtocolError() | httpx.InvalidURL() | httpx.UnsupportedProtocol():
            return "the request could not be written"
        case _:
            return "the connection broke before an answer came"


def _is_hopeless(fault: BaseException | None) -> bool:
    """A certificate that is wrong now is wrong for every row; so is a request that cannot be written."""
    while fault is not None:
        if isinstance(fault, ssl.SSLCertVerificationError | httpx.LocalProtocolError | httpx.InvalidURL):
            return True
        if isinstance(fault, httpx.UnsupportedProtocol):
            return True
        fault = fault.__cause__ or fault.__context__
    return False
