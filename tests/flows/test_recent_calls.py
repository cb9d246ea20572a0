"""Looking up who was called lately from elsewhere: how often the API is asked, for whom, and what if it cannot tell."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from makers import AGENT, SetClock, contacts, dial, job, lines, number, write_csv
from switchboard import Act, Silent, Switchboard

from batch_dialer.flows.run import preview
from batch_dialer.ledger.ledger import Ledger
from batch_dialer.model import Answer, Lost, Reply, Target, Via
from batch_dialer.plan.planning import Policy
from batch_dialer.talkover.payload import Caller
from batch_dialer.words import Retry, Status

_NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
_HOURS = timedelta(hours=12)


def _call(name: str, to: str, ago: float = 1, **changes: Any) -> dict[str, Any]:
    created = (_NOON - timedelta(hours=ago)).isoformat()
    return {"id": name, "to": to, "status": "completed", "direction": "outbound", "created_at": created} | changes


def _strangers(count: int, ago: float = 1) -> list[dict[str, Any]]:
    return [_call(f"other_{n}", f"+1415557{n:04d}", ago) for n in range(count)]


class Office(Switchboard):
    """A switchboard beside which others place calls: *listed* by agent. *asked* are the questions about the list."""

    def __init__(self, *acts: Act, ahead: timedelta = timedelta(), **listed: list[dict[str, Any]]) -> None:
        super().__init__(acts, clock=SetClock(_NOON))
        self._ahead = ahead
        self.listed = listed
        self.unlisted: dict[str, Reply] = {}
        self.asked: list[tuple[str, str | int]] = []

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Reply:
        if path.startswith("/campaigns/"):
            self.asked.append(("campaign", 0))
            return _answer({"data": {"agent_id": "agent_1"}}, self._ahead)
        if not path.endswith("/calls"):  # what an agent is, asked before the list of its calls
            return await super().get(path, params)
        agent, asked = path.split("/")[2], params or {}
        search, page = str(asked.get("search", "")), int(asked["page"])
        self.asked.append((agent, search or page))
        if agent in self.unlisted:
            return self.unlisted[agent]
        since = str(asked["date_from"])
        own = [call for call in self.calls if agent == "agent_1"]
        found = [call for call in [*own, *self.listed.get(agent, [])] if search in call["to"]]
        found = [call for call in found if call["created_at"][:10] >= since]
        says = {"current_page": page, "last_page": max(1, -(-len(found) // 100)), "total": len(found)}
        return _answer({"data": found[(page - 1) * 100 : page * 100], "pagination": says}, self._ahead)


def _answer(document: object, ahead: timedelta) -> Answer:
    return Answer(200, {"date": format_datetime(_NOON + ahead)}, json.dumps(document).encode())


def _run(sheet: Path, office: Office, watcher: Silent | None = None, **changes: Any) -> dict[str, str]:
    """Dial *sheet* with a look at the list; return each number with its error code, or its status without one."""
    asked = {"not_called_within": _HOURS} | changes
    dial(sheet, office, watcher, clock=SetClock(_NOON), **asked)
    found = lines(sheet.with_suffix(".results.csv"))
    return {line["to"]: line["error_code"] or line["status"] for line in found}


def test_whoever_was_called_from_elsewhere_is_skipped_and_the_others_are_called(tmp_path: Path) -> None:
    office = Office(agent_1=[_call("call_9", number(1)), _call("call_8", number(2), ago=13)])
    known = _run(contacts(tmp_path / "s.csv", 3), office)

    assert {number(0): "initiated", number(1): "RECENTLY_CALLED", number(2): "initiated"} == known
    assert {number(0): 1, number(2): 1} == office.rings
    assert "call_9" in lines(tmp_path / "s.results.csv")[1]["error_message"]
    assert [("agent_1", 1)] == office.asked


@pytest.mark.parametrize(
    ("pages", "people", "requests"),
    [(1, 1, 1), (1, 5, 1), (3, 1, 1), (3, 2, 3), (3, 3, 3), (3, 40, 3), (9, 4, 5), (9, 40, 9)],
)
def test_it_takes_as_few_requests_as_there_are_pages_or_numbers(
    tmp_path: Path, pages: int, people: int, requests: int
) -> None:
    """How many pages there are is told by the first of them alone."""
    office = Office(agent_1=[*_strangers(pages * 100 - 1), _call("call_9", number(people - 1))])
    watcher = Silent()
    known = _run(contacts(tmp_path / "s.csv", people), office, watcher)

    assert "RECENTLY_CALLED" == known[number(people - 1)]
    assert (requests > 6) == any("who was called in the last 12 h: 9 requests" in said for said in watcher.sentences)
    assert people - 1 == len(office.calls)
    assert requests == len(office.asked) == len(set(office.asked))


def test_a_list_that_writes_numbers_otherwise_is_read_not_searched(tmp_path: Path) -> None:
    office = Office(agent_1=[*_strangers(499), _call("call_9", number(1).removeprefix("+"))])
    office.listed["agent_1"][0]["to"] = "14155570000"
    assert "RECENTLY_CALLED" == _run(contacts(tmp_path / "s.csv", 2), office)[number(1)]
    assert [("agent_1", page) for page in range(1, 6)] == office.asked


@pytest.mark.parametrize(
    "changes",
    [
        {"not_called_within": timedelta()},
        {"caller": Caller(AGENT, testing=True)},
        {"caller": Caller(AGENT, sandbox=True)},
    ],
    ids=["0", "tests", "sandbox"],
)
def test_where_it_is_off_and_for_rehearsals_nothing_is_asked(tmp_path: Path, changes: dict[str, Any]) -> None:
    office = Office(agent_1=[_call("call_9", number(0))])
    if "caller" in changes and changes["caller"].testing:
        changes |= {"ledger": Ledger(tmp_path / "s.results.csv", "the switchboard", testing=True)}
    assert {number(0): "initiated"} == _run(contacts(tmp_path / "s.csv", 1), office, **changes)
    assert [] == office.asked


def test_nothing_is_asked_where_nobody_is_due(tmp_path: Path) -> None:
    sheet, office = contacts(tmp_path / "s.csv", 2), Office()
    _run(sheet, office)
    office.asked.clear()
    _run(sheet, office)
    assert [] == office.asked


def test_the_calls_of_these_results_hold_nobody_back(tmp_path: Path) -> None:
    """Two rows share a number, and each is to be dialed; the first call stands in the list by then."""
    sheet = write_csv(tmp_path / "s.csv", [("a", number(0)), ("b", number(0))], ("id", "phone"))
    office = Office()
    each: dict[str, Any] = {"caller": Caller(AGENT, allow_duplicates=True)}
    _run(sheet, office, **each, policy=Policy(limit=1))
    _run(sheet, office, **each)
    assert {number(0): 2} == office.rings


def test_with_a_limit_others_take_the_places_and_are_looked_up_in_turn(tmp_path: Path) -> None:
    office = Office(agent_1=[_call(f"call_{n}", number(n)) for n in range(5)])
    known = _run(contacts(tmp_path / "s.csv", 8), office, policy=Policy(limit=2))

    assert {number(5): 1, number(6): 1} == office.rings
    assert 5 == list(known.values()).count("RECENTLY_CALLED")
    assert [("agent_1", 1)] == office.asked, "one reading tells of all"


def test_a_search_that_goes_on_for_long_becomes_a_reading(tmp_path: Path) -> None:
    office = Office(agent_1=[*_strangers(500), *(_call(f"call_{n}", number(n)) for n in range(50))])
    _run(contacts(tmp_path / "s.csv", 60), office, policy=Policy(limit=2))

    assert {number(50): 1, number(51): 1} == office.rings
    assert len(office.asked) <= 2 * 6 + 2


def test_each_row_is_asked_of_its_own_agent(tmp_path: Path) -> None:
    sheet = write_csv(
        tmp_path / "s.csv", [(number(0), "agent_7"), (number(1), "agent_8"), (number(2), "")], ("phone", "agent_id")
    )
    office = Office(agent_7=[_call("call_9", number(0)), _call("call_8", number(1))], agent_8=[])
    known = _run(sheet, office)

    assert {number(0): "RECENTLY_CALLED", number(1): "initiated", number(2): "initiated"} == known
    assert {"agent_7", "agent_8", "agent_1"} == {agent for agent, _ in office.asked}


def test_a_campaign_is_asked_of_its_agent(tmp_path: Path) -> None:
    office = Office(agent_1=[_call("call_9", number(0))])
    known = _run(contacts(tmp_path / "s.csv", 2), office, caller=Caller(Target(Via.CAMPAIGN, "campaign_1")))
    assert {number(0): "RECENTLY_CALLED", number(1): "initiated"} == known
    assert [("campaign", 0), ("campaign", 0), ("agent_1", 1)] == office.asked, "first whether it is active"


@pytest.mark.parametrize(
    ("reply", "why"),
    [(Lost("no answer in time"), "no answer in time"), (Answer(500, {}, b"{}"), "the API answered 500")],
)
def test_where_the_list_cannot_be_had_a_warning_says_so_and_the_run_goes_on(
    tmp_path: Path, reply: Reply, why: str
) -> None:
    office, watcher = Office(), Silent()
    office.unlisted = {"agent_1": reply}
    assert {number(0): "initiated", number(1): "initiated"} == _run(contacts(tmp_path / "s.csv", 2), office, watcher)
    (warning,) = [sentence for sentence in watcher.sentences if "could not all be looked up" in sentence]
    assert f"agent_1: {why}" in warning
    assert "of the last 12 h" in warning


def test_where_no_answer_comes_no_other_agents_list_is_asked_for(tmp_path: Path) -> None:
    sheet = write_csv(tmp_path / "s.csv", [(number(n), f"agent_{n + 2}") for n in range(3)], ("phone", "agent_id"))
    office = Office()
    office.unlisted = {"agent_2": Answer(404, {}, b"{}"), "agent_3": Lost("no answer in time")}
    _run(sheet, office)
    assert ["agent_2", "agent_3"] == [agent for agent, _ in office.asked]


def test_what_was_read_before_a_page_failed_counts(tmp_path: Path) -> None:
    class Torn(Office):
        async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Reply:
            reply = await super().get(path, params)
            return Answer(503, {}, b"") if params and params["page"] == 2 else reply

    office, watcher = Torn(agent_1=[_call("call_9", number(0)), *_strangers(150)]), Silent()
    assert "RECENTLY_CALLED" == _run(contacts(tmp_path / "s.csv", 3), office, watcher)[number(0)]
    assert any("page 2: the API answered 503" in sentence for sentence in watcher.sentences)
    assert [("agent_1", 1), ("agent_1", 2)] == office.asked


def test_a_call_whose_number_cannot_be_read_is_named_and_skips_nobody(tmp_path: Path) -> None:
    office, watcher = Office(agent_1=[_call("call_9", "hidden")]), Silent()
    assert {number(0): "initiated", number(1): "initiated"} == _run(contacts(tmp_path / "s.csv", 2), office, watcher)
    assert any("1 call has a number that cannot be read" in said and "call_9" in said for said in watcher.sentences)


def test_a_clock_that_is_days_ahead_hides_no_call(tmp_path: Path) -> None:
    """The list is asked for by days: by the server's, once its answer has told how far ours is ahead."""
    behind = -timedelta(days=5)
    office = Office(ahead=behind, agent_1=[_call("call_9", number(0), ago=5 * 24 + 1)])
    assert "RECENTLY_CALLED" == _run(contacts(tmp_path / "s.csv", 2), office)[number(0)]
    assert [("agent_1", 1), ("agent_1", 1)] == office.asked


