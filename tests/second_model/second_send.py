"""Putting one answer on the wire: whole, chunked, doubled, delayed, cut off, or not at all."""

import asyncio
import socket
import struct
from http import HTTPStatus

from second_http import Answer
from second_lies import Delivery

_CHUNK_BYTES = 16
# `SO_LINGER` on, for zero seconds: closing then sends a reset instead of an orderly end.
_LINGER_ZERO = struct.pack("ii", 1, 0)


async def deliver(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer | None, delivery: Delivery
) -> bool:
    """Send an answer the given way; True when the connection may serve another request."""
    if delivery.delay > 0:
        await asyncio.sleep(delivery.delay)
    if delivery.hang:
        await _outwait(reader)
        return False
    if answer is not None and delivery.cut != "before":
        writer.write(_bytes_to_send(answer, delivery))
        await writer.drain()
    if answer is None or delivery.cut != "none":
        if delivery.reset:
            _reset(writer)
        return False
    return not delivery.announce_close


async def _outwait(reader: asyncio.StreamReader) -> None:
    """Wait, answering nothing, until the client closes its side."""
    while await reader.read(1 << 16):
        continue


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close the connection by a TCP reset."""
    raw = writer.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
    writer.transport.abort()


def _bytes_to_send(answer: Answer, delivery: Delivery) -> bytes:
    """All bytes of the answer that will ever be sent. An answer without a body has none to be cut off in."""
    head, body = _head(answer, delivery), answer.body
    if delivery.chunked:
        body = _chunks(body)
    if delivery.cut == "in_head":
        return head[: len(head) // 2]
    if delivery.cut == "after_head":
        return head
    if delivery.cut == "in_body":
        return head + body[: len(body) // 2]
    return (head + body) * (2 if delivery.twice else 1)


def _head(answer: Answer, delivery: Delivery) -> bytes:
    """The status line and all headers."""
    headers = list(answer.headers)
    if answer.content_type is not None:
        headers.append(("Content-Type", answer.content_type))
    if delivery.pad_bytes > 0:
        headers.append(("X-Padding", "p" * delivery.pad_bytes))
    headers += [(f"X-Extra-{number}", "e") for number in range(1, delivery.extra_headers + 1)]
    if delivery.chunked:
        headers.append(("Transfer-Encoding", "chunked"))
    else:
        headers.append(("Content-Length", str(len(answer.body))))
    if delivery.announce_close:
        headers.append(("Connection", "close"))
    lines = [f"HTTP/1.1 {answer.status} {_reason(answer.status)}", *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def _chunks(body: bytes) -> bytes:
    """The body in chunks so small that a reader has to put them together."""
    parts = [body[start : start + _CHUNK_BYTES] for start in range(0, len(body), _CHUNK_BYTES)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def _reason(status: int) -> str:
    """Return the usual words after a status number."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
