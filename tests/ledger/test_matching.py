"""A lost attempt, and the API's own list of calls."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from makers import entry

from batch_dialer.entry import Entry
from batch_dialer.ledger.matching import Absent, Evidence, Finding, Found, Terms, Unproven
from batch_dialer.ledger.two_clocks import AFTER, BEFORE
from batch_dialer.model import ListedCall, Reading
from batch_dialer.words import Status

_SENT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
_QUIET = timedelta(minutes=15)
_LATER = _SENT + _QUIET
_OURS = "+14155550101"


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _doubt(**changes: Any) -> Entry:
    base: dict[str, Any] = {"status": Status.UNKNOWN, "call_id": "", "to": _OURS, "sent_at": _text(_SENT)}
    return entry(**(base | changes))


def _listed(**changes: Any) -> ListedCall:
    base: dict[str, Any] = {
        "id": "call_9",
        "to": _OURS,
        "status": "completed",
        "created_at": _SENT + timedelta(seconds=1),
    }
    return ListedCall(**(base | changes))


_CONTROL = entry(
    key="tel:+1", to="+14155550199", call_id="call_c", sent_at=_text(_SENT + timedelta(minutes=1)), created_at=""
)
_CONTROL_LISTED = _listed(id="call_c", to="+14155550199", created_at=_SENT + timedelta(minutes=1, seconds=1))


def _find(
    *calls: ListedCall,
    doubt: Entry | None = None,
    others: tuple[Entry, ...] = (),
    history: tuple[Entry, ...] = (_CONTROL,),
    at: datetime = _LATER,
    ahead: timedelta = timedelta(),
    quiet: timedelta = _QUIET,
    gap: str = "",
    **terms: bool,
) -> Finding:
    mine = doubt or _doubt()
    evidence = Evidence(Reading(calls, at, ahead, gap), [mine, *others], history)
    return evidence.find(mine, Terms(quiet, **terms))


def test_the_only_call_to_the_number_at_that_time_is_the_one() -> None:
    assert Found(_listed()) == _find(_listed())
    assert Found(_listed()) == _find(_listed(id="call_8", to="+14155550102"), _listed(), _CONTROL_LISTED)


def test_it_is_found_at_once() -> None:
    """Only absence needs time."""
    assert Found(_listed()) == _find(_listed(), at=_SENT + timedelta(seconds=5))


@pytest.mark.parametrize("status", ["initiated", "failed", "", "a word of tomorrow"])
def test_it_is_found_in_any_status(status: str) -> None:
    assert Found(_listed(status=status)) == _find(_listed(status=status))


def test_of_several_candidates_none_is_chosen_and_all_are_named() -> None:
    finding = _find(_listed(), _listed(id="call_8"), _CONTROL_LISTED)

    assert isinstance(finding, Unproven)
    assert "call_9" in finding.why
    assert "call_8" in finding.why


def test_two_attempts_on_one_number_share_no_call() -> None:
    """Which of the two it was can't be told, so neither is dialed again."""
    rival = _doubt(key="tel:+14155550101#2")

    assert isinstance(_find(_listed(), _CONTROL_LISTED, others=(rival,)), Unproven)
    assert isinstance(_find(_listed(), _CONTROL_LISTED, others=(rival,), doubt=_doubt(sent_at=_text(_SENT))), Unproven)


def test_two_attempts_on_one_number_can_both_be_absent() -> None:
    assert Absent() == _find(_CONTROL_LISTED, others=(_doubt(key="tel:+14155550101#2"),))


def test_a_call_that_another_row_has_is_not_it() -> None:
    claimed = entry(key="tel:+14155550101#2", to=_OURS, call_id="call_9")

    assert Absent() == _find(_listed(), _CONTROL_LISTED, history=(claimed, _CONTROL))


def test_the_other_of_two_calls_is_it_where_one_is_claimed() -> None:
    claimed = entry(key="tel:+14155550101#2", to=_OURS, call_id="call_8")

    assert Found(_listed()) == _find(_listed(), _listed(id="call_8"), history=(claimed,))


@pytest.mark.parametrize(
    ("offset", "found"),
    [
        (-BEFORE - timedelta(seconds=1), False),
        (-BEFORE, True),
        (timedelta(), True),
        (AFTER, True),
        (AFTER + timedelta(seconds=1), False),
        (timedelta(days=-1), False),
        (timedelta(days=1), False),
    ],
)
def test_a_call_of_another_time_is_not_it(offset: timedelta, found: bool) -> None:  # noqa: FBT001  (pytest's, by name)
    call = _listed(created_at=_SENT + offset)

    assert found == isinstance(_find(call, _CONTROL_LISTED), Found)


