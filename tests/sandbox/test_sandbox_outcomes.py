"""How the sandbox's calls end where shares are asked for: drawn, and the same for the same call each time."""

from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from batch_dialer.commands.options.rehearsal import read_outcomes
from batch_dialer.errors import UsageError
from batch_dialer.sandbox.call_log import CallLog
from batch_dialer.sandbox.exchange import Exchange, Order
from batch_dialer.sandbox.numbers import SPECIAL_NUMBERS
from batch_dialer.sandbox.outcomes import Course, Outcomes, parse_outcomes
from batch_dialer.sandbox.replies import listed_call_record
from batch_dialer.words import Status

_EVENING = parse_outcomes("reached 55%, no-answer 30%, busy 10%, failed 5%")
_NOON = 1_796_000_000.0


class Clock:
    """A clock that moves only when the test sets it."""

    def __init__(self) -> None:
        self.now = _NOON

    def __call__(self) -> float:
        return self.now


def _number(n: int) -> str:
    return f"+1212{5_550_000 + n}"


def _courses(outcomes: Outcomes, count: int = 2000) -> list[Course]:
    return [outcomes.draw(_number(n), 1) for n in range(count)]


def _talk(course: Course) -> float:
    begins = {status: at for at, status in course}
    return begins[Status.COMPLETED] - begins[Status.ANSWERED]


def test_calls_end_in_the_shares_that_were_asked_for() -> None:
    ends = Counter(course[-1][1] for course in _courses(_EVENING))
    wanted = {Status.COMPLETED: 1100, Status.NO_ANSWER: 600, Status.BUSY: 200, Status.FAILED: 100}
    assert wanted.keys() == ends.keys()
    assert all(abs(ends[status] - count) < 80 for status, count in wanted.items()), ends


def test_who_is_reached_talks_for_a_while_or_hangs_up_at_once() -> None:
    talks = [_talk(course) for course in _courses(parse_outcomes("reached 100%"))]
    short = [talk for talk in talks if talk < 8]
    assert {2, 7, 20, 180} == {min(talks), max(short), min(talk for talk in talks if talk >= 8), max(talks)}
    assert 100 < len(short) < 300, "about a tenth"


def test_the_same_call_ends_in_the_same_way_and_another_one_to_the_number_may_end_in_another() -> None:
    assert _courses(_EVENING, 50) == _courses(_EVENING, 50)
    busy = [n for n in range(500) if _EVENING.draw(_number(n), 1)[-1][1] is Status.BUSY]
    again = {_EVENING.draw(_number(n), 2)[-1][1] for n in busy}
    assert {Status.COMPLETED, Status.NO_ANSWER} <= again


def test_numbers_with_a_fixed_behaviour_keep_theirs() -> None:
    drawn, ordinary = (Exchange(lambda: _NOON, outcomes=outcomes) for outcomes in (parse_outcomes("busy 100%"), None))
    for special in SPECIAL_NUMBERS:
        order = Order(special.number, "agent_1")
        assert ordinary.place(order).course == drawn.place(order).course
    assert Status.BUSY is drawn.place(Order(_number(1), "agent_1")).course[-1][1]


def test_a_sandbox_that_is_started_later_lets_a_call_end_as_it_was_drawn(tmp_path: Path) -> None:
    """Whatever it is asked for itself; and the second call to a number is the second one there, too."""
    before, clock = Exchange(lambda: _NOON, outcomes=_EVENING), Clock()
    log = CallLog(tmp_path / "calls")
    before.remember(log.read(), log.add)
    placed = [before.place(Order(_number(n), "agent_1")) for n in range(40)]
    clock.now += 600

    after = before
    for asked in (None, parse_outcomes("failed 100%"), _EVENING):
        after = Exchange(clock, outcomes=asked)
        after.remember(CallLog(tmp_path / "calls").read(), lambda _: None)
        assert placed == after.calls
        assert [call.course[-1][1] for call in placed] == [after.state(call).status for call in after.calls]
    assert _EVENING.draw(_number(7), 2) == after.place(Order(_number(7), "agent_1")).course


def test_what_the_list_says_of_a_call_agrees_at_every_moment() -> None:
    clock = Clock()
    exchange = Exchange(clock, outcomes=_EVENING)
    calls = [exchange.place(Order(_number(n), "agent_1")) for n in range(60)]
    seen = set()
    for _ in range(120):
        for call in calls:
            told = listed_call_record(exchange, call, with_agent=False)
            status = Status(str(told["status"]))
            seen.add(status)
            begins = {each: at for at, each in call.course}
            updated = datetime.fromisoformat(str(told["updated_at"])).timestamp()
            assert call.created_at + begins[status] == updated <= clock.now
            talked = (
                min(clock.now, call.created_at + call.course[-1][0])
                - call.created_at
                - begins.get(Status.ANSWERED, float("inf"))
            )
            assert max(talked, 0) == told["duration"]
        clock.now += 2
    assert {status for call in calls for _, status in call.course} == seen


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", '"" is not a word and a share, as in: busy 10%'),
        ("busy 10", '"busy 10" is not a word and a share, as in: busy 10%'),
        ("busy", '"busy" is not a word and a share, as in: busy 10%'),
        ("busy ten%", '"busy ten%" is not a word and a share, as in: busy 10%'),
        ("busy -10%, reached 110%", '"busy -10%" is not a word and a share, as in: busy 10%'),
        ("reached 50%, busy 50%,", '"" is not a word and a share, as in: busy 10%'),
        ("reached 50% busy 50%", '"reached 50% busy 50%" is not a word and a share, as in: busy 10%'),
        ("reached 50%; busy 50%", '"reached 50%; busy 50%" is not a word and a share, as in: busy 10%'),
        ("reached \u0661%", '"reached \u0661%" is not a word and a share, as in: busy 10%'),
        ("answered 100%", '"answered" is none of reached, no-answer, busy, failed'),
        ("Busy 100%", '"Busy" is none of reached, no-answer, busy, failed'),
        ("busy 50%, busy 50%", '"busy" is there twice'),
        ("reached 55%, busy 40%", "the shares add up to 95%, not to 100%"),
        ("reached 55%, busy 45.5%", "the shares add up to 100.5%, not to 100%"),
    ],
)
def test_what_does_not_say_how_all_calls_end_is_refused(text: str, why: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_outcomes(text)
    assert f"--outcomes: {why}." == caught.value.what
    assert "reached 55%, no-answer 30%" in caught.value.remedy


@pytest.mark.parametrize(
    "text",
    ["busy 100%", " busy   100 % ", "reached 33.3%,busy 33.3%,failed 33.4%", "reached 0%, busy 100%, failed 0%"],
)
def test_shares_may_have_fractions_and_a_word_may_be_left_out(text: str) -> None:
    assert 100 == sum(parse_outcomes(text).shares.values())
