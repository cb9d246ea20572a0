"""What the second model does on the wire: cuts, silence, lateness, odd but whole answers, and many clients."""

import http.client
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from second_accidents import (
    Accident,
    Refusal,
    Reply,
    any_call,
    html,
    nth_call,
)
from second_api import SecondApi
from second_client import (
    bytes_of_call,
    call,
    exchange,
    wait_until,
)
from second_lies import Cut, Delivery


@pytest.fixture
def api() -> Iterator[SecondApi]:
    with SecondApi() as model:
        yield model
        assert model.faults == ()


CUTS: list[tuple[Cut, bytes, bytes]] = [
    ("before", b"", b""),
    ("in_head", b"HTTP/1.1 200 OK\r\n", b""),
    ("after_head", b"HTTP/1.1 200 OK\r\n", b"\r\n\r\n"),
    ("in_body", b"HTTP/1.1 200 OK\r\n", b""),
]


@pytest.mark.parametrize("reset", [True, False])
@pytest.mark.parametrize(("cut", "begin", "end"), CUTS)
def test_lost_answers(api: SecondApi, cut: Cut, begin: bytes, end: bytes, *, reset: bool) -> None:
    """The connection is closed there, and the call was placed."""
    api.set_accidents(Accident(any_call, delivery=Delivery(cut=cut, reset=reset)))
    data, closed = exchange(api, bytes_of_call(api))
    assert (closed, len(api.rings)) == (True, 1)
    if not reset:  # A reset may also take away what was sent already.
        assert (data.startswith(begin), data.endswith(end)) == (True, True)
        assert (b'{"success"' in data, data.endswith(b"}}")) == (cut == "in_body", False)


def test_a_request_that_is_lost_on_the_way(api: SecondApi) -> None:
    """The connection is closed and nothing was placed."""
    api.set_accidents(Accident(any_call, place=False, delivery=Delivery(cut="before")))
    assert exchange(api, bytes_of_call(api)) == (b"", True)
    assert (len(api.requests), api.rings) == (1, ())


def test_hanging_and_late_answers(api: SecondApi) -> None:
    """One answer never comes and one comes late; both calls were placed at once."""
    api.set_accidents(
        Accident(nth_call(1), delivery=Delivery(hang=True)),
        Accident(nth_call(2), delivery=Delivery(delay=0.1)),
    )
    assert exchange(api, bytes_of_call(api), timeout=0.05) == (b"", False)
    begin = time.monotonic()
    assert call(api).status == 200
    assert time.monotonic() - begin >= 0.1
    assert len(api.rings) == 2


LATE: list[tuple[Reply | None, Delivery, bytes]] = [
    (None, Delivery(), b""),
    (None, Delivery(hang=True), b""),
    (None, Delivery(cut="before"), b""),
    (html(504), Delivery(announce_close=True), b"HTTP/1.1 504"),
    (Refusal("SERVER_ERROR"), Delivery(announce_close=True), b"HTTP/1.1 500"),
]


@pytest.mark.parametrize(("reply", "delivery", "begin"), LATE)
def test_the_server_is_still_at_work(api: SecondApi, reply: Reply | None, delivery: Delivery, begin: bytes) -> None:
    """The call is placed only after the client has gone away."""
    api.set_accidents(Accident(any_call, reply, place_after=0.25, delivery=delivery))
    data, _ = exchange(api, bytes_of_call(api), timeout=0.1)
    assert (data.startswith(begin), bool(data), api.rings) == (True, bool(begin), ())
    assert wait_until(lambda: len(api.rings) == 1)
    assert (api.rings[0].true_time - api.requests[0].true_time).total_seconds() >= 0.25


def test_a_late_call_with_a_patient_client(api: SecondApi) -> None:
    """A client that waits gets the true answer once the call is placed."""
    api.set_accidents(Accident(any_call, place_after=0.05))
    assert call(api).at("data", "id") == api.rings[0].call_id


def test_odd_but_whole_answers(api: SecondApi) -> None:
    """Huge, many-headed, chunked and closing answers are whole all the same, and a doubled one comes two times."""
    api.deliver(Delivery(pad_bytes=11_000))
    assert len(call(api).headers["x-padding"]) == 11_000
    api.deliver(Delivery(chunked=True, announce_close=True))
    got = call(api)
    assert (got.headers["transfer-encoding"], got.headers["connection"]) == ("chunked", "close")
    assert got.at("data", "id") == api.rings[1].call_id
    api.deliver(Delivery(extra_headers=300, twice=True))
    data, closed = exchange(api, bytes_of_call(api))
    assert (data.count(b"X-Extra-"), data.count(b"HTTP/1.1 200 OK"), closed) == (600, 2, False)


def test_connections_are_kept_or_dropped(api: SecondApi) -> None:
    """A connection serves many requests, unless the server drops it some milliseconds after each answer."""
    assert exchange(api, bytes_of_call(api) * 3)[0].count(b"HTTP/1.1 200 OK") == 3
    api.deliver(Delivery(drop_after_ms=(2.0, 10.0)))
    data, closed = exchange(api, bytes_of_call(api))
    assert (data.count(b"HTTP/1.1"), b"Connection" in data, closed) == (1, False, True)


def test_a_failing_predicate_is_kept() -> None:
    """An exception in a test's own predicate ends the connection and can be looked up."""
    with SecondApi(Accident(lambda seen: seen.nth // 0 > 0)) as api:
        with pytest.raises(http.client.RemoteDisconnected):
            call(api)
        assert [type(fault) for fault in api.faults] == [ZeroDivisionError]


def test_many_clients_at_once(api: SecondApi) -> None:
    """Calls from many threads are all written down, each once."""
    barrier = threading.Barrier(16)

    def work(last: int) -> object:
        barrier.wait()
        return call(api, f"+141555501{last:02d}").at("data", "id")

    with ThreadPoolExecutor(16) as pool:
        ids = list(pool.map(work, range(16)))
    assert sorted(map(str, ids)) == sorted(ring.call_id for ring in api.rings)