def test_a_delayed_call_is_created_so_much_later() -> None:
    call = _listed(created_at=_SENT + timedelta(hours=1))
    later = _LATER + timedelta(hours=1)

    assert isinstance(_find(call, _CONTROL_LISTED, at=later), Unproven)
    assert Found(call) == _find(call, doubt=_doubt(delay_seconds=3600), at=later)


@pytest.mark.parametrize("ahead", [timedelta(hours=-5), timedelta(minutes=30), timedelta(days=3)])
def test_the_server_s_clock_may_be_wrong(ahead: timedelta) -> None:
    theirs = _listed(created_at=_SENT + ahead + timedelta(seconds=1))
    control = _listed(id="call_c", to="+14155550199", created_at=_SENT + ahead + timedelta(minutes=1))

    assert Found(theirs) == _find(theirs, ahead=ahead)
    assert Found(theirs) != _find(theirs, _CONTROL_LISTED), "a clock that is right makes it a call of another time"
    assert Absent() == _find(control, ahead=ahead)
    assert isinstance(_find(control), Unproven), "a control is listed at its time, or it is none"


def test_an_unreadable_time_proves_nothing() -> None:
    """It may be today's lost call, and it may be yesterday's to the same person."""
    assert isinstance(_find(_listed(created_at=None), _CONTROL_LISTED), Unproven)
    assert isinstance(_find(_listed(created_at=None), _listed(id="call_8")), Unproven)


def test_a_call_to_us_is_not_it() -> None:
    assert Absent() == _find(_listed(outbound=False), _CONTROL_LISTED)


@pytest.mark.parametrize("number", ["+14155550102", "+14155550111", "14155550102", "004915123456789"])
def test_a_call_to_another_number_is_not_it(number: str) -> None:
    assert Absent() == _find(_listed(to=number), _CONTROL_LISTED)


def test_absence_is_believed_only_when_the_list_has_had_its_time() -> None:
    assert isinstance(_find(_CONTROL_LISTED, at=_LATER - timedelta(seconds=1)), Unproven)
    assert Absent() == _find(_CONTROL_LISTED, at=_LATER)
    assert isinstance(_find(_CONTROL_LISTED, quiet=_QUIET + timedelta(hours=1)), Unproven)
    assert isinstance(_find(_CONTROL_LISTED, doubt=_doubt(delay_seconds=60)), Unproven)


def test_absence_is_believed_only_when_a_later_call_of_ours_is_listed() -> None:
    earlier = entry(key="tel:+1", call_id="call_c", sent_at=_text(_SENT - timedelta(minutes=1)))
    same = entry(key="tel:+1", call_id="call_c", sent_at=_text(_SENT))
    elsewhere = entry(key="tel:+1", call_id="call_c", sent_at=_CONTROL.sent_at, agent_id="agent_2")
    nothing_known = entry(key="tel:+1", call_id="call_c", sent_at="")

    assert isinstance(_find(), Unproven), "an empty list"
    assert isinstance(_find(_CONTROL_LISTED, history=()), Unproven), "no call of ours"
    assert isinstance(_find(_listed(to="+1")), Unproven), "ours is not listed"
    for control in (earlier, same, elsewhere, nothing_known):
        assert isinstance(_find(_CONTROL_LISTED, history=(control,)), Unproven), control


@pytest.mark.parametrize("created_at", [None, _SENT - timedelta(days=1), _SENT + timedelta(days=1)])
def test_a_control_that_is_listed_at_another_time_is_none(created_at: datetime | None) -> None:
    listed = _listed(id="call_c", to="+14155550199", created_at=created_at)

    assert isinstance(_find(listed), Unproven)


def test_an_attempt_at_an_unknown_time_is_never_settled() -> None:
    assert isinstance(_find(_listed(), _CONTROL_LISTED, doubt=_doubt(sent_at="")), Unproven)


_calls = st.lists(
    st.builds(
        ListedCall,
        id=st.sampled_from(["call_1", "call_2", "call_3"]),
        to=st.sampled_from([_OURS, "+14155550199"]),
        status=st.just("completed"),
        created_at=st.none() | st.integers(-2000, 5000).map(lambda seconds: _SENT + timedelta(seconds=seconds)),
        outbound=st.booleans(),
    ),
    max_size=5,
    unique_by=lambda call: call.id,
)
_seconds = st.integers(0, 7200).map(lambda seconds: timedelta(seconds=seconds))


