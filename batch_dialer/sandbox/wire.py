"""What faults are made of: an answer that is held back, and a connection that goes away.

Only `serve` knows the connection, and leaves it in the scope: no ASGI message can close one without an answer.
"""

import socket
import struct
from asyncio import WriteTransport
from dataclasses import dataclass
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

TRANSPORT = "batch_dialer.transport"
"""Where in the scope's state the connection's transport is."""


@dataclass(frozen=True, slots=True)
class CapturedAnswer:
    """The answer that the app gave, and nobody heard yet."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    def head(self, *, length: int | None = None) -> Message:
        """Return the head of the answer, announcing another *length* where one is given."""
        headers = [(name, value) for name, value in self.headers if name != b"content-length"]
        headers.append((b"content-length", str(len(self.body) if length is None else length).encode()))
        return {"type": "http.response.start", "status": self.status, "headers": headers}

    async def send_to(self, send: Send) -> None:
        """Give the answer after all."""
        await send(self.head())
        await send(body_message(self.body, more=False))


def body_message(body: bytes, *, more: bool) -> Message:
    """Return a piece of an answer's body."""
    return {"type": "http.response.body", "body": body, "more_body": more}


async def capture_answer(place: ASGIApp, scope: Scope, receive: Receive) -> CapturedAnswer:
    """Let the app do its work, and keep its answer back."""
    said: list[Message] = []

    async def listen(message: Message) -> None:
        said.append(message)

    await place(scope, receive, listen)
    if not said:  # the number's own fault hung up already, and nobody hears what follows
        return CapturedAnswer(HTTPStatus.NO_CONTENT, [], b"")
    body = b"".join(message.get("body", b"") for message in said[1:])
    return CapturedAnswer(said[0]["status"], list(said[0]["headers"]), body)


def transport_of(scope: Scope) -> WriteTransport:
    """Return the connection's transport."""
    transport = scope.get("state", {}).get(TRANSPORT)
    if not isinstance(transport, WriteTransport):
        raise ConnectionResetError("the sandbox drops the connection; in process there is none to drop")
    return transport


async def hang_up(scope: Scope, receive: Receive, *, gently: bool = True) -> None:
    """Close the connection, or reset it."""
    transport = transport_of(scope)
    if gently:
        transport.close()
    else:
        # A linger time of 0 turns the close into a reset.
        linger = struct.pack("ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()
    # The server answers 500 for an app that returns without having said anything, unless the client is gone by then.
    await wait_for_disconnect(receive)


async def wait_for_disconnect(receive: Receive) -> None:
    """Wait for the client to go away."""
    while (await receive())["type"] != "http.disconnect":
        pass
