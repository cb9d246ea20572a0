"""The connections to the API: aiohttp's, behind httpx's interface.

httpx's own pool collapses beyond some hundred requests a second, and it keeps a connection on which something came
behind an answer: the next call would get what was said of somebody else.
"""

from collections.abc import Callable
from contextvars import ContextVar

import aiohttp
import httpx
from aiohttp.client_reqrep import ClientRequest
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from httpx_aiohttp import AiohttpTransport

_IDLE_SECONDS = 3.0  # shorter than any server's patience: a connection that is being closed takes a call and no answer

ON_CONNECTED: ContextVar[Callable[[], None]] = ContextVar("leaves")
"""Called once an exchange has its connection. What fails before that has provably sent nothing."""


def connections(most: int) -> httpx.AsyncBaseTransport:
    """Return a transport with at most *most* connections, each for one request at a time. It never sends one twice."""
    tls = httpx.create_ssl_context(trust_env=False)

    def session() -> aiohttp.ClientSession:
        connector = _Quiet(limit=most, keepalive_timeout=_IDLE_SECONDS, ssl=tls)
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False)

    return AiohttpTransport(verify=tls, trust_env=False, client=session)


class _Quiet(aiohttp.TCPConnector):
    """Gives out connections on which nothing came unasked: it would be taken for the answer."""

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout) -> Connection:  # noqa: ASYNC109  (aiohttp's)
        connection = await super().connect(req, traces, timeout)
        while connection.protocol is None or connection.protocol.should_close:
            connection.close()
            connection = await super().connect(req, traces, timeout)
        ON_CONNECTED.get()()
        return connection
