"""The voice-agent API over HTTP. It reports what the wire did, and never raises for it; the rules judge.

Whether a request may have left is observed, not guessed from an exception's class: until it was given a connection,
nothing left.
"""

import os
import ssl
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache, partial
from json import JSONEncoder
from types import TracebackType
from typing import Self
from urllib.parse import quote

import aiohttp
import anyio
import httpx
from aiohttp.http import HttpProcessingError

from batch_dialer import __version__
from batch_dialer.clock import Clock
from batch_dialer.model import DEADLINE, Answer, Call, Lost, Reply, Unsent, Via
from batch_dialer.talkover.connections import EXCHANGE, Reuse, connections
from batch_dialer.talkover.payload import body
from batch_dialer.talkover.token import Token

_TIMEOUT = httpx.Timeout(10, read=60)  # httpx-aiohttp takes `pool` for all that comes before a connection is there
_MOST_BYTES = 64 * 1024
_JSON = JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
EXCHANGE_ERRORS = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    aiohttp.ClientError,
    HttpProcessingError,
    OSError,
    ValueError,
)
"""All that an exchange can raise."""


def call_path(call: Call) -> str:
    """Return the path that places *call*: Make a Call or Make a Campaign Call. IDs are data, never a part of a path."""
    folder = "agents" if call.target.via is Via.AGENT else "campaigns"
    return f"/{folder}/{quote(call.target.id, safe='')}/call"


class TalkoverApi:
    """The API at *base_url*, with at most *most* connections open; an async context manager.

    Requests go straight to the transport: a client would add redirects, cookies and a login, which nobody wants here.
    """

    def __init__(self, base_url: str, token: Token, most: int, clock: Clock, timeout: httpx.Timeout = _TIMEOUT) -> None:
        self._base_url = base_url.rstrip("/")
        self._token = token
        self._reuse = Reuse()
        self._transport = connections(most, self._reuse)
        self._clock = clock
        self._extensions = {"timeout": timeout.as_dict()}
        self._url = lru_cache(maxsize=64)(self._parsed)  # an agent's calls have one URL, and parsing it is not cheap
        self._headers = httpx.Headers(
            {
                "Authorization": token.header(),
                "Accept": "application/json",
                "Accept-Encoding": "identity",  # a few compressed bytes could fill the memory
                "User-Agent": f"batch_dialer/{__version__}",
            }
        )
        self._posted = httpx.Headers([*self._headers.items(), ("Content-Type", "application/json")])

    async def __aenter__(self) -> Self:
        await self._transport.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.__aexit__(kind, error, trace)

    async def place(self, call: Call) -> Reply:
        """Send the request for *call* once."""
        return await self._exchange(partial(self._placing, call), _MOST_BYTES)

    def shown(self, call: Call) -> str:
        """Return the request for *call* as it would go out, but for the token and what the connection adds."""
        request = self._placing(call)
        headers = [f"{name}: {value}" for name, value in request.headers.items() if name != "authorization"]
        lines = [f"POST {request.url}", "authorization: Bearer (hidden)", *headers, "", request.content.decode()]
        return "\n".join(lines)

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Reply:
        """Ask for *path*; a listing may be longer than an answer about one call."""
        return await self._exchange(partial(self._asking, path, params), 16 * _MOST_BYTES)

    async def end_call(self, agent_id: str, call_id: str) -> Reply:
        """Ask once to hang up the call *call_id* of the agent (End Call)."""
        path = f"/agents/{quote(agent_id, safe='')}/end-call"
        return await self._exchange(partial(self._posting, path, {"call_sid": call_id}), _MOST_BYTES)

    def _placing(self, call: Call) -> httpx.Request:
        return self._posting(call_path(call), body(call))

    def _posting(self, path: str, document: Mapping[str, object]) -> httpx.Request:
        """Given as a stream, httpx takes the content as it is: else it works out all headers anew for each call."""
        content = httpx.ByteStream(_JSON(document).encode())
        url = self._url(path)
        request = httpx.Request("POST", url, headers=self._posted, stream=content, extensions=self._extensions)
        request.read()  # so that it goes out in one piece, and with its length
        return request

    def _asking(self, path: str, params: Mapping[str, str | int] | None) -> httpx.Request:
        url = self._url(path)
        return httpx.Request("GET", url, params=params, headers=self._headers, extensions=self._extensions)

    def _parsed(self, path: str) -> httpx.URL:
        return httpx.URL(f"{self._base_url}{path}")

    async def _exchange(self, make: Callable[[], httpx.Request], most: int) -> Reply:
        wire = _Wire(most, self._token)
        EXCHANGE.set(wire)
        fault: Exception | None = None
        try:
            # The network has a time of its own, whatever the run's clock says.
            with self._clock.busy(), anyio.move_on_after(DEADLINE) as deadline:  # noqa: TID251  (as above)
                try:
                    await wire.read(await self._transport.handle_async_request(make()))
                except EXCHANGE_ERRORS as error:
                    fault = error
        finally:
            if wire.reused:
                self._reuse.end(well=wire.is_whole)
        return wire.reply(fault, timed_out=deadline.cancelled_caught, now=self._clock.now())


class _Wire:
    """One exchange as it was observed: whether anything may have left, and what arrived until it ended or broke.

    *reused*: it had a connection that had served others. *is_whole*: the answer came to its end, or to the most of it
    that is read.
    """

    def __init__(self, most: int, token: Token) -> None:
        self._most = most
        self._token = token
        self._left = False
        self._body = bytearray()
        self._response: httpx.Response | None = None
        self.reused = False
        self.is_whole = False

    def connected(self, *, reused: bool) -> None:
        self._left = True
        self.reused = reused

    async def read(self, response: httpx.Response) -> None:
        self._response = response
        assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101  (httpx promises it)
        try:
            async for chunk in response.stream:
                self._body += chunk
                if len(self._body) >= self._most:
                    break
            self.is_whole = True
        finally:
            await response.stream.aclose()

    def reply(self, fault: Exception | None, *, timed_out: bool, now: datetime) -> Reply:
        if self._response is not None:
            headers = {"date": format_datetime(now)} | self._headers(self._response)
            whole = fault is None and not timed_out
            body = self._token.redact(bytes(self._body[: self._most]))
            return Answer(self._response.status_code, headers, body, whole)
        cause = fault.__cause__ if isinstance(fault, httpx.TransportError) else fault  # what aiohttp said itself
        late = timed_out or isinstance(cause, TimeoutError)
        if self._left:
            return Lost("no answer in time" if late else "the connection broke before an answer came", timed_out=late)
        return Unsent("no connection in time" if late else _no_connection(cause), hopeless=isinstance(cause, _HOPELESS))

    def _headers(self, response: httpx.Response) -> dict[str, str]:
        lines = [(name.lower(), self._token.redact(value)) for name, value in response.headers.raw]
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in lines}


_HOPELESS = (ValueError, httpx.InvalidURL, httpx.UnsupportedProtocol, aiohttp.ClientConnectorCertificateError)
"""A certificate that is wrong now is wrong for every row; so is a request that cannot be written."""


def _no_connection(cause: BaseException | None) -> str:
    """An exception's own text may quote a header, and so the token: it is shown only where it cannot."""
    match cause:
        case aiohttp.ClientConnectorCertificateError(certificate_error=ssl.SSLCertVerificationError() as error):
            return f"no connection ({error.verify_message})"
        case aiohttp.ClientConnectorError(os_error=error):
            known = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
            return f"no connection ({known or error})"
        case OSError() | aiohttp.ClientConnectionError():
            return "no connection"
        case _:
            return "the request could not be written"
