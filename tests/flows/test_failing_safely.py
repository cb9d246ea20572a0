"""What stops a run that only does harm, and what does not: answers that are lost in a row, and calls that fail."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from makers import contacts, dial, lines, number
from phones import BEGAN, Phones
from switchboard import Act, Silent

from batch_dialer.dialing.breaker import MOST_EXPLAINED, PLACED_BETWEEN
from batch_dialer.dialing.dispatch import BEHIND
from batch_dialer.job import Rate
from batch_dialer.ledger.tally import Tally
from batch_dialer.model import Call, Lost, Reply
from batch_dialer.plan.planning import Policy
from batch_dialer.plan.redial import Redial
from batch_dialer.words import Exit, Status

_FAILED = (Status.FAILED, 0)
_LOST = Act.LOSE_AFTER


class _Timed(Phones):
    """Notes when each request came, and may have no list, or take its time to tell it."""

    def __init__(self, *arguments: Any, has_list: bool = True, list_takes: float = 0) -> None:
        super().__init__(*arguments)
        self._list_takes = list_takes
        self.came: list[datetime] = []
        self._has_list = has_list

    async def place(self, call: Call) -> Reply:
        self.came.append(self.clock.now())
        return await super().place(call)

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Reply:
        reply = await super().get(path, params)
        await self.clock.sleep(self._list_takes)
        return reply if self._has_list else Lost("no answer came")


def _dial(sheet: Path, phones: Phones, watcher: Silent | None = None, **changes: Any) -> Tally:
    tally = dial(sheet, phones, watcher, phones.clock, **changes)
    phones.clock.stop()
    return tally


def _rows(sheet: Path) -> list[dict[str, str]]:
    return lines(sheet.with_name(f"{sheet.stem}.results.csv"))


# Answers that are lost in a row


@pytest.mark.parametrize(("concurrency", "rate"), [(1, Rate(1000)), (3, Rate(1)), (8, Rate(1000))])
def test_lost_answers_whose_calls_are_in_the_list_let_everybody_wait_and_stop_nobody(
    tmp_path: Path, concurrency: int, rate: Rate
) -> None:
    sheet = contacts(tmp_path / "s.csv", 12)
    phones = _Timed({}, [_LOST] * max(3, concurrency), list_takes=5)
    tally = _dial(sheet, phones, concurrency=concurrency, rate=rate)

    assert Exit.DONE is tally.exit
    assert {number(n): 1 for n in range(12)} == phones.rings
    assert {row["call_id"]: row["to"] for row in _rows(sheet)} == phones.ids, "each has its own call"
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(phones.came)]
    (longest,) = (gap for gap in gaps if gap > 2)
    assert longest >= BEHIND + 5, "nobody goes until the list has been read"


@pytest.mark.parametrize(
    ("acts", "has_list", "known"),
    [
        pytest.param([Act.LOSE_BEFORE] * 3, True, ["unknown"] * 3, id="no call is in the list"),
        pytest.param([_LOST, Act.LOSE_BEFORE, _LOST], True, ["completed", "unknown", "completed"], id="not all are"),
        pytest.param([_LOST] * 3, False, ["unknown"] * 3, id="the list cannot be had"),
    ],
)
def test_lost_answers_that_the_list_does_not_explain_stop_the_run(
    tmp_path: Path, acts: list[Act], known: list[str], *, has_list: bool
) -> None:
    sheet = contacts(tmp_path / "s.csv", 6)
    phones = _Timed({number(n): [(Status.COMPLETED, 1)] for n in range(6)}, acts, has_list=has_list)
    tally = _dial(sheet, phones, concurrency=1)

    assert Exit.STOPPED_EARLY is tally.exit
    assert tally.ending
    assert "3 answers in a row were lost" in tally.ending.reason
    assert 3 == len(phones.requests)
    assert [*known, *["deferred"] * 3] == [row["status"] for row in _rows(sheet)]


def test_answers_that_go_on_being_lost_stop_the_run_in_the_end_and_all_of_their_calls_are_on_record(
    tmp_path: Path,
) -> None:
    sheet = contacts(tmp_path / "s.csv", 30)
    phones = Phones({}, [_LOST] * 30)
    tally = _dial(sheet, phones, concurrency=1)

    asked = 3 * (MOST_EXPLAINED + 1)
    assert Exit.STOPPED_EARLY is tally.exit
    assert asked == len(phones.requests) == len(phones.rings)
    assert set(phones.ids) == {row["call_id"] for row in _rows(sheet) if row["call_id"]}


def test_a_bad_moment_now_and_then_stops_no_run(tmp_path: Path) -> None:
    often = MOST_EXPLAINED + 2
    people = (3 + PLACED_BETWEEN) * often
    sheet = contacts(tmp_path / "s.csv", people)
    phones = Phones({}, [*[_LOST] * 3, *[Act.PLACE] * PLACED_BETWEEN] * often)
    tally = _dial(sheet, phones, concurrency=1)

    assert Exit.DONE is tally.exit
    assert people == len(phones.rings) == phones.rings.total()


# Calls that fail


def _mixed(people: int, failing: int, of: int) -> Phones:
    """Return phones of which so many *of* so many *people* take no call; the others talk for a minute."""
    return Phones({number(n): [_FAILED] for n in range(people) if n % of < failing})


def test_a_carrier_that_takes_no_calls_does_not_use_up_the_list(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "s.csv", 160)
    phones = Phones({number(n): [_FAILED] for n in range(80)})
    tally = _dial(sheet, phones, rate=Rate(1.0))

    assert Exit.STOPPED_EARLY is tally.exit
    assert 60 <= phones.rings.total() <= 80
    assert tally.ending
    assert "calls failed" in tally.ending.reason
    assert "vendor" in tally.ending.remedy
    assert 30 < sum(row["status"] == "failed" for row in _rows(sheet))
    assert Exit.DONE is _dial(sheet, phones, rate=Rate(1.0)).exit, "the carrier takes calls again"
    assert {1} == set(phones.rings.values())
    assert 160 == len(phones.rings)


def test_some_calls_always_fail_and_that_stops_no_run(tmp_path: Path) -> None:
    """Two of five fail at once, while the others take a minute: these are not yet over when it is first asked."""
    sheet, phones = contacts(tmp_path / "s.csv", 160), _mixed(160, 2, 5)
    assert Exit.DONE is _dial(sheet, phones, rate=Rate(1.0)).exit
    assert 160 == phones.rings.total()


def test_what_is_asked_meanwhile_is_a_tenth_of_the_pace_at_the_most(tmp_path: Path) -> None:
    sheet, phones = contacts(tmp_path / "s.csv", 300), _mixed(300, 0, 1)
    _dial(sheet, phones, rate=Rate(2.0))
    assert 2 <= len(phones.pages) <= 300 // 10
    assert 150 <= (max(max(times) for times in phones.times.values()) - BEGAN).total_seconds() <= 150 * 1.1


def test_a_run_of_less_than_a_minute_asks_nothing_more(tmp_path: Path) -> None:
    sheet, phones = contacts(tmp_path / "s.csv", 50), _mixed(50, 1, 1)
    assert Exit.DONE is _dial(sheet, phones, rate=Rate(1.0)).exit
    assert [] == phones.pages


def test_a_list_that_cannot_be_had_stops_nobody_and_is_told_once(tmp_path: Path) -> None:
    sheet, watcher = contacts(tmp_path / "s.csv", 150), Silent()
    phones = _Timed({number(n): [_FAILED] for n in range(150)}, has_list=False)
    assert Exit.DONE is _dial(sheet, phones, watcher, rate=Rate(1.0)).exit
    assert 1 == sum("does not notice it" in sentence for sentence in watcher.sentences)


def test_a_run_that_stays_does_not_call_again_through_a_carrier_that_takes_no_calls(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "s.csv", 30)
    phones = Phones({number(n): [_FAILED] * 9 for n in range(30)})
    redial = Redial(frozenset({Status.FAILED}), after=timedelta(minutes=5))
    tally = _dial(sheet, phones, wait=True, policy=Policy(redial=redial))

    assert Exit.STOPPED_EARLY is tally.exit
    assert {1} == set(phones.rings.values())
