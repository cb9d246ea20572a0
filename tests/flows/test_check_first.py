"""The check with which a run begins: what keeps it from dialing, what it only tells, and how often it asks."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from makers import AGENT, contacts, dial, job, lines, number, on_jumping_clock, write_csv
from switchboard import Act, Silent, Switchboard

from batch_dialer.clock import SystemClock
from batch_dialer.errors import BadSheet
from batch_dialer.flows.run import run
from batch_dialer.model import Answer, Lost, Reply, Target, Via
from batch_dialer.talkover.payload import Caller
from batch_dialer.words import Exit

_GOOD: dict[str, Any] = {"current_status": "published", "direction": "outbound", "is_sandbox": False}
_REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "draft": ({"current_status": "draft"}, "AGENT_INACTIVE"),
    "inbound": ({"direction": "inbound"}, ""),
    "a sandbox agent": ({"is_sandbox": True}, ""),
}


class Directory(Switchboard):
    """A switchboard that says of each agent what *known* has of it, and of any other that it is good."""

    def __init__(self, known: Mapping[str, Reply | Mapping[str, Any]] | None = None, *acts: Act) -> None:
        super().__init__(acts)
        self._known = known or {}
        self.asked: list[str] = []

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Reply:
        if path.endswith("/calls"):
            return await super().get(path, params)
        self.asked.append(path)
        known = self._known.get(path.rsplit("/", maxsplit=1)[-1], {})
        return (
            Answer(200, {}, json.dumps({"data": _GOOD | dict(known)}).encode()) if isinstance(known, Mapping) else known
        )


def _words(results: Path) -> list[tuple[str, str]]:
    return [(line["status"], line["error_code"]) for line in lines(results)]


@pytest.mark.parametrize("case", _REFUSED)
def test_through_an_agent_that_places_no_such_calls_nobody_is_called_and_everybody_waits(
    tmp_path: Path, case: str
) -> None:
    facts, code = _REFUSED[case]
    sheet, results = contacts(tmp_path / "s.csv", 3), tmp_path / "s.results.csv"
    board = Directory({AGENT.id: facts})
    tally = dial(sheet, board)

    assert [] == board.requests
    assert Exit.STOPPED_EARLY is tally.exit
    assert [("deferred", code)] * 3 == _words(results)
    assert AGENT.id in lines(results)[0]["error_message"]
    assert Exit.DONE is dial(sheet, Directory()).exit, "mended, the same command calls them"


@pytest.mark.parametrize("caller", [Caller(AGENT, testing=True), Caller(AGENT, sandbox=True)])
def test_a_sandbox_agent_is_good_for_calls_that_are_none(tmp_path: Path, caller: Caller) -> None:
    board = Directory({AGENT.id: {"is_sandbox": True}})
    assert Exit.DONE is dial(contacts(tmp_path / "s.csv", 2), board, caller=caller).exit
    assert 2 == len(board.requests)


def test_where_nobody_is_due_an_agent_in_draft_is_no_matter(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "s.csv", 2)
    dial(sheet, Directory())
    assert Exit.DONE is dial(sheet, Directory({AGENT.id: {"current_status": "draft"}})).exit


def test_a_row_in_doubt_is_settled_although_nobody_can_be_called(tmp_path: Path) -> None:
    sheet, board = contacts(tmp_path / "s.csv", 2), Directory(None, Act.LOSE_AFTER)
    dial(sheet, board, concurrency=1)
    board._known = {AGENT.id: {"current_status": "draft"}}  # noqa: SLF001  (the same calls, another directory)
    dial(sheet, board)
    assert [("initiated", ""), ("initiated", "")] == _words(tmp_path / "s.results.csv")


def test_of_several_agents_two_are_looked_at_and_one_in_draft_keeps_nobody_elses_rows(tmp_path: Path) -> None:
    agents = ["agent_a", "agent_b", "agent_b", "agent_c", "agent_c", "agent_c"]
    sheet = write_csv(tmp_path / "s.csv", [(number(n), agent) for n, agent in enumerate(agents)], ("phone", "agent_id"))
    board, watcher = Directory({"agent_b": {"current_status": "draft"}}), Silent()
    dial(sheet, board, watcher)

    assert ["/agents/agent_c", "/agents/agent_b"] == board.asked
    assert 6 == len(board.requests), "whom the API calls through which agent is its own to say"
    assert any("Agent agent_b: It is not published" in sentence for sentence in watcher.sentences)


def test_a_token_that_is_not_taken_stops_every_agent(tmp_path: Path) -> None:
    sheet = write_csv(tmp_path / "s.csv", [(number(0), "agent_a"), (number(1), "agent_b")], ("phone", "agent_id"))
    board = Directory({"agent_a": Answer(401, {}, b'{"message": "Invalid token"}')})
    tally = dial(sheet, board)
    assert [] == board.requests
    assert tally.ending is not None
    assert "The API stopped the run: INVALID_TOKEN. Invalid token" == tally.ending.reason
    assert [("deferred", "INVALID_TOKEN")] * 2 == _words(tmp_path / "s.results.csv")


@pytest.mark.parametrize("reply", [Lost("no answer in time"), Answer(500, {}, b"<html>"), Answer(200, {}, b"[]")])
def test_what_cannot_be_learned_stops_nobody_and_is_told(tmp_path: Path, reply: Reply) -> None:
    board, watcher = Directory({AGENT.id: reply}), Silent()
    assert Exit.DONE is dial(contacts(tmp_path / "s.csv", 2), board, watcher).exit
    (sentence,) = watcher.sentences
    assert "The run goes on." in sentence


def test_a_campaign_is_looked_at_with_its_agent(tmp_path: Path) -> None:
    board = Directory({"campaign_1": {"status": "active", "agent_id": "agent_9"}, "agent_9": {"direction": "inbound"}})
    tally = dial(contacts(tmp_path / "s.csv", 1), board, caller=Caller(Target(Via.CAMPAIGN, "campaign_1")))
    assert ["/campaigns/campaign_1", "/agents/agent_9"] == board.asked
    assert (Exit.STOPPED_EARLY, []) == (tally.exit, board.requests)


_ASKS = {"initial_message": "Hello {{name}}, about {{topic}}"}


def test_a_placeholder_that_no_call_fills_is_a_warning(tmp_path: Path) -> None:
    board, watcher = Directory({AGENT.id: _ASKS}), Silent()
    assert Exit.DONE is dial(contacts(tmp_path / "s.csv", 1), board, watcher).exit
    (sentence,) = watcher.sentences
    assert "{{topic}}" in sentence
    assert "{{name}}" not in sentence


def test_with_strict_it_keeps_everybody_from_being_called(tmp_path: Path) -> None:
    board = Directory({AGENT.id: _ASKS})
    with pytest.raises(BadSheet, match=r"ask for \{\{topic\}\}, and no call has such a variable"):
        on_jumping_clock(run, job(contacts(tmp_path / "s.csv", 1), strict=True), board, Silent(), SystemClock())
    assert [] == board.requests


def test_the_made_up_texts_of_the_sandbox_are_not_compared(tmp_path: Path) -> None:
    watcher = Silent()
    sheet = contacts(tmp_path / "s.csv", 1)
    dial(sheet, Directory({AGENT.id: _ASKS}), watcher, caller=Caller(AGENT, sandbox=True), strict=True)
    assert [] == watcher.sentences
