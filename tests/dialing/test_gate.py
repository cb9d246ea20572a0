"""The gate: one line for all requests, in the order of arrival; whoever gives up waiting holds up nobody behind."""

from collections.abc import Awaitable, Callable, Mapping

import anyio
import pytest
from anyio.abc import TaskGroup
from makers import CLOCK, on_jumping_clock

from batch_dialer.dialing.gate import Gate, PacedApi, make_gate
from batch_dialer.dialing.pace import STANDARD_PLAN, Pace
from batch_dialer.job import Rate
from batch_dialer.model import Answer, Lost, Reply, Unsent

_PLAN = Rate(STANDARD_PLAN, adaptive=True)
_TOO_FAST = Answer(429, {}, b"{}")


def _told(limit: int, remaining: int, reset: int) -> Answer:
    headers = {"limit": limit, "remaining": remaining, "reset": reset}
    return Answer(200, {f"x-ratelimit-{name}": str(value) for name, value in headers.items()}, b"{}")


class Line:
    """People who wait at a gate. *left* has the name of each who was let through, and the second at which that was."""

    def __init__(self, gate: Gate, group: TaskGroup) -> None:
        self.gate = gate
        self.left: list[tuple[str, float]] = []
        self._group = group

    async def join(self, name: str) -> anyio.CancelScope:
        """Have *name* wait, behind all who have joined before; the scope makes it give up."""
        scope = anyio.CancelScope()
        self._group.start_soon(self._wait, name, scope)
        await anyio.wait_all_tasks_blocked()
        return scope

    async def _wait(self, name: str, scope: anyio.CancelScope) -> None:
        with scope:
            await self.gate.turn()
            self.left.append((name, round(CLOCK.time(), 6)))


def _at(gate: Gate, story: Callable[[Line], Awaitable[None]]) -> list[tuple[str, float]]:
    """Return who left when, in *story*, which begins at second 0."""

    async def tell() -> list[tuple[str, float]]:
        async with anyio.create_task_group() as group:
            line = Line(gate, group)
            await story(line)
        return line.left

    left: list[tuple[str, float]] = on_jumping_clock(tell)
    return left


def test_turns_come_in_the_order_of_arrival_at_the_rate() -> None:
    async def story(line: Line) -> None:
        for name in "abcd":
            await line.join(name)

    assert [("a", 0), ("b", 1), ("c", 2), ("d", 3)] == _at(make_gate(Rate(1.0), CLOCK), story)


def test_the_first_of_a_burst_need_not_wait_and_the_pace_makes_up_for_them() -> None:
    async def story(line: Line) -> None:
        for name in "abcd":
            await line.join(name)

    assert [("a", 0), ("b", 0), ("c", 0), ("d", 3)] == _at(make_gate(Rate(1.0, burst=3), CLOCK), story)


def test_a_pause_holds_for_those_who_wait_already() -> None:
    """The second was told to wait until second 1, and the pause came at 0.5."""

    async def story(line: Line) -> None:
        await line.join("a")
        await line.join("b")
        await CLOCK.sleep(0.5)
        line.gate.pause(10)

    assert [("a", 0), ("b", 10.5)] == _at(make_gate(Rate(1.0), CLOCK), story)


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    async def story(line: Line) -> None:
        line.gate.pause(10)
        line.gate.pause(2)
        await line.join("a")

    assert [("a", 10)] == _at(make_gate(Rate(1.0), CLOCK), story)


@pytest.mark.parametrize("gives_up", ["a", "b"], ids=["the first in the line", "one in the middle"])
def test_one_who_gives_up_waiting_neither_holds_up_the_next_nor_takes_a_turn(gives_up: str) -> None:
    async def story(line: Line) -> None:
        line.gate.pause(10)
        scopes = {name: await line.join(name) for name in "abc"}
        await CLOCK.sleep(5)
        scopes[gives_up].cancel()

    first, second = sorted({"a", "b", "c"} - {gives_up})
    assert [(first, 10), (second, 11)] == _at(make_gate(Rate(1.0), CLOCK), story)


