"""A list of calls that lies: what it says is never taken for a proof that no call was placed.

Ten minutes ago an answer was lost; the call was placed. The next run would dial the number if it believed that the list
shows no call to it.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from makers import number, write_csv
from second_accidents import Accident, Predicate, Refusal, Reply, html, nth_list, to_number
from second_doubt import LOST, PEOPLE, Doubt, doubt
from second_lies import Delivery
from second_runs import UNLISTED, dial, second_api


@pytest.fixture(scope="module", name="past")
def _past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doubt]:
    with doubt(tmp_path_factory.mktemp("doubt")) as past:
        yield past


def _check_not_redialed(past: Doubt, sheet: Path) -> None:
    """`check` has seen that nobody was rung twice; the row is found, or it stays in doubt."""
    line = past.dial(sheet)[LOST]
    assert 1 == len(past.api.rings_of(LOST))
    if line["status"] != "unknown":
        assert past.lost_id == line["call_id"]


def test_a_call_that_a_truthful_list_has_is_found(tmp_path: Path, past: Doubt) -> None:
    sheet = past.restore(tmp_path)
    assert past.lost_id == past.dial(sheet)[LOST]["call_id"]


def test_a_call_that_a_truthful_list_has_not_is_dialed(tmp_path: Path, past: Doubt) -> None:
    """Else nothing below would be proven: there, too, the run would dial if it believed the list."""
    sheet = past.restore(tmp_path)
    past.api.set_calls(tuple(call for call in past.api.calls() if call.to != LOST))
    assert "initiated" == past.dial(sheet, settle_after="1s")[LOST]["status"]
    assert 1 == len(past.api.rings_of(LOST))


_NUMBER_FORMATS = ("double_zero", "national", "masked_tail", "masked_head", "null")
_LISTS: dict[str, Mapping[str, object]] = {
    **{f"the number as {how}": {"number_formats": {LOST: how}} for how in _NUMBER_FORMATS},
    "all numbers as national": {"number_format": "national"},
    **{f"times as {how}": {"time_format": how} for how in ("absent", "unreadable")},
    "every page is the first": {"per_page_cap": 3, "page_stuck": True},
    "only one page is told of": {"per_page_cap": 3, "last_page_says": 1},
    "a total that is too high": {"total_says": 99},
    "pages that leave the call out": {"per_page_cap": 5, "page_shift": -1},
    "an hour behind": {"lag": 3600.0},
    "dates of another zone": {"date_zone_hours": 13.0},
    "items under another key": {"items_key": "calls"},
}


@pytest.mark.parametrize("lies", _LISTS.values(), ids=_LISTS)
def test_a_list_that_lies_has_nobody_dialed_again(tmp_path: Path, past: Doubt, lies: Mapping[str, object]) -> None:
    sheet = past.restore(tmp_path)
    past.api.lie_in_lists(**lies)
    _check_not_redialed(past, sheet)


def test_local_times_without_a_zone_have_nobody_dialed_again(tmp_path: Path, past: Doubt) -> None:
    sheet = past.restore(tmp_path)
    past.api.lie(zone_hours=-8.0)
    past.api.lie_in_lists(time_format="naive")
    _check_not_redialed(past, sheet)


_BROKEN_LISTS: dict[str, tuple[Predicate, Reply]] = {
    "the first page is a 500": (nth_list(1), Refusal("SERVER_ERROR")),
    "429 in HTML": (UNLISTED.when, html(429)),
}


@pytest.mark.parametrize(("when", "reply"), _BROKEN_LISTS.values(), ids=_BROKEN_LISTS)
def test_a_list_that_cannot_be_had_has_nobody_dialed_again(
    tmp_path: Path, past: Doubt, when: Predicate, reply: Reply
) -> None:
    sheet = past.restore(tmp_path)
    past.api.set_accidents(Accident(when, reply, place=False))
    _check_not_redialed(past, sheet)


_CLOCKS = {
    "behind then, right now": (-20, PEOPLE, 0),
    "behind then and now": (-20, PEOPLE, -20),
    "behind until the call after the lost one": (-20, 4, 0),
    "ahead until the call after the lost one": (20, 4, 0),
    "a day behind until the call after the lost one": (-1440, 4, 0),
}


@pytest.mark.parametrize(("then", "until", "now"), _CLOCKS.values(), ids=_CLOCKS)
def test_a_clock_that_is_wrong_has_nobody_dialed_again(
    tmp_path: Path, past: Doubt, then: int, until: int, now: int
) -> None:
    """In minutes, of the server's clock before ours."""
    sheet = past.restore(tmp_path, timedelta(minutes=then), timedelta(minutes=now), until)
    _check_not_redialed(past, sheet)


def test_a_call_of_somebody_else_to_the_number_is_not_taken_for_ours(tmp_path: Path, past: Doubt) -> None:
    sheet = past.restore(tmp_path)
    ours = next(call for call in past.api.calls() if call.to == LOST)
    past.api.add_call(LOST, created_at=ours.created_at + timedelta(seconds=5))
    _check_not_redialed(past, sheet)


def test_a_delayed_call_that_is_not_listed_yet_has_nobody_dialed_again(tmp_path: Path) -> None:
    sheet = write_csv(
        tmp_path / "sheet.csv",
        ((number(n), 600 if number(n) == LOST else 0) for n in range(PEOPLE)),
        ("to", "delay_seconds"),
    )
    lost = Accident(to_number(LOST), delivery=Delivery(cut="before"))
    with second_api(UNLISTED, lost) as api:
        dial(sheet, api, expect=1)
        api.set_accidents()
        api.lie_in_lists(delayed_hidden=True)
        assert "unknown" == dial(sheet, api, "--settle-after", "0s", expect=1)[LOST]["status"]
