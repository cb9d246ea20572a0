"""The parts that faults are made of: an answer that is held back, and a connection that is closed.

No ASGI message can close a connection without an answer, so `serve` puts the connection's transport into the scope.
"""

import contextlib
import socket
import struct
from asyncio import WriteTransport
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from http import HTTPStatus

import anyio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TRANSPORT = "batch_dialer.transport"
"""The key of the transport in the scope's state."""

HoldBack = Callable[[float], contextlib.AbstractAsyncContextManager[object]]
"""Cancels what is inside once an answer was held back for so many seconds."""


@contextlib.asynccontextmanager
async def hold_back(seconds: float) -> AsyncIterator[None]:
    """Hold an answer back by the time of this machine."""
    with anyio.move_on_after(seconds):
        yield


@dataclass(frozen=True, slots=True)
class CapturedAnswer:
    """An answer of the app that has not been sent to the client."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    def head(self, *, length: int | None = None) -> Message:
        """Return the message that starts the answer; *length* is announced in place of the body's own, if given."""
        headers = [(name, value) for name, value in self.headers if name != b"content-length"]
        headers.append((b"content-length", str(len(self.body) if length is None else length).encode()))
        return {"type": "http.response.start", "status": self.status, "headers": headers}

    async def send_to(self, send: Send) -> None:
        """Send the answer to the client."""
        await send(self.head())
        await send(body_message(self.body, more=False))


def body_message(body: bytes, *, more: bool) -> Message:
    """Return the message for a part of an answer's body; *more*: whether others follow."""
    return {"type": "http.response.body", "body": body, "more_body": more}


async def capture_answer(place: ASGIApp, scope: Scope, receive: Receive) -> CapturedAnswer:
    """Run the app *place* on the request and return its answer without sending it."""
    said: list[Message] = []

    async def listen(message: Message) -> None:
        said.append(message)

    await place(scope, receive, listen)
    if not said:  # the fault of the number itself has hung up already
        return CapturedAnswer(HTTPStatus.NO_CONTENT, [], b"")
    body = b"".join(message.get("body", b"") for message in said[1:])
    return CapturedAnswer(said[0]["status"], list(said[0]["headers"]), body)


def transport_of(scope: Scope) -> WriteTransport:
    """Return the connection's transport; raise `ConnectionResetError` where the app runs without a connection."""
    transport = scope.get("state", {}).get(TRANSPORT)
    if not isinstance(transport, WriteTransport):
        raise ConnectionResetError("the sandbox drops the connection; in process there is none to drop")
    return transport


async def hang_up(scope: Scope, receive: Receive, *, gently: bool = True) -> None:
    """Close the connection, or reset it if not *gently*, and wait until it is gone."""
    transport = transport_of(scope)
    if gently:
        transport.close()
    else:
        # A linger time of 0 turns the close into a reset.
        linger = struct.pack("ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()
    # For an app that returns without an answer, the server sends 500, unless the client is gone by then.
    await wait_for_disconnect(receive)


async def wait_for_disconnect(receive: Receive) -> None:
    """Wait until the client has disconnected."""
    while (await receive())["type"] != "http.disconnect":
        pass
