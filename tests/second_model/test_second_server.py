"""The second model's limit, clock and server hold up, whatever its clients do."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal

import pytest
from second_accidents import Accident, any_call
from second_api import SecondApi
from second_client import NOON, Clock, bytes_of_call, call, exchange, in_thread, wait_until
from second_lies import Delivery
from second_limit import LimitRule


@pytest.fixture
def clock() -> Clock:
    """True time under the test's control."""
    return Clock()


@pytest.fixture
def api(clock: Clock) -> Iterator[SecondApi]:
    """A truthful model."""
    with SecondApi(true_now=clock) as model:
        yield model
        assert model.faults == ()


@pytest.mark.parametrize(("kind", "again_after"), [("fixed", 60.0), ("sliding", 60.0), ("clock", 45.0)])
def test_limit(clock: Clock, kind: Literal["fixed", "sliding", "clock"], again_after: float) -> None:
    """The third request of a window of two is refused with details, until the window lets one through again."""
    clock.pass_seconds(15)
    rule = LimitRule(2, kind=kind, retry_after_header=True)
    with SecondApi(true_now=clock, limit=rule, clock_ahead=timedelta(seconds=100)) as api:
        got = [call(api) for _ in range(3)]
        assert [one.headers["x-ratelimit-remaining"] for one in got] == ["1", "0", "0"]
        assert (got[2].status, got[2].headers["retry-after"]) == (429, str(int(again_after)))
        assert got[2].at("error", "details", "retry_after") == again_after
        reset = int(NOON.timestamp()) + 15 + 100 + int(again_after)
        assert got[2].headers["x-ratelimit-reset"] == str(reset)
        clock.pass_seconds(again_after - 1)
        api.set_limit(replace(rule, reset="seconds"))
        refused = call(api)
        assert (refused.status, refused.headers["x-ratelimit-reset"]) == (429, "1")
        clock.pass_seconds(1)
        api.set_limit(replace(rule, reset="iso"))
        let = call(api)
        assert (let.status, len(api.rings)) == (200, 3)
        assert datetime.fromisoformat(let.headers["x-ratelimit-reset"]) > clock.now + timedelta(seconds=100)


def test_clock_ahead_is_settable_while_running(api: SecondApi, clock: Clock) -> None:
    """created_at and the Date header are on the server's clock, the recorded time is true."""
    api.set_clock(timedelta(minutes=-3))
    got = call(api)
    assert got.at("data", "created_at") == "2030-01-15T11:57:00Z"
    assert parsedate_to_datetime(got.headers["date"]) == clock.now - timedelta(minutes=3)
    assert api.rings[0].true_time == clock.now


def test_broken_clients_do_no_harm(api: SecondApi) -> None:
    """Half requests, nonsense and clients that vanish leave the server working and place nothing."""
    whole = bytes_of_call(api)
    for data in (whole[:40], whole[:-5], b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", api.port)) as connection:
            connection.sendall(data)
    assert call(api).status == 200
    assert len(api.rings) == 1


def test_leaving_stops_at_once() -> None:
    """Neither a hanging client nor a call still to be placed holds up the end."""
    plan = Accident(any_call, place_after=60.0, delivery=Delivery(hang=True))
    with SecondApi(plan) as api:
        thread = in_thread(lambda: exchange(api, bytes_of_call(api), timeout=2.0))
        assert wait_until(lambda: len(api.requests) == 1)
        begin = time.monotonic()
    assert time.monotonic() - begin < 2.0
    thread.join(2.0)
    assert (thread.is_alive(), api.rings) == (False, ())


def test_a_killed_client_process(api: SecondApi) -> None:
    """A client killed while it waits for an answer leaves its call placed and the server working."""
    api.set_accidents(Accident(any_call, delivery=Delivery(hang=True), times=1))
    code = "import socket,sys; s=socket.create_connection(('127.0.0.1',int(sys.argv[1]))); "
    code += "s.sendall(bytes.fromhex(sys.argv[2])); s.recv(1)"
    child = subprocess.Popen([sys.executable, "-S", "-c", code, str(api.port), bytes_of_call(api).hex()])
    assert wait_until(lambda: len(api.rings) == 1, 5.0)
    child.kill()
    child.wait(5.0)
    assert (call(api).status, len(api.rings)) == (200, 2)
