"""What the API is told: a good row becomes a call, and a call the body of its request."""

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from makers import AGENT, call

from batch_dialer.errors import UsageError
from batch_dialer.model import Call, Target, Via
from batch_dialer.talkover.payload import Caller, body, calls, check_delays

_CAMPAIGN = Target(Via.CAMPAIGN, "camp_1")


def _row(**changes: Any) -> dict[str, Any]:
    return {"row": 2, "id": "", "key": "tel:+14155550101", "to": "+14155550101", "payload.name": "Ann"} | changes


def _made(*rows: dict[str, Any], caller: Caller | None = None) -> list[Call]:
    return list(calls(pl.DataFrame(list(rows)), caller or Caller(AGENT)))


def _one(changes: dict[str, Any] | None = None, caller: Caller | None = None) -> Call:
    return _made(_row(**(changes or {})), caller=caller)[0]


def test_the_body_of_make_a_call() -> None:
    made = call(payload={"name": "Ann"}, context={"crm": 5}, delay_seconds=30, is_testing=True)

    assert {
        "to": "+14155550101",
        "payload": {"name": "Ann"},
        "context": {"crm": 5},
        "delay_seconds": 30,
        "is_testing": True,
    } == body(made)


def test_a_campaign_is_told_where_a_number_may_have_several_calls() -> None:
    target = Target(Via.CAMPAIGN, "campaign_1")
    assert "allow_duplicates" not in body(call(target=target))
    assert body(call(target=target, allow_duplicates=True))["allow_duplicates"] is True


def test_the_body_of_make_a_campaign_call_knows_no_delay() -> None:
    made = call(target=_CAMPAIGN, delay_seconds=30)

    assert {"to": "+14155550101", "payload": {"name": "Ann"}, "context": {}, "is_testing": False} == body(made)


@pytest.mark.parametrize(
    ("rows", "caller", "refused"),
    [
        ([{}], Caller(_CAMPAIGN), ""),
        ([{"delay_seconds": 0}, {"delay_seconds": None}], Caller(_CAMPAIGN), ""),
        ([{"delay_seconds": 9}], Caller(AGENT), ""),
        ([{"delay_seconds": 9, "agent_id": "agent_7"}], Caller(_CAMPAIGN), ""),
        ([{"delay_seconds": 0}, {"row": 3, "delay_seconds": 9}], Caller(_CAMPAIGN), "1 row asks for a delay"),
        (
            [{"delay_seconds": 9, "agent_id": agent, "row": row} for row, agent in enumerate(("agent_7", "", None))],
            Caller(_CAMPAIGN),
            "2 rows ask for a delay (delay_seconds); the first is row 1.",
        ),
    ],
)
def test_a_delay_that_a_campaign_would_not_keep_is_refused(
    rows: list[dict[str, Any]], caller: Caller, refused: str
) -> None:
    frame = pl.DataFrame([_row(**row) for row in rows])
    if not refused:
        check_delays(frame, caller)
        return
    with pytest.raises(UsageError) as caught:
        check_delays(frame, caller)
    assert caught.value.what.startswith(refused)
    assert "--agent" in caught.value.remedy


def test_the_smallest_row() -> None:
    made = _one()

    assert (2, "", "tel:+14155550101", "+14155550101") == (made.row, made.id, made.key, made.to)
    assert ({"name": "Ann"}, {}, 0, False, AGENT, 1) == (
        made.payload,
        made.context,
        made.delay_seconds,
        made.is_testing,
        made.target,
        made.attempt,
    )
    assert made.expires is None


def test_values_keep_their_types_and_empty_ones_are_left_out() -> None:
    row = {"payload.age": 41, "payload.member": False, "payload.note": None, "context.crm.id": "7", "context.x": None}
    made = _one(row)

    assert {"name": "Ann", "age": 41, "member": False} == made.payload
    assert {"crm.id": "7"} == made.context


