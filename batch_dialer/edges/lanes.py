"""A transport for httpx with a connection of its own for each request at a time.

httpcore's shared pool wakes every waiting request for each connection that comes free, and after a cancellation may
lose one for good. Here whoever sends takes a lane and brings it back; a lane in which anything went wrong is closed.
"""

from collections.abc import AsyncIterator

import anyio
import httpx


class Lanes(httpx.AsyncBaseTransport):
    """At most *most* connections at once: whoever needs more has made a mistake, and gets a `PoolTimeout`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._tls = httpx.create_ssl_context(trust_env=False)
        self._free: list[httpx.AsyncHTTPTransport] = []
        self._busy: set[httpx.AsyncHTTPTransport] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send *request* in a lane, which is free again when the response is closed."""
        if len(self._busy) >= self._most:
            raise httpx.PoolTimeout("every lane is taken", request=request)
        lane = self._free.pop() if self._free else self._new()
        self._busy.add(lane)
        try:
            response = await lane.handle_async_request(request)
        except BaseException:
            await self._drop(lane)
            raise
        assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101  (httpx promises it)
        return httpx.Response(
            status_code=response.status_code,
            headers=response.headers,
            stream=_Lane(response.stream, lane, self),
            extensions=response.extensions,
        )

    async def bring_back(self, lane: httpx.AsyncHTTPTransport, *, whole: bool) -> None:
        """Let the next request have *lane*, the last one used first: its connection is the freshest."""
        if whole:
            self._busy.discard(lane)
            self._free.append(lane)
        else:
            await self._drop(lane)

    async def aclose(self) -> None:
        """Close every connection."""
        for lane in [*self._free, *self._busy]:
            await self._drop(lane)
        self._free.clear()

    def _new(self) -> httpx.AsyncHTTPTransport:
        one = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=3.0)
        return httpx.AsyncHTTPTransport(verify=self._tls, trust_env=False, limits=one, retries=0)

    async def _drop(self, lane: httpx.AsyncHTTPTransport) -> None:
        """Also where everything is being cancelled: a lane that is never brought back would be lost to the rest."""
        self._busy.discard(lane)
        with anyio.move_on_after(2, shield=True):
            await lane.aclose()


class _Lane(httpx.AsyncByteStream):
    """A response's body, which brings its lane back when it is closed."""

    def __init__(self, stream: httpx.AsyncByteStream, lane: httpx.AsyncHTTPTransport, lanes: Lanes) -> None:
        self._stream = stream
        self._lane = lane
        self._lanes = lanes
        self._whole = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            yield chunk
        self._whole = True

    async def aclose(self) -> None:
        try:
            await self._stream.aclose()
        finally:
            await self._lanes.bring_back(self._lane, whole=self._whole)