@given(calls=_calls, after=_seconds, ahead=st.sampled_from([0, -600, 600]), claimed=st.booleans())
def test_law_absent_never_while_a_call_may_be_it(
    calls: list[ListedCall],
    after: timedelta,
    ahead: int,
    claimed: bool,  # noqa: FBT001  (hypothesis's)
) -> None:
    control = entry(key="tel:+1", to="+14155550199", call_id="call_3", sent_at=_CONTROL.sent_at, created_at="")
    own = entry(key="tel:+2", to=_OURS, call_id="call_1", sent_at=_CONTROL.sent_at, created_at="")
    taken = {"call_3", "call_1"} if claimed else {"call_3"}
    began = _SENT + timedelta(seconds=ahead)
    possible = [
        call
        for call in calls
        if call.outbound and call.to == _OURS and call.id not in taken
        and (call.created_at is None or began - BEFORE <= call.created_at <= began + AFTER)
    ]  # fmt: skip
    history = (control, own) if claimed else (control,)
    finding = _find(*calls, history=history, at=_SENT + after, ahead=timedelta(seconds=ahead))

    match finding:
        case Absent():
            assert not possible
            assert _SENT + after >= _LATER
        case Found(call):
            assert [call] == possible
            assert call.created_at is not None
        case Unproven(why):
            assert why.endswith(".")


def test_a_call_at_another_time_is_no_proof_of_absence() -> None:
    """A clock that jumped in the middle of the run puts the very call out of its attempt's window."""
    stray = _listed(created_at=_SENT + timedelta(days=1))
    before = _listed(created_at=_SENT - timedelta(days=1))

    assert isinstance(_find(stray, _CONTROL_LISTED), Unproven)
    assert Absent() == _find(before, _CONTROL_LISTED), "a call of an earlier campaign is not in question"


# Lists, clocks and answers that lie

_WRITTEN = [
    "0014155550101",
    "4155550101",
    "04155550101",
    "+1415555****",
    "***0101",
    "sip:+1415555@host",
    "null",
    "",
    "+1 415 555-0101 x7",
]


@pytest.mark.parametrize("written", _WRITTEN)
def test_a_call_whose_number_may_be_ours_forbids_the_proof(written: str) -> None:
    assert not isinstance(_find(_listed(to=written), _CONTROL_LISTED), Absent)


@pytest.mark.parametrize("written", ["sip:+14155550101@10.0.0.1", "tel:+14155550101", "0014155550101", "14155550101"])
def test_a_call_is_found_however_its_number_is_written(written: str) -> None:
    assert Found(_listed(to=written)) == _find(_listed(to=written), _CONTROL_LISTED)


def test_a_number_that_nobody_can_read_forbids_the_proof_only_at_that_time() -> None:
    hidden = _listed(id="call_7", to="+1415555****")
    long_ago = _listed(id="call_7", to="+1415555****", created_at=_SENT - timedelta(hours=3))

    assert isinstance(_find(hidden, _CONTROL_LISTED), Unproven)
    assert isinstance(_find(_listed(id="call_7", to="", created_at=None), _CONTROL_LISTED), Unproven)
    assert Absent() == _find(long_ago, _CONTROL_LISTED)


@pytest.mark.parametrize("written", ["+1415555****", "4155550199", "***0199", "", "+14155550198"])
def test_a_control_is_listed_with_its_number_or_it_is_none(written: str) -> None:
    control = _listed(id="call_c", to=written, created_at=_CONTROL_LISTED.created_at)

    assert isinstance(_find(control), Unproven)


def test_a_list_with_a_gap_finds_and_proves_nothing() -> None:
    assert Found(_listed()) == _find(_listed(), _CONTROL_LISTED, gap="it has 9 calls and shows 2")
    finding = _find(_CONTROL_LISTED, gap="it has 9 calls and shows 2")
    assert isinstance(finding, Unproven)
    assert "it has 9 calls and shows 2" in finding.why
    assert finding.incomplete


@pytest.mark.parametrize("wrong", [timedelta(seconds=90), timedelta(hours=2), timedelta(hours=-2), timedelta(days=-1)])
def test_a_clock_that_was_wrong_then_and_is_right_now_proves_nothing(wrong: timedelta) -> None:
    """Our clock was *wrong* during the loss; the calls that we placed beside it were created when they were."""
    doubt = _doubt(sent_at=_text(_SENT + wrong))
    beside = entry(
        key="tel:+2", to="+14155550188", call_id="call_b",
        sent_at=_text(_SENT + wrong + timedelta(seconds=3)), created_at=_text(_SENT + timedelta(seconds=3)),
    )  # fmt: skip
    later = _SENT + abs(wrong) + timedelta(days=1)
    control = entry(key="tel:+1", to="+14155550199", call_id="call_c", sent_at=_text(later), created_at=_text(later))
    listed = [
        _listed(),
        _listed(id="call_b", to="+14155550188", created_at=_SENT + timedelta(seconds=3)),
        _listed(id="call_c", to="+14155550199", created_at=later),
    ]
    finding = _find(*listed, doubt=doubt, history=(beside, control), at=later + timedelta(hours=1))

    assert not isinstance(finding, Absent)
    assert isinstance(_find(*listed[1:], doubt=doubt, history=(beside, control), at=later + timedelta(hours=1)), Absent)


