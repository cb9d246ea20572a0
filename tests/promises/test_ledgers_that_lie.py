"""The two files of a ledger, each of another time than the other, or not as they were written: nobody is rung twice."""

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from makers import AGENT, SetClock, contacts, dial, job, lines, number, on_jumping_clock, write_csv
from switchboard import Act, Power, PowerCut, Silent, Switchboard

from batch_dialer.clock import SystemClock
from batch_dialer.errors import UsageError
from batch_dialer.flows.update_results import update_results
from batch_dialer.ledger.ledger import SANDBOX, Ledger
from batch_dialer.plan.planning import Policy
from batch_dialer.talkover.payload import Caller
from batch_dialer.words import Retry

_PEOPLE = 12


@pytest.fixture(name="sheet")
def _sheet(tmp_path: Path) -> Path:
    return contacts(tmp_path / "sheet.csv", _PEOPLE)


def _results(sheet: Path) -> Path:
    return sheet.with_name("sheet.results.csv")


def _journal(sheet: Path) -> Path:
    return sheet.with_name("sheet.results.csv.journal")


def _cut_short(sheet: Path, board: Switchboard, fails_at: int, **changes: Any) -> None:
    """Dial until the power goes, with the files as they then lie there."""
    board.power = Power(fails_at)
    try:
        dial(sheet, board, concurrency=1, **changes)
    except (PowerCut, BaseExceptionGroup):
        assert board.power.dead
    else:
        pytest.fail("the run came to its end before the power went")
    board.power = Power()


def _nobody_twice(board: Switchboard) -> None:
    assert [] == [number for number, count in board.rings.items() if count > 1]


# A journal from an older backup beside the results of a killed run


def test_an_older_journal_beside_the_results_of_a_killed_run_rings_nobody_twice(sheet: Path) -> None:
    """What the remedy for a damaged journal advises: it does not know of the run that the results file is of."""
    board = Switchboard()
    dial(sheet, board, policy=Policy(limit=2))
    backup = _journal(sheet).read_bytes()
    _cut_short(sheet, board, 13)
    rung = len(board.calls)
    assert 2 < rung < _PEOPLE
    _journal(sheet).write_bytes(backup)

    dial(sheet, board)

    _nobody_twice(board)
    admitted = {line["to"] for line in lines(_results(sheet)) if line["call_id"] or line["status"] == "unknown"}
    assert set(board.rings) <= admitted


def test_a_journal_of_the_killed_run_itself_leaves_nobody_in_doubt_who_was_not_dialed(sheet: Path) -> None:
    board = Switchboard()
    dial(sheet, board, policy=Policy(limit=2))
    _cut_short(sheet, board, 13)
    dial(sheet, board)

    _nobody_twice(board)
    assert 1 >= sum(line["status"] == "unknown" for line in lines(_results(sheet))), "the one that was being sent"
    assert _PEOPLE - 1 <= len(board.calls)


def test_a_row_that_comes_later_is_dialed_although_a_journal_was_lost(sheet: Path) -> None:
    """The rows of that day may have been called; a row that nobody had then need not stay in doubt for good."""
    board = Switchboard()
    _cut_short(sheet, board, 9)
    _journal(sheet).unlink()
    dial(sheet, board)
    _nobody_twice(board)

    contacts(sheet, _PEOPLE + 2)
    for _ in range(2):
        dial(sheet, board, clock=SetClock(SystemClock().now() + timedelta(days=1)))
    _nobody_twice(board)
    assert board.rings[number(_PEOPLE)] == board.rings[number(_PEOPLE + 1)] == 1


# Each row is asked of its own agent


def test_a_row_in_doubt_is_asked_of_the_agent_that_it_names_itself(tmp_path: Path) -> None:
    sheet = write_csv(
        tmp_path / "sheet.csv",
        [(f"P{n}", number(n), f"agent_{n % 2 + 1}") for n in range(_PEOPLE)],
        header=("Name", "Phone", "agent_id"),
    )
    board = Switchboard()
    _cut_short(sheet, board, 9)
    _journal(sheet).unlink()
    asked: list[str] = []
    get = board.get

    async def noted(path: str, params: Any = None) -> Any:
        asked.append(path)
        return await get(path, params)

    board.get = noted  # type: ignore[method-assign]  # it only listens
    dial(sheet, board)

    lists = {path for path in asked if path.endswith("/calls")}
    assert {"/agents/agent_1/calls", "/agents/agent_2/calls"} == lists
    assert {line["agent_id"] for line in lines(_results(sheet)) if line["status"] == "unknown"} <= {
        "agent_1",
        "agent_2",
    }


