"""What is said of the end is what the pace does."""

import pytest

from batch_dialer.dialing.forecast import calls_within, seconds_to_place
from batch_dialer.dialing.pace import Pace


def _left(calls: int, per_second: float, burst: int) -> list[float]:
    """Return when each of *calls* leaves that are all waiting from the beginning, in seconds."""
    pace, now = Pace(per_second, burst=burst), 0.0
    left = []
    for _ in range(calls):
        while wait := pace.ask(now):
            now += wait
        left.append(now)
    return left


@pytest.mark.parametrize("burst", [1, 20, 100, 400])
@pytest.mark.parametrize("per_second", [0.5, 1.5, 15.0])
@pytest.mark.parametrize("calls", [1, 2, 50, 300])
def test_the_forecast_is_when_the_last_call_leaves(calls: int, per_second: float, burst: int) -> None:
    near = pytest.approx(_left(calls, per_second, burst)[-1], abs=1.5)
    assert near == seconds_to_place(calls, per_second, burst)


@pytest.mark.parametrize("seconds", [0.5, 20, 100])
def test_so_many_leave_within_a_time(seconds: float) -> None:
    left = _left(300, 1.5, 1)
    assert pytest.approx(sum(at <= seconds for at in left), abs=1) == calls_within(seconds, 1.5)


def test_nobody_is_called_in_no_time() -> None:
    assert 0 == calls_within(0, 1.5)
    assert 0 == seconds_to_place(0, 1.5)
