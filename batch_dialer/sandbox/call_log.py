"""The calls that a sandbox has placed, in a file: a sandbox that is started later knows of them.

A line of JSON for each call, in the order in which they were placed. The file holds numbers, so only its owner may read
it. A line that was cut short, or that a person has altered, is passed over: nobody was called.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from batch_dialer.sandbox.exchange import Order, PlacedCall
from batch_dialer.words import Status

_PRIVATE = 0o600
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


class CallLog:
    """The log at *path*, which need not be there yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lead = ""

    def read(self) -> Iterator[PlacedCall]:
        """Yield the calls of the log. Raises OSError."""
        if not self._path.exists():
            return
        with self._path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                self._lead = "" if line.endswith("\n") else "\n"
                call = _parse(line)
                if call is not None:
                    yield call

    def add(self, call: PlacedCall) -> None:
        """Write *call* at the end of the log. Raises OSError."""
        facts = asdict(call)
        line = json.dumps(facts | {"order": facts["order"] | {"payload": {}, "context": {}}})
        descriptor = os.open(self._path, _FLAGS, _PRIVATE)
        try:
            os.write(descriptor, f"{self._lead}{line}\n".encode())
        finally:
            os.close(descriptor)
        self._lead = ""


def _parse(line: str) -> PlacedCall | None:
    try:
        facts = json.loads(line)
        order = facts["order"] | {"first": Status(facts["order"]["first"])}
        course = tuple((float(begins), Status(status)) for begins, status in facts.get("course", ()))
        return PlacedCall(str(facts["id"]), str(facts["sid"]), Order(**order), float(facts["created_at"]), course)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