# Reconciling a results file of a run that was cut short


def test_a_reconciled_file_of_a_killed_run_still_says_that_it_does_not_tell_of_everybody(sheet: Path) -> None:
    board = Switchboard()
    _cut_short(sheet, board, 9)
    _journal(sheet).unlink()
    place = job(sheet).ledger
    settle = partial(update_results, tracks=False)
    on_jumping_clock(settle, place, board, Caller(AGENT), job(sheet).settle_after, Silent(), SystemClock())
    assert "under_way_since_" in _results(sheet).read_text(encoding="utf-8").partition("\n")[0]
    _journal(sheet).unlink()

    dial(sheet, board)
    _nobody_twice(board)


# A doubt ends by evidence about its own attempt alone


@pytest.mark.parametrize("act", [Act.NO_CREDITS, Act.REFUSE, Act.UNREACHABLE, Act.TOO_FAST], ids=lambda act: act.name)
def test_a_doubt_that_is_dialed_again_in_vain_stays_a_doubt(tmp_path: Path, act: Act) -> None:
    """The call was placed, its answer lost; dialed again by hand, the API says no: that says nothing of the first."""
    sheet = contacts(tmp_path / "sheet.csv", 1)
    board = Switchboard([Act.LOSE_AFTER])
    board.lags = True
    dial(sheet, board)
    board.script([act] * 20)
    dial(sheet, board, policy=Policy(retry=(Retry.UNKNOWN,)))
    (line,) = lines(_results(sheet))
    assert "unknown" == line["status"], line
    first = line["sent_at"]

    board.script([])
    dial(sheet, board)
    assert 1 == len(board.calls), "the next run dials nobody"
    board.lags = False
    dial(sheet, board)
    (line,) = lines(_results(sheet))
    assert ("call_1", first) == (line["call_id"], line["sent_at"]), "and the call is found when the list has it"


# A results file that people had in their hands, beside a whole journal


def _edit(sheet: Path, change: Callable[[list[dict[str, str]]], None]) -> None:
    known = lines(_results(sheet))
    change(known)
    with _results(sheet).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(known[0]))
        writer.writeheader()
        writer.writerows(known)


def _shift_ids(known: list[dict[str, str]]) -> None:
    """The columns of the calls sorted by themselves: each row has another's."""
    ids = [(line["call_id"], line["status"]) for line in known]
    for line, (call_id, status) in zip(known, ids[-3:] + ids[:-3], strict=True):
        line["call_id"], line["status"] = call_id, status


def _tear_a_key(known: list[dict[str, str]]) -> None:
    called = next(line for line in known if line["call_id"])
    called["key"] = called["key"][:-1]
    called["to"] = called["to"][:-1]