def test_a_row_in_doubt_that_a_person_asks_for_is_dialed(tmp_path: Path) -> None:
    """Its own call may be the one that is listed: to say `--retry unknown` is to accept that."""
    sheet, office = contacts(tmp_path / "s.csv", 1), Office(Act.LOSE_BEFORE)
    _run(sheet, office)
    office.listed = {"agent_1": [_call("call_9", number(0), ago=2)]}
    _run(sheet, office, policy=Policy(retry=frozenset({Retry.UNKNOWN})))
    assert {number(0): 1} == office.rings


def test_a_row_that_was_skipped_so_is_judged_afresh(tmp_path: Path) -> None:
    sheet, office = contacts(tmp_path / "s.csv", 1), Office(agent_1=[_call("call_9", number(0))])
    assert {number(0): "RECENTLY_CALLED"} == _run(sheet, office) == _run(sheet, office)
    assert {number(0): Status.INITIATED.value} == _run(sheet, office, not_called_within=timedelta(minutes=30))


@pytest.mark.parametrize(("within", "said"), [(_HOURS, True), (timedelta(), False)])
def test_a_preview_says_that_nothing_was_looked_up(tmp_path: Path, within: timedelta, *, said: bool) -> None:
    watcher = Silent()
    preview(job(contacts(tmp_path / "s.csv", 1), not_called_within=within), watcher, SetClock(_NOON))
    assert said == any("A dry run does not ask the API" in sentence for sentence in watcher.sentences)
