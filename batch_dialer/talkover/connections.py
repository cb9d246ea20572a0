"""The connections to the API: aiohttp's, behind httpx's interface.

httpx's own pool collapses beyond some hundred requests a second, and it keeps a connection on which something came
behind an answer: the next call would get what was said of somebody else.
"""

from contextvars import ContextVar
from functools import cache
from ssl import SSLContext
from typing import Protocol
from weakref import WeakSet

import aiohttp
import httpx
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ClientRequest
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from httpx_aiohttp import AiohttpTransport

_IDLE_SECONDS = 3.0  # shorter than any server's patience: a connection that is being closed takes a call and no answer
_LONGEST_HEADER = 128 * 1024  # an answer with more is lost, and its ID with it; with no limit it could fill the memory
_MOST_HEADERS = 2048


class Exchange(Protocol):
    """A request on its way to an answer."""

    def connected(self, *, reused: bool) -> None:
        """Take note that it has its connection, from which on bytes may leave; *reused*: one that served others."""
        ...


EXCHANGE: ContextVar[Exchange] = ContextVar("exchange")
"""Whose connection is asked for. What fails before it has one has provably sent nothing."""


class Reuse:
    """How many connections may carry another request at the same time.

    A server may close a connection some milliseconds after its answer, unannounced; a request that leaves on it just
    then is lost. So one connection is tried first, and one more for each that went well; when one is lost, none
    carries another request any more.
    """

    __slots__ = ("_busy", "_most")

    def __init__(self) -> None:
        self._busy = 0
        self._most = 1

    @property
    def is_over(self) -> bool:
        """Whether a connection was lost that way."""
        return self._most == 0

    def try_one(self) -> bool:
        """Return whether one more may be reused now; it is then under way until `end`."""
        if self._busy >= self._most:
            return False
        self._busy += 1
        return True

    def end(self, *, well: bool) -> None:
        """Take note of how the request on a reused connection ended: *well* where its whole answer came."""
        self._busy -= 1
        self._most = self._most + 1 if well and self._most else 0


def connections(most: int, reuse: Reuse) -> httpx.AsyncBaseTransport:
    """Return a transport with at most *most* connections, each for one request at a time. It never sends one twice."""
    tls = _trusted()

    def session() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=_Careful(reuse, limit=most, keepalive_timeout=_IDLE_SECONDS, ssl=tls),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            max_line_size=_LONGEST_HEADER,
            max_field_size=_LONGEST_HEADER,
            max_headers=_MOST_HEADERS,
        )

    return AiohttpTransport(verify=tls, trust_env=False, client=session)


@cache
def _trusted() -> SSLContext:
    """Return what trusts the usual certificates: they are read once, which takes some 30 ms."""
    return httpx.create_ssl_context(trust_env=False)


class _Careful(aiohttp.TCPConnector):
    """Gives out connections on which nothing came unasked, which would be taken for the answer; old ones with care."""

    def __init__(self, reuse: Reuse, *, limit: int, keepalive_timeout: float, ssl: SSLContext) -> None:
        super().__init__(limit=limit, keepalive_timeout=keepalive_timeout, ssl=ssl)
        self._reuse = reuse
        self._seen: WeakSet[ResponseHandler] = WeakSet()

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout) -> Connection:  # noqa: ASYNC109  (aiohttp's)
        while True:
            connection = await super().connect(req, traces, timeout)
            protocol = connection.protocol
            reused = protocol in self._seen
            if protocol is not None and not protocol.should_close and (not reused or self._reuse.try_one()):
                break
            connection.close()
        self._seen.add(protocol)
        if self._reuse.is_over:
            protocol.force_close()
        EXCHANGE.get().connected(reused=reused)
        return connection
