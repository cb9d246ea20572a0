"""What is said of the times is what the pace does."""

import pytest

from batch_dialer.dialing.pace import Pace
from batch_dialer.plan.forecast import Spacing


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
@pytest.mark.parametrize("per_second", [0.47, 1.53, 15.01])  # no spaces add up to a minute: sums of floats would
@pytest.mark.parametrize("ahead", [0, 2])
def test_each_call_leaves_when_the_pace_lets_it(per_second: float, burst: int, ahead: int) -> None:
    left = _left(300 + ahead, per_second, burst)[ahead:]
    assert pytest.approx(left, abs=1.5) == Spacing(per_second, burst, ahead).seconds(300).to_list()


def test_of_nobody_there_is_nothing_to_say() -> None:
    assert [] == Spacing(1.5).seconds(0).to_list()
