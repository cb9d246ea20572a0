"""Calling again over a ledger that was cut short, lost in part or edited: the exchange is the witness.

Never over --max-calls, never within the pause, and no call's ID is lost.
"""

import csv
import random
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from makers import dial, lines, number, write_csv
from phones import Phones
from switchboard import Act, Power, PowerCut

from batch_dialer.ledger.calls import read_earlier
from batch_dialer.plan.planning import Policy
from batch_dialer.plan.redial import Redial
from batch_dialer.words import ENDED, Status

_PEOPLE = 3
_BUSY = (Status.BUSY, 0)
_PAUSE = timedelta(hours=2)
_REDIAL = Policy(redial=Redial(frozenset({Status.BUSY, Status.NO_ANSWER}), after=_PAUSE))


def _run(sheet: Path, phones: Phones, fails_at: int = 0) -> None:
    phones.power = Power(fails_at)
    try:
        dial(sheet, phones, None, phones.clock, policy=_REDIAL, concurrency=1)
    except (PowerCut, BaseExceptionGroup):
        assert phones.power.dead
    phones.power = Power()
    phones.clock.stop()


def _begin(folder: Path, *acts: Act) -> tuple[Path, Phones]:
    """Call everybody once: the first is reached, all others are always busy."""
    sheet = write_csv(folder / "sheet.csv", ((n, number(n)) for n in range(_PEOPLE)), ("id", "Phone"))
    phones = Phones({number(n): [_BUSY] * 9 for n in range(1, _PEOPLE)}, [Act.PLACE] * _PEOPLE + list(acts))
    _run(sheet, phones)
    phones.clock.moment += timedelta(minutes=5)
    _run(sheet, phones)  # it sees how the calls ended
    phones.clock.moment += _PAUSE
    return sheet, phones


def _results(sheet: Path) -> Path:
    return sheet.with_name("sheet.results.csv")


def _go_on(sheet: Path, phones: Phones) -> None:
    """The runs of the rest of the day."""
    for _ in range(4):
        _run(sheet, phones)
        phones.clock.moment += timedelta(minutes=70)


def _check(sheet: Path, phones: Phones) -> None:
    assert 1 == phones.rings[number(0)], "somebody who was reached was called again"
    rows = {row["to"]: row for row in lines(_results(sheet))}
    for n in range(_PEOPLE):
        calls = [call_id for call_id, to in phones.ids.items() if to == number(n)]
        assert len(calls) <= 3, "somebody got more calls than --max-calls"
        for earlier, later in pairwise(calls):
            assert phones.courses[later][0] - phones.ended(earlier) >= _PAUSE, "within the pause"
        row = rows[number(n)]
        known = [*(call.id for call in read_earlier(row["earlier_calls"])), *filter(None, [row["call_id"]])]
        assert known == (calls if row["status"] != "unknown" else calls[: len(known)]), "an ID is lost"


@pytest.mark.parametrize("lost", ["nothing", "journal", "results"])
@pytest.mark.parametrize("fails_at", [1, 2])
def test_power_cut_while_people_are_called_again(tmp_path: Path, fails_at: int, lost: str) -> None:
    """The steps of a call: before it is sent, and as it rings."""
    sheet, phones = _begin(tmp_path)
    _run(sheet, phones, fails_at)
    rung = len(phones.calls)
    assert _PEOPLE + fails_at // 2 == rung
    gone = {"journal": _results(sheet).with_name("sheet.results.csv.journal"), "results": _results(sheet)}
    if lost in gone:
        gone[lost].unlink()
    phones.lags = True  # the list does not have the call yet: it stays in doubt, and the earlier ones stay
    _run(sheet, phones)
    assert rung >= len(phones.calls) if lost == "journal" else rung + _PEOPLE >= len(phones.calls)
    for row in lines(_results(sheet))[1:]:
        assert "call_" in row["earlier_calls"] + row["call_id"]
    _check(sheet, phones)
    phones.lags = False
    _go_on(sheet, phones)
    _check(sheet, phones)


def test_a_second_call_that_was_never_placed_is_placed_once_that_is_proven(tmp_path: Path) -> None:
    """Its first call stands in the list, which says nothing of the second."""
    sheet, phones = _begin(tmp_path)
    _run(sheet, phones, 1)
    assert _PEOPLE == len(phones.calls)
    _go_on(sheet, phones)
    _check(sheet, phones)
    assert {number(0): 1, number(1): 3, number(2): 3} == phones.rings


def test_an_older_journal_beside_the_results_of_the_killed_run(tmp_path: Path) -> None:
    sheet, phones = _begin(tmp_path)
    journal = _results(sheet).with_name("sheet.results.csv.journal")
    older = journal.read_bytes()
    _run(sheet, phones, 4)
    journal.write_bytes(older)
    phones.lags = True
    rung = len(phones.calls)
    _run(sheet, phones)
    assert rung == len(phones.calls)
    _check(sheet, phones)


@pytest.mark.parametrize("act", [Act.LOSE_AFTER, Act.FAIL_AFTER, Act.MUTE, Act.TAKEN_ID, Act.REFUSE, Act.NO_CREDITS])
def test_whatever_the_api_answers_to_a_second_call_keeps_the_first(tmp_path: Path, act: Act) -> None:
    sheet, phones = _begin(tmp_path, act)
    _run(sheet, phones)
    _check(sheet, phones)
    _go_on(sheet, phones)
    _check(sheet, phones)


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize("seed", range(4))
def test_no_edit_of_the_results_takes_back_what_was_known_of_a_call(tmp_path: Path, seed: int) -> None:
    """The journal is there: what people do to the results file calls nobody again who is not to be called."""
    sheet, phones = _begin(tmp_path)
    chance = random.Random(seed)  # noqa: S311  (not a secret)
    before = {row["to"]: row["status"] for row in lines(_results(sheet))}
    assert set(before.values()) <= {status.value for status in ENDED}
    rows = lines(_results(sheet))
    for _ in range(4):
        name = chance.choice(["status", "calls", "earlier_calls", "updated_at", "duration_seconds", "sent_at"])
        row = chance.choice(rows)
        row[name] = chance.choice(["", "0", "-99999", "initiated", "busy", "2020-01-01T00:00:00+00:00"])
    chance.shuffle(rows)
    _write(_results(sheet), rows[chance.randint(0, 1) :])
    phones.clock.moment -= timedelta(hours=1)  # within the pause
    _run(sheet, phones)
    assert _PEOPLE == len(phones.calls), "within the pause"
    assert before == {row["to"]: row["status"] for row in lines(_results(sheet))}
    phones.clock.moment += timedelta(hours=1)
    _go_on(sheet, phones)
    _check(sheet, phones)
