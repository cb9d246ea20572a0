"""A night of calls with all that can go wrong in it, and the exchange as the witness.

Nobody gets more calls than --max-calls, nobody is called within the pause or after having been reached, and each call's
ID is on record in the end. The long form: `BATCH_DIALER_NIGHT=2000 python -m pytest tests/promises/test_night.py`.
"""

import os
import random
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from harness import run_here, start
from makers import dial, lines, write_csv
from phones import Phones
from switchboard import Act, Power, PowerCut

from batch_dialer.ledger.calls import read_earlier
from batch_dialer.plan.planning import Policy
from batch_dialer.plan.redial import Redial
from batch_dialer.sandbox.call_log import CallLog
from batch_dialer.words import Exit, Status

_PEOPLE = int(os.environ.get("BATCH_DIALER_NIGHT", "0"))
_SHORT = 8
_MOST = 3
_NO_CREDITS = "+14155550194"
_LOST = ("+14155550196", "+14155550197")
"""The sandbox places the calls to these numbers, and gives no answer that says so."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """A call as the exchange placed it: from when until when, how it ended, and the seconds that were talked."""

    id: str
    to: str
    began: datetime
    ended: datetime
    status: Status
    talk: float

    @property
    def reached(self) -> bool:
        return self.status is Status.COMPLETED and self.talk >= _SHORT


def _check(placed: Iterable[_Placed], pause: timedelta) -> Mapping[str, list[_Placed]]:
    """Hold the exchange's calls to what was promised of each number, and return them by number."""
    by_number = defaultdict[str, list[_Placed]](list)
    for call in sorted(placed, key=lambda call: call.began):
        by_number[call.to].append(call)
    for calls in by_number.values():
        assert len(calls) <= _MOST, "somebody got more calls than --max-calls"
        for earlier, later in pairwise(calls):
            assert later.began - earlier.ended >= pause, "somebody was called again within the pause"
            assert not earlier.reached, "somebody who was reached was called again"
    return by_number


def _check_records(
    results: Path, placed: Mapping[str, list[_Placed]], most_in_doubt: int = 0, left: Collection[str] = ()
) -> None:
    """Each call has its ID in the line of its number, in the order in which they were placed.

    Who *left* the sheet before there was a call keeps a line, which says so.
    """
    rows = {row["to"]: row for row in lines(results)}
    retired = [rows.pop(to) for to in left]
    assert [("skipped", "", "0")] * len(left) == [(row["status"], row["call_id"], row["calls"]) for row in retired]
    doubts = {to for to, row in rows.items() if row["status"] == "unknown"}
    assert len(doubts) <= most_in_doubt
    assert set(rows) == set(placed) | doubts
    for number, calls in placed.items():
        row = rows[number]
        known = [*(call.id for call in read_earlier(row["earlier_calls"])), row["call_id"]]
        assert [call.id for call in calls] == [call_id for call_id in known if call_id]
        if number in doubts:
            continue
        assert str(len(calls)) == row["calls"]
        assert calls[-1].status.value == row["status"]
        assert len(calls) == _MOST or calls[-1].reached, "who was not reached was given up too early"


# The real process, killed; the sandbox's own list of calls


def _logged(log: CallLog) -> list[_Placed]:
    placed = []
    for call in log.read():
        began = datetime.fromtimestamp(call.created_at, UTC)
        course = call.course or ((6, Status.ANSWERED), (36, Status.COMPLETED))  # of a number with a fixed behaviour
        end, status = course[-1]
        talk = end - next((at for at, known in course if known is Status.ANSWERED), end)
        placed.append(_Placed(call.id, call.to, began, began + timedelta(seconds=end), status, talk))
    return placed


