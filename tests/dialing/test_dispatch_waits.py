"""The dispatch while nothing can be placed: everybody waits, tries are counted, and it gives up in the end."""

from datetime import timedelta

import anyio
import pytest
from dispatching import NOON, Exchange, Notebook, Witness, dispatched, numbered_calls
from makers import SetClock, call, on_jumping_clock
from switchboard import Act, Silent

from batch_dialer.dialing.backoff import backoff
from batch_dialer.dialing.breaker import BACK_OFF, FEWEST, MOST_LOST
from batch_dialer.dialing.dispatch import Dispatch
from batch_dialer.dialing.gate import make_gate
from batch_dialer.dialing.verdict import MOST_TRIES
from batch_dialer.job import Rate
from batch_dialer.model import Again, Call, Reply
from batch_dialer.words import Code, Status


@pytest.mark.parametrize("tries", [1, 2, 3, 7, 60])
def test_the_wait_before_another_try_is_by_chance_and_at_most_doubles_up_to_a_minute(tries: int) -> None:
    most = min(2.0 ** (tries - 1), 60.0)
    waits = [backoff(tries) for _ in range(200)]
    assert 0 <= min(waits) < most / 2 < max(waits) <= most, "by chance outside of this once in 2^199"


def test_a_request_that_never_left_goes_again_after_a_wait_and_each_try_is_on_record() -> None:
    api, record, watcher = Exchange({2: [Act.UNREACHABLE, Act.UNREACHABLE]}), Notebook(), Witness()
    assert dispatched(api, numbered_calls(1), record, watcher) is None

    assert [
        (Status.DIALING, 1), (Status.DEFERRED, 1),
        (Status.DIALING, 2), (Status.DEFERRED, 2),
        (Status.DIALING, 3), (Status.INITIATED, 3),
    ] == record.of(2)  # fmt: skip
    assert [True, True, False] == [isinstance(verdict, Again) for verdict in watcher.verdicts]
    (first, why), (second, _) = watcher.pauses
    assert first <= 1
    assert second <= 2
    assert "No connection; nothing was sent." == why
    assert [1 + first, 1 + second] == pytest.approx([b - a for a, b in zip(api.left, api.left[1:], strict=False)])


@pytest.mark.parametrize("act", [Act.UNREACHABLE, Act.TOO_FAST])
def test_tries_of_a_row_are_counted_on_from_earlier_runs_and_end_in_a_halt_of_this_one(act: Act) -> None:
    """Three attempts were made before: they count for the record, and not towards giving up."""
    api, record = Exchange({2: [act] * 100}), Notebook()
    halt = dispatched(api, numbered_calls(1, attempt=4), record)

    assert halt is not None
    assert [4 + n for n in range(MOST_TRIES)] == [count for status, count in record.of(2) if status is Status.DIALING]
    assert (Status.DEFERRED, 3 + MOST_TRIES) == record.of(2)[-1]


def test_a_429_keeps_everybody_back_for_as_long_as_it_asks() -> None:
    """Row 2 is told at second 1 to wait for a second; row 3 is done at 1.5, and row 4 goes no sooner than row 2."""
    api, watcher = Exchange({2: [Act.TOO_FAST]}, seconds={3: 1.5}), Witness()
    assert dispatched(api, numbered_calls(3), None, watcher, concurrency=2) is None

    assert [(1.0, "no")] == watcher.pauses
    assert [0, 0, 2, 2] == pytest.approx(api.left, abs=0.001)
    assert [2, 2, 3, 4] == sorted(call.row for call in api.requests)
    assert {1} == set(api.rings.values())


def test_lost_answers_in_a_row_stop_the_run_and_no_row_of_theirs_goes_again() -> None:
    api, record = Exchange({row: [Act.LOSE_AFTER] for row in range(2, 20)}), Notebook()
    halt = dispatched(api, numbered_calls(10), record, concurrency=1)

    assert halt is not None
    assert Code.CONNECTION_LOST == halt.outcome.error_code
    assert list(range(2, 2 + MOST_LOST)) == [call.row for call in api.requests]
    assert {1} == set(api.rings.values())


def test_when_half_of_the_attempts_fail_everybody_waits_once() -> None:
    """Lost answers with calls between them, so that no three are in a row."""
    acts = {row: [Act.LOSE_BEFORE] for row in range(2, 2 + FEWEST, 2)}
    api, watcher = Exchange(acts, seconds=dict.fromkeys(range(20), 0.0)), Witness()
    assert dispatched(api, numbered_calls(FEWEST + 1), None, watcher, concurrency=1) is None

    assert [(BACK_OFF, "half of the last attempts failed")] == watcher.pauses
    assert BACK_OFF == pytest.approx(api.left[-1] - api.left[-2], abs=0.01)


@pytest.mark.parametrize(
    ("expires_after", "dialed"),
    [
        pytest.param(timedelta(seconds=61), True, id="not yet over"),
        pytest.param(timedelta(seconds=60), False, id="over at that moment"),
        pytest.param(timedelta(seconds=5), False, id="over while it waited"),
        pytest.param(None, True, id="never over"),
    ],
)
def test_a_row_whose_time_passes_while_it_waits_at_the_gate_is_not_called(
    expires_after: timedelta | None, *, dialed: bool
) -> None:
    """It was planned at noon, and its turn comes a minute later. Nothing is written of it: the next plan judges it."""
    clock, api, record = SetClock(NOON), Exchange(), Notebook()
    planned = call(expires=expires_after and NOON + expires_after)

    async def run() -> None:
        gate = make_gate(Rate(100_000), clock)
        gate.pause(60)
        async with anyio.create_task_group() as group:
            group.start_soon(Dispatch(api, record, gate, Silent(), clock).run, iter([planned]), 1)
            await anyio.wait_all_tasks_blocked()
            clock.moment += timedelta(seconds=60)

    on_jumping_clock(run)
    assert ([planned] if dialed else []) == api.requests
    assert bool(record.entries) == dialed


def test_one_who_waits_at_the_gate_is_not_written_down_when_the_run_is_cancelled() -> None:
    api, record = Exchange({2: [Act.TOO_FAST]}, seconds={2: 0.0}), Notebook()
    assert dispatched(api, numbered_calls(2), record, concurrency=1, seconds=0.5) is None

    assert [(Status.DIALING, 1), (Status.DEFERRED, 1)] == record.of(2), "its second try waited for its turn"
    assert [] == record.of(3)


def test_sent_at_is_when_the_attempt_began_in_both_of_its_lines() -> None:
    """The clock moves on by a minute while the request is under way."""
    clock, record = SetClock(NOON + timedelta(milliseconds=250)), Notebook()

    class Slow(Exchange):
        async def place(self, call: Call) -> Reply:
            clock.moment += timedelta(minutes=1)
            return await super().place(call)

    async def run() -> None:
        gate = make_gate(Rate(100_000), clock)
        await Dispatch(Slow(), record, gate, Silent(), clock).run(iter(numbered_calls(2)), 1)

    on_jumping_clock(run)
    first, second = "2026-11-22T12:00:00.250+00:00", "2026-11-22T12:01:00.250+00:00"
    assert [(2, first), (2, first), (3, second), (3, second)] == [(e.row, e.sent_at) for e in record.entries]
