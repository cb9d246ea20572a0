"""What became of the calls that a ledger knows: tables for `ledger/calls.py`, and which file is believed of it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from makers import entry, history

from batch_dialer.entry import Entry
from batch_dialer.ledger.calls import EarlierCall, find_under_way, follow_calls, known_calls, read_earlier
from batch_dialer.ledger.doubts import doubt_redials, lines_under_way, mark_interrupted
from batch_dialer.ledger.history import merge, to_entries
from batch_dialer.model import ListedCall, Reading
from batch_dialer.words import ENDED, Status

_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
_NUMBER = "+14155550101"
_ORDER = [Status.QUEUED, Status.INITIATED, Status.RINGING, Status.ANSWERED, *sorted(ENDED)]


def _listed(status: str, **changes: object) -> ListedCall:
    base: dict[str, object] = {"id": "call_1", "to": _NUMBER, "status": status, "created_at": _AT, "duration": 40}
    return ListedCall(**(base | changes))  # type: ignore[arg-type]  # each test gives what it means


def _follow(known: Entry, *listed: ListedCall, by_number: bool = False) -> Entry:
    (followed,) = follow_calls([known], Reading(listed, _AT), by_number=by_number) or [known]
    return followed


@pytest.mark.parametrize("told", _ORDER)
@pytest.mark.parametrize("known", _ORDER)
def test_a_status_never_goes_back_and_an_end_is_the_end(known: Status, told: Status) -> None:
    later = known not in ENDED and _ORDER.index(told) > _ORDER.index(known)
    assert (told if later else known) is _follow(entry(status=known), _listed(told)).status


@given(st.lists(st.sampled_from([*(status.value for status in Status), "COMPLETED", "canceled", ""])))
def test_no_order_of_readings_takes_a_call_back(told: list[str]) -> None:
    known = entry(status=Status.INITIATED)
    for word in told:
        after = _follow(known, _listed(word))
        assert after.status == known.status or known.status not in ENDED
        assert _ORDER.index(after.status) >= _ORDER.index(known.status)
        known = after


@pytest.mark.parametrize("word", ["", "canceled", "INITIATED", "refused", "unknown"])
def test_a_word_that_is_not_documented_says_nothing(word: str) -> None:
    assert entry() == _follow(entry(), _listed(word))


@pytest.mark.parametrize(
    "listed",
    [
        _listed("completed", to="+14155550102"),
        _listed("completed", outbound=False),
        _listed("completed", id="call_2"),
    ],
    ids=["number of somebody else", "inbound", "another call"],
)
def test_what_is_not_this_call_tells_nothing_of_it(listed: ListedCall) -> None:
    assert entry() == _follow(entry(), listed)


def test_how_long_it_was_and_when_it_ended_comes_with_the_end_alone() -> None:
    ended = _AT + timedelta(minutes=1)
    over = _follow(entry(), _listed("completed", updated_at=ended))
    assert (40, ended.isoformat()) == (over.duration_seconds, over.updated_at)
    assert _AT.isoformat() == _follow(entry(), _listed("busy")).updated_at, "by the time at which it was seen so"
    ringing = _follow(entry(), _listed("ringing", updated_at=ended))
    assert (None, "") == (ringing.duration_seconds, ringing.updated_at)


def test_an_earlier_call_is_followed_and_leaves_the_last_one_alone() -> None:
    known = entry(call_id="call_3", status=Status.BUSY, calls=3, earlier_calls="call_1 ringing; call_2 busy")
    after = _follow(known, _listed("completed"), _listed("answered", id="call_2"))
    assert "call_1 completed; call_2 busy" == after.earlier_calls
    assert (Status.BUSY, "call_3", 3) == (after.status, after.call_id, after.calls)


@pytest.mark.parametrize(
    ("created", "to", "found"),
    [(_AT, _NUMBER, True), (_AT - timedelta(days=2), _NUMBER, False), (None, _NUMBER, False), (_AT, "+1415", False)],
)
def test_a_campaign_s_call_is_the_latest_to_its_number_since(created: datetime | None, to: str, *, found: bool) -> None:
    listed = _listed("busy", id="other", created_at=created, to=to)
    assert (Status.BUSY if found else Status.INITIATED) is _follow(entry(), listed, by_number=True).status
    assert Status.INITIATED is _follow(entry(), listed).status, "an agent's call has its own ID in the list"


def test_a_number_that_two_rows_have_says_of_neither_which_call_was_its() -> None:
    rows = [entry(), entry(key="id:7", call_id="call_2")]
    assert [] == follow_calls(rows, Reading([_listed("busy", id="other")], _AT), by_number=True)


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("", ()),
        ("call_1 busy", (EarlierCall("call_1", "busy"),)),
        ("call_1 busy; call_2 no-answer", (EarlierCall("call_1", "busy"), EarlierCall("call_2", "no-answer"))),
        (" call_1 busy ;call_2 failed; ", (EarlierCall("call_1", "busy"), EarlierCall("call_2", "failed"))),
        ("call_1", (EarlierCall("call_1", ""),)),
    ],
)
def test_the_text_of_earlier_calls(text: str, calls: tuple[EarlierCall, ...]) -> None:
    assert calls == read_earlier(text)


def test_every_call_is_known_and_those_that_have_not_ended_are_found() -> None:
    rows = history(
        entry(key="id:1", call_id="call_2", status=Status.BUSY, earlier_calls="call_1 ringing", calls=2),
        entry(key="id:2", call_id="", status=Status.UNKNOWN, earlier_calls="call_3 busy; call_4 failed", calls=2),
        entry(key="id:3", call_id="call_5", status=Status.RINGING),
    )
    assert {f"call_{n}" for n in range(1, 6)} == set(known_calls(rows)["call_id"])
    assert ["id:1", "id:3"] == sorted(find_under_way(rows)["key"])


@pytest.mark.parametrize(
    ("journal", "results", "believed"),
    [
        (Status.INITIATED, Status.BUSY, Status.BUSY),
        (Status.BUSY, Status.INITIATED, Status.BUSY),
        (Status.COMPLETED, Status.BUSY, Status.COMPLETED),
    ],
)
def test_of_one_call_the_file_is_believed_that_knows_more(journal: Status, results: Status, believed: Status) -> None:
    (row,) = to_entries(merge(history(entry(status=journal)), history(entry(status=results))))
    assert believed is row.status


def test_another_call_of_the_row_in_an_edited_file_does_not_say_how_this_one_ended() -> None:
    (row,) = to_entries(merge(history(entry()), history(entry(call_id="call_9", status=Status.BUSY))))
    assert ("call_1", Status.INITIATED) == (row.call_id, row.status)


# A run that calls again is cut short, and its results file is all there is

_BEGAN = "2026-11-22T14:00:00.000+00:00"


def test_while_people_are_called_again_the_results_say_that_another_call_may_exist() -> None:
    known = history(entry(status=Status.BUSY), entry(key="id:7", to="+14155550102", call_id="call_2"))
    first, second = to_entries(
        lines_under_way(known, known["key"].head(0).append(known["key"].head(1)), _BEGAN).sort("key")
    )
    assert ("call_2", Status.INITIATED) == (first.call_id, first.status), "who is not dialed stays as it is"
    assert (Status.DIALING, "", "call_1 busy", 1) == (second.status, second.call_id, second.earlier_calls, second.calls)
    assert _BEGAN == second.sent_at


def test_an_older_journal_does_not_take_that_doubt_back() -> None:
    known = history(entry(status=Status.BUSY))
    lines = lines_under_way(known, known["key"], _BEGAN)
    since = datetime.fromisoformat(_BEGAN)
    until = since + timedelta(hours=1)
    (row,) = to_entries(mark_interrupted(doubt_redials(known, lines, since, until)))  # type: ignore[arg-type]  # lines, one for each key
    assert (Status.UNKNOWN, "call_1 busy") == (row.status, row.earlier_calls)
    newer = history(entry(status=Status.BUSY, calls=2, call_id="call_2", earlier_calls="call_1 busy"))
    assert ["call_2"] == [each.call_id for each in to_entries(doubt_redials(newer, lines, since, until))]  # type: ignore[arg-type]  # as above
