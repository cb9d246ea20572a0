"""What the wire did, told as it was: over real sockets, with every way in which an exchange can go wrong.

This is the contract test of httpx and aiohttp: whether a request may have left is observed, never asked of a class.
"""

import contextlib
import itertools
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from types import ModuleType

import aiohttp
import anyio
import httpx
import pytest
import trustme
from makers import CLOCK, call, verdict_on

from batch_dialer import __version__
from batch_dialer.clock import SystemClock
from batch_dialer.model import Again, Answer, Halt, Lost, Reply, Settled, Unsent
from batch_dialer.sandbox import faults
from batch_dialer.sandbox.faults import Fault
from batch_dialer.sandbox.scripts import InTurn
from batch_dialer.sandbox.serve import Sandbox
from batch_dialer.sandbox.settings import Settings
from batch_dialer.talkover import api as api_module
from batch_dialer.talkover.api import EXCHANGE_ERRORS, TalkoverApi
from batch_dialer.talkover.token import Token
from batch_dialer.words import Status

_SOON = httpx.Timeout(connect=0.5, write=0.5, read=0.5, pool=1)
_TOKEN = Token("talq_canary_0123456789")
_GOOD = b'{"success":true,"data":{"id":"call_7","to":"+14155550101","status":"initiated"}}'

Serve = Callable[[socket.socket], object]


def _place(base_url: str, times: int = 1, timeout: httpx.Timeout = _SOON) -> list[Reply]:
    async def place() -> list[Reply]:
        async with TalkoverApi(base_url, _TOKEN, 1, SystemClock(), timeout) as api:
            return [await api.place(call()) for _ in range(times)]

    return anyio.run(place)


