"""A run that begins and ends when a person says, and one that stays until its phones may ring."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from makers import contacts, dial, lines, number, write_csv
from phones import NightClock, Phones
from switchboard import Silent

from batch_dialer.job import Rate
from batch_dialer.words import Exit

_NIGHT = datetime(2026, 11, 30, 5, 30, tzinfo=UTC)
_BERLIN, _TOKYO = "+4930123456", "+81312345678"


def test_with_wait_each_phone_rings_when_its_hours_begin(tmp_path: Path) -> None:
    """It is 06:30 in Berlin, and 14:30 in Tokyo."""
    sheet = write_csv(tmp_path / "s.csv", [("Ann", _BERLIN), ("Ken", _TOKYO)])
    phones = Phones({}, clock=NightClock(_NIGHT))

    tally = dial(sheet, phones, clock=phones.clock, any_hour=False, wait=True)

    assert {_BERLIN: 1, _TOKYO: 1} == phones.rings
    assert timedelta() <= phones.times[_TOKYO][0] - _NIGHT < timedelta(minutes=2)
    assert timedelta() <= phones.times[_BERLIN][0] - datetime(2026, 11, 30, 7, tzinfo=UTC) < timedelta(minutes=2)
    assert Exit.DONE is tally.exit


def test_with_wait_it_ends_where_nobody_knows_when_a_phone_may_ring(tmp_path: Path) -> None:
    phones = Phones({}, clock=NightClock(_NIGHT))
    sheet = write_csv(tmp_path / "s.csv", [("Ann", "+80012345678")])

    tally = dial(sheet, phones, clock=phones.clock, any_hour=False, wait=True)

    assert Exit.ROWS_LEFT is tally.exit
    assert {} == phones.rings


@pytest.mark.parametrize(
    ("most", "says"), [(None, "--until"), (timedelta(hours=1), "--until"), (timedelta(seconds=9), "--max-duration")]
)
def test_until_ends_it_with_rows_left(tmp_path: Path, most: timedelta | None, says: str) -> None:
    phones = Phones({}, clock=NightClock(_NIGHT))
    sheet = contacts(tmp_path / "s.csv", 40)

    tally = dial(
        sheet, phones, clock=phones.clock, rate=Rate(1), until=_NIGHT + timedelta(seconds=20), max_duration=most
    )

    assert Exit.ROWS_LEFT is tally.exit
    assert tally.ending
    assert says in tally.ending.reason
    times = [at for each in phones.times.values() for at in each]
    assert 5 <= len(times) <= 21
    assert max(times) <= _NIGHT + timedelta(seconds=21), "a request takes a second"
    assert {"deferred", "initiated"} == {line["status"] for line in lines(tmp_path / "s.results.csv")}


def test_until_holds_while_the_run_waits(tmp_path: Path) -> None:
    """Berlin wakes half an hour after the end."""
    phones = Phones({}, clock=NightClock(_NIGHT))
    sheet = write_csv(tmp_path / "s.csv", [("Ann", _BERLIN)])

    tally = dial(sheet, phones, clock=phones.clock, any_hour=False, wait=True, until=_NIGHT + timedelta(hours=1))

    assert Exit.ROWS_LEFT is tally.exit
    assert {} == phones.rings


def test_start_at_waits_and_says_so_before_the_plan_is_made(tmp_path: Path) -> None:
    """It is 06:30 in Berlin; the plan is made for 08:10."""
    begins = datetime(2026, 11, 30, 7, 10, tzinfo=UTC)
    phones, watcher = Phones({}, clock=NightClock(_NIGHT)), Silent()
    sheet = write_csv(tmp_path / "s.csv", [("Ann", _BERLIN)])

    tally = dial(sheet, phones, watcher, phones.clock, any_hour=False, start_at=begins)

    assert begins <= phones.times[_BERLIN][0] < begins + timedelta(minutes=1)
    assert Exit.DONE is tally.exit
    assert any(sentence.startswith("Waiting until 2026-1") for sentence in watcher.sentences)


def test_a_beginning_that_has_passed_is_not_waited_for(tmp_path: Path) -> None:
    phones = Phones({}, clock=NightClock(_NIGHT))
    dial(contacts(tmp_path / "s.csv", 1), phones, clock=phones.clock, start_at=_NIGHT)
    assert {number(0): 1} == phones.rings
