"""Serve the app on a port of this machine: in a thread for tests, in the foreground for the command."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self, cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from batch_dialer.sandbox.app import make_app
from batch_dialer.sandbox.exchange import Clock, Exchange
from batch_dialer.sandbox.gate import RequestGate
from batch_dialer.sandbox.scripts import Script
from batch_dialer.sandbox.settings import DEFAULTS, Settings
from batch_dialer.sandbox.wire import TRANSPORT, HoldBack, hold_back

LOOPBACK = "127.0.0.1"
PORT = 8765

_TICK_SECONDS = 0.02
_BACKLOG = 2048


class Sandbox:
    """A context manager that serves the API at `base_url`, on *port* of this machine (0: any free port).

    `exchange` has every placed call; pass it to another Sandbox to keep them. `app.seen` has every request.
    """

    def __init__(
        self,
        settings: Settings = DEFAULTS,
        *,
        script: Script | None = None,
        clock: Clock = time.time,
        hold_back: HoldBack = hold_back,
        exchange: Exchange | None = None,
        port: int = 0,
    ) -> None:
        self.exchange = exchange or _make_exchange(settings, clock)
        self.app = make_app(self.exchange, settings, script, hold_back)
        self.base_url = ""
        self._settings = settings
        self._port = port

    def __enter__(self) -> Self:
        # The port listens before the thread runs, so that an early connection waits instead of being refused.
        self._listener = _listen(LOOPBACK, self._port)
        self.base_url = _base_url(self._listener)
        self._server = _make_server(self.app, self._settings)
        self._thread = threading.Thread(target=self._server.run, args=([self._listener],), name="sandbox")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._listener.close()  # uvicorn leaves it open if it is stopped before it starts


def serve(
    host: str = LOOPBACK,
    port: int = PORT,
    settings: Settings = DEFAULTS,
    *,
    script: Script | None = None,
    announce: Callable[[str], None] = print,
) -> Exchange:
    """Serve until Ctrl-C, and return the exchange with all calls that were placed.

    *announce* is called with the base URL once the port listens. Raises `OSError` where the port is not available.
    SIGTERM ends the program as if there were no server.
    """
    exchange = _make_exchange(settings, time.time)
    server = _make_server(make_app(exchange, settings, script), settings)
    with contextlib.closing(_listen(host, port)) as listener, contextlib.suppress(KeyboardInterrupt):
        announce(_base_url(listener))
        server.run([listener])
    return exchange


class _Connection(H11Protocol):
    """A connection that gives the app its transport: no ASGI message can close a connection without an answer."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast("asyncio.Transport", transport))
        self.app_state = {**self.app_state, TRANSPORT: transport}


class _Server(uvicorn.Server):
    """A server that stops at once, without waiting for the answers that faults hold back."""

    async def main_loop(self) -> None:
        # `should_exit` is set by another thread or a signal handler, which may not set an asyncio event.
        while not self.should_exit:  # noqa: ASYNC110  (as above)
            await asyncio.sleep(_TICK_SECONDS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listener in sockets or ():
            listener.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        # Every waiting fault ends when its client has disconnected.
        await asyncio.gather(*self.server_state.tasks, return_exceptions=True)
        for server in self.servers:
            await server.wait_closed()


def _make_exchange(settings: Settings, clock: Clock) -> Exchange:
    return Exchange(
        clock,
        speed=settings.speed,
        listing_lag_seconds=settings.listing_lag_seconds,
        outcomes=settings.outcomes,
    )


def _make_server(app: RequestGate, settings: Settings) -> _Server:
    return _Server(
        uvicorn.Config(
            app,
            loop="asyncio",
            http=_Connection,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="error",
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=settings.keep_alive_seconds,
        )
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio disables Nagle's algorithm only if the protocol is given; with it, every answer would take 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _base_url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/api/v1"
