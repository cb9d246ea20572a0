"""When so much goes wrong that dialing on would only do harm: in a row, or as a share of the last attempts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_dialer.dialing.breaker import BACK_OFF, FEWEST, WINDOW, Breaker
from batch_dialer.model import Again, Halt, Outcome, Settled, Verdict
from batch_dialer.words import CALL_EXISTS, Status

_LOST = Settled(Outcome(Status.UNKNOWN, error_code="TIMEOUT"))
_FAILED = Settled(Outcome(Status.UNKNOWN, error_code="HTTP_500", http_status=500))
_UNEXPLAINED = Settled(Outcome(Status.REFUSED, error_code="HTTP_405", http_status=405))
_UNDOCUMENTED = Settled(Outcome(Status.REFUSED, error_code="REGION_BLOCKED", http_status=422))
_WRONG_NUMBER = Settled(Outcome(Status.REFUSED, error_code="INVALID_PHONE_NUMBER", http_status=400))
_NOT_VALID = Settled(Outcome(Status.REFUSED, error_code="VALIDATION_ERROR", http_status=422))
_MISNAMED = Settled(Outcome(Status.UNKNOWN, error_code="WRONG_RECIPIENT", http_status=200))
_TOO_FAST_PAGE = Settled(Outcome(Status.UNKNOWN, error_code="HTTP_429", http_status=429), wait=7.0)
_PLACED = Settled(Outcome(Status.INITIATED, call_id="call_1"))
_UNSENT = Again(Outcome(Status.DEFERRED, error_code="CONNECTION_LOST"), after=None)
_TOO_FAST = Again(Outcome(Status.DEFERRED, error_code="RATE_LIMIT_EXCEEDED"), after=7.0)
_HALT = Halt(Outcome(Status.UNKNOWN), "reason", "remedy")


def _observed(*verdicts: Verdict, every: float = 1.0, breaker: Breaker | None = None) -> list[Halt | float]:
    breaker = breaker or Breaker()
    return [breaker.observe(verdict, now) for now, verdict in zip(_times(every), verdicts, strict=False)]


def _times(every: float) -> list[float]:
    return [number * every for number in range(1_000)]


def _halts(*verdicts: Verdict) -> list[bool]:
    return [isinstance(seen, Halt) for seen in _observed(*verdicts)]


# In a row


@pytest.mark.parametrize("bad", [_LOST, _FAILED, _UNEXPLAINED, _UNDOCUMENTED, _MISNAMED])
def test_three_bad_endings_in_a_row_stop_the_run(bad: Settled) -> None:
    assert [False, False, True] == _halts(bad, bad, bad)


def test_it_stays_stopped() -> None:
    assert [False, False, True, True, True] == _halts(_LOST, _LOST, _LOST, _LOST, _WRONG_NUMBER)


@pytest.mark.parametrize("status", sorted(CALL_EXISTS))
@pytest.mark.parametrize("bad", [_LOST, _UNEXPLAINED])
def test_any_call_placed_starts_the_count_again(bad: Settled, status: Status) -> None:
    placed = Settled(Outcome(status, call_id="call_1"))

    assert [False] * 5 == _halts(bad, bad, placed, bad, bad)


@pytest.mark.parametrize("refusal", [_WRONG_NUMBER, _NOT_VALID])
def test_wrong_numbers_stop_nobody(refusal: Settled) -> None:
    """They are about their rows, and documented."""
    assert [0.0] * 50 == _observed(*[refusal] * 50)


def test_a_wrong_number_between_does_not_start_the_count_again() -> None:
    assert [False, False, False, False, True] == _halts(_LOST, _WRONG_NUMBER, _LOST, _WRONG_NUMBER, _LOST)


def test_lost_and_unexplained_are_counted_apart() -> None:
    assert [False, False, False, False, True] == _halts(_LOST, _UNEXPLAINED, _LOST, _UNEXPLAINED, _LOST)


def test_a_halt_is_passed_on() -> None:
    assert [_HALT] == _observed(_HALT)


def test_the_reason_and_the_remedy_are_for_people() -> None:
    for bad, word in ((_LOST, "lost"), (_UNEXPLAINED, "does not document"), (_MISNAMED, "of another number")):
        halt = _observed(bad, bad, bad)[-1]
        assert isinstance(halt, Halt)
        assert word in halt.reason
        assert halt.remedy.endswith(".")
        assert bad.outcome == halt.outcome


def test_a_call_that_is_somebody_else_s_is_a_lost_one_too() -> None:
    assert [False, False, True] == _halts(_LOST, _MISNAMED, _LOST)


def test_answers_that_make_everybody_wait_count_once_for_each_wait() -> None:
    """As many as were under way come at once, and each loses its row: that is one failure, not so many."""
    storm = [_TOO_FAST_PAGE] * 16
    breaker = Breaker()

    assert [0.0] * 16 == _observed(*storm, every=0.01, breaker=breaker)
    assert 0.0 == breaker.observe(_TOO_FAST_PAGE, 8.0)
    assert 0.0 == breaker.observe(_TOO_FAST_PAGE, 14.9)
    assert isinstance(breaker.observe(_TOO_FAST_PAGE, 15.1), Halt)


def test_a_call_placed_after_the_wait_starts_the_count_again() -> None:
    assert [0.0] * 6 == _observed(*[_TOO_FAST_PAGE, _PLACED] * 3, every=8.0)


# As a share of the last attempts


def test_when_half_of_the_last_attempts_fail_everybody_waits_once_and_then_the_run_stops() -> None:
    half = [_PLACED, _FAILED] * (FEWEST // 2)
    breaker = Breaker()

    assert [0.0] * (FEWEST - 1) + [BACK_OFF] == _observed(*half, breaker=breaker)
    assert [False] * (FEWEST - 1) + [True] == [isinstance(seen, Halt) for seen in _observed(*half, breaker=breaker)], (
        "waiting did not help"
    )


def test_less_than_half_is_bad_luck() -> None:
    assert [0.0] * 300 == _observed(*[_PLACED, _PLACED, _FAILED] * 100)


def test_a_few_attempts_are_no_share() -> None:
    assert [0.0] * (FEWEST - 1) == _observed(*[_UNSENT] * (FEWEST - 1))


def test_requests_that_never_left_are_failures_too() -> None:
    assert BACK_OFF == _observed(*[_UNSENT] * FEWEST)[-1]


@pytest.mark.parametrize("about_nothing", [_WRONG_NUMBER, _TOO_FAST])
def test_a_wrong_number_or_a_rate_limit_says_nothing_about_the_api_s_health(about_nothing: Verdict) -> None:
    assert [0.0] * 100 == _observed(*[about_nothing] * 100)
    assert BACK_OFF in _observed(*[about_nothing, _PLACED, about_nothing, _FAILED] * FEWEST)


def test_what_is_long_ago_is_forgotten() -> None:
    assert [0.0] * 100 == _observed(*[_PLACED, _FAILED] * 50, every=WINDOW / (FEWEST - 2))


_verdicts = st.lists(
    st.sampled_from(
        [_LOST, _FAILED, _UNEXPLAINED, _UNDOCUMENTED, _WRONG_NUMBER, _PLACED, _UNSENT, _TOO_FAST, _MISNAMED]
    ),
    max_size=60,
)


@given(verdicts=_verdicts, every=st.floats(0, 100))
def test_law_nobody_waits_twice_and_three_losses_in_a_row_always_stop(verdicts: list[Verdict], every: float) -> None:
    seen = _observed(*verdicts, every=every)
    stop = next((place for place, word in enumerate(seen) if isinstance(word, Halt)), len(seen))

    assert all(word in {0.0, BACK_OFF} for word in seen[:stop])
    assert 1 >= seen[:stop].count(BACK_OFF)
    lost = 0
    for verdict in verdicts[:stop]:
        lost = 0 if verdict == _PLACED else lost + (verdict.outcome.status is Status.UNKNOWN)
        assert 3 > lost