def test_without_a_call_of_ours_near_the_attempt_any_call_to_the_number_forbids_the_proof() -> None:
    later = entry(
        key="tel:+1", to="+14155550199", call_id="call_c",
        sent_at=_text(_SENT + timedelta(hours=5)), created_at=_text(_SENT + timedelta(hours=5)),
    )  # fmt: skip
    control = _listed(id="call_c", to="+14155550199", created_at=_SENT + timedelta(hours=5))
    before = _listed(created_at=_SENT - timedelta(hours=2))

    assert isinstance(_find(before, control, history=(later,), at=_SENT + timedelta(hours=6)), Unproven)


def test_a_queued_call_stands_in_no_list() -> None:
    assert isinstance(_find(_CONTROL_LISTED, provable=False), Unproven)
    assert Absent() == _find(control=False), "the campaign's own 409 is the control"


def test_a_row_that_came_after_the_run_that_was_lost_needs_no_control() -> None:
    assert Absent() == _find(doubt=_doubt(attempts=0))
    assert isinstance(_find(_listed(created_at=None), doubt=_doubt(attempts=0)), Unproven)


def test_a_call_that_a_row_of_another_number_was_given_is_not_that_row_s() -> None:
    """The API named one call twice: for this row with a wrong number, and then for another row as its own."""
    mistaken = entry(key="tel:+2", to="+14155550188", call_id="call_9", sent_at=_text(_SENT + timedelta(seconds=30)))
    finding = _find(_listed(), _CONTROL_LISTED, history=(mistaken, _CONTROL))

    assert isinstance(finding, Unproven)
    assert "call_9" in finding.why


def test_a_number_that_nobody_can_read_forbids_the_proof_by_whichever_clock_it_was_that_time() -> None:
    """Our clock was two hours ahead during the loss: by it, the call whose number is hidden was long before."""
    doubt = _doubt(sent_at=_text(_SENT + timedelta(hours=2)))
    beside = entry(
        key="tel:+2", to="+14155550188", call_id="call_b",
        sent_at=_text(_SENT + timedelta(hours=2, seconds=3)), created_at=_text(_SENT + timedelta(seconds=3)),
    )  # fmt: skip
    later = _SENT + timedelta(days=1)
    control = entry(key="tel:+1", to="+14155550199", call_id="call_c", sent_at=_text(later), created_at=_text(later))
    listed = [
        _listed(id="call_b", to="+14155550188", created_at=_SENT + timedelta(seconds=3)),
        _listed(id="call_c", to="+14155550199", created_at=later),
    ]
    hidden = _listed(to="+1415555****")
    history = (beside, control)

    assert Absent() == _find(*listed, doubt=doubt, history=history, at=later + timedelta(hours=1))
    assert isinstance(_find(hidden, *listed, doubt=doubt, history=history, at=later + timedelta(hours=1)), Unproven)


_BEFORE = _listed(id="call_1", created_at=_SENT - timedelta(hours=2))


def test_a_call_that_the_row_had_before_forbids_no_proof() -> None:
    """It is called again: the call before this attempt has an ID, which we were told."""
    again = _doubt(earlier_calls="call_1 busy", calls=1)
    assert Absent() == _find(_BEFORE, _CONTROL_LISTED, doubt=again)
    found = _find(_BEFORE, _listed(), _CONTROL_LISTED, doubt=again)
    assert Found(_listed()) == found


def test_a_call_beside_those_that_the_row_had_before_forbids_the_proof() -> None:
    """Its ID was never told: a clock that was wrong may have put it out of the attempt's time."""
    again = _doubt(earlier_calls="call_1 busy", calls=1)
    first = _doubt(key=again.key, call_id="call_1", status=Status.BUSY, sent_at=_text(_SENT - timedelta(hours=2)))
    other = _listed(id="call_2", created_at=_SENT - timedelta(minutes=30))
    finding = _find(_BEFORE, other, _CONTROL_LISTED, doubt=again, history=(_CONTROL, first))
    assert isinstance(finding, Unproven)
    assert "call_2" in finding.why
    assert "call_1" not in finding.why
