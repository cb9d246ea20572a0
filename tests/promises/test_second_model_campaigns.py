"""Calls through a campaign, against the second model: each is queued once, and a lost one is known by its 409."""

from pathlib import Path

import pytest
from makers import contacts, number
from second_accidents import Accident, to_number
from second_lies import Delivery, Lies
from second_runs import UNLISTED, dial, second_api

_THROUGH = ("--campaign", "campaign_1")
_LOST = Accident(to_number(number(3), 1), delivery=Delivery(cut="before"))
_LIES = {"as documented": Lies(), "in another form": Lies(campaign_in_data=True, campaign_status="scheduled")}


@pytest.mark.parametrize("lies", _LIES.values(), ids=_LIES)
def test_a_campaign_queues_each_call_once_and_names_the_one_it_has(tmp_path: Path, lies: Lies) -> None:
    """One number is queued already, and one answer is lost: its 409 names the call that was placed."""
    sheet = contacts(tmp_path / "sheet.csv", 8)
    with second_api(UNLISTED, _LOST, lies=lies) as api:
        queued = api.add_call(number(1), campaign="campaign_1", status="queued")
        known = dial(sheet, api, *_THROUGH, expect=1)
        assert ("queued", queued) == (known[number(1)]["status"], known[number(1)]["call_id"])
        assert "unknown" == known[number(3)]["status"]
        assert {lies.campaign_status} == {known[number(n)]["status"] for n in (0, 2, 4, 5, 6, 7)}

        known = dial(sheet, api, *_THROUGH, "--retry", "unknown")
        assert [ring.call_id for ring in api.rings_of(number(3))] == [known[number(3)]["call_id"]]
        assert () == api.rings_of(number(1))


def test_a_409_that_does_not_name_the_call_leaves_the_row_in_doubt(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "sheet.csv", 4)
    with second_api(UNLISTED) as api:
        api.lie(existing_place="none")
        api.add_call(number(1), campaign="campaign_1", status="queued")
        assert "unknown" == dial(sheet, api, *_THROUGH, expect=1)[number(1)]["status"]
        assert () == api.rings_of(number(1))


def test_a_call_that_is_queued_stands_in_no_list_and_is_not_queued_again(tmp_path: Path) -> None:
    """Once it is dialed, under an ID of its own, the list has it."""
    sheet = contacts(tmp_path / "sheet.csv", 8)
    with second_api(UNLISTED, _LOST) as api:
        api.lie_in_lists(dialed_id="own")
        dial(sheet, api, *_THROUGH, expect=1)
        api.set_accidents()
        dial(sheet, api, *_THROUGH, "--settle-after", "0s", expect=1, hurried=False)  # the API may still be at work
        api.dial_queued()
        dial(sheet, api, *_THROUGH, "--settle-after", "0s", expect=None, hurried=False)
