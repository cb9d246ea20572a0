"""The thread and event loop that the second model serves from."""

import asyncio
import threading

from second_connections import Connections
from second_http import MOST_HEAD_BYTES
from second_state import State

_START_SECONDS = 10.0
_STOP_SECONDS = 2.0


class Background:
    """Serves *state* on 127.0.0.1, at a port that the system chooses, from a thread of its own."""

    def __init__(self, state: State) -> None:
        self.port = 0
        self._state = state
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        # A daemon: a thread that could not be stopped must not keep the test process alive.
        self._thread = threading.Thread(target=self._run, name="second-model", daemon=True)

    def start(self) -> None:
        """Open the port; connections are accepted when this returns."""
        self._thread.start()
        if not self._ready.wait(_START_SECONDS) or self.port == 0:
            raise RuntimeError("The second model could not open its port")

    def stop(self) -> None:
        """Close the port and all connections, and drop what was still to be placed; takes at most two seconds."""
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as fault:
            self._state.faults.append(fault)
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        """Accept connections until told to stop; `asyncio.run` then cancels every task that is left."""
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        connections = Connections(self._state)
        server = await asyncio.start_server(connections.serve, "127.0.0.1", 0, limit=MOST_HEAD_BYTES, backlog=512)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
