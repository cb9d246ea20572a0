"""The time of day is told by the clock that is handed in, and by no other; durations do not follow it."""

import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from makers import SetClock, contacts, dial, job, lines, number, on_jumping_clock, write_csv
from switchboard import Act, Silent, Switchboard

from batch_dialer.clock import SystemClock
from batch_dialer.flows.run import run
from batch_dialer.job import Rate, Source
from batch_dialer.ledger.tally import Tally
from batch_dialer.model import Call, Reply
from batch_dialer.schema.parse import parse_schema
from batch_dialer.words import Exit, Status

_FAR = datetime(2041, 3, 5, 6, 7, 8, 250_000, tzinfo=UTC)
_DATE = re.compile(r"\b\d{4}-?[01]\d-?[0-3]\dT")


def test_the_clock_of_this_machine_tells_the_present_moment_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    before = datetime.now(timezone(timedelta(hours=-5)))  # noqa: TID251  (the machine's own word, to compare with)
    told = SystemClock().now()
    assert before <= told <= SystemClock().now()
    assert timedelta(0) == told.utcoffset()


def test_everything_that_a_run_writes_is_dated_by_the_clock_that_it_was_given(tmp_path: Path) -> None:
    """A run and the one that asks what became of its lost answer, with a results file that was edited in between."""
    sheet = contacts(tmp_path / "s.csv", 4)
    results = tmp_path / "s.results.csv"
    dial(sheet, Switchboard([Act.PLACE, Act.LOSE_AFTER], clock=SetClock(_FAR)), clock=SetClock(_FAR))
    results.write_text("not what it was\n")
    dial(sheet, Switchboard(clock=SetClock(_FAR)), clock=SetClock(_FAR))

    written = "".join(path.read_text() + path.name for path in tmp_path.iterdir())
    assert {"2041-03-05T", "20410305T"} == set(_DATE.findall(written))
    assert "s.results.edited-20410305T060708.csv" in written
    assert {"2041-03-05T06:07:08.250+00:00"} == {line["sent_at"] for line in lines(results)}


class Warped(Switchboard):
    """A switchboard during whose requests somebody sets the clock."""

    def __init__(self, clock: SetClock, by: timedelta) -> None:
        super().__init__(clock=clock)
        self._set = clock
        self._by = by

    async def place(self, call: Call) -> Reply:
        reply = await super().place(call)
        self._set.moment += self._by
        return reply


@pytest.mark.parametrize("by", [timedelta(days=-2), timedelta(days=2)], ids=["back", "ahead"])
def test_who_sets_the_clock_while_a_run_is_under_way_ends_and_delays_nothing(tmp_path: Path, by: timedelta) -> None:
    clock = SetClock(_FAR)
    board = Warped(clock, by)
    tally = dial(contacts(tmp_path / "s.csv", 4), board, clock=clock, max_duration=timedelta(hours=1), concurrency=1)

    assert Tally({Status.INITIATED: 4}, calls={"under way": 4}) == tally
    sent = [datetime.fromisoformat(line["sent_at"]) for line in lines(tmp_path / "s.results.csv")]
    assert [_FAR + n * by for n in range(4)] == sent, "each attempt by the clock as it then was"


_EXPIRING = '[to]\ncolumn = "Phone"\n[expires]\ncolumn = "Until"\n'


@pytest.mark.parametrize(
    ("now", "status"),
    [
        (datetime(2026, 11, 22, 8, 59, 59, tzinfo=UTC), "initiated"),
        (datetime(2026, 11, 22, 9, 0, 0, tzinfo=UTC), "skipped"),
        (datetime(2026, 11, 23, tzinfo=UTC), "skipped"),
    ],
)
def test_whether_a_rows_time_has_passed_is_judged_at_the_moment_of_the_plan(
    tmp_path: Path, now: datetime, status: str
) -> None:
    sheet = write_csv(tmp_path / "s.csv", [(number(0), "2026-11-22 10:00")], ("Phone", "Until"))
    schema = parse_schema({"to": {"column": "Phone"}, "expires": {"column": "Until"}}, "s.toml", _EXPIRING)
    berlin = Source(sheet, None, schema, "Europe/Berlin")  # where it is 10:00 an hour before UTC says so
    dial(sheet, Switchboard(), clock=SetClock(now), source=berlin)

    [line] = lines(tmp_path / "s.results.csv")
    assert (status, "EXPIRED" if status == "skipped" else "") == (line["status"], line["error_code"])


def test_a_row_that_expires_while_it_waits_its_turn_is_left_and_the_next_run_skips_it(tmp_path: Path) -> None:
    """The first request takes until a minute past the second row's time."""
    times = [(number(0), "2026-11-22 12:00"), (number(1), "2026-11-22 09:00")]
    sheet = write_csv(tmp_path / "s.csv", times, ("Phone", "Until"))
    schema = parse_schema({"to": {"column": "Phone"}, "expires": {"column": "Until"}}, "s.toml", _EXPIRING)
    clock = SetClock(datetime(2026, 11, 22, 8, 59, tzinfo=UTC))
    board = Warped(clock, timedelta(minutes=2))
    asked = job(sheet, source=Source(sheet, None, schema, "UTC"), concurrency=1)
    tally: Tally = on_jumping_clock(run, asked, board, Silent(), clock)

    assert {number(0): 1} == board.rings
    assert Exit.ROWS_LEFT is tally.exit
    again: Tally = on_jumping_clock(run, asked, board, Silent(), clock)
    assert {Status.INITIATED: 1, Status.SKIPPED: 1} == again.counts
    assert {number(0): 1} == board.rings


def test_max_duration_is_measured_and_not_read_off_the_clock(tmp_path: Path) -> None:
    """A request every five seconds, the look at the agent first: 28 seconds are five calls, on a clock that stands."""
    board = Switchboard()
    tally = dial(
        contacts(tmp_path / "s.csv", 9), board, clock=SetClock(_FAR),
        rate=Rate(1 / 5), max_duration=timedelta(seconds=28),
    )  # fmt: skip
    assert 5 == len(board.calls)
    assert Exit.ROWS_LEFT is tally.exit