def test_an_answer_that_allows_more_wakes_the_one_who_waits() -> None:
    """At the documented rate the second would wait until second 0.6; ten times the rate is told at 0.1."""

    async def story(line: Line) -> None:
        turn = await line.gate.turn()
        await line.join("b")
        await CLOCK.sleep(0.1)
        line.gate.learn(turn, _told(limit=1000, remaining=999, reset=60))

    [(_, at)] = _at(make_gate(_PLAN, CLOCK), story)
    assert 0.1 + (0.6 - 0.1) / 10 == pytest.approx(at, rel=0.05)


def test_a_429_halves_the_rate_once_for_all_that_were_under_way() -> None:
    async def rates() -> list[float]:
        gate = Gate(Pace(STANDARD_PLAN, adaptive=True), CLOCK)
        turns = [await gate.turn() for _ in range(3)]
        found = [gate.rate]
        for turn in turns:
            gate.learn(turn, _TOO_FAST)
            found.append(gate.rate)
        return found

    before, *after = on_jumping_clock(rates)
    assert [pytest.approx(before / 2)] * 3 == after


@pytest.mark.parametrize(
    ("rate", "reply"),
    [
        pytest.param(Rate(2.0), _TOO_FAST, id="a rate that was asked for stays, whatever an answer says"),
        pytest.param(_PLAN, Lost("the connection broke"), id="a lost answer says nothing"),
        pytest.param(_PLAN, Unsent("no connection"), id="a request that never left says nothing"),
    ],
)
def test_what_changes_no_rate(rate: Rate, reply: Reply) -> None:
    async def rates() -> tuple[float, float]:
        gate = make_gate(rate, CLOCK)
        before = gate.rate
        gate.learn(await gate.turn(), reply)
        return before, gate.rate

    before, after = on_jumping_clock(rates)
    assert before == after


class Library:
    """An API that is only asked. It gives *replies*, the last for good, and remembers what it was asked, and when."""

    def __init__(self, *replies: Reply) -> None:
        self._replies = list(replies)
        self.asked: list[tuple[str, object, float]] = []

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Reply:
        self.asked.append((path, params, round(CLOCK.time(), 6)))
        return self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]


def test_a_question_waits_its_turn_among_the_calls() -> None:
    library = Library(_told(limit=60, remaining=59, reset=60))

    async def story(line: Line) -> None:
        await line.join("a call")
        reply = await PacedApi(library, line.gate).get("/agents", {"page": 2})
        assert _told(limit=60, remaining=59, reset=60) == reply
        await line.join("another call")

    assert [("a call", 0), ("another call", 2)] == _at(make_gate(Rate(1.0), CLOCK), story)
    assert [("/agents", {"page": 2}, 1)] == library.asked


def test_a_question_that_is_answered_with_a_429_slows_the_calls() -> None:
    async def rates() -> tuple[float, float]:
        gate = make_gate(_PLAN, CLOCK)
        before = gate.rate
        await PacedApi(Library(_TOO_FAST, Answer(200, {}, b"{}")), gate).get("/agents")
        return before, gate.rate

    before, after = on_jumping_clock(rates)
    assert pytest.approx(before / 2) == after


def test_a_question_that_is_answered_with_a_429_is_asked_again_when_everybody_has_waited_as_asked() -> None:
    too_fast, well = Answer(429, {"retry-after": "7"}, b""), Answer(200, {}, b"{}")
    library, stubborn = Library(too_fast, well), Library(too_fast)

    async def ask() -> tuple[Reply, Reply]:
        gate = make_gate(Rate(1000.0), CLOCK)
        return await PacedApi(library, gate).get("/a"), await PacedApi(stubborn, gate).get("/b")

    assert (well, too_fast) == on_jumping_clock(ask)
    assert [0, 7] == [at for _, _, at in library.asked]
    assert 3 == len(stubborn.asked), "and no oftener than that"
