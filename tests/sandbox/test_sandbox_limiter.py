"""The limiters: how each kind of window counts the same requests."""

import pytest

from batch_dialer.sandbox.limiter import LimitDecision, ResetStyle, WindowKind, limit_headers, make_limiter

NOON = 1_800_000_000.0


@pytest.mark.parametrize(
    ("kind", "allowed"),
    [
        # Four a minute. The second of each request, and whether it is allowed:
        (WindowKind.FIXED, {0: True, 30: True, 31: True, 32: True, 59: False, 60: True, 61: True, 89: True}),
        (WindowKind.SLIDING, {0: True, 30: True, 31: True, 32: True, 59: False, 60: True, 61: False, 90: True}),
        (WindowKind.BUCKET, {0: True, 1: True, 2: True, 3: True, 4: False, 15: True, 16: False, 30: True}),
    ],
)
def test_a_window_counts_as_it_is_said_to(kind: WindowKind, allowed: dict[int, bool]) -> None:
    """The requests are chosen so that the kinds of window differ on them."""
    limiter = make_limiter(kind, 4, 60)

    assert allowed == {second: limiter.take(NOON + second).allowed for second in allowed}


@pytest.mark.parametrize("kind", WindowKind)
def test_who_waits_as_told_is_let_through(kind: WindowKind) -> None:
    """`retry_after` is never too short."""
    limiter = make_limiter(kind, 3, 7)
    now = NOON

    for _ in range(20):
        turn = limiter.take(now)
        if not turn.allowed:
            now += turn.retry_after(now)
            assert limiter.take(now).allowed
        now += 0.3


@pytest.mark.parametrize("kind", WindowKind)
def test_remaining_counts_down_to_nothing(kind: WindowKind) -> None:
    """`remaining` is the number of requests that would be allowed at once."""
    limiter = make_limiter(kind, 3, 60)

    assert [limiter.take(NOON).remaining for _ in range(5)] == [2, 1, 0, 0, 0]


@pytest.mark.parametrize(("kind", "left"), [(WindowKind.FIXED, 0), (WindowKind.SLIDING, 0), (WindowKind.BUCKET, 1)])
def test_a_limit_that_is_lowered_counts_what_was_taken(kind: WindowKind, left: int) -> None:
    """A window keeps the requests that it has counted; a bucket is cut to its new size."""
    limiter = make_limiter(kind, 6, 60)
    for _ in range(3):
        limiter.take(NOON)
    limiter.limit = 2

    turn = limiter.take(NOON)
    assert (bool(left), 2, left) == (turn.allowed, turn.limit, turn.remaining)


@pytest.mark.parametrize(
    ("style", "reset"),
    [(ResetStyle.EPOCH, "1800000013"), (ResetStyle.DELTA, "13"), (ResetStyle.ISO, "2027-01-15T08:00:13Z")],
)
def test_reset_is_written_in_any_dialect(style: ResetStyle, reset: str) -> None:
    """The same time, rounded up, in three formats."""
    turn = LimitDecision(allowed=True, limit=5, remaining=4, reset_at=NOON + 12.2, retry_at=NOON + 12.2)

    assert limit_headers(turn, style, NOON) == {
        "x-ratelimit-limit": "5",
        "x-ratelimit-remaining": "4",
        "x-ratelimit-reset": reset,
    }


def test_only_who_must_wait_is_told_how_long() -> None:
    """`Retry-After` comes with a 429 and with nothing else."""
    turn = LimitDecision(allowed=False, limit=5, remaining=0, reset_at=NOON + 12.2, retry_at=NOON + 0.1)

    assert limit_headers(turn, ResetStyle.EPOCH, NOON)["retry-after"] == "1"
