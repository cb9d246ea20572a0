"""Calling again who was not reached: in one run that stays, and over the runs of a day. The exchange is the witness."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from makers import contacts, dial, lines, number, write_csv
from phones import Phones
from switchboard import Act, Silent

from batch_dialer.ledger.tally import Tally
from batch_dialer.model import Call, Reply
from batch_dialer.plan.planning import Policy
from batch_dialer.plan.redial import Redial
from batch_dialer.words import Exit, Retry, Status

_BUSY, _MISSED, _FAILED = (Status.BUSY, 0), (Status.NO_ANSWER, 0), (Status.FAILED, 0)
_PAUSE = timedelta(hours=2)
_REDIAL = Redial(frozenset({Status.BUSY, Status.NO_ANSWER}), after=_PAUSE)


def _dial(sheet: Path, phones: Phones, watcher: Silent | None = None, **changes: Any) -> Tally:
    policy = changes.pop("policy", Policy(redial=_REDIAL))
    tally = dial(sheet, phones, watcher, phones.clock, policy=policy, **changes)
    phones.clock.stop()
    return tally


def _rows(sheet: Path) -> list[dict[str, str]]:
    return lines(sheet.with_name(f"{sheet.stem}.results.csv"))


def test_who_was_not_reached_is_called_again_after_the_pause_and_nobody_else(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "s.csv", 4)
    phones = Phones({number(0): [_BUSY, _MISSED], number(1): [_BUSY], number(2): [_FAILED]})
    tally = _dial(sheet, phones, wait=True)

    assert {number(0): 3, number(1): 2, number(2): 1, number(3): 1} == phones.rings
    assert all(later - earlier >= _PAUSE for earlier, later in pairwise(phones.times[number(0)]))
    assert Exit.DONE is tally.exit
    assert {"reached": 3, "failed": 1} == tally.calls
    assert ["3", "2", "1", "1"] == [row["calls"] for row in _rows(sheet)]
    assert re.fullmatch(r"call_\d+ busy; call_\d+ no-answer", _rows(sheet)[0]["earlier_calls"])
    assert {call_id for row in _rows(sheet) for call_id in _ids(row)} == set(phones.ids), "each ID is on record"


def _ids(row: Mapping[str, str]) -> list[str]:
    earlier = [each.split(" ")[0] for each in row["earlier_calls"].split("; ") if each]
    return [*earlier, *([row["call_id"]] if row["call_id"] else [])]


def test_nobody_gets_more_calls_than_the_most(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "s.csv", 1)
    phones = Phones({number(0): [_BUSY] * 9})
    tally = _dial(sheet, phones, wait=True)

    assert {number(0): 3} == phones.rings
    assert {"busy": 1} == tally.calls
    assert 0 == tally.exit


def test_a_day_of_cron_is_a_run_that_ends_with_6_while_some_are_due_later(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "s.csv", 2)
    phones = Phones({number(0): [_BUSY] * 9})
    exits = []
    for _ in range(8):
        exits.append(_dial(sheet, phones).exit)
        phones.clock.moment += timedelta(minutes=50)

    assert {number(0): 3, number(1): 1} == phones.rings
    assert [Exit.ROWS_LEFT] * 6 + [Exit.DONE] * 2 == exits
    times = phones.times[number(0)]
    assert all(later - earlier >= _PAUSE for earlier, later in pairwise(times))


def test_the_summary_says_when_they_are_due(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "s.csv", 1)
    phones = Phones({number(0): [_BUSY]})
    first = _dial(sheet, phones)
    assert first.ending
    assert "Not yet known how the call ends: 1" in first.ending.reason
    phones.clock.moment += timedelta(minutes=10)
    second = _dial(sheet, phones)
    assert second.ending
    assert "To be called again from 2026-11-23 11:00" in second.ending.reason
    assert "wait" in second.ending.remedy


@pytest.mark.parametrize("talk", [3, 7, 8, 60])
def test_a_call_that_was_too_short_is_called_again_and_a_longer_one_is_not(tmp_path: Path, talk: int) -> None:
    sheet = contacts(tmp_path / "s.csv", 1)
    phones = Phones({number(0): [(Status.COMPLETED, talk)]})
    _dial(sheet, phones, wait=True, policy=Policy(redial=Redial(frozenset(), shorter_than=8)))
    assert {number(0): 2 if talk < 8 else 1} == phones.rings


def test_a_lost_answer_in_a_redial_leaves_the_earlier_call_and_is_found(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "s.csv", 1)
    phones = Phones({number(0): [_BUSY]}, [Act.PLACE, Act.LOSE_AFTER])
    _dial(sheet, phones, wait=True)

    (row,) = _rows(sheet)
    assert {number(0): 2} == phones.rings
    assert ("completed", "call_2", "2", "call_1 busy") == tuple(
        row[name] for name in ("status", "call_id", "calls", "earlier_calls")
    )


def test_a_lost_answer_that_placed_nothing_is_dialed_again_once_that_is_proven(tmp_path: Path) -> None:
    """A later call of ours with its number stands in the list, which shows that it can be relied on."""
    sheet = contacts(tmp_path / "s.csv", 2)
    phones = Phones({number(1): [_BUSY]}, [Act.LOSE_BEFORE])
    tally = _dial(sheet, phones, wait=True, concurrency=1)

    assert {number(0): 1, number(1): 2} == phones.rings
    assert 0 == tally.exit


class _Dropping(Phones):
    """The connection of the request for the first number always drops, and it never rings."""

    async def place(self, call: Call) -> Reply:
        """Place a call to any other number."""
        self.script([Act.LOSE_BEFORE] if call.to == number(0) else [])
        return await super().place(call)


def test_a_row_of_which_no_call_ever_comes_is_not_tried_without_end(tmp_path: Path) -> None:
    """Each time it is proven that nothing was placed, by a later call of ours; the next run may try again."""
    sheet = contacts(tmp_path / "s.csv", 2)
    phones = _Dropping({number(1): [_BUSY] * 20})
    redial = replace(_REDIAL, after=timedelta(minutes=10), most_calls=12)
    tally = _dial(sheet, phones, wait=True, concurrency=1, policy=Policy(redial=redial))

    assert 3 == sum(call.to == number(0) for call in phones.requests)
    assert ["deferred", "busy"] == [row["status"] for row in _rows(sheet)]
    assert Exit.ROWS_LEFT is tally.exit


def test_a_doubt_that_cannot_be_settled_is_not_waited_for_without_end(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "s.csv", 1)
    phones = Phones({}, [Act.LOSE_BEFORE])
    tally = _dial(sheet, phones, wait=True)

    assert {} == phones.rings
    assert ["unknown"] == [row["status"] for row in _rows(sheet)]
    assert 1 == tally.exit


@pytest.mark.parametrize("retry", [Retry.UNKNOWN, Retry.REFUSED])
def test_what_a_person_asks_for_once_is_done_once_however_long_the_run_stays(tmp_path: Path, retry: Retry) -> None:
    act = Act.LOSE_BEFORE if retry is Retry.UNKNOWN else Act.REFUSE
    sheet = contacts(tmp_path / "s.csv", 1)
    phones = Phones({}, [act] * 50)
    _dial(sheet, phones)
    _dial(sheet, phones, wait=True, policy=Policy(retry={retry}, redial=_REDIAL))
    assert 2 == len(phones.requests)


def test_a_limit_holds_for_the_whole_run_that_stays(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "s.csv", 5)
    phones = Phones({number(0): [_BUSY]})
    tally = _dial(sheet, phones, wait=True, policy=Policy(limit=2, redial=_REDIAL))
    assert {number(0): 2, number(1): 1} == phones.rings
    assert Exit.ROWS_LEFT is tally.exit


def test_a_run_that_stays_ends_when_its_time_is_over_and_the_next_one_goes_on(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "s.csv", 1)
    phones = Phones({number(0): [_BUSY]})
    tally = _dial(sheet, phones, wait=True, max_duration=timedelta(minutes=30))
    assert Exit.ROWS_LEFT is tally.exit
    assert {number(0): 1} == phones.rings
    phones.clock.moment += timedelta(hours=3)
    assert 0 == _dial(sheet, phones, wait=True).exit
    assert {number(0): 2} == phones.rings


def test_nobody_is_called_again_without_being_asked_for(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "s.csv", 1)
    phones = Phones({number(0): [_BUSY]})
    for _ in range(3):
        _dial(sheet, phones, wait=True, policy=Policy())
        phones.clock.moment += timedelta(hours=3)
    assert {number(0): 1} == phones.rings


@pytest.mark.parametrize(("end", "rings"), [(_BUSY, 2), (_MISSED, 2), (_FAILED, 2), ((Status.COMPLETED, 2), 1)])
def test_only_dials_a_row_that_is_named_again_if_nobody_was_reached(
    tmp_path: Path, end: tuple[Status, int], rings: int
) -> None:
    sheet = write_csv(tmp_path / "s.csv", [("7", number(0)), ("8", number(1))], ("id", "Phone"))
    phones = Phones({number(0): [end, end, end]})
    _dial(sheet, phones, wait=True, policy=Policy())
    _dial(sheet, phones, wait=True, policy=Policy(only=frozenset({"7"})))
    assert {number(0): rings, number(1): 1} == phones.rings


def test_another_row_with_the_number_does_not_begin_to_count_anew(tmp_path: Path) -> None:
    sheet = write_csv(tmp_path / "s.csv", [("7", number(0)), ("8", number(0))], ("id", "Phone"))
    phones = Phones({number(0): [_BUSY] * 9})
    _dial(sheet, phones, wait=True, max_duration=timedelta(minutes=30))
    write_csv(sheet, [("8", number(0)), ("7", number(0))], ("id", "Phone"))
    phones.clock.moment += timedelta(hours=3)
    _dial(sheet, phones, wait=True)
    assert {number(0): 3} == phones.rings
    assert ["0", "3"] == [row["calls"] for row in _rows(sheet)]
