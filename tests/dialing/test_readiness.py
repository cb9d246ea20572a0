"""What is concluded from each answer about an agent or a campaign, the documented ones and all others."""

import json
from typing import Any

import anyio
import pytest

from batch_dialer.dialing.readiness import Finding, Level
from batch_dialer.flows.check import check_targets
from batch_dialer.model import Answer, Lost, Reply, Target, Unsent, Via
from batch_dialer.plan.placeholders import Variables

_AGENT, _CAMPAIGN = Target(Via.AGENT, "agent_1"), Target(Via.CAMPAIGN, "campaign_1")
_GOOD = {"name": "Reminder", "current_status": "published", "direction": "outbound", "is_sandbox": False}
_ACTIVE = {"name": "Spring", "status": "active", "agent_id": "agent_9", "timezone": "Europe/Berlin"}


class Desk:
    """Answers questions about an agent and a campaign, and keeps what it was asked."""

    def __init__(self, agent: Reply, campaign: Reply | None = None) -> None:
        self._agent, self._campaign = agent, campaign
        self.asked: list[str] = []

    async def get(self, path: str, params: object = None) -> Reply:
        assert params is None
        self.asked.append(path)
        return self._campaign if path.startswith("/campaigns/") and self._campaign else self._agent


def _says(data: object, **headers: str) -> Answer:
    return Answer(200, headers, json.dumps({"success": True, "data": data}).encode())


def _no(status: int, body: object) -> Answer:
    return Answer(status, {}, json.dumps(body).encode())


def _found(desk: Desk, target: Target = _AGENT, *, real: bool = True, names: tuple[str, ...] = ()) -> list[Finding]:
    async def ask() -> list[Finding]:
        return await check_targets([target], desk, Variables(names), real=real)

    return anyio.run(ask)


def _worst(found: list[Finding]) -> tuple[Level, bool]:
    """Return the worst level, and whether a run would not begin."""
    order = list(Level)
    return max((finding.level for finding in found), key=order.index), any(finding.halt for finding in found)


_AGENTS: dict[str, tuple[Reply, Level, bool]] = {
    "good": (_says(_GOOD), Level.OK, False),
    "draft": (_says(_GOOD | {"current_status": "draft"}), Level.REFUSED, True),
    "inbound": (_says(_GOOD | {"direction": "inbound"}), Level.REFUSED, True),
    "a sandbox agent": (_says(_GOOD | {"is_sandbox": True}), Level.REFUSED, True),
    "unknown to the API": (_no(404, {"success": False, "message": "Voice agent not found"}), Level.REFUSED, True),
    "unknown, with its code": (_no(404, {"error": {"code": "AGENT_NOT_FOUND", "message": "no"}}), Level.REFUSED, True),
    "a bad token": (_no(401, {"success": False, "message": "Invalid token"}), Level.REFUSED, True),
    "a bad token, as a page": (Answer(401, {}, b"<html>"), Level.REFUSED, True),
    "no credits": (_no(402, {"error": {"code": "INSUFFICIENT_CREDITS", "message": "no"}}), Level.REFUSED, True),
    "nobody there": (Unsent("no connection"), Level.REFUSED, False),
    "no answer": (Lost("no answer in time", timed_out=True), Level.REFUSED, False),
    "another site": (Answer(404, {}, b"<html>not here</html>"), Level.REFUSED, False),
    "a redirect": (Answer(302, {}, b""), Level.REFUSED, False),
    "no such endpoint, with a code": (_no(404, {"code": "ROUTE_NOT_FOUND", "message": "no"}), Level.WARNING, False),
    "may not look": (_no(403, {"success": False, "message": "no"}), Level.WARNING, False),
    "too fast": (_no(429, {"error": {"code": "RATE_LIMIT_EXCEEDED", "message": "no"}}), Level.WARNING, False),
    "an error": (Answer(500, {}, b"<html>oops</html>"), Level.WARNING, False),
    "a page": (Answer(200, {}, b"<html>welcome</html>"), Level.WARNING, False),
    "a torn answer": (Answer(200, {}, _says(_GOOD).body[:30], whole=False), Level.WARNING, False),
    "a torn 401": (Answer(401, {}, b'{"err', whole=False), Level.WARNING, False),
    "a list": (_says([_GOOD]), Level.WARNING, False),
    "nothing": (_says(None), Level.WARNING, False),
    "another status": (_says(_GOOD | {"current_status": "archived"}), Level.WARNING, False),
    "no status": (_says(_GOOD | {"current_status": None}), Level.WARNING, False),
    "another direction": (_says(_GOOD | {"direction": ["outbound"]}), Level.WARNING, False),
    "texts of another form": (_says(_GOOD | {"initial_message": 3, "trainings": "{{a}}"}), Level.OK, False),
    "trainings of another form": (_says(_GOOD | {"trainings": [None, {"instructions": None}, 1]}), Level.OK, False),
    "sandbox as a text": (_says(_GOOD | {"is_sandbox": "yes"}), Level.WARNING, False),
}


