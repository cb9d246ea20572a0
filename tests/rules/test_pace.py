"""When the next request may leave."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_dialer.rules.limits import Quota
from batch_dialer.rules.pace import STANDARD_PLAN, Pace

_JITTER = 1e-6  # of a float that holds seconds


def _left_at(pace: Pace, asked_at: list[float]) -> list[float]:
    """Return when requests left, of those who asked at these moments and then waited as they were told."""
    left: list[float] = []
    for moment in sorted(asked_at):
        now = max(moment, left[-1] if left else moment)
        while wait := pace.ask(now):
            now += wait
        left.append(now)
    return left


def test_the_first_goes_at_once_and_the_next_when_it_is_time() -> None:
    pace = Pace(2)

    assert 0 == pace.ask(100)
    assert 0.5 == pace.ask(100)
    assert 0.25 == pace.ask(100.25)
    assert 0 == pace.ask(100.5)


def test_who_did_not_come_saves_nothing_up() -> None:
    pace = Pace(1)
    pace.ask(0)

    assert 0 == pace.ask(1000)
    assert 1 == pace.ask(1000)


def test_a_whole_minute_keeps_the_documented_limit() -> None:
    left = _left_at(Pace(STANDARD_PLAN), [0.0] * 301)

    for start in left[:200]:
        assert 100 >= sum(start <= at < start + 60 - _JITTER for at in left)


_moments = st.lists(st.floats(0, 1000), min_size=1, max_size=60)
_rates = st.floats(0.01, 500)


@given(rate=_rates, moments=_moments)
def test_law_never_more_than_the_rate_and_one_in_any_window(rate: float, moments: list[float]) -> None:
    left = _left_at(Pace(rate), moments)

    for first, start in enumerate(left):
        for count, end in enumerate(left[first:], start=1):
            assert count <= rate * (end - start) + 1 + _JITTER


@given(rate=_rates, moments=_moments, at=st.floats(0, 1000), seconds=st.floats(0, 1000))
def test_law_nobody_goes_in_a_pause(rate: float, moments: list[float], at: float, seconds: float) -> None:
    pace = Pace(rate)
    _left_at(pace, [moment for moment in moments if moment < at])
    pace.pause(at, seconds)

    after = [at, *(moment for moment in moments if moment >= at)]
    assert all(at + seconds - _JITTER <= left for left in _left_at(pace, after))


@given(
    pauses=st.lists(st.tuples(st.floats(0, 100), st.floats(-100, 100) | st.just(float("nan"))), min_size=1, max_size=8)
)
def test_law_a_pause_only_lengthens(pauses: list[tuple[float, float]]) -> None:
    pace = Pace(1)
    pace.ask(0)
    ends = [0.0]
    for at, seconds in pauses:
        pace.pause(at, seconds)
        ends.append(pace.ask(-1000.0))
    assert all(earlier <= later for earlier, later in pairwise(ends))


def test_a_pause_is_for_those_too_who_were_told_a_shorter_wait() -> None:
    pace = Pace(1)
    pace.ask(0)
    assert 1 == pace.ask(0)
    pace.pause(0.5, 10)

    assert 9.5 == pace.ask(1)


def test_a_rate_that_was_asked_for_stays() -> None:
    pace = Pace(5)
    pace.learn(Quota(limit=1000, remaining=0, resets_in=60), now=0)

    assert 5 == pace.rate
    assert 0 == pace.ask(0)


def test_headroom_is_left_from_the_first_request() -> None:
    assert 9 == Pace(10, adaptive=True, headroom=0.1).rate
    assert 10 == Pace(10, headroom=0.1).rate, "a rate that was asked for is taken as it is"


@pytest.mark.parametrize(("limit", "rate"), [(1000, 15.0), (100, 1.5), (60, 0.9), (6000, 90.0)])
def test_the_server_s_limit_is_followed_up_and_down_less_the_headroom(limit: int, rate: float) -> None:
    pace = Pace(STANDARD_PLAN, adaptive=True, headroom=0.1)
    pace.learn(Quota(limit, remaining=limit, resets_in=60), now=0)

    assert pytest.approx(rate) == pace.rate


def test_what_remains_is_shared_when_others_use_the_token_too() -> None:
    pace = Pace(1, adaptive=True, headroom=0.1)
    for remaining, share in ((11, 1.0), (10, 1.0), (5, 0.5), (1, 0.1)):
        pace.learn(Quota(100, remaining, resets_in=60), now=0)
        assert pytest.approx(1.5 * share) == pace.rate


def test_we_never_stop_for_others_while_anything_remains() -> None:
    pace = Pace(100, adaptive=True, headroom=0.5)
    pace.learn(Quota(1000, 1, resets_in=60), now=0)

    assert pytest.approx(1000 * 0.5 / 60 * 0.1) == pace.rate


def test_when_nothing_remains_everybody_waits_for_the_reset() -> None:
    pace = Pace(100, adaptive=True, headroom=0.1)
    pace.learn(Quota(100, 0, resets_in=42), now=10)

    assert 42 == pace.ask(10)
    assert 0 == pace.ask(52)


@pytest.mark.parametrize(
    "quota", [Quota(None, None, None), Quota(None, 0, 30), Quota(0, 0, 30), Quota(100, 0, None), Quota(None, 5, None)]
)
def test_half_an_answer_changes_nothing(quota: Quota) -> None:
    pace = Pace(2, adaptive=True, headroom=0.1)
    pace.learn(quota, now=0)

    assert 1.8 == pace.rate
    assert 0 == pace.ask(0)


def test_a_limit_without_the_rest_is_followed() -> None:
    pace = Pace(2, adaptive=True)
    pace.learn(Quota(60, None, None), now=0)

    assert 1 == pace.rate


_quotas = st.builds(
    Quota,
    limit=st.none() | st.integers(0, 10**9 - 1),
    remaining=st.none() | st.integers(0, 10**9 - 1),
    resets_in=st.none() | st.floats(0, 900),
)


@given(quotas=st.lists(_quotas, max_size=20), headroom=st.floats(0, 0.99))
def test_law_whatever_the_server_says_the_rate_stays_above_nothing(quotas: list[Quota], headroom: float) -> None:
    pace = Pace(1, adaptive=True, headroom=headroom)
    for now, quota in enumerate(quotas):
        pace.learn(quota, now)
        assert 0 < pace.rate
        assert 0 <= pace.ask(now) <= 900 + now + 1 / pace.rate


@given(limit=st.integers(1, 10_000), headroom=st.floats(0, 0.9), remaining=st.integers(0, 10_000))
def test_law_the_rate_never_passes_the_limit_less_the_headroom(limit: int, headroom: float, remaining: int) -> None:
    pace = Pace(0.001, adaptive=True, headroom=headroom)
    pace.learn(Quota(limit, remaining, None), now=0)

    assert pace.rate <= max(limit * (1 - headroom) / 60, 0.001) + _JITTER


def test_its_repr_says_the_rate() -> None:
    assert "<Pace 90.0/min adaptive>" == repr(Pace(STANDARD_PLAN, adaptive=True, headroom=0.1))
    assert "<Pace 120.0/min>" == repr(Pace(2))
