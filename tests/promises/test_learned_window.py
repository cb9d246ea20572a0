"""Any window from a second to an hour, counted in any way, is found out from the headers, on a clock that jumps.

The first window goes by at the pace of a minute: nothing has come back yet, which alone could prove that it is shorter.
With BATCH_DIALER_KILLS in the environment it takes the long form: all combinations, and more windows of seconds.
"""

import os
from collections.abc import Iterable

import pytest
from dialects import Dialect
from metered import Metered, World, dialed

from batch_dialer.dialing.pace import STANDARD_PLAN, Pace
from batch_dialer.sandbox.limiter import ResetStyle

_WINDOWS = [Dialect.FIXED, Dialect.ALIGNED, Dialect.SLIDING, Dialect.SLIDING_AWAY]
_SMALL = [Dialect.SMALL, Dialect.SMALL_NEXT]
_LONG = bool(os.environ.get("BATCH_DIALER_KILLS"))


def _combined(dialects: Iterable[Dialect], sizes: tuple[float, ...]) -> list[tuple[Dialect, ResetStyle, float]]:
    """Return each dialect with each style, and one of *sizes* in turn; in the long form with all of them.

    In turn, each dialect and each style still meets each size.
    """
    return [
        (dialect, reset, size)
        for first, dialect in enumerate(dialects)
        for second, reset in enumerate(ResetStyle)
        for size in (dict.fromkeys(sizes) if _LONG else [sizes[(first + second) % len(sizes)]])
    ]


def _dialed(dialect: Dialect, reset: ResetStyle, limit: int, seconds: float, lasting: float) -> Metered:
    world = World(reset=reset, limit=limit, seconds=seconds, jitter=0.02, limiter=dialect.limiter)
    return dialed(world, Pace(STANDARD_PLAN, adaptive=True), lasting, concurrency=128)


def _most(api: Metered, seconds: float) -> int:
    """Return the most that were placed within so many seconds."""
    placed, first, most = api.placed, 0, 0
    for last, at in enumerate(placed):
        while placed[first] <= at - seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


@pytest.mark.parametrize(("dialect", "reset", "seconds"), _combined([*_WINDOWS, Dialect.BUCKET], (5.0, 7.0, 10.0)))
def test_a_window_of_seconds_is_used(dialect: Dialect, reset: ResetStyle, seconds: float) -> None:
    windows = 40 if _LONG else 8
    api = _dialed(dialect, reset, 100, seconds, windows * seconds)

    assert [] == api.refused
    since_two = sum(at >= 2 * seconds for at in api.placed)
    assert since_two / (100 * (windows - 2)) >= (0.92 if dialect is Dialect.BUCKET else 0.95)


@pytest.mark.parametrize(("dialect", "reset", "limit"), _combined(_WINDOWS, (100, 100, 1000)))
def test_a_minute_is_used_and_at_no_time_more_than_that(dialect: Dialect, reset: ResetStyle, limit: int) -> None:
    """A window that began by the clock ends before a minute is over: it is not taken for a shorter one."""
    minutes = 5 if _LONG else 3
    api = _dialed(dialect, reset, limit, 60, 60 * minutes)

    assert [] == api.refused
    assert len(api.placed) >= (minutes - 0.03) * limit, "two seconds of a minute are what the beginning may cost"
    assert limit >= _most(api, 59.9)


@pytest.mark.parametrize(("dialect", "reset", "seconds"), _combined(_WINDOWS, (600.0, 3600.0)))
def test_a_limit_by_the_hour_is_not_taken_for_one_by_the_minute(
    dialect: Dialect, reset: ResetStyle, seconds: float
) -> None:
    api = _dialed(dialect, reset, 100, seconds, 5 * seconds)

    assert [] == api.refused
    assert len(api.placed) / 500 >= 0.99


@pytest.mark.parametrize(("dialect", "reset", "limit"), _combined(_SMALL, (100, 100, 1000)))
def test_a_bucket_that_holds_a_tenth_of_its_limit_is_used(dialect: Dialect, reset: ResetStyle, limit: int) -> None:
    """It never says that more than a tenth remains: others have not taken the rest."""
    minutes = 5 if _LONG else 3
    api = _dialed(dialect, reset, limit, 60, 60 * minutes)

    assert [] == api.refused
    assert len(api.placed) >= (minutes - 0.05) * limit


def test_without_any_header_the_pace_is_the_standard_plan_s() -> None:
    api = dialed(World(limit=1_000_000, headers=lambda _: {}), Pace(STANDARD_PLAN, adaptive=True), 300)

    assert 496 <= len(api.placed) <= 500