@pytest.mark.parametrize("case", _AGENTS)
def test_what_an_answer_about_an_agent_means(case: str) -> None:
    reply, level, halts = _AGENTS[case]
    assert (level, halts) == _worst(_found(Desk(reply)))


_CAMPAIGNS: dict[str, tuple[Reply, Reply, Level, bool]] = {
    "good": (_says(_ACTIVE), _says(_GOOD), Level.OK, False),
    **{
        status: (_says(_ACTIVE | {"status": status}), _says(_GOOD), Level.REFUSED, True)
        for status in ("draft", "paused", "completed", "cancelled")
    },
    "another status": (_says(_ACTIVE | {"status": "warming up"}), _says(_GOOD), Level.WARNING, False),
    "no agent": (_says(_ACTIVE | {"agent_id": None}), _says(_GOOD), Level.WARNING, False),
    "a list": (_says([_ACTIVE]), _says(_GOOD), Level.WARNING, False),
    "unknown to the API": (_no(404, {"message": "Campaign not found"}), _says(_GOOD), Level.REFUSED, True),
    "another account's": (_no(403, {"message": "no access"}), _says(_GOOD), Level.REFUSED, True),
    "an agent in draft": (_says(_ACTIVE), _says(_GOOD | {"current_status": "draft"}), Level.REFUSED, True),
    "an agent that may not be seen": (_says(_ACTIVE), _no(404, {"message": "no"}), Level.WARNING, False),
}


@pytest.mark.parametrize("case", _CAMPAIGNS)
def test_what_an_answer_about_a_campaign_means_in_two_requests(case: str) -> None:
    campaign, agent, level, halts = _CAMPAIGNS[case]
    desk = Desk(agent, campaign)
    assert (level, halts) == _worst(_found(desk, _CAMPAIGN))
    assert desk.asked in (["/campaigns/campaign_1"], ["/campaigns/campaign_1", "/agents/agent_9"])


def test_a_sandbox_agent_is_good_for_test_calls() -> None:
    assert (Level.OK, False) == _worst(_found(Desk(_says(_GOOD | {"is_sandbox": True})), real=False))


def _about(found: list[Finding], about: str) -> list[Finding]:
    return [finding for finding in found if finding.about == about]


def test_the_limit_in_force_and_the_campaigns_zone_are_told() -> None:
    limit = {"x-ratelimit-limit": "1000", "x-ratelimit-remaining": "998"}
    found = _found(Desk(_says(_GOOD), _says(_ACTIVE, **limit)), _CAMPAIGN)
    assert ["1,000 requests a minute, 998 of them left now."] == [each.said for each in _about(found, "rate limit")]
    assert "Europe/Berlin" in _about(found, "campaign campaign_1")[0].said


_TEXTS: dict[str, Any] = {"initial_message": "Hello {{name}}", "trainings": [{"instructions": "Ask about { topic }."}]}


@pytest.mark.parametrize(
    ("names", "missing", "level"),
    [
        (("name", "topic"), (), Level.OK),
        (("name", "topic", "spare"), (), Level.NOTE),
        (("name",), ("{ topic }",), Level.UNFIT),
        ((), ("{{name}}", "{ topic }"), Level.UNFIT),
    ],
)
def test_placeholders_of_all_texts_are_compared(names: tuple[str, ...], missing: tuple[str, ...], level: Level) -> None:
    found = _found(Desk(_says(_GOOD | _TEXTS)), names=names)
    assert (level, False) == _worst(found)
    (finding,) = _about(found, "placeholders")
    assert all((text in finding.said) for text in missing)
    assert [] == [f for f in found if f.halt]


def test_an_agent_is_named_in_a_path_as_data() -> None:
    desk = Desk(_says(_GOOD))
    _found(desk, Target(Via.AGENT, "../x?y"))
    assert ["/agents/..%2Fx%3Fy"] == desk.asked
