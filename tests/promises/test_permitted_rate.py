"""All of the permitted rate, and no 429: against every kind of window, on a clock that jumps.

The server is the sandbox's own limiter. Where the best that can be had is less than all of it, the test says why.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metered import Metered, World, dialed

from batch_dialer.dialing.pace import STANDARD_PLAN, Pace
from batch_dialer.sandbox.limiter import ResetStyle, WindowKind

_KINDS = pytest.mark.parametrize("kind", WindowKind)
_STYLES = pytest.mark.parametrize("reset", ResetStyle)


def _pace(headroom: float = 0.0, burst: int = 1) -> Pace:
    return Pace(STANDARD_PLAN, adaptive=True, headroom=headroom, burst=burst)


def _share(api: Metered, permitted: float, since: float = 0.0) -> float:
    return sum(at >= since for at in api.placed) / permitted


@_KINDS
@_STYLES
@pytest.mark.parametrize(("latency", "jitter"), [(0.0, 0.0), (0.05, 0.02), (0.5, 0.25), (8.0, 0.25)])
def test_a_hundred_a_minute_are_a_hundred(kind: WindowKind, reset: ResetStyle, latency: float, jitter: float) -> None:
    """Three windows, which begin when the first request arrives."""
    api = dialed(World(kind, reset, 100, 60, latency, jitter), _pace(), 180 + latency / 2)

    assert [] == api.refused
    assert _share(api, 300) >= 0.99


@_KINDS
def test_a_thousand_a_minute_are_a_thousand(kind: WindowKind) -> None:
    api = dialed(World(kind, ResetStyle.EPOCH, 1000, 60, jitter=0.05), _pace(), 180.03)

    assert [] == api.refused
    assert _share(api, 3000) >= 0.99


@_KINDS
@_STYLES
@pytest.mark.parametrize(("latency", "jitter"), [(0.0, 0.0), (0.05, 0.01), (0.2, 0.01)])
def test_a_hundred_a_second_are_a_hundred(kind: WindowKind, reset: ResetStyle, latency: float, jitter: float) -> None:
    """The first answers fit a hundred a minute, too: what that costs is made up for within the first three windows."""
    api = dialed(World(kind, reset, 100, 1, latency, jitter), _pace(), 3 + latency / 2)

    assert [] == api.refused
    assert _share(api, 300) >= 0.99


@_KINDS
def test_a_first_request_that_waits_for_its_connection_opens_the_window_late(kind: WindowKind) -> None:
    api = dialed(World(kind, ResetStyle.DELTA, 100, 1, connecting=0.04), _pace(), 5)

    assert [] == api.refused
    assert _share(api, 500) >= 0.98


@_KINDS
def test_headroom_is_left(kind: WindowKind) -> None:
    api = dialed(World(kind, limit=100), _pace(headroom=0.1), 180)

    assert [] == api.refused
    assert 0.89 <= _share(api, 300) <= 0.94  # a bucket that is full looks like a limit by the second, at first


@_KINDS
@_STYLES
def test_what_was_used_before_the_run_is_not_used_again(kind: WindowKind, reset: ResetStyle) -> None:
    """Another run that has just ended took most of the window."""
    api = dialed(World(kind, reset, 100, before=90, ago=30), _pace(), 240)

    assert [] == api.refused
    assert _share(api, 300 + 10) >= 0.97  # the wait for a reset that is told in whole seconds, on a clock of whole ones


@_STYLES
@pytest.mark.parametrize("ago", [58.5, 59.0, 59.9])
def test_a_minute_that_is_about_to_end_is_not_taken_for_a_second(reset: ResetStyle, ago: float) -> None:
    api = dialed(World(WindowKind.FIXED, reset, 100, before=45, ago=ago), _pace(), 240)

    assert [] == api.refused
    assert _share(api, 400) >= 0.97


@pytest.mark.parametrize(("limit", "headroom"), [(100, 0.0), (100, 0.1), (1000, 0.0)])
@_KINDS
def test_another_client_leaves_the_rest(kind: WindowKind, limit: int, headroom: float) -> None:
    """It takes 40 %. What it takes last, no answer has told yet: a 429 a window is the least that can be promised."""
    others = 0.4 * limit / 60
    api = dialed(World(kind, limit=limit, others=others), _pace(headroom), 240)

    assert len(api.refused) <= 4
    assert _share(api, 240 * (limit / 60 - others)) >= 0.94


@_KINDS
def test_jitter_that_is_much_for_a_second_costs_some_of_the_limit(kind: WindowKind) -> None:
    api = dialed(World(kind, limit=100, seconds=1, jitter=0.06), _pace(), 22)

    assert [] == api.refused
    assert _share(api, 2200) >= 0.95


@_KINDS
def test_jitter_that_is_too_much_for_a_second_costs_a_few_429s_and_then_some_margin(kind: WindowKind) -> None:
    api = dialed(World(kind, limit=100, seconds=1, jitter=0.2), _pace(), 42)

    assert len(api.refused) <= 20
    assert _share(api, 2000, since=22) >= 0.85


@_KINDS
def test_another_client_within_seconds_leaves_the_rest(kind: WindowKind) -> None:
    """Answers are a twentieth of the window old, and a 429 costs a whole one: the least pause that the API names."""
    api = dialed(World(kind, limit=100, seconds=1, others=40), _pace(), 22)

    assert len(api.refused) <= 20
    assert _share(api, 20 * 60, since=2) >= 0.85


@pytest.mark.parametrize("becomes", [50, 200])
@_KINDS
def test_a_limit_that_changes_is_followed(kind: WindowKind, becomes: int) -> None:
    """When it is halved, no answer has said so yet: one 429. A sliding window is full then, and must run half empty."""
    api = dialed(World(kind, limit=100, changes={120.0: becomes}), _pace(), 300)

    assert len(api.refused) <= 1
    assert _share(api, 200 + 3 * becomes) >= (0.92 if becomes < 100 and kind is WindowKind.SLIDING else 0.99)
    assert _share(api, becomes, since=240) >= 0.96


@pytest.mark.parametrize("limit", [10, 50])
@_KINDS
def test_a_limit_that_nobody_tells_is_found(kind: WindowKind, limit: int) -> None:
    """Without headers 429s are all there is to go by: each halves the rate."""
    api = dialed(World(kind, limit=limit, headers=lambda _: {}), _pace(), 600)

    assert len(api.refused) <= 60
    assert _share(api, 10 * limit) >= 0.5


@pytest.mark.parametrize("reset", ["0", "1", "900", "60000", "soon", "-1"])
@pytest.mark.parametrize("remaining", ["0", "1", "99", "100000"])
def test_headers_that_lie_stop_nobody_for_good(reset: str, remaining: str) -> None:
    lies = {"x-ratelimit-limit": "100", "x-ratelimit-remaining": remaining, "x-ratelimit-reset": reset}
    api = dialed(World(limit=1_000_000, headers=lambda _: lies), _pace(), rows=5)

    assert 5 == len(api.placed)


@pytest.mark.parametrize("burst", [40, 100])
@_KINDS
def test_a_burst_dials_a_small_job_at_once_and_a_large_one_no_faster(kind: WindowKind, burst: int) -> None:
    small = dialed(World(kind, limit=100), _pace(burst=burst), rows=burst - 1)
    assert [] == small.refused
    assert small.placed[-1] < 1

    large = dialed(World(kind, limit=100), _pace(burst=burst), 180)
    assert [] == large.refused
    assert 0.97 <= _share(large, 300)


@settings(max_examples=20, deadline=None)
@given(
    kind=st.sampled_from(WindowKind),
    reset=st.sampled_from(ResetStyle),
    limit=st.integers(2, 120),
    latency=st.floats(0, 0.4),
    headroom=st.floats(0, 0.5),
)
def test_law_who_is_alone_is_never_refused(
    kind: WindowKind, reset: ResetStyle, limit: int, latency: float, headroom: float
) -> None:
    api = dialed(World(kind, reset, limit, 60, latency), _pace(headroom), rows=2 * limit)

    assert [] == api.refused
    assert len(api.placed) == 2 * limit
