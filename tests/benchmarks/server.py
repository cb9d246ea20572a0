"""An API that answers faster than any client asks: `python tests/benchmarks/server.py LATENCY_MS`.

It says yes to every call with an ID of its own, and keeps count of whom it rang. The sandbox knows far more of the API,
and is slower than the clients that are to be measured. `GET /tally` has what it counted since it was last asked.
"""

import asyncio
import contextlib
import http.client
import itertools
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import formatdate
from typing import cast

from measure import IMPORTS, check, pinned

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_NUMBER = re.compile(rb'"to": *"(\+\d+)"')
_HEAD = b"HTTP/1.1 200 OK\r\nDate: %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
_DATE = formatdate(usegmt=True).encode()
_CALL = (
    b'{"success":true,"data":{"id":"call_%d","agent_id":"agent_1","to":"%b","status":"initiated",'
    b'"created_at":"2026-12-01T09:30:00.000Z"}}'
)
_AGENT = (
    b'{"success":true,"data":{"id":"agent_1","current_status":"published","direction":"outbound","is_sandbox":false}}'
)


class Exchange:
    """What all connections share: whom it rang, and when first and last, in seconds of this machine's clock."""

    def __init__(self, latency: float) -> None:
        self.latency = latency
        self._ids = itertools.count(1)
        self._begin()

    def _begin(self) -> None:
        self._calls = 0
        self._rang: set[bytes] = set()
        self._first = self._last = 0.0

    def answer(self, request: bytes) -> bytes:
        """Return the whole response to *request*."""
        if request.startswith(b"GET /tally"):
            tally = {"calls": self._calls, "people": len(self._rang), "seconds": self._last - self._first}
            self._begin()
            body = json.dumps(tally).encode()
        elif request.startswith(b"GET "):
            body = _AGENT
        else:
            found = _NUMBER.search(request)
            to = found[1] if found else b""
            self._last = time.monotonic()
            self._first = self._first or self._last
            self._calls += 1
            self._rang.add(to)
            body = _CALL % (next(self._ids), to)
        return _HEAD % (_DATE, len(body), body)


class Connection(asyncio.Protocol):
    """One connection, on which requests may follow each other."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._came = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._came += data
        while (head := self._came.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._came, 0, head)
            end = head + 4 + (int(length[1]) if length else 0)
            if len(self._came) < end:
                return
            request, self._came = self._came[:end], self._came[end:]
            answer = self._exchange.answer(request)
            if self._exchange.latency:
                asyncio.get_running_loop().call_later(self._exchange.latency, self._transport.write, answer)
            else:
                self._transport.write(answer)


@dataclass(frozen=True, slots=True)
class Server:
    """The server in its process, as this one sees it."""

    host: str
    port: int

    @property
    def base_url(self) -> str:
        """What a client is given."""
        return f"http://{self.host}:{self.port}/api/v1"

    def rate(self, what: str, calls: int) -> float:
        """Return the calls a second since it was last asked; raise `Wrong` unless *calls* people were rung once."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", "/tally")
            tally = json.loads(connection.getresponse().read())
        check(f"{what}: calls", calls, tally["calls"])
        check(f"{what}: people called", calls, tally["people"])
        return float((calls - 1) / tally["seconds"]) if tally["seconds"] else 0.0


@contextlib.contextmanager
def serving(latency_ms: int, *, core: int | None = None) -> Iterator[Server]:
    """Run the server in a process of its own, on the *core*-th core alone if one is named."""
    words = [sys.executable, __file__, str(latency_ms)]
    with contextlib.nullcontext() if core is None else pinned(core):
        process = subprocess.Popen(words, env=os.environ | {"PYTHONPATH": IMPORTS}, stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        host, port = process.stdout.readline().split()
        try:
            yield Server(host, int(port))
        finally:
            process.terminate()


async def _serve(latency_ms: int) -> None:
    exchange = Exchange(latency_ms / 1000)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(exchange), "127.0.0.1", backlog=2048)
    print(*server.sockets[0].getsockname(), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
