"""What an answer does to the row and to everybody else, from the answer to the results file."""

import json
from datetime import timedelta
from pathlib import Path

import anyio
import polars as pl
from makers import CLOCK, call, contacts, dial, lines, number
from switchboard import Act, Silent, Switchboard

from batch_dialer.dialing.dispatch import Dispatch
from batch_dialer.dialing.gate import make_gate
from batch_dialer.dialing.taken_ids import TakenIds
from batch_dialer.entry import Entry
from batch_dialer.job import Rate
from batch_dialer.model import Answer, Call, Reply
from batch_dialer.plan.planning import Policy
from batch_dialer.words import Exit

_WRONG = ("unknown", "WRONG_RECIPIENT", "")


def _lagging(*acts: Act) -> Switchboard:
    """An API whose list does not have the calls yet when a run ends."""
    board = Switchboard(acts)
    board.lags = True
    return board


def _words(sheet: Path) -> list[tuple[str, str, str]]:
    results = lines(sheet.with_name(f"{sheet.stem}.results.csv"))
    return [(line["status"], line["error_code"], line["call_id"]) for line in results]


def test_a_call_to_another_number_is_not_written_to_this_row(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "s.csv", 3)
    tally = dial(sheet, _lagging(Act.PLACE, Act.OTHER_NUMBER), concurrency=1)

    assert [("initiated", "", "call_1"), _WRONG, ("initiated", "", "call_3")] == _words(sheet)
    assert Exit.SOME_NOT_PLACED is tally.exit
    assert "call_2" in lines(tmp_path / "s.results.csv")[1]["error_message"]


def test_a_call_that_another_row_has_is_not_written_to_this_row(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "s.csv", 3)
    dial(sheet, _lagging(Act.PLACE, Act.TAKEN_ID), concurrency=1)

    assert [("initiated", "", "call_1"), _WRONG, ("initiated", "", "call_3")] == _words(sheet)


def test_three_of_them_in_a_row_stop_the_run(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "s.csv", 6)
    board = _lagging(Act.PLACE, Act.OTHER_NUMBER, Act.TAKEN_ID, Act.OTHER_NUMBER)
    tally = dial(sheet, board, concurrency=1)

    assert Exit.STOPPED_EARLY is tally.exit
    assert tally.ending
    assert "3 times in a row" in tally.ending.reason
    assert "support" in tally.ending.remedy
    assert [("initiated", "", "call_1"), _WRONG, _WRONG, _WRONG, ("deferred", "", "")] == _words(sheet)[:5]


def test_none_of_them_is_dialed_again_by_itself(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "s.csv", 3)
    board = Switchboard([Act.PLACE, Act.OTHER_NUMBER, Act.TAKEN_ID])
    for _ in range(2):
        dial(sheet, board, settle_after=timedelta(0), concurrency=1)

    assert {number(n): 1 for n in range(3)} == board.rings
    assert ["call_1", "call_2", "call_3"] == [call_id for _, _, call_id in _words(sheet)], "the API's list had them"


def test_a_call_of_an_earlier_run_is_not_written_to_another_row(tmp_path: Path) -> None:
    sheet, board = contacts(tmp_path / "s.csv", 2), _lagging(Act.PLACE, Act.TAKEN_ID)
    dial(sheet, board, policy=Policy(limit=1))
    dial(sheet, board)

    assert [("initiated", "", "call_1"), _WRONG] == _words(sheet)


class _Nowhere:
    def __init__(self) -> None:
        self.entries: list[Entry] = []

    async def write(self, entry: Entry) -> None:
        self.entries.append(entry)


def test_what_the_list_has_at_the_end_of_the_run_is_written_at_once(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "s.csv", 3)
    tally = dial(sheet, Switchboard([Act.PLACE, Act.OTHER_NUMBER, Act.LOSE_AFTER]), concurrency=1)

    assert ["call_1", "call_2", "call_3"] == [call_id for _, _, call_id in _words(sheet)]
    assert Exit.DONE is tally.exit


