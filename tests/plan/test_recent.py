"""Who was called lately from elsewhere, by what the API's list says."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from makers import AGENT, entry, history

from batch_dialer.model import ListedCall, Reading, Target, Via
from batch_dialer.plan.recent import OwnCalls, RecentCall, find_recent, numbers_to_look_up, own_calls, skip_recent
from batch_dialer.talkover.payload import Caller

_NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
_HOURS = timedelta(hours=12)
_ANN, _BOB, _MEX = "+14155550101", "+14155550102", "+525512345678"


def _listed(to: str = _ANN, *, ago: float | None = 1, **changes: Any) -> ListedCall:
    created = None if ago is None else _NOON - timedelta(hours=ago)
    return ListedCall(**({"id": "call_9", "to": to, "status": "completed", "created_at": created} | changes))


def _find(
    *calls: ListedCall, ahead: timedelta = timedelta(), own: OwnCalls | None = None
) -> tuple[dict[str, str], set[str]]:
    reading = Reading(calls, _NOON, ahead)
    found, unreadable = find_recent(reading, [_ANN, _BOB, _MEX], _HOURS, own or OwnCalls(frozenset()))
    return {number: call.id for number, call in found.items()}, set(unreadable)


@pytest.mark.parametrize(
    "listed",
    [
        _listed(),
        _listed(ago=12),
        _listed(ago=-1),
        _listed(ago=None),
        _listed(status="failed"),
        _listed("14155550101"),
        _listed("+1 (415) 555-0101"),
        _listed("tel:+14155550101"),
    ],
)
def test_a_call_to_the_number_of_that_time_is_found_however_it_is_written(listed: ListedCall) -> None:
    """One in the future is of a clock that is wrong, and one at no time may be a recent one."""
    assert ({_ANN: "call_9"}, set()) == _find(listed)


@pytest.mark.parametrize(
    "listed",
    [
        _listed(ago=12.01),
        _listed(outbound=False),
        _listed("+14155550103"),
        _listed("+442079460000"),
        _listed(id="call_mine"),
    ],
)
def test_an_older_one_an_inbound_one_another_s_and_our_own_are_not(listed: ListedCall) -> None:
    assert ({}, set()) == _find(listed, own=OwnCalls(frozenset({"call_mine"})))


@pytest.mark.parametrize("written", ["", "hidden", "+1 415 *** 0101", "4155550101", "+5215512345678"])
def test_what_cannot_be_told_skips_nobody_and_is_named(written: str) -> None:
    assert ({}, {"call_9"}) == _find(_listed(written))


@pytest.mark.parametrize(("ago", "found"), [(13, {_ANN: "call_9"}), (15, {})])
def test_the_time_is_by_the_servers_clock(ago: float, found: dict[str, str]) -> None:
    assert (found, set()) == _find(_listed(ago=ago), ahead=-timedelta(hours=2))


def test_of_several_calls_the_latest_is_named() -> None:
    calls = [_listed(id="old", ago=5), _listed(id="late", ago=1), _listed(id="timeless", ago=None)]
    assert ({_ANN: "late"}, set()) == _find(*calls)
    assert ({_ANN: "late"}, set()) == _find(*reversed(calls))


def test_the_calls_of_the_results_are_known_by_every_id_that_they_have() -> None:
    past = history(
        entry(call_id="call_3", earlier_calls="call_1 busy; call_2 no-answer"),
        entry(key="tel:+14155550102", to=_BOB, call_id="call_4"),
    )
    assert {"call_1", "call_2", "call_3", "call_4"} == set(own_calls(past, AGENT).ids)


def test_a_campaigns_call_has_another_id_in_the_list_so_its_number_counts() -> None:
    campaign = Target(Via.CAMPAIGN, "campaign_1")
    own = own_calls(history(entry(agent_id="campaign_1", call_id="queued_1")), campaign)
    assert {_ANN} == set(own.numbers)
    assert ({_BOB: "call_8"}, set()) == _find(_listed(), _listed(_BOB, id="call_8"), own=own)


def _rows(*numbers: tuple[str, str | None], agents: tuple[str, ...] = ()) -> pl.DataFrame:
    rows = [
        {"row": n + 2, "to": to, "known": known, "next": "dial", "status": None, "error_code": None}
        | {"error_message": None}
        | ({"agent_id": agents[n]} if agents else {})
        for n, (to, known) in enumerate(numbers)
    ]
    words = dict.fromkeys(("known", "status", "error_code", "error_message"), pl.String)
    return pl.DataFrame(rows, schema_overrides=words)


def test_each_row_is_looked_up_with_its_own_agent_and_a_doubt_is_not() -> None:
    dial = _rows((_ANN, None), (_BOB, "deferred"), (_MEX, "unknown"), (_ANN, None), agents=("", "agent_7", "", ""))
    assert {"agent_1": [_ANN], "agent_7": [_BOB]} == numbers_to_look_up(dial, Caller(AGENT))


def test_a_row_is_skipped_for_a_call_by_its_own_agent_and_the_message_names_the_call() -> None:
    rows = _rows((_ANN, None), (_ANN, None), (_ANN, "unknown"), agents=("", "agent_7", ""))
    skipped = skip_recent(rows, [RecentCall("agent_1", _ANN, _listed())], Caller(AGENT))

    assert [("RECENTLY_CALLED", "leave"), (None, "dial"), (None, "dial")] == skipped.select("error_code", "next").rows()
    assert skipped["error_message"][0] == (
        "The agent called this number at 2026-11-22 11:00 UTC, but not for these results: the call call_9. To call it"
        " anyway: --not-called-within 0."
    )
    assert rows.columns == skipped.columns


def test_a_time_that_cannot_be_read_is_said() -> None:
    skipped = skip_recent(_rows((_ANN, None)), [RecentCall("agent_1", _ANN, _listed(ago=None))], Caller(AGENT))
    assert "at a time that cannot be read" in skipped["error_message"][0]
