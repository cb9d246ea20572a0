"""The server: it answers at once, stops without leaving anything, and prints nothing."""

import signal
import socket
import subprocess
import sys
import threading

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from batch_dialer.sandbox.faults import Fault
from batch_dialer.sandbox.scripts import ReceivedRequest
from batch_dialer.sandbox.serve import Sandbox, serve
from batch_dialer.sandbox.wire import transport_of

TOKEN = {"authorization": "Bearer talq_for_the_tests"}
PROGRAM = "from batch_dialer.sandbox.serve import serve; serve(port=0, announce=lambda url: print(url, flush=True))"


def place(base_url: str, to: str) -> int:
    return httpx.post(f"{base_url}/agents/agent_1/call", json={"to": to}, headers=TOKEN).status_code


def test_it_leaves_nothing_behind() -> None:
    """No thread and no listening port; the placed calls are still there."""
    before = threading.active_count()

    with Sandbox() as sandbox:
        assert place(sandbox.base_url, "+14155550101") == 200

    assert threading.active_count() == before
    with pytest.raises(httpx.ConnectError):
        place(sandbox.base_url, "+14155550101")
    assert sandbox.exchange.rings == ["+14155550101"]


def test_it_stops_even_if_nobody_ever_came() -> None:
    """Started and stopped without a request in between."""
    for _ in range(5):
        with Sandbox():
            pass


def test_an_open_connection_does_not_keep_it_up() -> None:
    """Neither an idle connection nor one with half a request."""
    with Sandbox() as sandbox:
        url = httpx.URL(sandbox.base_url)
        with socket.create_connection((url.host, url.port or 0)) as half, httpx.Client() as idle:
            half.sendall(b"POST /api/v1/agents/agent_1/call HTTP/1.1\r\nHost: sandbox\r\n")
            idle.get(f"{sandbox.base_url}/health")


def test_the_same_exchange_can_come_back() -> None:
    """After a pause, the API on the same port has the calls of before."""
    with Sandbox() as first:
        place(first.base_url, "+14155550101")
    port = httpx.URL(first.base_url).port or 0

    with Sandbox(exchange=first.exchange, port=port) as second:
        place(second.base_url, "+14155550102")

    assert second.base_url == first.base_url
    assert first.exchange.rings == ["+14155550101", "+14155550102"]


def test_answers_are_not_held_back() -> None:
    """Nagle's algorithm is off: with it, each answer would take 40 ms."""
    options = []

    async def look(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        connection = transport_of(scope).get_extra_info("socket")
        options.append(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        await app(scope, receive, send)

    def script(_asked: ReceivedRequest) -> Fault:
        return look

    with Sandbox(script=script) as sandbox:
        place(sandbox.base_url, "+14155550101")

    assert options == [1]


def test_a_port_that_is_taken_is_an_os_error() -> None:
    """The command turns it into a message."""
    with Sandbox() as sandbox, pytest.raises(OSError, match="in use"):
        serve(port=httpx.URL(sandbox.base_url).port or 0)


@pytest.mark.parametrize(("stop", "exit_status"), [(signal.SIGINT, 0), (signal.SIGTERM, -signal.SIGTERM)])
def test_in_the_foreground_it_ends_quietly(stop: signal.Signals, exit_status: int) -> None:
    """It prints its address, serves, and ends on Ctrl-C without output, even with a client connected."""
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout
        base_url = program.stdout.readline().strip()
        with httpx.Client(base_url=base_url, headers=TOKEN) as client:
            answer = client.post("/agents/agent_1/call", json={"to": "+14155550101"})
            program.send_signal(stop)
            out, err = program.communicate(timeout=10)

    assert answer.status_code == 200
    assert (program.returncode, out, err) == (exit_status, "", "")