def test_a_night_that_is_killed_and_runs_out_of_credits(tmp_path: Path) -> None:
    people = _PEOPLE or 24
    numbers = [f"+1415{2000000 + n}" for n in range(people)]
    middle = people // 2
    everybody = [*numbers[:middle], *_LOST, *numbers[middle:]]
    without = [*everybody[: people - 4], _NO_CREDITS, *everybody[people - 4 :]]
    sheet = write_csv(tmp_path / "s.csv", (("Ann", each) for each in without))
    results = tmp_path / "s.sandbox.results.csv"
    log = CallLog(tmp_path / "s.sandbox.results.csv.calls")
    asked = (
        "run", sheet, "--sandbox", "--speed", 1000, "--outcomes", "reached 40%, no-answer 40%, busy 15%, failed 5%",
        "--wait", "--redial", "busy,no-answer,failed,completed<8s", "--redial-after", "10m", "--max-calls", _MOST,
        "--settle-after", "1s", "--concurrency", 4,
    )  # fmt: skip
    pause = timedelta(minutes=10)

    run_here(*asked, cwd=tmp_path, expect=Exit.STOPPED_EARLY, hurried=True)
    before = len(_check(_logged(log), pause))
    assert 0 < before < len(everybody)
    write_csv(sheet, (("Ann", each) for each in everybody))  # the credits are topped up
    with start(*asked, cwd=tmp_path, hurried=True) as process:
        end = time.monotonic() + 100 + people
        while len(list(log.read())) < len(everybody) + people // 4:
            assert time.monotonic() < end, "nobody was called again"
            time.sleep(0.005)
        process.kill()
        process.communicate()
    assert process.returncode == -9
    killed = len(_logged(log))
    _check(_logged(log), pause)
    run_here(*asked, cwd=tmp_path, hurried=True)

    placed = _logged(log)
    assert killed < len(placed)
    by_number = _check(placed, pause)
    assert set(everybody) == set(by_number)
    _check_records(results, by_number, left={_NO_CREDITS})
    print(f"{len(everybody)} people, {len(placed)} calls, killed after {killed}")


# A whole night in memory, where power is cut


def _placed(phones: Phones) -> list[_Placed]:
    return [
        _Placed(call_id, phones.ids[call_id], began, phones.ended(call_id), status, talk)
        for call_id, (began, status, talk) in phones.courses.items()
    ]


def test_a_night_in_which_power_is_cut_while_people_are_called_again(tmp_path: Path) -> None:
    """Power is cut twice, the second time while people are called again; and the credits run out in the middle."""
    chance = random.Random(1)  # noqa: S311  (not a secret)
    people = _PEOPLE or 40
    numbers = [f"+1415{2000000 + n}" for n in range(people)]
    ways = [(Status.BUSY, 0), (Status.NO_ANSWER, 0), (Status.FAILED, 0), (Status.COMPLETED, 3), (Status.COMPLETED, 60)]
    ends = {each: chance.choices(ways, (10, 30, 5, 5, 50), k=_MOST) for each in numbers}
    troubles = [Act.PLACE, Act.LOSE_AFTER, Act.FAIL_AFTER, Act.TOO_FAST, Act.MUTE]
    acts = chance.choices(troubles, (200, 4, 2, 2, 2), k=3 * people)
    acts[people // 2] = Act.NO_CREDITS
    acts[people // 3] = Act.LOSE_BEFORE
    phones = Phones(ends, acts)
    sheet = write_csv(tmp_path / "s.csv", (("Ann", each) for each in numbers))
    pause = timedelta(hours=2)
    endings = frozenset({Status.BUSY, Status.NO_ANSWER, Status.FAILED})
    policy = Policy(redial=Redial(endings, shorter_than=_SHORT, after=pause, most_calls=_MOST))

    exits: list[int] = []
    for fails_at in (people // 2, 0, 3 * people // 2, 0, 0, 0):
        phones.power = Power(fails_at)
        try:
            exits.append(dial(sheet, phones, None, phones.clock, policy=policy, wait=True, concurrency=8).exit)
        except (PowerCut, BaseExceptionGroup):
            assert phones.power.dead
            exits.append(-9)
        phones.clock.stop()
        phones.clock.moment += timedelta(minutes=20)
        _check(_placed(phones), pause)
        if exits[-1] in {Exit.DONE, Exit.SOME_NOT_PLACED}:
            break
    print(exits, len(phones.calls), "calls,", len(phones.pages), "pages")
    assert exits[-1] in {Exit.DONE, Exit.SOME_NOT_PLACED}
    assert Exit.STOPPED_EARLY in exits
    assert 2 == exits.count(-9)
    by_number = _check(_placed(phones), pause)
    assert set(numbers) >= set(by_number)
    _check_records(tmp_path / "s.results.csv", by_number, most_in_doubt=8)