@pytest.mark.parametrize(("cell", "seconds"), [(None, 0), (0, 0), (3600, 3600)])
def test_the_delay(cell: int | None, seconds: int) -> None:
    assert seconds == _one({"delay_seconds": cell}).delay_seconds


@pytest.mark.parametrize(
    ("asked", "cell", "expected"), [(False, None, False), (False, True, True), (True, False, True), (True, None, True)]
)
def test_a_test_run_makes_every_call_a_test(asked: bool, cell: bool | None, expected: bool) -> None:  # noqa: FBT001
    """The sheet can make a call a test; it can't make a call of a test run a real one."""
    assert expected is _one({"is_testing": cell}, Caller(AGENT, testing=asked)).is_testing


def test_a_row_s_own_agent_goes_before_the_run_s() -> None:
    assert Target(Via.AGENT, "agent_7") == _one({"agent_id": "agent_7"}).target
    assert Target(Via.AGENT, "agent_7") == _one({"agent_id": "agent_7"}, Caller(_CAMPAIGN)).target
    assert _CAMPAIGN == _one({"agent_id": None}, Caller(_CAMPAIGN)).target


def test_attempts_are_counted_over_all_runs() -> None:
    assert [1, 1, 4] == [_one({"attempts": count}).attempt for count in (None, 0, 3)]


def test_when_it_expires_goes_with_the_call_and_not_to_the_api() -> None:
    moment = datetime(2026, 11, 22, 10, tzinfo=UTC)
    made = _one({"expires": moment})

    assert moment == made.expires
    assert "expires" not in body(made)
    assert _one().fingerprint == made.fingerprint


def test_a_fingerprint_is_stable_across_versions() -> None:
    """It is in results files that exist; were it to change, every refused row would go again."""
    assert "f30433cea6fcb072" == _one().fingerprint


def test_a_fingerprint_is_text_for_every_spreadsheet_program() -> None:
    assert _one().fingerprint.startswith("f")
    assert 16 == len(_one().fingerprint)


@pytest.mark.parametrize(
    "change",
    [
        {"to": "+14155550102"},
        {"payload.name": "Bob"},
        {"payload.name": None},
        {"payload.age": 41},
        {"context.name": "Ann"},
        {"delay_seconds": 1},
        {"is_testing": True},
        {"agent_id": "agent_2"},
    ],
)
def test_a_fingerprint_changes_with_what_is_sent(change: dict[str, Any]) -> None:
    assert _one().fingerprint != _one(change).fingerprint


@pytest.mark.parametrize("change", [{"row": 9}, {"id": "7"}, {"key": "id:7"}, {"attempts": 3}, {"payload.x": None}])
def test_a_fingerprint_does_not_change_with_what_is_not_sent(change: dict[str, Any]) -> None:
    assert _one().fingerprint == _one(change).fingerprint


def test_text_and_number_are_not_the_same_content() -> None:
    assert _one({"payload.x": "1"}).fingerprint != _one({"payload.x": 1}).fingerprint


def test_a_call_is_made_only_when_it_is_asked_for() -> None:
    made = calls(pl.DataFrame([_row(row=row) for row in range(10_000)]), Caller(AGENT))

    assert 0 == next(made).row
    assert 9_999 == sum(1 for _ in made)


_names = st.text(min_size=1, max_size=10)
_values = st.text(max_size=20) | st.integers(-(2**63), 2**63 - 1) | st.booleans()


@given(payload=st.dictionaries(_names, _values, max_size=4), context=st.dictionaries(_names, _values, max_size=4))
def test_law_what_is_in_the_row_is_what_is_sent(payload: dict[str, Any], context: dict[str, Any]) -> None:
    row = {f"payload.{name}": value for name, value in payload.items()}
    row |= {f"context.{name}": value for name, value in context.items()}
    made = _one({"payload.name": None} | row)

    assert payload == body(made)["payload"]
    assert context == body(made)["context"]
    assert made == _one({"payload.name": None} | dict(reversed(row.items()))), "in whatever order the columns are"
