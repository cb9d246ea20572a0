"""Every fault, as a plain socket sees it: what arrives, whether the connection closes, and whether a phone rang."""

import json
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass

import anyio
import httpx
import pytest

from batch_dialer.sandbox import faults
from batch_dialer.sandbox.app import make_app
from batch_dialer.sandbox.exchange import Exchange
from batch_dialer.sandbox.faults import Fault
from batch_dialer.sandbox.numbers import SPECIAL_NUMBERS, Behaviour
from batch_dialer.sandbox.scripts import InTurn
from batch_dialer.sandbox.serve import Sandbox
from batch_dialer.sandbox.settings import Settings

TO = "+14155550123"
RESET = b"(connection reset)"
FAST = Settings(slow_seconds=0.05)
NUMBERS = {special.behaviour: special.number for special in SPECIAL_NUMBERS}


def request(to: str = TO) -> bytes:
    body = json.dumps({"to": to}).encode()
    head = (
        "POST /api/v1/agents/agent_1/call HTTP/1.1\r\nHost: sandbox\r\nAuthorization: Bearer talq_for_the_tests\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def connect(sandbox: Sandbox) -> socket.socket:
    url = httpx.URL(sandbox.base_url)
    return socket.create_connection((url.host, url.port or 0), timeout=10)


def said(connection: socket.socket) -> bytes:
    """Return the bytes that arrive until the other side closes, and how it closed."""
    heard = b""
    while True:
        try:
            piece = connection.recv(1 << 16)
        except ConnectionResetError:
            return heard + RESET
        if not piece:
            return heard
        heard += piece


@dataclass(frozen=True)
class Case:
    """A fault, whether the phone rings, and what the client receives before the connection closes."""

    fault: Fault
    rings: bool
    hears: Callable[[bytes], bool]


def incomplete(heard: bytes) -> bool:
    head, body = heard.split(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    return head.startswith(b"HTTP/1.1 200") and len(body) < length


CLOSING = {
    "drop": Case(faults.drop, rings=False, hears=lambda heard: heard == b""),
    "reset": Case(faults.reset, rings=False, hears=lambda heard: heard == RESET),
    "place, drop": Case(faults.place_then_drop, rings=True, hears=lambda heard: heard == b""),
    "place, reset": Case(faults.place_then_reset, rings=True, hears=lambda heard: heard == RESET),
    "whole, but announced as longer": Case(
        faults.break_off(), rings=True, hears=lambda heard: incomplete(heard) and heard.endswith(b"}}")
    ),
    "half": Case(
        faults.break_off(0.5), rings=True, hears=lambda heard: incomplete(heard) and b"call_sandbox_" in heard
    ),
    "whole, and a moment later": Case(
        faults.close_after(0.005), rings=True, hears=lambda heard: not incomplete(heard) and heard.endswith(b"}}")
    ),
    "whole, but late, and a moment later": Case(
        faults.late_then_close(0.01, 0.005), rings=True, hears=lambda heard: heard.endswith(b"}}")
    ),
    "no HTTP": Case(
        faults.send_raw(b"NO CARRIER\r\n", placed=True), rings=True, hears=lambda heard: heard == b"NO CARRIER\r\n"
    ),
    "no HTTP, no call": Case(
        faults.send_raw(b"\x16\x03", placed=False), rings=False, hears=lambda heard: heard == b"\x16\x03"
    ),
}


@pytest.mark.parametrize("case", CLOSING.values(), ids=CLOSING)
def test_a_connection_closes_as_the_fault_has_it(case: Case) -> None:
    """After nothing, or after exactly these bytes; the next connection is served as usual."""
    with Sandbox(script=InTurn(case.fault)) as sandbox:
        with connect(sandbox) as connection:
            connection.sendall(request())
            heard = said(connection)
        rings = sandbox.exchange.rings
        after = httpx.get(f"{sandbox.base_url}/health")

    assert case.hears(heard), heard
    assert rings == ([TO] if case.rings else [])
    assert after.status_code == 200


ANSWERING = {
    "500": (faults.place_then_500, True, 500, b"SERVER_ERROR"),
    "html": (faults.place_then_html, True, 502, b"<h1>502"),
    "wrong shape": (faults.place_then_nothing_known, True, 200, b'{"ok": true}'),
    "503": (faults.unavailable, False, 503, b"<h1>"),
    "429": (faults.too_many(7), False, 429, b'"retry_after": 7'),
    "429 as html": (faults.answer_with(429, "<h1>slow down</h1>", placed=False), False, 429, b"<h1>"),
    "empty": (faults.answer_with(204, placed=True), True, 204, b""),
    "null": (faults.answer_with(200, "null", placed=True), True, 200, b"null"),
    "not UTF-8": (faults.answer_with(200, b"\xff\xfe", placed=True), True, 200, b"\xff\xfe"),
    "old shape": (faults.place_in_old_shape, True, 200, b'{"call_id": "call_sandbox_'),
    "somebody else's": (faults.name_instead(to="+12025550199"), True, 200, b'"to": "+12025550199"'),
    "the token": (faults.quote_the_token(401, "X"), False, 401, b"You sent Bearer talq_for_the_tests"),
    "slow": (faults.slow(0.05), True, 200, b'"success":true'),
    "drip": (faults.drip(0.0001), True, 200, b'"success":true'),
    "redirect": (faults.redirect("http://elsewhere.example/"), False, 307, b""),
}


@pytest.mark.parametrize(("fault", "rings", "status", "text"), ANSWERING.values(), ids=ANSWERING)
def test_another_answer_is_a_whole_answer(fault: Fault, rings: bool, status: int, text: bytes) -> None:  # noqa: FBT001  (a column of the table)
    """The connection stays open, and the next request on it is served as usual."""
    with (
        Sandbox(script=InTurn(fault)) as sandbox,
        httpx.Client(base_url=sandbox.base_url, headers={"authorization": "Bearer talq_for_the_tests"}) as client,
    ):
        answer = client.post("/agents/agent_1/call", json={"to": TO})
        rung = sandbox.exchange.rings
        after = client.post("/agents/agent_1/call", json={"to": "+14155550124"})

    assert answer.status_code == status
    assert text in answer.content
    assert rung == ([TO] if rings else [])
    assert after.status_code == 200


def test_a_huge_answer_has_the_id_at_its_head() -> None:
    """A client that reads only the beginning can still find the call."""
    with Sandbox(script=InTurn(faults.pad(3))) as sandbox:
        answer = httpx.post(
            f"{sandbox.base_url}/agents/agent_1/call",
            json={"to": TO},
            headers={"authorization": "Bearer talq_for_the_tests"},
        )

    assert len(answer.content) > 3 << 20
    assert answer.json()["data"]["id"].encode() in answer.content[:100]


@pytest.mark.parametrize(("fault", "rings"), [(faults.stall, []), (faults.place_then_stall, [TO])])
def test_a_stalled_answer_never_comes(fault: Fault, rings: list[str]) -> None:
    """No byte arrives, and the sandbox can still be stopped."""
    with Sandbox(script=InTurn(fault)) as sandbox, connect(sandbox) as connection:
        connection.sendall(request())
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.recv(1)

        assert sandbox.exchange.rings == rings


@pytest.mark.parametrize(
    ("behaviour", "first", "rings"),
    [
        (Behaviour.BUSY, b"HTTP/1.1 200", 2),
        (Behaviour.NO_ANSWER, b"HTTP/1.1 200", 2),
        (Behaviour.FAILED, b"HTTP/1.1 200", 2),
        (Behaviour.REFUSED, b"HTTP/1.1 400", 0),
        (Behaviour.NO_CREDITS, b"HTTP/1.1 402", 0),
        (Behaviour.WAIT_ONCE, b"HTTP/1.1 429", 1),
        (Behaviour.PLACED_THEN_500, b"HTTP/1.1 500", 2),
        (Behaviour.PLACED_THEN_DROPPED, b"", 2),
        (Behaviour.SLOW, b"HTTP/1.1 200", 2),
        (Behaviour.DROPPED, b"", 0),
    ],
)
def test_a_special_number_does_what_the_table_says(behaviour: Behaviour, first: bytes, rings: int) -> None:
    """Each is called twice: only the number that has to wait once is answered differently the second time."""
    with Sandbox(FAST) as sandbox:
        heard = []
        for _ in range(2):
            with connect(sandbox) as connection:
                connection.sendall(request(NUMBERS[behaviour]))
                heard.append(connection.recv(1 << 16))

    assert [each[:12] for each in heard] == [first, b"HTTP/1.1 200" if behaviour is Behaviour.WAIT_ONCE else first]
    assert sandbox.exchange.rings == [NUMBERS[behaviour]] * rings


@pytest.mark.parametrize(
    "fault", [faults.place_then_html, faults.break_off(), faults.slow(0), faults.place_in_old_shape]
)
def test_a_scripted_fault_and_a_numbers_own_do_not_collide(fault: Fault) -> None:
    """The number's own fault comes first; after it has hung up, the scripted one does nothing."""
    with Sandbox(script=InTurn(fault)) as sandbox, connect(sandbox) as connection:
        connection.sendall(request(NUMBERS[Behaviour.PLACED_THEN_DROPPED]))

        assert said(connection) == b""
        assert sandbox.exchange.rings == [NUMBERS[Behaviour.PLACED_THEN_DROPPED]]


def test_a_client_that_goes_away_ends_a_fault() -> None:
    """A slow answer ends when its client disconnects, and the call exists."""
    with Sandbox(Settings(slow_seconds=3600)) as sandbox, connect(sandbox) as connection:
        connection.sendall(request(NUMBERS[Behaviour.SLOW]))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        while not sandbox.exchange.rings:
            pass

    assert sandbox.exchange.rings == [NUMBERS[Behaviour.SLOW]]


@pytest.mark.parametrize(
    ("fault", "status"), [(None, 200), (faults.place_then_500, 500), (faults.unavailable, 503), (faults.slow(0), 200)]
)
def test_in_process_too(fault: Fault | None, status: int) -> None:
    """Without a port, all faults but those of the connection work in the same way."""
    exchange = Exchange()
    transport = httpx.ASGITransport(app=make_app(exchange, script=InTurn(fault)))

    async def call() -> int:
        headers = {"authorization": "Bearer talq_for_the_tests"}
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox/api/v1", headers=headers) as client:
            return (await client.post("/agents/agent_1/call", json={"to": TO})).status_code

    assert anyio.run(call) == status
