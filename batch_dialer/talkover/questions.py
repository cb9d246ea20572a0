"""What may be asked of the API without a phone ringing, and how an answer to a question is read."""

import json
from collections.abc import Mapping
from typing import Any, Protocol

from batch_dialer.model import Answer, Reply


class Getter(Protocol):
    """Whatever can ask the API for something."""

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Reply:
        """Ask for *path*."""
        ...


class Unavailable(Exception):  # noqa: N818  (the answer is unavailable; it is no error of ours)
    """What was asked cannot be had now, or not whole; the text says why."""


class Unreachable(Unavailable):
    """No answer came at all: nor would one come to another question now."""


def read_document(reply: Reply) -> dict[str, Any]:
    """Return the JSON object of a good answer; raise `Unavailable` for any other, `Unreachable` without one."""
    if not isinstance(reply, Answer):
        raise Unreachable(reply.reason)
    if reply.status != 200 or not reply.whole:  # noqa: PLR2004  (HTTP's own)
        raise Unavailable(f"the API answered {reply.status}")
    try:
        document = json.loads(reply.body)
    except (ValueError, RecursionError):
        raise Unavailable("the answer is not JSON") from None
    if not isinstance(document, dict):
        raise Unavailable("the answer has another form than the documented one")
    return document
