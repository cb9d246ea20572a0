"""`--pilot N`: a few calls first, spread over the sheet; all others only when somebody has seen how those went."""

import signal
from collections.abc import Mapping
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from makers import contacts, dial, lines, number
from phones import Phones
from switchboard import Act, Silent

from batch_dialer.ledger.tally import Tally
from batch_dialer.model import Rows
from batch_dialer.plan.pilot import choose_pilot, without
from batch_dialer.plan.planning import Policy
from batch_dialer.words import Exit, Retry, Status

_MISSED = (Status.NO_ANSWER, 0)


def _dial(sheet: Path, phones: Phones, watcher: Silent | None = None, **changes: Any) -> Tally:
    tally = dial(sheet, phones, watcher, phones.clock, **({"pilot": 3} | changes))
    phones.clock.stop()
    return tally


def _statuses(sheet: Path) -> list[str]:
    return [row["status"] for row in lines(sheet.with_name(f"{sheet.stem}.results.csv"))]


class _Person(Silent):
    """Answers the question after the pilot, and notes who had been called by then."""

    def __init__(self, phones: Phones, *, goes_on: bool) -> None:
        super().__init__()
        self.goes_on = goes_on
        self._phones = phones
        self.rang = set[str]()

    def go_on(self, calls: Mapping[str, int], average: float | None, others: int) -> bool:
        self.rang = set(self._phones.rings)
        return super().go_on(calls, average, others)


@given(rows=st.integers(1, 300), count=st.integers(1, 300))
def test_law_a_pilot_is_spread_evenly_from_the_first_row_to_the_last(rows: int, count: int) -> None:
    sheet = Rows(pl.DataFrame({"row": range(rows), "key": [f"k{n}" for n in range(rows)]}))
    pilot = choose_pilot(sheet, count)
    places = pilot["row"].to_list()

    assert min(rows, count) == len(set(places)) == len(places)
    assert 0 == places[0]
    assert rows - 1 == places[-1] or count == 1
    gaps = [later - earlier for earlier, later in pairwise(places)]
    assert not gaps or max(gaps) - min(gaps) <= 1
    assert sorted([*places, *without(sheet, pilot)["row"]]) == list(range(rows))


def test_a_pilot_is_dialed_first_and_all_others_once_a_person_has_seen_how_it_went(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "s.csv", 11)
    phones = Phones({number(0): [(Status.COMPLETED, 40)], number(5): [_MISSED], number(10): [(Status.COMPLETED, 50)]})
    person = _Person(phones, goes_on=True)
    tally = _dial(sheet, phones, person)

    assert [({"completed": 2, "no-answer": 1}, 45.0, 8)] == person.pilots
    assert {number(0), number(5), number(10)} == person.rang
    assert {number(n): 1 for n in range(11)} == phones.rings
    assert Exit.DONE is tally.exit


def test_without_a_yes_the_run_ends_with_rows_left_and_goes_on_without_the_pilot(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "s.csv", 11)
    phones = Phones({})
    tally = _dial(sheet, phones, _Person(phones, goes_on=False), wait=True)

    assert Exit.ROWS_LEFT is tally.exit
    assert tally.ending
    assert "Rows left: 8" in tally.ending.reason
    assert "without --pilot" in tally.ending.remedy
    assert (3, 8) == (_statuses(sheet).count("completed"), _statuses(sheet).count("deferred"))
    assert Exit.DONE is _dial(sheet, phones, pilot=None).exit
    assert {number(n): 1 for n in range(11)} == phones.rings


@pytest.mark.parametrize("people", [1, 2, 3])
def test_a_pilot_of_all_rows_is_a_run_that_waits_for_the_ends(tmp_path: Path, people: int) -> None:
    sheet, watcher = contacts(tmp_path / "s.csv", people), Silent()
    tally = _dial(sheet, Phones({number(0): [_MISSED]}), watcher)

    assert [] == watcher.pilots
    assert Exit.DONE is tally.exit
    assert ["no-answer", *["completed"] * (people - 1)] == _statuses(sheet)


def test_a_pilot_that_does_not_end_in_time_leaves_the_others(tmp_path: Path) -> None:
    sheet, watcher = contacts(tmp_path / "s.csv", 11), Silent()
    phones = Phones({number(0): [(Status.COMPLETED, 3600)]})
    tally = _dial(sheet, phones, watcher, max_duration=timedelta(minutes=10))

    assert Exit.ROWS_LEFT is tally.exit
    assert tally.ending
    assert "--max-duration" in tally.ending.reason
    assert 3 == len(phones.rings)
    assert [] == watcher.pilots


def test_a_pilot_that_is_stopped_asks_nobody(tmp_path: Path) -> None:
    sheet, watcher = contacts(tmp_path / "s.csv", 11), Silent()
    tally = _dial(sheet, Phones({}, [Act.PLACE, Act.NO_CREDITS]), watcher, concurrency=1)
    assert Exit.STOPPED_EARLY is tally.exit
    assert [] == watcher.pilots


class _CtrlC(_Person):
    """Presses Ctrl-C while the calls of the pilot go on."""

    def waiting(self, calls: Mapping[str, int], until: object) -> None:  # noqa: ARG002  (a watcher's signature)
        signal.raise_signal(signal.SIGINT)


def test_ctrl_c_while_a_pilot_goes_on_ends_the_run_as_ever(tmp_path: Path) -> None:
    sheet, phones = contacts(tmp_path / "s.csv", 11), Phones({})
    person = _CtrlC(phones, goes_on=True)
    assert Exit.INTERRUPTED is _dial(sheet, phones, person).exit
    assert 3 == len(phones.rings)
    assert [] == person.pilots


def test_what_became_of_a_lost_answer_is_asked_for_the_pilot_alone(tmp_path: Path) -> None:
    """A row that is to be dialed again after the pilot is as the plan has it until its turn."""
    sheet = contacts(tmp_path / "s.csv", 4)
    phones = Phones({}, [Act.PLACE, Act.LOSE_BEFORE])
    _dial(sheet, phones, pilot=None, concurrency=1, policy=Policy(limit=2))
    phones.script([Act.LOSE_AFTER])
    watcher = Silent()
    _dial(sheet, phones, watcher, pilot=2, concurrency=1, policy=Policy(retry={Retry.UNKNOWN}))

    assert [({"completed": 2}, 60.0, 1)] == watcher.pilots
    assert {number(n): 1 for n in range(4)} == phones.rings
    assert len(phones.ids) == len({row["call_id"] for row in lines(tmp_path / "s.results.csv")})
