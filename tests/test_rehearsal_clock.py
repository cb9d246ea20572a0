"""The clock of a rehearsal: it never goes back, and it passes nobody's moment before that one was woken."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_dialer.rehearsal_clock import RehearsalClock
from batch_dialer.timeline import Timeline, Waiter

_START = datetime(2026, 11, 29, 9, tzinfo=UTC)
_SECONDS = st.floats(0, 1e6)
_STEPS = st.lists(
    st.tuples(st.just("wait"), _SECONDS) | st.tuples(st.just("pass"), _SECONDS) | st.tuples(st.just("leave"), _SECONDS),
    max_size=60,
)


@given(_STEPS)
def test_it_never_goes_back_and_wakes_each_at_its_moment_in_their_order(steps: list[tuple[str, float]]) -> None:
    timeline = Timeline()
    waiting: list[Waiter] = []
    woken: list[tuple[float, int]] = []

    def wake(number: int) -> None:
        woken.append((timeline.now, number))

    for number, (step, seconds) in enumerate(steps):
        before = timeline.now
        match step:
            case "wait":
                waiting.append(timeline.wait(seconds, partial(wake, number)))
                assert before + seconds == waiting[-1].moment
            case "leave" if waiting:
                timeline.dismiss(waiting.pop(int(seconds) % len(waiting)))
            case "pass":
                due = sorted(waiter for waiter in waiting if waiter.moment <= before + seconds)
                called = len(woken)
                assert bool(due) == timeline.advance(seconds)
                at_once = [waiter for waiter in due if waiter.moment == due[0].moment]
                assert [waiter.moment for waiter in at_once] == [at for at, _ in woken[called:]]
                waiting = [waiter for waiter in waiting if waiter not in at_once]
            case _:
                pass
        assert before <= timeline.now <= min((waiter.moment for waiter in waiting), default=float("inf"))
    assert woken == sorted(woken)


@given(st.lists(st.sampled_from(["begin", "hold", "dismiss", "pass"]), max_size=40))
def test_a_request_is_under_way_but_for_the_time_in_which_its_answer_is_held_back(steps: list[str]) -> None:
    timeline = Timeline()
    begun, held = 0, list[Waiter]()
    for step in steps:
        match step:
            case "begin":
                timeline.begin_request()
                begun += 1
            case "hold" if len(held) < begun:
                held.append(timeline.wait(90, lambda: None, holds_back=True))
            case "dismiss" if held:
                timeline.dismiss(held.pop())
            case "pass":
                timeline.advance(45)
            case _:
                pass
        held = [waiter for waiter in held if waiter.waits]
        assert (begun > len(held)) == timeline.is_busy
    for waiter in held:
        timeline.dismiss(waiter)
    for _ in range(begun):
        timeline.end_request()
    assert not timeline.is_busy


def _rehearsed(story: Callable[[RehearsalClock], Awaitable[None]], speed: float = 1e6) -> RehearsalClock:
    clock = RehearsalClock(speed, _START)

    async def tell() -> None:
        async with clock:
            await story(clock)

    asyncio.run(tell())
    return clock


def test_a_wait_is_as_long_as_was_asked_for_however_coarse_the_machines_timer_is() -> None:
    woken: list[tuple[str, float]] = []

    async def story(clock: RehearsalClock) -> None:
        async def wake(name: str, seconds: float, times: int) -> None:
            for _ in range(times):
                await clock.sleep(seconds)
                woken.append((name, round(clock.time(), 9)))

        async with anyio.create_task_group() as group:
            group.start_soon(wake, "a", 0.067, 9)
            group.start_soon(wake, "b", 0.1, 6)

    clock = _rehearsed(story)
    asked = [("a", round(0.067 * n, 9)) for n in range(1, 10)] + [("b", round(0.1 * n, 9)) for n in range(1, 7)]
    assert sorted(asked, key=lambda each: each[1]) == woken
    assert timedelta(seconds=0.603) == clock.now() - _START
    assert clock.now().timestamp() == pytest.approx(clock.timestamp())


def test_what_takes_too_long_is_cancelled_at_its_moment_and_what_does_not_is_not() -> None:
    async def story(clock: RehearsalClock) -> None:
        async with clock.move_on_after(7200) as scope:
            await anyio.sleep_forever()
        assert scope.cancelled_caught
        assert 7200 == clock.time()
        async with clock.move_on_after(60) as scope:
            await clock.sleep(59)
        assert not scope.cancelled_caught
        async with clock.move_on_after(None) as scope:
            await clock.sleep(3600)
        assert not scope.cancelled_caught

    assert 10_859 == _rehearsed(story).time()


def test_time_passes_as_it_does_while_a_request_is_under_way_and_faster_while_its_answer_is_held_back() -> None:
    """At a speed at which a hundredth of a second would be hours."""

    async def story(clock: RehearsalClock) -> None:
        async with clock.move_on_after(1e9):
            with clock.busy():
                await asyncio.sleep(0.05)
                assert clock.time() < 60
                async with clock.hold_back(9000):
                    await anyio.sleep_forever()
                assert 9000 <= clock.time() < 9060
                await asyncio.sleep(0.05)
                assert clock.time() < 9060

    _rehearsed(story)


def test_time_passes_as_it_does_while_the_disk_is_at_work_or_nobody_waits_for_it() -> None:
    async def story(clock: RehearsalClock) -> None:
        await asyncio.sleep(0.05)
        async with clock.move_on_after(1e9):
            await anyio.to_thread.run_sync(_busy_thread)
        assert clock.time() < 60

    _rehearsed(story)


def _busy_thread() -> None:
    sum(range(10**6))


def test_it_goes_on_from_the_moment_at_which_another_one_ended_and_never_back_to_it() -> None:
    async def story(clock: RehearsalClock) -> None:
        clock.go_on_from(_START - timedelta(hours=1))
        assert _START <= clock.now() < _START + timedelta(minutes=1)
        clock.go_on_from(_START + timedelta(hours=3))
        await clock.sleep(60)

    clock = _rehearsed(story)
    assert _START + timedelta(hours=3, seconds=60) == clock.now()
