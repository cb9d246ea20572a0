"""A bare client for the second model's own tests: `http.client`, and raw sockets where the bytes matter."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from second_api import SecondApi

BASE = "/api/v1"
ONE = "+14155550101"
TWO = "+14155550102"
AGENT_CALL = f"{BASE}/agents/agent_1/call"
CAMPAIGN_CALL = f"{BASE}/campaigns/campaign_1/call"
NOON = datetime(2030, 1, 15, 12, 0, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Got:
    """One answer: header names in lower case, `body` None when it is not JSON."""

    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, object]:
        """The body, which must be a JSON object."""
        value = json.loads(self.raw)
        assert isinstance(value, dict)
        return value

    def at(self, *keys: str | int) -> object:
        """The value found by going down from the body, one key or index at a time."""
        value: object = self.body
        for key in keys:
            if isinstance(value, dict):
                value = value[key]
            else:
                assert isinstance(value, list)
                assert isinstance(key, int)
                value = value[key]
        return value


@dataclass(slots=True)
class Clock:
    """True time that only moves when told to."""

    now: datetime = field(default=NOON)

    def __call__(self) -> datetime:
        """The time."""
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


def ask(api: SecondApi, method: str, path: str, body: object = None, *, token: str | None = None) -> Got:
    """Send one request over a connection of its own and read the answer; `path` is percent-encoded already."""
    connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=2.0)
    try:
        headers = {"Authorization": f"Bearer {api.token if token is None else token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        raw = answer.read()
        return Got(answer.status, {name.lower(): value for name, value in answer.getheaders()}, raw)
    finally:
        connection.close()


def call(api: SecondApi, to: object = ONE, path: str = AGENT_CALL, **more: object) -> Got:
    """Ask for one call."""
    return ask(api, "POST", path, {"to": to, **more})


def listed(api: SecondApi, query: str = "", path: str = f"{BASE}/agents/agent_1/calls") -> list[dict[str, object]]:
    """The items of one reading of a list."""
    items = ask(api, "GET", path + query).at("data")
    assert isinstance(items, list)
    return items


def numbers(api: SecondApi, query: str = "") -> list[object]:
    """The `to` of the items of one reading of the agent's list."""
    return [item["to"] for item in listed(api, query)]


def search_for(number: str) -> str:
    """The query that searches for a number."""
    return f"?search={quote(number, safe='')}"


def bytes_of_call(api: SecondApi, to: str = ONE) -> bytes:
    """A whole request for a call, as bytes."""
    body = json.dumps({"to": to}).encode()
    head = (
        f"POST {AGENT_CALL} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {api.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def exchange(api: SecondApi, data: bytes, *, timeout: float = 0.25) -> tuple[bytes, bool]:
    """Send bytes; return all that comes until the server closes (True) or nothing came for `timeout` seconds."""
    with socket.create_connection(("127.0.0.1", api.port), timeout=timeout) as connection:
        connection.sendall(data)
        got = b""
        try:
            while part := connection.recv(1 << 16):
                got += part
        except TimeoutError:
            return got, False
        except ConnectionResetError:
            return got, True
        return got, True


def in_thread(work: Callable[[], object]) -> threading.Thread:
    """Run something beside the test."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def wait_until(holds: Callable[[], bool], seconds: float = 1.0) -> bool:
    """Wait, looking every few milliseconds, until something holds or time is up."""
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.005)
    return holds()