@pytest.mark.parametrize("change", [_shift_ids, _tear_a_key])
def test_a_call_that_the_journal_knows_of_another_row_is_not_believed_of_this_one(
    sheet: Path, change: Callable[[list[dict[str, str]]], None]
) -> None:
    board, watcher = Switchboard(), Silent()
    dial(sheet, board, policy=Policy(limit=_PEOPLE // 2))
    _edit(sheet, change)

    dial(sheet, board, watcher)

    assert {number(n): 1 for n in range(_PEOPLE)} == board.rings, "nobody twice, and nobody left out"
    assert all(board.ids[line["call_id"]] == line["to"] for line in lines(_results(sheet)))
    assert any("was changed" in sentence for sentence in watcher.sentences)


def test_two_lines_with_one_call_are_not_believed_alone(sheet: Path) -> None:
    board = Switchboard()
    dial(sheet, board, policy=Policy(limit=3))

    def copy_a_call(known: list[dict[str, str]]) -> None:
        known[5] |= {"call_id": known[0]["call_id"], "status": known[0]["status"]}

    _edit(sheet, copy_a_call)
    _journal(sheet).unlink()
    with pytest.raises(UsageError, match="have the same call"):
        dial(sheet, board)
    assert 3 == len(board.calls)


# Rehearsed calls are not real ones


@pytest.mark.parametrize("kind", ["testing", "sandbox"])
def test_the_results_of_a_rehearsal_say_so_when_the_journal_is_gone(sheet: Path, kind: str) -> None:
    board = Switchboard()
    place = job(sheet).ledger
    sandbox = kind == "sandbox"
    rehearsal = Ledger(place.results, SANDBOX if sandbox else place.through, testing=not sandbox)
    caller = Caller(AGENT, testing=not sandbox, sandbox=sandbox)
    dial(sheet, board, ledger=rehearsal, caller=caller)
    assert {"true"} == {line["testing"] for line in lines(_results(sheet))}
    _journal(sheet).unlink()

    with pytest.raises(UsageError, match="rehearsed"):
        dial(sheet, board)
    dial(sheet, board, ledger=rehearsal, caller=caller)
    assert _PEOPLE == len(board.calls)


@pytest.mark.parametrize("with_journal", [True, False], ids=["journal there", "journal gone"])
def test_real_results_are_of_no_rehearsal(sheet: Path, *, with_journal: bool) -> None:
    dial(sheet, Switchboard())
    if not with_journal:
        _journal(sheet).unlink()
    assert {"false"} == {line["testing"] for line in lines(_results(sheet))}
    with pytest.raises(UsageError, match="real calls"):
        dial(sheet, Switchboard(), ledger=replace(job(sheet).ledger, testing=True), caller=Caller(AGENT, testing=True))


# An ID that is used again


def test_an_id_that_is_used_again_leaves_nobody_out_without_a_word(tmp_path: Path) -> None:
    header = ("id", "Name", "Phone")
    sheet = write_csv(tmp_path / "sheet.csv", [(n, "Ann", number(n)) for n in range(5)], header)
    board = Switchboard()
    dial(sheet, board)
    write_csv(sheet, [(n, "Bob", number(n + 5)) for n in range(5)], header)

    tally = dial(sheet, board)
    assert (1, 5, 5) == (tally.exit, tally.changed, len(board.calls))
    assert ["call_1 was to", "call_2 was to"] == [line["error_message"][9:22] for line in lines(_results(sheet))[:2]]

    dial(sheet, board, policy=Policy(only=frozenset({"3"})))
    tally = dial(sheet, board, policy=Policy(retry=(Retry.CHANGED,)))
    assert 0 == tally.exit
    assert {number(n): 1 for n in range(10)} == board.rings
    (line,) = [line for line in lines(_results(sheet)) if line["id"] == "3"]
    assert ("call_6", "call_4 initiated", "2") == (line["call_id"], line["earlier_calls"], line["calls"])


def test_a_run_that_dies_while_it_dials_a_new_number_forgets_neither_call(tmp_path: Path) -> None:
    header = ("id", "Name", "Phone")
    sheet = write_csv(tmp_path / "sheet.csv", [(1, "Ann", number(1))], header)
    board = Switchboard()
    dial(sheet, board)
    write_csv(sheet, [(1, "Ann", number(2))], header)
    _cut_short(sheet, board, 2, policy=Policy(retry=(Retry.CHANGED,)))
    assert 1 == board.rings[number(2)]

    dial(sheet, board, policy=Policy(retry=(Retry.CHANGED,)))
    _nobody_twice(board)
    (line,) = lines(_results(sheet))
    assert ("call_2", "call_1 initiated") == (line["call_id"], line["earlier_calls"])


# What a killed run leaves behind


def test_unfinished_new_versions_go_with_the_next_run_and_nothing_else_does(sheet: Path) -> None:
    left = [sheet.with_name(f".{name}.abc.new") for name in ("sheet.results.csv", "sheet.results.csv.journal")]
    others = [sheet.with_name(".other.results.csv.abc.new"), sheet.with_name("sheet.results.csv.new")]
    for path in (*left, *others):
        path.write_text("+14155550101")
    dial(sheet, Switchboard())
    assert not any(path.exists() for path in left)
    assert all(path.exists() for path in others)


def test_the_lock_that_is_taken_away_during_a_run_stops_it(sheet: Path) -> None:
    """Another run may have begun on a new lock: this one places no call that it has not begun."""
    board, watcher = Switchboard(), Silent()
    place = board.place

    async def taken_away(call: Any) -> Any:
        if len(board.calls) == 3:
            sheet.with_name("sheet.results.csv.lock").unlink()
        return await place(call)

    board.place = taken_away  # type: ignore[method-assign]  # the lock goes under its hands
    tally = dial(sheet, board, watcher, concurrency=1)

    assert (4, 4) == (tally.exit, len(board.calls))
    assert tally.ending
    assert "another run may have begun" in tally.ending.reason
    assert ["call_4"] == [entry.call_id for entry in watcher.lost_records], "what was under way is said"
    board.place = place  # type: ignore[method-assign]  # as it was
    dial(sheet, board)
    _nobody_twice(board)
