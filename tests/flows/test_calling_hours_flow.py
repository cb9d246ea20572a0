"""A run whose hours end while it is under way: it goes by the moment at which a request is about to leave."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from makers import SetClock, dial, lines, write_csv
from switchboard import Act, Silent, Switchboard

from batch_dialer.job import Source
from batch_dialer.model import Call, Reply
from batch_dialer.schema.parse import parse_schema
from batch_dialer.words import Exit, Status

_BERLIN = [f"+493012345{n}" for n in range(6)]
_SHEET = {"to": {"column": "Phone"}, "payload": {"name": {"column": "Name"}}}


def _sheet(folder: Path, count: int) -> Path:
    return write_csv(folder / "some.csv", [(f"P{n}", _BERLIN[n]) for n in range(count)])


class _Passing(Switchboard):
    """An exchange on which so much *time* passes with each request."""

    def __init__(self, clock: SetClock, time: timedelta, *acts: Act) -> None:
        super().__init__(acts, clock=clock)
        self._set, self._time = clock, time

    async def place(self, call: Call) -> Reply:
        reply = await super().place(call)
        self._set.moment += self._time
        return reply


def test_who_has_no_hours_left_when_it_is_its_turn_is_deferred_and_called_in_the_morning(tmp_path: Path) -> None:
    clock = SetClock(datetime(2026, 11, 30, 19, 58, tzinfo=UTC))
    board, sheet = _Passing(clock, timedelta(minutes=1)), _sheet(tmp_path, 5)

    tally = dial(sheet, board, clock=clock, any_hour=False, concurrency=1)

    assert _BERLIN[:2] == [call["to"] for call in board.calls]
    late = lines(tmp_path / "some.results.csv")[2:]
    assert ["OUTSIDE_CALLING_HOURS"] * 3 == [line["error_code"] for line in late]
    assert ["deferred"] * 3 == [line["status"] for line in late]
    message = "It is Mon 21:00 in Berlin; may be called from Tue 01 Dec 08:00 there (07:00 UTC)."
    assert {message} == {line["error_message"] for line in late}
    assert Exit.ROWS_LEFT is tally.exit
    assert tally.ending
    assert tally.ending.reason.startswith("3 rows are outside calling hours.")

    clock.moment = datetime(2026, 12, 1, 7, tzinfo=UTC)
    assert Exit.DONE is dial(sheet, board, clock=clock, any_hour=False, concurrency=1).exit
    assert _BERLIN[:5] == [call["to"] for call in board.calls]


def test_a_row_that_is_sent_again_is_judged_again(tmp_path: Path) -> None:
    clock = SetClock(datetime(2026, 11, 30, 19, 59, tzinfo=UTC))
    board = _Passing(clock, timedelta(minutes=1), Act.TOO_FAST)

    tally = dial(_sheet(tmp_path, 1), board, clock=clock, any_hour=False)

    assert [] == board.calls
    assert {Status.DEFERRED: 1} == tally.counts
    assert Exit.ROWS_LEFT is tally.exit


@pytest.mark.parametrize("hour", range(24))
def test_at_every_hour_of_the_day(tmp_path: Path, hour: int) -> None:
    """In winter Berlin is an hour ahead."""
    clock = SetClock(datetime(2026, 11, 30, hour, 30, tzinfo=UTC))
    board = Switchboard(clock=clock)
    watcher = Silent()

    dial(_sheet(tmp_path, 1), board, watcher, clock, any_hour=False)

    assert (7 <= hour < 20) == bool(board.calls)
    shares = {share.word: share.rows for share in watcher.plan.shares} if watcher.plan else {}
    assert bool(board.calls) == ("outside calling hours" not in shares)


def test_the_delay_of_a_row_and_the_limit_are_minded(tmp_path: Path) -> None:
    """Who cannot be called takes no place of --limit."""
    hours = {"calling_hours": {"timezone_column": "Zone"}, "delay_seconds": {"column": "Delay"}}
    source = Source(tmp_path / "some.csv", None, parse_schema({"to": {"column": "Phone"}} | hours, "s"), "UTC")
    rows = [(_BERLIN[0], "", 3600), (_BERLIN[1], "", 0), (_BERLIN[2], "Asia/Tokyo", 0), (_BERLIN[3], "", 0)]
    write_csv(source.path, rows, header=("Phone", "Zone", "Delay"))
    clock = SetClock(datetime(2026, 11, 30, 19, 30, tzinfo=UTC))
    board = Switchboard(clock=clock)

    dial(source.path, board, clock=clock, any_hour=False, source=source)

    assert [_BERLIN[1], _BERLIN[3]] == [call["to"] for call in board.calls]
    first, _, third, _ = lines(tmp_path / "some.results.csv")
    assert first["error_message"].startswith("It would ring at Mon 21:30 in Berlin;")
    assert third["error_message"].startswith("It is 04:30 in Tokyo; may be called from 08:00 there (23:00 UTC).")
