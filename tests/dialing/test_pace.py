"""When the next request may leave."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_dialer.dialing.pace import PEAK, SLACK, STANDARD_PLAN, WAKE, Pace
from batch_dialer.talkover.rate_headers import Quota

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


def test_who_did_not_come_saves_up_no_more_than_the_slack() -> None:
    pace = Pace(1)
    pace.ask(0)

    assert 0 == pace.ask(1000)
    assert pytest.approx(1 - SLACK) == pace.ask(1000)


def test_a_whole_minute_keeps_the_documented_limit() -> None:
    left = _left_at(Pace(STANDARD_PLAN), [0.0] * 301)

    for start in left[:200]:
        assert 100 >= sum(start <= at < start + 60 - _JITTER for at in left)


_moments = st.lists(st.floats(0, 1000), min_size=1, max_size=60)
_rates = st.floats(0.01, 500)


@given(rate=_rates, moments=_moments)
def test_law_never_more_than_the_rate_and_its_slack_in_any_window(rate: float, moments: list[float]) -> None:
    left = _left_at(Pace(rate), moments)

    for first, start in enumerate(left):
        for count, end in enumerate(left[first:], start=1):
            assert count <= rate * (end - start + SLACK) + 1 + _JITTER
            assert count <= PEAK * rate * (end - start + WAKE) + 1 + _JITTER


@given(rate=_rates, late=st.lists(st.floats(0, WAKE), min_size=1, max_size=60))
def test_law_wake_ups_that_come_late_are_made_up_for(rate: float, late: list[float]) -> None:
    """Nobody is idle when permitted: after any number of turns, one lateness is lost and not the sum of all."""
    pace, now = Pace(rate), 0.0
    for turn, lateness in enumerate(late):
        while wait := pace.ask(now):
            now += wait + lateness
        assert now <= turn / rate + WAKE + _JITTER


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


def _told(pace: Pace, said: tuple[int | None, int | None, float | None], now: float = 0) -> Pace:
    """Let one leave, if it may, and answer it."""
    pace.ask(now)
    pace.learn(pace.turn, Quota(*said), now)
    return pace


def test_a_rate_that_was_asked_for_stays() -> None:
    pace = _told(Pace(5), (1000, 0, 60))
    pace.refused(pace.turn, now=0)

    assert 5 == pace.rate
    assert 0 == pace.ask(1)


def test_headroom_is_left_from_the_first_request() -> None:
    assert 9 == Pace(10, adaptive=True, headroom=0.1).rate
    assert 10 == Pace(10, headroom=0.1).rate, "a rate that was asked for is taken as it is"


def test_without_headroom_a_margin_is_left_for_the_network_s_jitter() -> None:
    assert 9.95 == Pace(10, adaptive=True).rate


@pytest.mark.parametrize(("limit", "rate"), [(1000, 15.0), (100, 1.5), (60, 0.9), (6000, 90.0)])
def test_the_server_s_limit_is_followed_up_and_down_less_the_headroom(limit: int, rate: float) -> None:
    assert pytest.approx(rate) == _told(Pace(STANDARD_PLAN, adaptive=True, headroom=0.1), (limit, limit, 60)).rate


def test_what_was_waited_for_at_the_old_rate_is_waited_for_at_the_new_one() -> None:
    pace = _told(Pace(1, adaptive=True, headroom=0.1), (600, 599, 60))

    assert pytest.approx(1 / 9) == pace.ask(0)


def test_what_remains_is_shared_when_others_use_the_token_too() -> None:
    pace = Pace(1, adaptive=True, headroom=0.1)
    for remaining, share in ((11, 1.0), (10, 1.0), (5, 0.5), (1, 0.1)):
        assert pytest.approx(1.5 * share) == _told(pace, (100, remaining, 60)).rate


def test_we_never_stop_for_others_while_anything_remains() -> None:
    pace = _told(Pace(100, adaptive=True, headroom=0.5), (1000, 1, 60))

    assert pytest.approx(1000 * 0.5 / 60 * 0.1) == pace.rate


def test_when_others_left_nothing_everybody_waits_for_the_reset() -> None:
    pace = _told(Pace(STANDARD_PLAN, adaptive=True, headroom=0.1), (100, 0, 42), now=10)

    assert 32 == pace.ask(20)
    assert 0 == pace.ask(52)


def test_an_answer_that_comes_late_says_nothing_new() -> None:
    pace = Pace(STANDARD_PLAN, adaptive=True)
    pace.ask(0)
    early = pace.turn
    pace.ask(1)
    pace.learn(pace.turn, Quota(100, 60, 60), now=1.1)
    rate = pace.rate
    pace.learn(early, Quota(100, 1, 60), now=1.2)

    assert rate == pace.rate


@pytest.mark.parametrize("said", [(None, None, None), (None, 0, 30), (0, 0, 30), (None, 5, None)])
def test_half_an_answer_changes_nothing(said: tuple[int | None, int | None, float | None]) -> None:
    pace = _told(Pace(2, adaptive=True, headroom=0.1), said)

    assert 1.8 == pace.rate
    assert 0 == pace.ask(1)


def test_a_limit_without_the_rest_is_followed() -> None:
    assert 0.995 == _told(Pace(2, adaptive=True), (60, None, None)).rate


def test_a_429_halves_the_rate_once_for_all_that_were_under_way_and_answers_give_it_back() -> None:
    pace = Pace(10, adaptive=True, headroom=0.1)
    turns = []
    for now in range(4):
        pace.ask(now)
        turns.append(pace.turn)
    for turn in turns:
        pace.refused(turn, now=4)
    assert 4.5 == pace.rate

    for now in range(5, 5 + 700):
        _told(pace, (600, 590, 60), now)
    assert 9 == pace.rate


@pytest.mark.parametrize("resets_in", [1, 2])
def test_a_limit_that_is_never_more_than_a_second_from_its_reset_is_one_of_a_second(resets_in: float) -> None:
    pace = Pace(STANDARD_PLAN, adaptive=True)
    for now in range(4):
        _told(pace, (100, 99, resets_in), now)
    assert 99.5 == pace.rate

    assert 99.5 / 60 == _told(pace, (100, 96, 6), now=4).rate, "a bucket of a minute, nearly full, looked the same"
    for now in range(5, 9):
        assert 99.5 / 60 == _told(pace, (100, 99, resets_in), now).rate


def test_the_first_of_a_burst_go_at_once_and_the_next_when_all_would_have_gone() -> None:
    pace = Pace(2, burst=3)

    assert [0, 0, 0, 1.5] == [pace.ask(0) for _ in range(4)]
    assert 0 == pace.ask(1.5)
    assert 0.5 == pace.ask(1.5)


@pytest.mark.parametrize("pace", [Pace(2, burst=1000), Pace(2, adaptive=True, headroom=0, burst=1000)])
def test_a_burst_is_a_minute_s_worth_at_the_most(pace: Pace) -> None:
    assert 120 == sum(pace.ask(0) == 0 for _ in range(1000))


def test_a_burst_takes_no_more_than_remains() -> None:
    pace = _told(Pace(STANDARD_PLAN, adaptive=True, burst=100), (100, 7, 30))

    assert 0 < sum(pace.ask(0.1) == 0 for _ in range(100)) <= 7


_quotas = st.builds(
    Quota,
    limit=st.none() | st.integers(0, 10**9 - 1),
    remaining=st.none() | st.integers(0, 10**9 - 1),
    resets_in=st.none() | st.floats(0, 900),
)


@given(quotas=st.lists(st.tuples(_quotas, st.booleans()), max_size=20), headroom=st.floats(0, 0.99))
def test_law_whatever_the_server_says_somebody_goes_in_the_end(
    quotas: list[tuple[Quota, bool]], headroom: float
) -> None:
    pace = Pace(1, adaptive=True, headroom=headroom)
    now = 0.0
    for quota, refused in quotas:
        while wait := pace.ask(now):
            assert 0 < wait <= 900 + 1 / pace.rate + _JITTER
            now += wait
        pace.learn(pace.turn, quota, now)
        if refused:
            pace.refused(pace.turn, now)
        assert 0 < pace.rate


@given(limit=st.integers(1, 10_000), headroom=st.floats(0, 0.9), remaining=st.integers(0, 10_000))
def test_law_the_rate_never_passes_the_limit_less_the_headroom(limit: int, headroom: float, remaining: int) -> None:
    pace = _told(Pace(0.001, adaptive=True, headroom=headroom), (limit, remaining, None))

    assert pace.rate <= limit * (1 - headroom) / 60 + _JITTER


@given(less=st.integers(0, 1000), more=st.integers(0, 1000), headroom=st.floats(0, 0.9))
def test_law_the_more_remains_the_faster(less: int, more: int, headroom: float) -> None:
    rates = [
        _told(Pace(1, adaptive=True, headroom=headroom), (1000, remaining, 60)).rate
        for remaining in sorted((less, more))
    ]

    assert rates[0] <= rates[1]


def test_its_repr_says_the_rate() -> None:
    assert "<Pace 90.0/min adaptive>" == repr(Pace(STANDARD_PLAN, adaptive=True, headroom=0.1))
    assert "<Pace 120.0/min>" == repr(Pace(2))
