"""The small part of HTTP/1.1 that the second model speaks: reading a request, and the value that an answer is.

Nothing here knows about calls. `second_send` puts an answer on the wire, whole or broken.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

JsonObject = dict[str, object]
Headers = tuple[tuple[str, str], ...]

MOST_HEAD_BYTES = 1 << 18
_MOST_BODY_BYTES = 1 << 24


class BadRequestError(Exception):
    """What came over the connection is not a complete HTTP/1.1 request."""


@dataclass(frozen=True, slots=True)
class Request:
    """One complete request. Header names are in lower case; `target` is exactly what the client wrote."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def path(self) -> str:
        """The target without its query, still percent-encoded."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """What follows the question mark, still percent-encoded."""
        return self.target.partition("?")[2]

    @property
    def token(self) -> str:
        """The bearer token as sent; empty where there is none."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    @property
    def wants_close(self) -> bool:
        """Whether the client asks for the connection to be closed after the answer."""
        return self.headers.get("connection", "").lower() == "close"

    def json(self) -> JsonObject | None:
        """Return the body as a JSON object; None where it is anything else."""
        try:
            value = json.loads(self.body)
        except ValueError:
            return None
        return value if isinstance(value, dict) else None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer before it is put on the wire."""

    status: int
    body: bytes = b""
    content_type: str | None = "application/json"
    headers: Headers = ()


def json_answer(status: int, value: object, headers: Headers = ()) -> Answer:
    return Answer(status, json.dumps(value, ensure_ascii=False).encode(), headers=headers)


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """Wait for the next request; return None where the client closes the connection between two requests.

    Raise `BadRequestError` where the client goes away in the middle of one, or sends no `Content-Length` body.
    """
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        method, target, headers = _parse_head(head)
        return Request(method, target, headers, await reader.readexactly(_body_bytes(headers)))
    except asyncio.IncompleteReadError as error:
        if error.partial.strip() or error.expected:
            raise BadRequestError from error
        return None
    except (asyncio.LimitOverrunError, ValueError) as error:
        raise BadRequestError from error


def _parse_head(head: bytes) -> tuple[str, str, dict[str, str]]:
    """Split the head of a request into its method, target and headers."""
    first, *lines = head.decode("latin-1").strip("\r\n").split("\r\n")
    method, target, version = first.split(" ")
    if not version.startswith("HTTP/1."):
        raise BadRequestError(first)
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise BadRequestError(line)
        headers[name.strip().lower()] = value.strip()
    return method, target, headers


def _body_bytes(headers: Mapping[str, str]) -> int:
    size = int(headers.get("content-length", "0"))
    if not 0 <= size <= _MOST_BODY_BYTES:
        raise BadRequestError(size)
    return size