@contextlib.contextmanager
def _server(serve: Serve) -> Iterator[str]:
    """Serve each connection with *serve*, in a thread, until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, contextlib.suppress(OSError):
                    serve(connection)

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/api/v1"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def _read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"is_testing" not in data and (more := connection.recv(65536)):
        data += more
    return data


def _raw(answer: bytes) -> Serve:
    def serve(connection: socket.socket) -> None:
        _read_request(connection)
        connection.sendall(answer)

    return serve


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def _reset_without_reading(connection: socket.socket) -> None:
    connection.recv(1, socket.MSG_PEEK)  # it came, so that the reset cannot come before the connection
    _reset(connection)


def _reset_after_reading(connection: socket.socket) -> None:
    _read_request(connection)
    _reset(connection)


def _say_nothing(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def _with_headers(*lines: bytes) -> bytes:
    head = b"".join(line + b"\r\n" for line in lines)
    return b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b" % (head, len(_GOOD), _GOOD)


_LOST: dict[str, Serve] = {
    "accepts, then closes": lambda _: None,
    "accepts, then resets": _reset_without_reading,
    "reads all, then closes": _read_request,
    "reads all, then resets": _reset_after_reading,
    "reads all, says nothing": _say_nothing,
    "HTML without HTTP": _raw(b"<html>hello</html>"),
    "two lengths": _raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"),
    "a header without end": _raw(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 2_000_000),
    "a header beyond any limit": _raw(_with_headers(b"X: " + b"a" * 1_000_000)),
    "headers beyond any limit": _raw(_with_headers(*[b"X: a"] * 20_000)),
    "switching protocols": _raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
    "chunks that end in nonsense": _raw(  # nor is its ID to be had: the library judges what came as a whole
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\nzzzz\r\n\r\n" % (len(_GOOD), _GOOD)
    ),
    "half a status line": _raw(b"HTTP/1."),
}


@pytest.mark.parametrize("fault", _LOST)
def test_what_may_have_left_and_brought_no_answer_is_lost(fault: str) -> None:
    with _server(_LOST[fault]) as base_url:
        (reply,) = _place(base_url)
    verdict = verdict_on(reply)
    assert isinstance(verdict, Settled | Halt)
    assert verdict.outcome.status is Status.UNKNOWN


def _closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}/api/v1"


@pytest.mark.parametrize(
    "base_url",
    [
        pytest.param(_closed_port(), id="nobody listens"),
        "http://nobody.invalid/api/v1",
        "https://nobody.invalid/api/v1",
        "http://[::1]:1/api",
    ],
)
def test_where_no_connection_comes_about_nothing_was_sent(base_url: str) -> None:
    (reply,) = _place(base_url)
    assert isinstance(reply, Unsent)
    assert isinstance(verdict_on(reply), Again)


def test_a_server_that_never_finishes_the_tls_handshake_was_sent_nothing() -> None:
    with _server(_say_nothing) as base_url:
        (reply,) = _place(base_url.replace("http:", "https:"))
    assert isinstance(reply, Unsent)


def test_a_full_backlog_was_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=1) as listener, contextlib.ExitStack() as waiting:
        for _ in range(4):
            other = waiting.enter_context(socket.socket())
            other.settimeout(0)
            with contextlib.suppress(BlockingIOError):
                other.connect(listener.getsockname())
        (reply,) = _place(f"http://127.0.0.1:{listener.getsockname()[1]}/api/v1")
    assert isinstance(reply, Unsent)


_ID_ARRIVES: dict[str, bytes] = {
    "length too long": b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + _GOOD,
    "no length": b"HTTP/1.1 200 OK\r\n\r\n" + _GOOD,
    "chunks cut off": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % (len(_GOOD) + 10) + _GOOD,
    "said to be gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(_GOOD) + _GOOD,
    "an error that names a call": b"HTTP/1.1 500 Oops\r\nContent-Length: %d\r\n\r\n" % len(_GOOD) + _GOOD,
    "a redirect that names a call": b"HTTP/1.1 302 F\r\nLocation: /x\r\nContent-Length: %d\r\n\r\n" % len(_GOOD)
    + _GOOD,
    "a header of 11 kB": _with_headers(b"X: " + b"a" * 11_000),
    "a header of 60 kB": _with_headers(b"X: " + b"a" * 60_000),
    "a long name of a header": _with_headers(b"X" * 11_000 + b": a"),
    "300 headers": _with_headers(*[b"X-%d: %d" % (n, n) for n in range(300)]),
    "1000 headers": _with_headers(*[b"X-%d: %d" % (n, n) for n in range(1_000)]),
    "the same header 1000 times": _with_headers(*[b"Set-Cookie: a=b"] * 1_000),
    "a long reason": b"HTTP/1.1 200 " + b"O" * 11_000 + b"\r\nContent-Length: %d\r\n\r\n" % len(_GOOD) + _GOOD,
    "broken off behind the ID": b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + _GOOD[:45],
}


@pytest.mark.parametrize("answer", _ID_ARRIVES)
def test_a_call_id_in_the_bytes_is_a_placed_call_however_the_response_ends(answer: str) -> None:
    with _server(_raw(_ID_ARRIVES[answer])) as base_url:
        (reply,) = _place(base_url)
    verdict = verdict_on(reply)
    assert verdict.outcome.call_id == "call_7"


_FAULTS: dict[str, tuple[Fault, Status]] = {
    "html": (faults.place_then_html, Status.UNKNOWN),
    "nothing known": (faults.place_then_nothing_known, Status.UNKNOWN),
    "500 after placing": (faults.place_then_500, Status.UNKNOWN),
    "503 before placing": (faults.unavailable, Status.UNKNOWN),
    "redirect": (faults.redirect("https://evil.example/", 307), Status.UNKNOWN),
    "old shape": (faults.place_in_old_shape, Status.INITIATED),
    "huge": (faults.pad(64), Status.INITIATED),
    "too many": (faults.too_many(2), Status.DEFERRED),
}


@pytest.mark.parametrize("name", _FAULTS)
def test_what_the_sandbox_can_do_wrong_is_judged_as_it_is(name: str) -> None:
    fault, status = _FAULTS[name]
    with Sandbox(Settings(limit=None), script=InTurn(fault)) as sandbox:
        (reply,) = _place(sandbox.base_url)
    assert status == verdict_on(reply).outcome.status


def test_a_server_that_drips_is_left_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_module, "DEADLINE", 1.0)
    with Sandbox(Settings(limit=None), script=InTurn(faults.drip(0.2))) as sandbox:
        (reply,) = _place(sandbox.base_url)
    assert isinstance(reply, Answer)
    assert not reply.whole
    assert verdict_on(reply).outcome.status in {Status.UNKNOWN, Status.INITIATED}


def test_a_connection_that_went_wrong_is_not_used_again() -> None:
    """What comes late on it would be taken for the answer about somebody else."""
    script = InTurn(faults.place_then_drop, None, faults.break_off(0.5), None, faults.place_then_reset, None)
    with Sandbox(Settings(limit=None), script=script) as sandbox:
        replies = _place(sandbox.base_url, times=6)
        placed = [sandbox.exchange.calls[n].id for n in (1, 3, 5)]
    assert [Lost, Answer, Answer, Answer, Lost, Answer] == [type(reply) for reply in replies]
    assert placed == [verdict_on(replies[n]).outcome.call_id for n in (1, 3, 5)]


def _answer(call_id: str) -> bytes:
    body = _GOOD.replace(b"call_7", call_id.encode())
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


@pytest.mark.parametrize("unasked", ["in the same breath", "a moment later", "half of one"])
def test_what_comes_behind_an_answer_is_not_taken_for_the_next(unasked: str) -> None:
    """A proxy that mixes up its answers must not make us note one person's call under another's name."""
    served, said = itertools.count(), threading.Event()

    def serve(connection: socket.socket) -> None:
        while _read_request(connection):
            if number := next(served):
                connection.sendall(_answer(f"asked_{number}"))
            elif unasked == "a moment later":
                connection.sendall(_answer("asked_0"))
                said.wait()
                connection.sendall(_answer("unasked"))
            else:
                connection.sendall(_answer("asked_0") + _answer("unasked")[: 30 if unasked == "half of one" else None])

    async def place(base_url: str) -> list[Reply]:
        async with TalkoverApi(base_url, _TOKEN, 1, SystemClock(), _SOON) as api:
            first = await api.place(call())
            said.set()
            await CLOCK.sleep(0.2)
            return [first, await api.place(call())]

    with _server(serve) as base_url:
        replies = anyio.run(place, base_url)
    assert ["asked_0", "asked_1"] == [verdict_on(reply).outcome.call_id for reply in replies]


def test_an_idle_connection_that_the_server_closed_is_no_lost_answer() -> None:
    with Sandbox(Settings(limit=None, keep_alive_seconds=1)) as sandbox:

        async def place() -> list[Reply]:
            async with TalkoverApi(sandbox.base_url, _TOKEN, 1, SystemClock(), _SOON) as api:
                first = await api.place(call())
                await CLOCK.sleep(1.5)
                return [first, await api.place(call())]

        assert [200, 200] == [reply.status for reply in anyio.run(place) if isinstance(reply, Answer)]


def test_after_a_loss_on_a_reused_connection_each_request_has_its_own() -> None:
    script = InTurn(None, faults.place_then_drop)
    with Sandbox(Settings(limit=None), script=script) as sandbox:

        async def place() -> tuple[list[Reply], int]:
            async with TalkoverApi(sandbox.base_url, _TOKEN, 1, SystemClock(), _SOON) as api:
                replies = [await api.place(call()) for _ in range(2)]
                ports = {port async for port in _ports(sandbox, api)}
                return replies, len(ports)

        replies, connections = anyio.run(place)
    assert [Answer, Lost] == [type(reply) for reply in replies]
    assert 4 == connections


async def _ports(sandbox: Sandbox, api: TalkoverApi) -> AsyncIterator[int]:
    for _ in range(4):
        await api.place(call())
        yield sandbox.app.ports[-1]


def test_a_loss_on_a_fresh_connection_is_simply_a_loss() -> None:
    script = InTurn(faults.place_then_drop)
    with Sandbox(Settings(limit=None), script=script) as sandbox:

        async def place() -> int:
            async with TalkoverApi(sandbox.base_url, _TOKEN, 1, SystemClock(), _SOON) as api:
                await api.place(call())
                return len({port async for port in _ports(sandbox, api)})

        assert 1 == anyio.run(place)


def test_a_certificate_that_is_not_trusted_stops_the_run() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)

    def serve(connection: socket.socket) -> None:
        with contextlib.suppress(ssl.SSLError):
            context.wrap_socket(connection, server_side=True)

    with _server(serve) as base_url:
        (reply,) = _place(base_url.replace("http:", "https:"))
    assert isinstance(reply, Unsent)
    assert isinstance(verdict_on(reply), Halt)


def test_what_goes_out_is_what_the_vendor_documents() -> None:
    seen: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        seen.append(_read_request(connection))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(_GOOD) + _GOOD)

    with _server(serve) as base_url:
        _place(base_url)
    head, _, body = seen[0].partition(b"\r\n\r\n")
    first, *headers = head.decode().split("\r\n")
    assert first == "POST /api/v1/agents/agent_1/call HTTP/1.1"
    sent = {name.lower(): value for name, value in (header.split(": ", 1) for header in headers)}
    assert sent == {
        "host": base_url.split("/")[2],
        "authorization": "Bearer talq_canary_0123456789",
        "accept": "application/json",
        "accept-encoding": "identity",
        "user-agent": f"batch_dialer/{__version__}",
        "content-type": "application/json",
        "content-length": str(len(body)),
    }
    assert body == b'{"to":"+14155550101","payload":{"name":"Ann"},"context":{},"delay_seconds":0,"is_testing":false}'


def test_the_token_is_in_no_words_about_it() -> None:
    assert "canary" not in repr(_TOKEN)
    assert "canary" not in str(_TOKEN)
    (reply,) = _place(_closed_port())
    assert "canary" not in repr(reply)


_MULTIPART = {"BadContentDispositionHeader", "BadContentDispositionParam"}


@pytest.mark.parametrize("library", [httpx, aiohttp])
def test_every_exception_of_the_libraries_is_one_that_is_caught(library: ModuleType) -> None:
    """A later version may grow another family: this says so before a run does."""
    known = [kind for kind in vars(library).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    uncaught = {kind.__name__ for kind in known if not issubclass(kind, EXCHANGE_ERRORS)}
    assert uncaught <= {"CookieConflict", "EofStream", "WSMessageTypeError", "WebSocketError", *_MULTIPART}
