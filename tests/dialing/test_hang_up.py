"""What an answer to End Call means: hung up, had ended by itself, could not be, or to be asked again."""

import json

import pytest
from makers import entry

from batch_dialer.dialing.hang_up import Fate, Hangup, Refused, Stopped, Unclear, judge_hangup
from batch_dialer.model import Answer, Ending, Lost, Reply, Unsent
from batch_dialer.words import Exit

_ENTRY = entry()


def _said(status: int, **document: object) -> Answer:
    return Answer(status, {}, json.dumps(document).encode())


_CODED = {"error": {"code": "CALL_NOT_ACTIVE", "message": "Call is not active"}}
_ANSWERS: dict[str, tuple[Reply, object]] = {
    "hung up": (_said(200, data={"id": "call_1", "status": "completed"}), Fate.HUNG_UP),
    "hung up, in a word of its own": (_said(200, data={"id": "call_1", "status": "ending"}), Fate.HUNG_UP),
    "hung up, and nothing said": (_said(202, success=True), Fate.HUNG_UP),
    "ended by itself": (_said(409, success=False, code="CALL_NOT_ACTIVE"), Fate.ENDED),
    "ended by itself, in another shape": (_said(409, **_CODED), Fate.ENDED),
    "ended by itself, without a code": (_said(409, message="Call is not active"), Fate.ENDED),
    "not this agent's": (_said(404, message="Call not found for this agent"), Fate.LEFT),
    "not valid": (_said(422, message="No", errors={"call_sid": ["The call sid is invalid."]}), Fate.LEFT),
    "a redirect": (Answer(302, {}, b""), Fate.LEFT),
    "a page": (Answer(200, {}, b"<html>Log in</html>"), True),
    "a broken server": (Answer(503, {}, b""), True),
    "too fast": (_said(429, error={"code": "RATE_LIMIT_EXCEEDED"}), False),
    "no connection": (Unsent("no connection"), False),
    "no answer": (Lost("no answer in time", timed_out=True), True),
    "a bad token": (_said(401, error={"code": "INVALID_TOKEN"}), Refused),
    "no access": (_said(403, message="Forbidden"), Refused),
}


@pytest.mark.parametrize("name", _ANSWERS)
def test_an_answer_means(name: str) -> None:
    reply, meaning = _ANSWERS[name]
    match judge_hangup(reply, asked_before=False):
        case Unclear(_, taken):
            assert meaning is taken
        case Refused():
            assert meaning is Refused
        case (fate, why):
            assert meaning is fate
            assert bool(why) is (fate is Fate.LEFT)


def test_a_call_that_is_not_active_after_a_lost_answer_was_hung_up() -> None:
    assert (Fate.HUNG_UP, "") == judge_hangup(_said(409), asked_before=True)


def test_no_sentence_has_a_number() -> None:
    judged = judge_hangup(_said(404, message="No call to +14155550101"), asked_before=False)
    assert (Fate.LEFT, "The API did not hang up (HTTP_404: No call to (number)).") == judged


@pytest.mark.parametrize(
    ("stopped", "status"),
    [
        (Stopped(), 0),
        (Stopped([Hangup(_ENTRY, "call_1", Fate.HUNG_UP), Hangup(_ENTRY, "call_1", Fate.ENDED)], ended_before=3), 0),
        (Stopped([Hangup(_ENTRY, "call_1", Fate.LEFT)]), 1),
        (Stopped(waiting=[_ENTRY]), 1),
        (Stopped(doubts=1), 1),
        (Stopped(written=False), 1),
        (Stopped([Hangup(_ENTRY, "call_1", Fate.LEFT)], ending=Ending(Exit.STOPPED_EARLY, "", "")), 4),
    ],
)
def test_only_where_nothing_can_be_under_way_it_is_done(stopped: Stopped, status: int) -> None:
    assert status == stopped.exit
