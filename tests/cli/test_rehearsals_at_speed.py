"""`run --sandbox --speed N`: what takes a day is rehearsed in moments, and told as if it had been."""

import itertools
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from harness import run_here, start
from makers import contacts, lines, number, write_csv

from batch_dialer.sandbox.call_log import CallLog


def _sent(results: Path) -> list[datetime]:
    return sorted(datetime.fromisoformat(line["sent_at"]) for line in lines(results) if line["sent_at"])


def _told(text: str) -> list[datetime]:
    """Return the moment of each line of a log."""
    moments = re.findall(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)Z ", text, re.MULTILINE)
    return [datetime.fromisoformat(moment).replace(tzinfo=UTC) for moment in moments]


def test_three_hundred_calls_are_spaced_by_the_pace_whatever_the_machine_does(tmp_path: Path) -> None:
    """Fifteen a second: each is sent 66 or 67 ms after the one before, as the milliseconds are cut off.

    Who has to wait for the disk does so by the machine's time; what that took is made up for, a quarter faster at the
    most (and a late wake-up's 5 ms).
    """
    shares = "reached 55%, no-answer 30%, busy 10%, failed 5%"
    sheet = contacts(tmp_path / "some.csv", 300)
    told = run_here("run", sheet, "--sandbox", "--speed", 600, "--outcomes", shares, "--rate", "15/s", cwd=tmp_path)

    sent = _sent(tmp_path / "some.sandbox.results.csv")
    apart = [(later - earlier) // timedelta(milliseconds=1) for earlier, later in itertools.pairwise(sent)]
    assert sum(each in {66, 67} for each in apart) >= 250
    assert min(apart) >= 48
    assert abs(sent[-1] - sent[0] - timedelta(seconds=19.934)) < timedelta(seconds=1)
    assert sent[-1] - timedelta(seconds=1) <= _told(told.stderr)[-1]
    placed = list(CallLog(tmp_path / "some.sandbox.results.csv.calls").read())
    assert 300 == len({call.to for call in placed}) == len(placed)
    for call, at in zip(sorted(placed, key=lambda call: call.created_at), sent, strict=True):
        assert 0 <= call.created_at - at.timestamp() < 5
    assert 4 == len({call.course[-1][1] for call in placed})


def test_after_a_kill_the_rehearsal_goes_on_from_where_its_clock_stood(tmp_path: Path) -> None:
    """A call each minute: the clock is soon ahead of the machine's by more than a rehearsal takes."""
    sheet, log = contacts(tmp_path / "some.csv", 16), CallLog(tmp_path / "some.sandbox.results.csv.calls")
    results = tmp_path / "some.sandbox.results.csv"
    asked = ("run", sheet, "--sandbox", "--rate", "1/min", "--speed")
    with start(*asked, 100, cwd=tmp_path) as process:
        end = time.monotonic() + 60
        while len(list(log.read())) < 4:
            assert time.monotonic() < end, "no call was placed"
            time.sleep(0.01)
        process.kill()
        process.communicate()
    before = [call.created_at for call in log.read()]
    assert len(before) < 16
    told = run_here(*asked, 1000, cwd=tmp_path, expect=None)

    rings = list(log.read())
    assert len({call.to for call in rings}) == len(rings) >= 15
    created = [call.created_at for call in rings]
    assert created == sorted(created)
    assert created[-1] - created[0] > 14 * 60 - 1
    assert max(before) - 1 < _sent(results)[len(before)].timestamp()
    assert _told(told.stderr)[-1].timestamp() > created[-1] - 1


def test_an_answer_that_is_held_back_and_the_time_of_max_duration_are_by_the_same_clock(tmp_path: Path) -> None:
    """The slow number holds its answer back for three seconds. In 13 minutes, six are called behind the look."""
    people = [("Slow", "+14155550198"), *(("Ann", number(n)) for n in range(11))]
    sheet = write_csv(tmp_path / "some.csv", people)
    asked = ("--rate", "30/h", "--max-duration", "13m", "--concurrency", "1")
    told = run_here("run", sheet, "--sandbox", "--speed", 1000, *asked, cwd=tmp_path, expect=6)

    sent = _sent(tmp_path / "some.sandbox.results.csv")
    assert [timedelta(minutes=2 * n) for n in range(6)] == [_rounded(at - sent[0]) for at in sent]
    began, *_, ended = _told(told.stderr)
    assert timedelta(minutes=13) <= ended - began < timedelta(minutes=14)


def _rounded(passed: timedelta) -> timedelta:
    return timedelta(seconds=round(passed.total_seconds()))
