"""How many calls must fail, of which, to stop a run."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from makers import entry

from batch_dialer.dialing.failures import COUNTS, FEWEST_CALLS, GOES_ON, MOST_FOLLOWED, WINDOW, Failures
from batch_dialer.entry import Entry
from batch_dialer.words import Status

_BEGAN = datetime.fromisoformat("2026-11-22T10:00:00+00:00")
_NOON = _BEGAN + timedelta(hours=2)


def _calls(count: int, status: Status, ago: timedelta = COUNTS, **changes: object) -> list[Entry]:
    """Return calls that were placed so long before noon."""
    sent = (_NOON - ago).isoformat(timespec="milliseconds")
    ids = (f"{status.value}_{number}_{sent}" for number in range(count))
    return [entry(key=call_id, call_id=call_id, status=status, sent_at=sent, **changes) for call_id in ids]


def _stops(*calls: Entry, now: datetime = _NOON) -> bool:
    failures = Failures(_BEGAN)
    for call in calls:
        failures.add(entry(key=call.key, call_id=call.call_id, sent_at=call.sent_at, status=Status.INITIATED))
    failures.learn(calls, _NOON)
    return failures.judge(now) is not None


_HALF = FEWEST_CALLS // 2
_JUST = timedelta(seconds=29)


@pytest.mark.parametrize(
    ("calls", "stops"),
    [
        pytest.param(_calls(FEWEST_CALLS, Status.FAILED), True, id="all"),
        pytest.param(_calls(FEWEST_CALLS - 1, Status.FAILED), False, id="too few to judge by"),
        pytest.param(_calls(_HALF, Status.FAILED) + _calls(_HALF, Status.COMPLETED), True, id="half"),
        pytest.param(_calls(_HALF, Status.FAILED) + _calls(_HALF + 1, Status.COMPLETED), False, id="less than half"),
        pytest.param(_calls(_HALF, Status.FAILED) + _calls(_HALF + 1, Status.BUSY), False, id="busy is no failure"),
        pytest.param(_calls(_HALF, Status.FAILED) + _calls(_HALF + 1, Status.RINGING), False, id="others go on"),
        pytest.param(_calls(_HALF, Status.FAILED) + _calls(99, Status.RINGING, GOES_ON), False, id="for long"),
        pytest.param(_calls(FEWEST_CALLS, Status.FAILED, _JUST), False, id="only just begun"),
        pytest.param(_calls(FEWEST_CALLS, Status.FAILED, timedelta(hours=3)), False, id="of an earlier run"),
    ],
)
def test_half_of_the_calls_of_which_it_is_known_stop_a_run(calls: list[Entry], *, stops: bool) -> None:
    assert stops is _stops(*calls)


def test_what_is_long_ago_counts_no_more() -> None:
    calls = _calls(FEWEST_CALLS, Status.FAILED)
    assert _stops(*calls, now=_NOON + WINDOW - timedelta(seconds=1))
    assert not _stops(*calls, now=_NOON + WINDOW)


def test_the_reason_and_the_remedy_are_for_people() -> None:
    failures = Failures(_BEGAN)
    failures.learn(_calls(12, Status.FAILED) + _calls(8, Status.COMPLETED), _NOON)
    halt = failures.judge(_NOON)
    assert halt
    assert halt.reason.startswith("12 of the last 20 calls failed")
    assert "Check with the vendor" in halt.remedy


def test_it_asks_about_a_call_from_when_it_should_begin_until_it_is_known_how_it_went() -> None:
    failures = Failures(_BEGAN)
    ended, rings, delayed, silent = (
        *_calls(1, Status.INITIATED),
        *_calls(1, Status.INITIATED, GOES_ON),
        *_calls(1, Status.INITIATED, timedelta(), delay_seconds=60),
        *_calls(1, Status.INITIATED, WINDOW),
    )
    for call in (ended, rings, delayed, silent):
        failures.add(call)
    assert [ended, rings] == failures.wanted(_NOON), "and no more about one that no list has"

    failures.learn([replace(ended, status=Status.BUSY), replace(rings, status=Status.RINGING)], _NOON)
    assert [] == failures.wanted(_NOON)
    assert [delayed] == failures.wanted(_NOON + timedelta(minutes=1))
    failures.begin()
    assert [] == failures.wanted(_NOON + timedelta(minutes=1))


def test_it_follows_no_more_calls_than_take_little_memory() -> None:
    failures = Failures(_BEGAN)
    for call in _calls(MOST_FOLLOWED + 5, Status.INITIATED):
        failures.add(call)
    assert MOST_FOLLOWED == len(failures.wanted(_NOON))
