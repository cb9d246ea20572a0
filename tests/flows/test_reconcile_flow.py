"""Asking the API's list what became of lost answers: how often, how soon, and what is kept of it."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from makers import AGENT, SetClock, entry, job, lines, on_jumping_clock
from switchboard import Silent

from batch_dialer.entry import Entry
from batch_dialer.flows.update_results import update_results
from batch_dialer.ledger.history import to_lines
from batch_dialer.ledger.results import write_results
from batch_dialer.model import DEADLINE, Answer, Lost, Reply, Target, Via
from batch_dialer.talkover.payload import Caller
from batch_dialer.words import Status

_SENT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
_LATER = _SENT + timedelta(hours=1)


def _at(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _number(index: int) -> str:
    return f"+1415556{index:04d}"


def _doubt(index: int = 0, **changes: Any) -> Entry:
    base: dict[str, Any] = {
        "row": index + 2, "status": Status.UNKNOWN, "call_id": "", "to": _number(index), "key": f"tel:{_number(index)}",
        "sent_at": _at(_SENT), "created_at": "",
    }  # fmt: skip
    return entry(**(base | changes))


def _placed(index: int, after: timedelta = timedelta(minutes=1), **changes: Any) -> Entry:
    base: dict[str, Any] = {
        "row": index + 2, "call_id": f"call_{index}", "to": _number(index), "key": f"tel:{_number(index)}",
        "sent_at": _at(_SENT + after), "created_at": _at(_SENT + after),
    }  # fmt: skip
    return entry(**(base | changes))


class Listing:
    """The calls of an agent, newest first, a page at a time; it can be searched, and counts what it is asked."""

    def __init__(self, calls: list[tuple[str, str, datetime]], fails_at: int = 0, agent_id: str = "agent_1") -> None:
        self._calls = sorted(calls, key=lambda call: call[2], reverse=True)
        self._fails_at = fails_at
        self._agent_id = agent_id
        self.asked: list[Mapping[str, str | int]] = []

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Reply:
        self.asked.append(params or {})
        if len(self.asked) == self._fails_at:
            return Lost("no answer in time")
        if path.startswith("/campaigns/"):
            return self._answer({"data": {"agent_id": self._agent_id}})
        assert path == f"/agents/{self._agent_id}/calls"
        asked = params or {}
        sought = str(asked.get("search", ""))
        found = [call for call in self._calls if sought in call[1]]
        page, size = int(asked["page"]), int(asked["per_page"])
        items = [
            {"id": call_id, "to": to, "status": "completed", "direction": "outbound", "created_at": _at(created)}
            for call_id, to, created in found[(page - 1) * size : page * size]
        ]
        says = {"current_page": page, "last_page": max(1, -(-len(found) // size)), "total": len(found)}
        return self._answer({"data": items, "pagination": says})

    def _answer(self, document: object) -> Answer:
        return Answer(200, {}, json.dumps(document).encode())


def _listed(*entries: Entry) -> list[tuple[str, str, datetime]]:
    return [(each.call_id, each.to, datetime.fromisoformat(each.sent_at)) for each in entries]


def _reconcile(
    folder: Path, entries: list[Entry], api: Listing, now: datetime = _LATER, caller: Caller | None = None,
    quiet: timedelta = timedelta(minutes=15),
) -> tuple[list[dict[str, str]], list[str]]:  # fmt: skip
    """Reconcile a results file with *entries*; return its lines and what was said."""
    place = job(folder / "s.csv").ledger
    write_results(place.results, to_lines(entries))
    watcher = Silent()
    settle = partial(update_results, tracks=False)
    on_jumping_clock(settle, place, api, caller or Caller(AGENT), quiet, watcher, SetClock(now))
    return lines(place.results), watcher.sentences


def _statuses(known: list[dict[str, str]]) -> list[str]:
    return [line["status"] for line in known]


@pytest.mark.parametrize(
    ("after", "status"), [(DEADLINE - 1, "unknown"), (DEADLINE, "deferred")], ids=["within it", "behind it"]
)
def test_no_absence_is_believed_while_the_api_may_be_at_work_on_the_request(
    tmp_path: Path, after: float, status: str
) -> None:
    """Whatever --settle-after says: we gave the request up, and the server may still place the call."""
    control = _placed(1, timedelta(seconds=1))
    known, _ = _reconcile(
        tmp_path, [_doubt(), control], Listing(_listed(control)),
        now=_SENT + timedelta(seconds=after), quiet=timedelta(),
    )  # fmt: skip
    assert status == known[0]["status"], known[0]["error_message"]


def test_an_absence_is_seen_twice_a_minute_apart(tmp_path: Path) -> None:
    control = _placed(1)
    api = Listing(_listed(control))
    known, said = _reconcile(tmp_path, [_doubt(), control], api)

    assert ["deferred", "initiated"] == _statuses(known)
    assert 2 == len(api.asked)
    assert any("once more in 60 s" in sentence for sentence in said)


def test_a_second_reading_that_fails_takes_nothing_back_that_the_first_found(tmp_path: Path) -> None:
    control = _placed(2)
    api = Listing([("call_0", _number(0), _SENT + timedelta(seconds=1)), *_listed(control)], fails_at=2)
    known, _ = _reconcile(tmp_path, [_doubt(0), _doubt(1), control], api)

    assert [("completed", "call_0"), ("unknown", "")] == [(line["status"], line["call_id"]) for line in known[:2]]
    assert "could not be read a second time" in known[1]["error_message"]


def test_one_old_doubt_among_thousands_of_calls_is_searched_for(tmp_path: Path) -> None:
    """It is found by a search; where it is not, nothing can prove it absent but the list, which is then read."""
    others = [_placed(n, timedelta(seconds=n)) for n in range(1, 5000)]
    there = Listing([("call_0", _number(0), _SENT + timedelta(seconds=1)), *_listed(*others)])
    known, _ = _reconcile(tmp_path, [_doubt(), *others], there, now=_SENT + timedelta(days=1))

    assert ("completed", "call_0") == (known[0]["status"], known[0]["call_id"])
    assert 2 == len(there.asked), "one to see how long the list is, one to search"


def test_a_doubt_that_nothing_can_settle_costs_two_requests_at_each_run(tmp_path: Path) -> None:
    """No later call of ours can stand in the list: it need not be read whole to know that."""
    earlier = [_placed(n, timedelta(seconds=-n)) for n in range(1, 500)]
    api = Listing(_listed(*earlier))
    known, _ = _reconcile(tmp_path, [_doubt(), *earlier], api, now=_SENT + timedelta(days=1))

    assert "unknown" == known[0]["status"]
    assert 2 == len(api.asked)


def test_a_list_is_read_once_for_however_many_doubts(tmp_path: Path) -> None:
    doubts = [_doubt(n) for n in range(400)]
    control = _placed(9000)
    api = Listing([(f"call_{n}", _number(n), _SENT + timedelta(seconds=2)) for n in range(399)] + _listed(control))
    known, _ = _reconcile(tmp_path, [*doubts, control], api)

    assert 399 == sum(status == "completed" for status in _statuses(known))
    assert "deferred" == known[399]["status"]
    assert 2 * 4 == len(api.asked)


@pytest.mark.parametrize("allow_duplicates", [False, True], ids=["once only", "duplicates allowed"])
def test_a_campaigns_doubt_is_settled_by_its_409_unless_it_was_told_to_allow_duplicates(
    tmp_path: Path, *, allow_duplicates: bool
) -> None:
    """A queued call stands in no list. Dialed again, the campaign names it; told to allow duplicates, it does not."""
    caller = Caller(Target(Via.CAMPAIGN, "campaign_1"), allow_duplicates=allow_duplicates)
    doubt = _doubt(agent_id="campaign_1")
    known, _ = _reconcile(tmp_path, [doubt], Listing([]), caller=caller)

    assert ["unknown" if allow_duplicates else "deferred"] == _statuses(known)


def test_no_sentence_that_is_said_has_a_number(tmp_path: Path) -> None:
    control = _placed(1)
    _, said = _reconcile(tmp_path, [_doubt(), control], Listing(_listed(control)))
    assert said
    assert not [sentence for sentence in said if re.search(r"\+\d{7}", sentence)]
