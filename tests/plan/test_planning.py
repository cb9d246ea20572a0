"""Whom a run dials, and the word on everybody else."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from makers import AGENT, entry, history, number

from batch_dialer.contacts.mapping import ColumnMapping, MappedField
from batch_dialer.contacts.validate import Checked
from batch_dialer.entry import ENTRY_SCHEMA, Entry, OtherCalls
from batch_dialer.errors import UsageError
from batch_dialer.ledger.keys import with_keys
from batch_dialer.ledger.results_lines import results_lines
from batch_dialer.model import PROBLEM_SCHEMA, Problems, Rows, Target, Via
from batch_dialer.plan.duplicates import count_called_elsewhere
from batch_dialer.plan.planning import Plan, Policy, make_plan
from batch_dialer.plan.redial import Redial
from batch_dialer.plan.suppression import Suppressed
from batch_dialer.schema.schema import CallingHours, Field, Place
from batch_dialer.talkover.payload import Caller, calls
from batch_dialer.words import CALL_EXISTS, CALL_MAY_EXIST, JUDGED, Code, Hidden, Retry, Status

_NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
_ANN, _BOB, _CARL = number(1), number(2), number(3)
_ROW: dict[str, Any] = {"id": "", "to": _ANN, "code": None, "message": None, "payload.name": "Ann", "expires": None}
_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "row": pl.UInt32,
    "id": pl.String,
    "to": pl.String,
    "code": pl.String,
    "message": pl.String,
    "payload.name": pl.String,
    "expires": pl.Datetime("us", "UTC"),
}


def _rows(*rows: dict[str, Any]) -> Rows:
    return Rows(pl.DataFrame([_ROW | {"row": place} | row for place, row in enumerate(rows, start=2)], schema=_SCHEMA))


def _checked(*rows: dict[str, Any], ids: bool = False) -> Checked:
    named = (MappedField(Field(Place.ID, "id", column="id"), 0),) if ids else ()
    return Checked(_rows(*rows), Problems(pl.DataFrame(schema=PROBLEM_SCHEMA)), ColumnMapping(named))


def _known(status: str, to: str = _ANN, key: str = "", **changes: Any) -> Entry:
    call_id = "call_1" if Status(status) in CALL_EXISTS else ""
    return entry(status=Status(status), to=to, key=key or f"tel:{to}", **({"call_id": call_id} | changes))


def _plan(
    rows: Sequence[dict[str, Any]],
    *known: Entry,
    through: Target = AGENT,
    allow_duplicates: bool = False,
    **policy: Any,
) -> Plan:
    caller = Caller(through, allow_duplicates=allow_duplicates)
    return make_plan(_checked(*rows, ids=allow_duplicates), history(*known), Policy(**policy), caller, _NOW)


def _dialed(rows: Sequence[dict[str, Any]], *known: Entry, **policy: Any) -> list[int]:
    return _plan(rows, *known, **policy).dial["row"].to_list()


def _words(plan: Plan) -> list[tuple[str | None, str | None]]:
    return list(plan.rows.select("status", "error_code").iter_rows())


_SKIPPED = ("skipped", "DUPLICATE_NUMBER")
_OURS = (None, None)


# Keys


def _keys(*rows: dict[str, Any]) -> list[str]:
    return with_keys(_rows(*rows))["key"].to_list()


def test_a_row_is_named_by_its_id_or_else_by_its_number() -> None:
    assert ["id:7", f"tel:{_ANN}"] == _keys({"id": "7", "to": _BOB}, {})
    assert ["id:7"] == _keys({"id": "7", "to": None, "code": "INVALID_PHONE_NUMBER"})
    assert [f"tel:{_ANN}"] == _keys({"id": None})


def test_the_second_row_of_a_number_has_a_name_of_its_own() -> None:
    assert [f"tel:{_ANN}", f"tel:{_BOB}", f"tel:{_ANN}#2", f"tel:{_ANN}#3"] == _keys({}, {"to": _BOB}, {}, {})


def test_a_row_that_cannot_be_named_is_named_by_its_place() -> None:
    assert ["row:2", "row:3", f"tel:{_ANN}"] == _keys({"to": None}, {"to": None}, {})
    assert ["id:7", "row:3"] == _keys({"id": "7"}, {"id": "7", "code": "DUPLICATE_ID"})


def test_names_are_text_for_every_spreadsheet_program() -> None:
    assert all(key[0].isalpha() for key in _keys({"id": "=1+1"}, {"id": "1e5"}, {"id": "2026-01-01"}, {}, {"to": None}))


def test_a_name_stays_when_the_sheet_is_sorted() -> None:
    people = [{"id": "7", "to": _BOB}, {}, {"to": _CARL}]

    assert set(_keys(*people)) == set(_keys(*reversed(people)))


_ids = st.sampled_from(["", None, "1", "2", "tel:1", "row:2", "#2"])
_numbers = st.sampled_from([None, _ANN, _BOB, _CARL])


@given(st.lists(st.fixed_dictionaries({"id": _ids, "to": _numbers}), max_size=8))
def test_law_no_two_rows_have_one_name(rows: list[dict[str, Any]]) -> None:
    keys = _keys(*rows)

    assert len(keys) == len(set(keys))
    assert None not in keys


# Duplicates and numbers that are held


def test_everybody_is_dialed_once() -> None:
    plan = _plan([{}, {"to": _BOB}])

    assert [2, 3] == plan.dial["row"].to_list()
    assert [_OURS, _OURS] == _words(plan)
    assert 0 == plan.waiting


def test_nobody_is_in_an_empty_sheet() -> None:
    assert 0 == _plan([]).dial.height
    assert 0 == _plan([], _known("refused")).dial.height


def test_of_several_rows_with_a_number_the_first_stands_for_all() -> None:
    plan = _plan([{}, {"to": _BOB}, {}, {}])

    assert [2, 3] == plan.dial["row"].to_list()
    assert [_OURS, _OURS, _SKIPPED, _SKIPPED] == _words(plan)
    assert "Same number as row 2, which is called instead." == plan.rows["error_message"][2]


def test_a_row_that_is_not_dialed_stands_for_nobody() -> None:
    bad = {"code": "INVALID_VALUE", "message": "bad"}
    expired = {"expires": _NOW - timedelta(hours=1)}

    assert [3] == _dialed([bad, {}, {}])
    assert [3] == _dialed([expired, {}, {}])
    assert [3] == _dialed(
        [{"id": "1"}, {"id": "2"}], _known("refused", key="id:1", fingerprint=_fingerprint({"id": "1"}))
    )


def test_two_ids_with_one_number_are_one_phone() -> None:
    assert [2] == _dialed([{"id": "1"}, {"id": "2"}])


@pytest.mark.parametrize("status", sorted(CALL_EXISTS | CALL_MAY_EXIST))
def test_a_number_that_may_have_been_called_is_not_dialed_through_another_row(status: Status) -> None:
    assert [] == _dialed([{"id": "2"}], _known(status, key="id:1"))
    assert [] == _dialed([{}, {}], _known(status))

    plan = _plan([{"id": "2"}, {"id": "1", "to": _BOB}], _known(status, key="id:1"))
    mine = ("skipped", "NUMBER_CHANGED") if status in CALL_EXISTS else _OURS
    assert [_SKIPPED, mine] == _words(plan)
    assert "Same number as row 3, which has a call or may have one." == plan.rows["error_message"][0]


def test_nor_when_the_row_that_was_called_is_gone() -> None:
    plan = _plan([{"id": "2"}], _known("initiated", key="id:1"))

    assert [_SKIPPED] == _words(plan)
    assert "no longer in the sheet" in plan.rows["error_message"][0]


def test_nor_when_ids_were_added_later() -> None:
    assert [] == _dialed([{"id": "1"}], _known("initiated"))


@pytest.mark.parametrize("status", sorted(set(Status) - CALL_EXISTS - CALL_MAY_EXIST))
def test_a_number_that_was_never_called_holds_nobody(status: Status) -> None:
    assert [2] == _dialed([{"id": "2"}], _known(status, key="id:1"))


def test_duplicates_are_dialed_when_that_is_asked_for() -> None:
    assert [2, 3, 4] == _dialed([{"id": "5"}, {"id": "6"}, {"id": "7"}], allow_duplicates=True)
    assert [3] == _dialed([{"id": "5"}, {"id": "6"}], _known("initiated", key="id:5"), allow_duplicates=True)
    both = (_known("initiated", key="id:5"), _known("unknown", key="id:6"))
    assert [] == _dialed([{"id": "5"}, {"id": "6"}], *both, allow_duplicates=True)


def test_duplicates_need_ids() -> None:
    with pytest.raises(UsageError, match="--allow-duplicates needs a column"):
        make_plan(_checked({}, {}), history(), Policy(), Caller(AGENT, allow_duplicates=True), _NOW)


@pytest.mark.parametrize(
    ("rows", "known"),
    [
        ([{}, {}], []),
        ([{"id": "7"}], [_known("initiated", key="id:007")]),
        ([{"id": "7"}, {"id": "8"}], [_known("initiated")]),
        ([{"id": "7"}], [_known("unknown", key=f"tel:{_ANN}#2")]),
    ],
    ids=[
        "rows without an ID",
        "an ID that lost its zeros",
        "IDs that were added later",
        "a doubt of a row that is gone",
    ],
)
def test_with_duplicates_a_row_that_may_be_one_that_was_called_is_not_called(
    rows: list[dict[str, Any]], known: list[Entry]
) -> None:
    assert len(_dialed(rows, *known, allow_duplicates=True)) == len(rows) - max(1, len(known) and len(rows))


def test_with_duplicates_a_row_that_was_known_beside_the_one_that_is_gone_is_dialed() -> None:
    known = (_known("initiated", key="id:5"), _known("deferred", key="id:6"))

    assert [2] == _dialed([{"id": "6"}], *known, allow_duplicates=True)


# A number that changed since its call

_CHANGED = ("skipped", "NUMBER_CHANGED")


@pytest.mark.parametrize("status", sorted(CALL_EXISTS))
def test_a_call_to_another_number_is_not_this_row_s(status: Status) -> None:
    """The ID was used again, or the number mended: "placed" would leave somebody out without a word."""
    plan = _plan([{"id": "1", "to": _BOB}], _known(status, key="id:1"))

    assert [_CHANGED] == _words(plan)
    for named in (_ANN, _BOB, "call_1", "--retry changed"):
        assert named in plan.rows["error_message"][0]


@pytest.mark.parametrize("asked", [{"retry": (Retry.CHANGED,)}, {"only": frozenset({"1"})}], ids=["retry", "only"])
def test_the_new_number_is_dialed_when_that_is_asked_for_and_the_call_is_kept(asked: dict[str, Any]) -> None:
    known = _known("completed", key="id:1", earlier_calls="call_0 busy", calls=2)
    plan = _plan([{"id": "1", "to": _BOB}], known, **asked)
    (call,) = calls(plan.dial, Caller(AGENT))

    assert (_BOB, 2, "call_0 busy; call_1 completed", 2) == (call.to, call.attempt, call.earlier_calls, call.calls)


def test_a_doubt_about_the_old_number_stays_one() -> None:
    assert [_OURS] == _words(_plan([{"id": "1", "to": _BOB}], _known("unknown", key="id:1")))


def test_the_line_of_a_row_whose_number_changed_has_the_call_and_the_number_that_it_was_to() -> None:
    known = _known("completed", key="id:1")
    (line,) = _final(_plan([{"id": "1", "to": _BOB}], known), known).to_dicts()

    assert ("skipped", "NUMBER_CHANGED", "call_1", _ANN, 1) == tuple(
        line[name] for name in ("status", "error_code", "call_id", "to", "calls")
    )


def test_only_dials_the_rows_that_it_names_and_leaves_the_others() -> None:
    plan = _plan([{"id": "1"}, {"id": "2", "to": _BOB}, {"id": "3", "to": _CARL}], only=frozenset({"2"}))

    assert ([3], 2) == (plan.dial["row"].to_list(), plan.waiting)
    with pytest.raises(UsageError, match="--only 9"):
        _plan([{"id": "1"}], only=frozenset({"9"}))


def test_a_row_whose_number_changed_after_its_call_is_not_called_again() -> None:
    assert [] == _dialed([{"id": "1", "to": _BOB}], _known("completed", to=_ANN, key="id:1"))


# What is dialed again


@pytest.mark.parametrize("status", sorted(CALL_EXISTS | CALL_MAY_EXIST))
def test_whoever_may_have_been_called_is_left(status: Status) -> None:
    plan = _plan([{}], _known(status))

    assert [] == plan.dial["row"].to_list()
    assert [_OURS] == _words(plan), "history has the word"


@pytest.mark.parametrize("status", ["deferred", "rejected", "skipped"])
def test_whoever_was_not_called_is_dialed(status: str) -> None:
    assert [2] == _dialed([{}], _known(status))


def _fingerprint(row: dict[str, Any]) -> str:
    return next(calls(with_keys(_rows(row)), Caller(AGENT))).fingerprint


def test_a_refused_row_goes_again_only_if_it_changed() -> None:
    refused = _known("refused", fingerprint=_fingerprint({}))

    assert [] == _dialed([{}], refused)
    assert [2] == _dialed([{"payload.name": "Anna"}], refused)
    assert [2] == _dialed([{}], refused, retry=(Retry.REFUSED,))
    assert [2] == _plan([{}], refused, through=Target(Via.AGENT, "agent_2")).dial["row"].to_list()


@pytest.mark.parametrize(("delay", "dialed"), [(0, True), (59, True), (60, False), (3600, False)])
def test_a_row_that_will_have_expired_when_its_delay_is_over_is_not_dialed(delay: int, dialed: bool) -> None:  # noqa: FBT001  (pytest's, by name)
    checked = _checked({"expires": _NOW + timedelta(seconds=60)})
    rows = Rows(checked.rows.with_columns(pl.lit(delay).alias("delay_seconds")))
    plan = make_plan(replace(checked, rows=rows), history(), Policy(), Caller(AGENT), _NOW)

    assert dialed == bool(plan.dial.height)
    if not dialed:
        assert "Expired on 2026-11-22 12:01 UTC." == plan.rows["error_message"][0]


def test_a_refused_row_with_an_id_goes_again_when_its_number_changed() -> None:
    refused = _known("refused", key="id:1", fingerprint=_fingerprint({"id": "1"}))

    assert [] == _dialed([{"id": "1"}], refused)
    assert [2] == _dialed([{"id": "1", "to": _BOB}], refused)


def test_a_doubt_goes_again_only_when_that_is_asked_for() -> None:
    assert [] == _dialed([{}], _known("unknown"))
    assert [] == _dialed([{}], _known("unknown"), retry=(Retry.REFUSED,))
    assert [2] == _dialed([{}], _known("unknown"), retry=(Retry.UNKNOWN,))


def test_a_doubt_that_goes_again_is_no_call_to_a_number_that_has_one() -> None:
    """The number was reached through another row: the doubt stays one."""
    doubt, call = _known("unknown", key="id:1"), _known("initiated", key="id:2")
    for known in ((doubt, call), (call, doubt)):
        plan = _plan([{"id": "1"}, {"id": "2"}], *known, retry=(Retry.UNKNOWN,))
        assert [] == plan.dial["row"].to_list()
        assert ["unknown", "initiated"] == _final(plan, *known)["status"].to_list()


def test_of_two_doubts_on_a_number_one_goes_again() -> None:
    doubts = (_known("unknown", key="id:1"), _known("unknown", key="id:2"))
    plan = _plan([{"id": "1"}, {"id": "2"}], *doubts, retry=(Retry.UNKNOWN,))

    assert [2] == plan.dial["row"].to_list()
    assert "unknown" == _final(plan, *doubts)["status"][1], "that it may have been called is not forgotten"


def test_a_doubt_on_a_number_that_its_row_no_longer_has_still_holds_it() -> None:
    doubt = _known("unknown", to=_ANN, key="id:1")

    assert [2] == _dialed([{"id": "1", "to": _BOB}, {"id": "2", "to": _ANN}], doubt, retry=(Retry.UNKNOWN,))


def test_a_doubt_whose_time_has_passed_stays_a_doubt() -> None:
    """`skipped` would say that nobody was called."""
    doubt = _known("unknown")
    plan = _plan([{"expires": _NOW}], doubt, retry=(Retry.UNKNOWN,))

    assert [] == plan.dial["row"].to_list()
    assert ["unknown"] == _final(plan, doubt)["status"].to_list()


# Bad rows


_BAD = {"to": None, "code": "INVALID_PHONE_NUMBER", "message": "phone has 3 digits."}


def test_a_bad_row_is_rejected_with_its_reason() -> None:
    plan = _plan([_BAD, {}])

    assert [3] == plan.dial["row"].to_list()
    assert [("rejected", "INVALID_PHONE_NUMBER"), _OURS] == _words(plan)
    assert "phone has 3 digits." == plan.rows["error_message"][0]


@pytest.mark.parametrize("status", ["deferred", "rejected", "skipped", "refused"])
def test_a_row_that_went_bad_before_it_was_called_is_rejected(status: str) -> None:
    plan = _plan([{"id": "1"} | _BAD], _known(status, key="id:1"), retry=tuple(Retry))

    assert [("rejected", "INVALID_PHONE_NUMBER")] == _words(plan)


@pytest.mark.parametrize("status", sorted(CALL_EXISTS | CALL_MAY_EXIST))
def test_a_row_that_was_called_while_it_was_good_keeps_its_word(status: Status) -> None:
    known = _known(status, key="id:1")
    plan = _plan([{"id": "1"} | _BAD], known, retry=tuple(Retry))

    assert [] == plan.dial["row"].to_list()
    assert (status, _ANN) == _final(plan, known).select("status", "to").row(0)


# Time and number


@pytest.mark.parametrize(("expires", "dialed"), [(-1, []), (0, []), (1, [2])])
def test_a_row_whose_time_has_passed_is_never_dialed(expires: int, dialed: list[int]) -> None:
    plan = _plan([{"expires": _NOW + timedelta(seconds=expires)}])

    assert dialed == plan.dial["row"].to_list()
    assert [_OURS if dialed else ("skipped", "EXPIRED")] == _words(plan)


def test_the_limit_counts_only_those_who_are_dialed() -> None:
    plan = _plan([_BAD, {}, {}, {"to": _BOB}, {"to": _CARL}, {"to": number(4)}], _known("initiated", to=_BOB), limit=2)

    assert [3, 6] == plan.dial["row"].to_list()
    assert 1 == plan.waiting


@pytest.mark.parametrize(("limit", "dialed", "waiting"), [(0, 0, 3), (1, 1, 2), (3, 3, 0), (9, 3, 0), (None, 3, 0)])
def test_the_limit(limit: int | None, dialed: int, waiting: int) -> None:
    plan = _plan([{}, {"to": _BOB}, {"to": _CARL}], limit=limit)

    assert (dialed, waiting) == (plan.dial.height, plan.waiting)


def test_attempts_go_on_fromhistory() -> None:
    plan = _plan([{}], _known("deferred", attempts=3))

    assert [4] == [made.attempt for made in calls(plan.dial, Caller(AGENT))]


# The results file


def _final(plan: Plan, *known: Entry, why: str = "The run was stopped.") -> pl.DataFrame:
    return results_lines(plan.rows, history(*known), why, testing=False)


def _lines(rows: Sequence[dict[str, Any]], *known: Entry, **policy: Any) -> list[tuple[Any, ...]]:
    lines = _final(_plan(rows, *known, **policy), *known)
    return list(lines.select("row", "key", "status", "error_code").iter_rows())


def test_a_line_for_each_row_in_the_sheet_s_order_and_then_who_is_gone() -> None:
    gone = [_known("initiated", to=_CARL, row=9), _known("refused", to=number(4), row=7)]
    lines = _lines([{"to": _BOB}, _BAD, {}], _known("completed", row=17), *gone)

    assert [2, 3, 4, 7, 9] == [line[0] for line in lines]
    assert ["deferred", "rejected", "completed", "refused", "initiated"] == [line[2] for line in lines]


def test_a_line_has_history_s_facts_and_the_sheet_s_place() -> None:
    known = _known("busy", row=17, id="old", attempts=3, http_status=200)
    line = _final(_plan([{}], known), known).to_dicts()[0]

    assert asdict(known) | {"row": 2, "id": ""} == line
    assert dict(ENTRY_SCHEMA) == dict(_final(_plan([{}], known), known).schema)


def test_the_number_that_was_called_is_shown_not_the_one_that_came_later() -> None:
    known = _known("completed", to=_ANN, key="id:1")

    assert [_ANN] == _final(_plan([{"id": "1", "to": _BOB}], known), known)["to"].to_list()


def test_a_row_that_was_not_reached_is_deferred_and_says_why() -> None:
    lines = _final(_plan([{}, {"to": _BOB}], _known("deferred", to=_BOB, error_code="INSUFFICIENT_CREDITS")))

    assert ["deferred", "deferred"] == lines["status"].to_list()
    assert "The run was stopped." == lines["error_message"][0]
    assert ["Not dialed yet."] == _final(_plan([{}]), why="")["error_message"].to_list()


def test_a_row_that_waited_keeps_the_code_that_deferred_it() -> None:
    known = _known("deferred", error_code="INSUFFICIENT_CREDITS", error_message="top up")

    assert [(2, f"tel:{_ANN}", "deferred", "INSUFFICIENT_CREDITS")] == _lines([{}], known)


@pytest.mark.parametrize("status", ["rejected", "skipped"])
def test_an_outdated_judgement_is_not_repeated(status: str) -> None:
    """The cell was mended, or the duplicate went: the row is due, though it was not reached."""
    known = _known(status, error_code="DUPLICATE_NUMBER", error_message="Row 9 stands for this number.")
    line = _final(_plan([{}], known, limit=0), known).to_dicts()[0]

    assert ("deferred", None, "The run was stopped.") == (line["status"], line["error_code"], line["error_message"])


def test_no_line_without_a_sheet_or_a_past() -> None:
    assert 0 == _final(_plan([])).height
    assert ["busy"] == _final(_plan([]), _known("busy"))["status"].to_list()


# Lists of numbers not to call

_LISTS = (Suppressed("a.csv", frozenset({_BOB})), Suppressed("b.csv", frozenset({_BOB, _CARL})))


def test_a_number_on_a_list_is_skipped_and_the_first_list_with_it_is_named() -> None:
    plan = _plan([{}, {"to": _BOB}, {"to": _CARL}], suppressed=_LISTS)

    assert [2] == plan.dial["row"].to_list()
    assert [_OURS, ("skipped", "SUPPRESSED"), ("skipped", "SUPPRESSED")] == _words(plan)
    assert [None, "The number is in a.csv.", "The number is in b.csv."] == plan.rows["error_message"].to_list()


def test_a_list_is_heeded_where_duplicates_are_allowed() -> None:
    listed = [{"id": "1", "to": _BOB}, {"id": "2", "to": _BOB}]
    assert [] == _dialed(listed, suppressed=_LISTS, allow_duplicates=True)


def test_whoever_was_called_before_the_list_came_keeps_the_call() -> None:
    known = _known("completed", to=_BOB)

    assert ["completed"] == _final(_plan([{"to": _BOB}], known, suppressed=_LISTS), known)["status"].to_list()


def test_a_doubt_stays_one_and_is_not_dialed_again_even_where_that_is_asked_for() -> None:
    known = _known("unknown", to=_BOB)
    plan = _plan([{"to": _BOB}], known, suppressed=_LISTS, retry={Retry.UNKNOWN})

    assert 0 == plan.dial.height
    assert ["unknown"] == _final(plan, known)["status"].to_list()


def test_whoever_was_on_a_list_and_is_on_none_now_is_counted() -> None:
    """The list may have been left out by mistake: whoever runs this is warned before anybody is dialed."""
    known = _known("skipped", to=_BOB, error_code="SUPPRESSED")

    assert 1 == _plan([{}, {"to": _BOB}], known).released
    assert 0 == _plan([{}, {"to": _BOB}], known, suppressed=_LISTS).released
    assert 0 == _plan([{}, {"to": _BOB}], _known("skipped", to=_BOB, error_code="DUPLICATE_NUMBER")).released


def test_a_row_that_is_not_valid_is_still_told_so() -> None:
    assert [("rejected", "INVALID_VALUE")] == _words(
        _plan([{"to": _BOB, "code": "INVALID_VALUE", "message": "…"}], suppressed=_LISTS)
    )


# Laws

_sheet_rows = st.lists(
    st.fixed_dictionaries(
        {"to": _numbers, "expires": st.sampled_from([None, None, _NOW])},
        optional={"id": st.sampled_from(["", "1", "2", "3"]), "payload.name": st.sampled_from(["Ann", "Bob"])},
    ).map(lambda row: row | ({"code": "MISSING_PHONE_NUMBER", "message": "empty"} if row["to"] is None else {})),
    max_size=7,
)
_known_keys = ["id:1", "id:2", "id:3", *(f"tel:{to}{nth}" for to in (_ANN, _BOB) for nth in ("", "#2")), "row:2"]
_histories = st.lists(
    st.builds(
        _known,
        st.sampled_from([status.value for status in Status]),
        st.sampled_from([_ANN, _BOB, _CARL]),
        st.sampled_from(_known_keys),
        fingerprint=st.sampled_from(["f0", _fingerprint({})]),
    ),
    max_size=6,
    unique_by=lambda known: known.key,
)
_policies = st.fixed_dictionaries(
    {
        "allow_duplicates": st.booleans(),
        "limit": st.none() | st.integers(0, 4),
        "retry": st.sets(st.sampled_from(Retry)),
        "suppressed": st.lists(
            st.builds(Suppressed, st.just("list.csv"), st.frozensets(st.sampled_from([_ANN, _BOB, _CARL]))), max_size=2
        ),
    }
)


@given(rows=_sheet_rows, history=_histories, policy=_policies)
def test_law_nobody_is_dialed_who_may_have_been_called(
    rows: list[dict[str, Any]], history: list[Entry], policy: dict[str, Any]
) -> None:
    plan = _plan(rows, *history, **policy)
    dialed = plan.dial.to_dicts()
    asked_for = CALL_MAY_EXIST if Retry.UNKNOWN in policy["retry"] else frozenset[Status]()
    again = {(row["key"], row["to"]) for row in dialed}

    for row in dialed:
        assert row["code"] is None
        assert row["expires"] is None
        own = [known for known in history if known.key == row["key"]]
        moved = {known.key for known in own if known.to != row["to"] and Retry.CHANGED in policy["retry"]}
        held = CALL_MAY_EXIST if row["key"] in moved else CALL_EXISTS | CALL_MAY_EXIST
        assert all(known.status not in held - asked_for for known in own)
        if not policy["allow_duplicates"]:
            others = [known for known in history if known.to == row["to"] and known.key != row["key"]]
            assert not [known for known in others if known.status in CALL_EXISTS], row
            doubts = [known for known in others if known.status in CALL_MAY_EXIST]
            in_line = {
                (other["key"], other["to"])
                for written, other in zip(rows, plan.rows.to_dicts(), strict=True)
                if not (written.get("code") or written["expires"])
            }
            assert all(asked_for and (known.key, known.to) in in_line for known in doubts), row
    assert len(dialed) == len({row["key"] for row in dialed})
    if not policy["allow_duplicates"]:
        assert len(dialed) == len({row["to"] for row in dialed})
    assert len(again) == len(dialed) <= (policy["limit"] if policy["limit"] is not None else len(rows))


@given(rows=_sheet_rows, history=_histories, policy=_policies)
def test_law_nobody_is_dialed_who_is_on_a_list(
    rows: list[dict[str, Any]], history: list[Entry], policy: dict[str, Any]
) -> None:
    listed = {to for known in policy["suppressed"] for to in known.numbers}
    plan = _plan(rows, *history, **policy)

    assert not listed & set(plan.dial["to"])
    assert all(row["to"] in listed for row in plan.rows.to_dicts() if row["error_code"] == Code.SUPPRESSED)
    without = _plan(rows, *history, **policy | {"suppressed": ()})
    if policy["limit"] is None:
        assert {to for to in without.dial["to"] if to not in listed} == set(plan.dial["to"]), "and nobody else is kept"


@given(rows=_sheet_rows, history=_histories, policy=_policies)
def test_law_every_row_has_one_line_and_no_call_is_forgotten(
    rows: list[dict[str, Any]], history: list[Entry], policy: dict[str, Any]
) -> None:
    plan = _plan(rows, *history, **policy)
    lines = _final(plan, *history)

    assert plan.rows["key"].to_list() == lines["key"].to_list()[: len(rows)]
    assert plan.rows["row"].to_list() == lines["row"].to_list()[: len(rows)]
    assert lines.height == lines["key"].n_unique()
    kinds = {(row["to"], row["key"].startswith("id:")) for row in plan.rows.rows(named=True)}
    named_otherwise = {
        known.key
        for known in history
        if known.status in JUDGED and not known.calls and (known.to, not known.key.startswith("id:")) in kinds
    }
    kept = {known.key for known in history} - named_otherwise
    assert set(lines["key"]) == {*plan.rows["key"], *kept}
    assert set(lines["status"]) <= {status.value for status in Status}
    words = {line["key"]: line for line in lines.to_dicts()}
    numbers = dict(plan.rows.select("key", "to").rows())
    for known in history:
        if known.status in CALL_EXISTS | CALL_MAY_EXIST:
            line = words[known.key]
            # A line whose ID has another number now says why that is not called, and keeps its call.
            changed = known.status in CALL_EXISTS and numbers.get(known.key, known.to) != known.to
            changed &= line["status"] == "skipped"
            assert changed or known.status.value == line["status"], "a call, or the doubt of one, is never talked away"
            assert (known.call_id, known.to) == (line["call_id"], line["to"])


@given(rows=_sheet_rows, policy=_policies)
def test_law_a_run_repeated_after_all_were_called_dials_nobody(
    rows: list[dict[str, Any]], policy: dict[str, Any]
) -> None:
    first = _plan(rows, **policy)
    called = [_known("initiated", to=row["to"], key=row["key"]) for row in first.dial.to_dicts()]
    again = _plan(rows, *called, **policy)

    assert first.waiting >= again.dial.height
    assert not set(first.dial["key"]) & set(again.dial["key"])


@given(rows=_sheet_rows, history=_histories, data=st.data())
def test_law_a_sheet_that_was_sorted_calls_nobody_again(
    rows: list[dict[str, Any]], history: list[Entry], data: st.DataObject
) -> None:
    called = [known for known in history if known.status in CALL_EXISTS]
    sorted_ = data.draw(st.permutations(rows))
    dialed = {row["to"] for row in _plan(sorted_, *called).dial.to_dicts()}

    assert not dialed & {known.to for known in called}


# Hidden rows


_NUMBERLESS: dict[str, Any] = {"to": None, "code": "INVALID_PHONE_NUMBER", "message": "Bad."}


def _with_hidden(rows: Sequence[dict[str, Any]], unseen: Sequence[bool], *known: Entry, **policy: Any) -> Plan:
    checked = _checked(*rows)
    checked = Checked(Rows(checked.rows.with_columns(pl.Series("hidden", unseen))), checked.problems, checked.mapping)
    return make_plan(checked, history(*known), Policy(**policy), Caller(AGENT), _NOW)


def test_a_hidden_row_is_skipped_whatever_is_wrong_with_it_and_stands_for_nobody() -> None:
    plan = _with_hidden([{"to": _ANN}, _NUMBERLESS, {"to": _ANN}, {"to": _BOB}], [True, True, False, False])
    hidden = ("skipped", "HIDDEN_ROW")
    assert [hidden, hidden, _OURS, _OURS] == _words(plan)
    assert [4, 5] == plan.dial["row"].to_list()


def test_hidden_rows_are_dialed_like_others_where_that_is_asked_for() -> None:
    plan = _with_hidden([{"to": _ANN}, _NUMBERLESS], [True, True], hidden=Hidden.DIAL)
    assert [_OURS, ("rejected", "INVALID_PHONE_NUMBER")] == _words(plan)
    assert [2] == plan.dial["row"].to_list()


@pytest.mark.parametrize("status", sorted(CALL_EXISTS | CALL_MAY_EXIST))
def test_a_hidden_row_keeps_its_word_where_it_may_have_been_called(status: str) -> None:
    """And it is never dialed, not even where doubts are to be dialed again."""
    plan = _with_hidden([{"to": _ANN}], [True], _known(status), retry=frozenset(Retry))
    assert plan.dial.is_empty()
    assert [_OURS] == _words(plan)


# Calls in other results files


def _elsewhere(*calls: tuple[str, str]) -> OtherCalls:
    lines = [(to, "a.results.csv", call_id) for to, call_id in calls]
    return OtherCalls(
        pl.DataFrame(lines, schema={"to": pl.String, "file": pl.String, "call_id": pl.String}, orient="row")
    )


def _plan_with(
    elsewhere: OtherCalls, *known: Entry, rows: Sequence[dict[str, Any]] = ({}, {"to": _BOB}), **policy: Any
) -> Plan:
    return make_plan(_checked(*rows), history(*known), Policy(**policy), Caller(AGENT), _NOW, elsewhere=elsewhere)


@pytest.mark.parametrize(
    ("call_id", "said"), [("call_9", "has a call to this number: call_9."), ("", "may have a call")]
)
def test_whoever_has_a_call_in_another_results_file_is_skipped_and_the_file_is_named(call_id: str, said: str) -> None:
    elsewhere = _elsewhere((_ANN, call_id))
    plan = _plan_with(elsewhere)
    assert [_SKIPPED, _OURS] == _words(plan)
    assert f"a.results.csv {said}" in plan.rows["error_message"][0]
    assert "--results" in plan.rows["error_message"][0]
    assert {"a.results.csv": 1} == count_called_elsewhere(plan.rows, elsewhere)


@pytest.mark.parametrize("status", sorted(CALL_EXISTS | CALL_MAY_EXIST))
def test_the_word_of_the_own_results_stands(status: Status) -> None:
    retries: tuple[tuple[Retry, ...], ...] = ((), (Retry.UNKNOWN,))
    for retry in retries:
        plan = _plan_with(_elsewhere((_ANN, "call_9")), _known(status), retry=retry)
        assert [_OURS, _OURS] == _words(plan)
        assert [_BOB] == plan.dial["to"].to_list()


def test_no_other_row_with_the_number_is_dialed_instead() -> None:
    plan = _plan_with(_elsewhere((_ANN, "call_9")), rows=({}, {"id": "2"}, {"id": "3"}))
    assert [_SKIPPED] * 3 == _words(plan)
    assert {"a.results.csv": 3} == count_called_elsewhere(plan.rows, _elsewhere((_ANN, "call_9")))


def test_whoever_is_dialed_all_the_same_is_counted() -> None:
    assert {"a.results.csv": 1} == count_called_elsewhere(
        _plan_with(_elsewhere()).dial.drop("error_message"), _elsewhere((_ANN, "call_9"), (_CARL, "call_8"))
    )


# Calling hours: it is noon in UTC, and night in Wellington

_ASLEEP, _AWAKE = "+6449876543", "+442071234567"


def test_who_is_outside_is_deferred_with_the_reason_and_takes_no_place_of_the_limit() -> None:
    plan = _plan([{"to": _ASLEEP}, {"to": _AWAKE}], hours=CallingHours(), limit=1)

    assert [_AWAKE] == plan.dial["to"].to_list()
    assert [("deferred", "OUTSIDE_CALLING_HOURS"), (None, None)] == _words(plan)
    assert plan.waiting == 0
    assert plan.opens
    assert 8 == plan.opens.astimezone(ZoneInfo("Pacific/Auckland")).hour


def test_who_is_called_again_keeps_the_word_on_the_call_until_the_hour_comes() -> None:
    """Else a results file would say `deferred` of a row with a call, and that is dialed by any run."""
    redial = Redial(frozenset({Status.BUSY}), after=timedelta(hours=1))
    ended = (_NOW - timedelta(hours=2)).isoformat()
    busy = _known("busy", _ASLEEP, updated_at=ended, sent_at=ended)

    plan = _plan([{"to": _ASLEEP}], busy, hours=CallingHours(), redial=redial)

    assert [(None, None)] == _words(plan)
    assert plan.dial.is_empty()
    assert (1, plan.opens) == (plan.later, plan.next_due)
    (line,) = results_lines(plan.rows, history(busy), "", testing=False).rows(named=True)
    assert ("busy", "call_1") == (line["status"], line["call_id"])


def test_a_doubt_stays_one_and_is_not_dialed_at_night() -> None:
    plan = _plan([{"to": _ASLEEP}], _known("unknown", _ASLEEP), hours=CallingHours(), retry={Retry.UNKNOWN})

    assert plan.dial.is_empty()
    assert [(None, None)] == _words(plan)


def test_what_was_said_of_an_hour_is_no_word_on_the_next_run() -> None:
    """A row that --limit leaves is left by that, whatever hour it was the last time."""
    night = _known("deferred", _AWAKE, error_code=Code.OUTSIDE_CALLING_HOURS.value, error_message="It is 03:12 there.")
    plan = _plan([{"to": "+442071234568"}, {"to": _AWAKE}], night, hours=CallingHours(), limit=1)

    line = results_lines(plan.rows, history(night), "Left by --limit.", testing=False).row(1, named=True)

    assert ("deferred", "", "Left by --limit.") == (line["status"], line["error_code"] or "", line["error_message"])