def test_an_id_of_an_earlier_run_is_taken() -> None:
    taken = TakenIds.known(pl.Series(["call_1"]), pl.Series(["id:earlier"]))
    record = _Nowhere()

    async def run() -> None:
        dispatch = Dispatch(Switchboard(), record, make_gate(Rate(1000), CLOCK), Silent(), CLOCK, taken)
        await dispatch.run(iter([call()]), 1)

    anyio.run(run)
    assert ["dialing", "unknown"] == [entry.status for entry in record.entries]
    assert "WRONG_RECIPIENT" == record.entries[-1].error_code


def test_two_answers_at_the_same_time_cannot_both_have_an_id(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "s.csv", 20)
    dial(sheet, Switchboard([Act.PLACE, *[Act.TAKEN_ID, Act.PLACE] * 10]), concurrency=8)

    ids = [call_id for _, _, call_id in _words(sheet) if call_id]
    assert len(set(ids)) == len(ids)


class _Timed(Switchboard):
    """Takes a moment to answer, and notes when each request came."""

    def __init__(self, acts: list[Act]) -> None:
        super().__init__(acts)
        self.came: list[float] = []

    async def place(self, call: Call) -> Reply:
        self.came.append(CLOCK.time())
        await CLOCK.sleep(0.05)
        return await super().place(call)


class _Listening(Silent):
    def __init__(self) -> None:
        super().__init__()
        self.pauses: list[tuple[float, str]] = []

    def paused(self, seconds: float, why: str) -> None:
        self.pauses.append((seconds, why))


def test_a_429_in_words_that_nobody_documents_makes_everybody_wait(tmp_path: Path) -> None:
    """Those that were under way are in doubt; nobody else, and the run goes on."""
    sheet = contacts(tmp_path / "s.csv", 40)
    board, watcher = _Timed([Act.TOO_FAST_PAGE] * 4), _Listening()
    tally = dial(sheet, board, watcher, concurrency=4)

    words = _words(sheet)
    assert Exit.SOME_NOT_PLACED is tally.exit
    assert 4 == sum(word == ("unknown", "HTTP_429", "") for word in words)
    assert 36 == sum(status == "initiated" for status, _, _ in words)
    assert board.came[4] - board.came[3] >= 2.0
    assert {2.0} == {seconds for seconds, _ in watcher.pauses}


def test_such_429_without_end_stops_the_run(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "s.csv", 40)
    board = _Timed([Act.TOO_FAST_PAGE] * 40)
    tally = dial(sheet, board, concurrency=4)

    assert Exit.STOPPED_EARLY is tally.exit
    assert len(board.came) <= 3 * 4


def test_a_403_with_a_code_that_nobody_documents_stops_the_run_and_the_same_command_goes_on(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "s.csv", 20)
    board = _Timed([Act.PLACE, *[Act.FORBIDDEN] * 8])
    tally = dial(sheet, board, concurrency=4)

    assert Exit.STOPPED_EARLY is tally.exit
    assert {"initiated", "deferred"} == {status for status, _, _ in _words(sheet)}
    assert ("deferred", "IP_NOT_ALLOWED", "") in _words(sheet)
    board.script([])
    assert Exit.DONE is dial(sheet, board).exit
    assert {number(n): 1 for n in range(20)} == board.rings


class _Talkative(Switchboard):
    """Says 429 once, in the documented way, and names the phone."""

    async def place(self, call: Call) -> Reply:
        if self.requests:
            return await super().place(call)
        self.requests.append(call)
        error = {
            "code": "RATE_LIMIT_EXCEEDED",
            "message": f"Too many calls to {call.to}",
            "details": {"retry_after": 3},
        }
        return Answer(429, {}, json.dumps({"error": error}).encode())


def test_a_phone_number_in_the_api_s_words_is_told_to_nobody_who_watches(tmp_path: Path) -> None:
    watcher = _Listening()
    dial(contacts(tmp_path / "s.csv", 1), _Talkative(), watcher)

    assert [(3.0, "Too many calls to (number)")] == watcher.pauses
