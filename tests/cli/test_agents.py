"""Who calls: a sheet whose rows name their agents, and what one agent does to the rows of the others."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import run_here
from makers import UNHURRIED, lines, number, write_csv

from batch_dialer.sandbox.serve import Sandbox

_HEADER = ("phone", "agent_id")
_FAST = ("--rate", "1000/s", "--yes")


@pytest.fixture(name="api")
def _api() -> Iterator[Sandbox]:
    with Sandbox(UNHURRIED) as sandbox:
        yield sandbox


def _sheet(folder: Path, *agents: str) -> Path:
    return write_csv(folder / "some.csv", [(number(n), agent) for n, agent in enumerate(agents)], _HEADER)


def _statuses(folder: Path) -> list[tuple[str, str, str]]:
    found = lines(folder / "some.results.csv")
    return [(line["status"], line["error_code"], line["agent_id"]) for line in found]


@pytest.mark.parametrize("more", [_FAST, ("--dry-run",)])
def test_a_column_of_agents_never_goes_around_a_campaign(tmp_path: Path, api: Sandbox, more: tuple[str, ...]) -> None:
    said = run_here(
        "run", _sheet(tmp_path, "", "agent_7"), "--campaign", "campaign_1", "--base-url", api.base_url, *more,
        cwd=tmp_path, expect=2,
    ).stderr  # fmt: skip

    assert 'a column of agents, "agent_id"' in said
    assert "campaign campaign_1" in said
    assert "Delete the column, or call through agents" in said
    assert [] == api.app.seen


def test_every_row_with_an_agent_of_its_own_needs_no_other(tmp_path: Path, api: Sandbox) -> None:
    sheet = write_csv(
        tmp_path / "some.csv",
        [(number(0), "agent_7"), ("12", ""), (number(1), "agent_9"), (number(2), "agent_7")],
        _HEADER,
    )
    said = run_here("run", sheet, "--base-url", api.base_url, *_FAST, cwd=tmp_path, expect=1).stderr

    assert "3 calls to place through 2 agents, agent_7 (2), agent_9 (1)," in said
    assert ["agent_7", "agent_9", "agent_7"] == [call.order.agent_id for call in api.exchange.calls]
    assert ("rejected", "INVALID_PHONE_NUMBER", "") == _statuses(tmp_path)[1]


def test_the_plan_names_the_one_agent_that_calls_not_the_one_that_would_have(tmp_path: Path, api: Sandbox) -> None:
    sheet = _sheet(tmp_path, "agent_7", "agent_7")
    said = run_here("run", sheet, "--agent", "agent_1", "--base-url", api.base_url, *_FAST, cwd=tmp_path).stderr

    assert "2 calls to place through agent agent_7," in said


@pytest.mark.parametrize(
    ("agents", "said"),
    [
        (("agent_7", "", "agent_9", ""), '2 rows have no agent in the column "agent_id"; the first is row 3'),
        (("agent_7", ""), '1 row has no agent in the column "agent_id"; the first is row 3'),
    ],
)
def test_a_row_without_anybody_to_call_it_is_named_before_anybody_is_called(
    tmp_path: Path, api: Sandbox, agents: tuple[str, ...], said: str
) -> None:
    refused = run_here("run", _sheet(tmp_path, *agents), "--base-url", api.base_url, *_FAST, cwd=tmp_path, expect=2)

    assert said in refused.stderr
    assert "give --agent ID for the rows that have none" in refused.stderr
    assert [] == api.app.seen
    assert ["some.csv"] == [path.name for path in tmp_path.iterdir()]


@pytest.mark.parametrize("bad", ["../admin", "agent 7", "#N/A", "a" * 65])
def test_what_is_no_id_rejects_its_row_alone(tmp_path: Path, api: Sandbox, bad: str) -> None:
    sheet = _sheet(tmp_path, "agent_7", bad, "")
    run_here("run", sheet, "--agent", "agent_1", "--base-url", api.base_url, *_FAST, cwd=tmp_path, expect=1)

    assert [
        ("initiated", "", "agent_7"), ("rejected", "INVALID_VALUE", ""), ("initiated", "", "agent_1"),
    ] == _statuses(tmp_path)  # fmt: skip


def test_an_agent_that_the_api_does_not_know_holds_back_its_own_rows_alone(tmp_path: Path, api: Sandbox) -> None:
    sheet = _sheet(tmp_path, "agent_7", "agent_missing", "agent_7", "agent_missing", "agent_missing", "")
    command = ("run", sheet, "--agent", "agent_1", "--base-url", api.base_url, *_FAST, "--concurrency", "1")
    stopped = run_here(*command, cwd=tmp_path, expect=4).stderr

    waiting = ("deferred", "AGENT_NOT_FOUND")
    assert ["agent_7", "agent_7", "agent_1"] == [call.order.agent_id for call in api.exchange.calls]
    assert [waiting] * 3 == [word[:2] for word in _statuses(tmp_path) if word[0] != "initiated"]
    assert "The API places no calls through agent agent_missing: AGENT_NOT_FOUND. Voice agent not found." in stopped
    assert "Check the agent's ID" in stopped
    assert 4 == len([request for request in api.app.seen if request.startswith("POST")]), "it is asked once"

    _sheet(tmp_path, "agent_7", "agent_8", "agent_7", "agent_8", "agent_8", "")
    run_here(*command, cwd=tmp_path)
    assert 6 == len(set(api.exchange.rings)) == len(api.exchange.rings)


def test_several_agents_that_are_held_back_are_named_with_the_reason(tmp_path: Path, api: Sandbox) -> None:
    sheet = _sheet(tmp_path, "agent_missing", "agent_inactive", "agent_7", "agent_missing")
    command = ("run", sheet, "--base-url", api.base_url, *_FAST, "--limit", "3")
    said = run_here(*command, cwd=tmp_path, expect=4).stderr

    assert "through 2 agents: agent_missing (AGENT_NOT_FOUND), agent_inactive (AGENT_INACTIVE)." in said
    assert "Check the IDs of these agents, and publish those that are not active" in said
    assert "Rows left by --limit: 1." in said
    assert "Rows left by --limit: 1." == lines(tmp_path / "some.results.csv")[3]["error_message"]


@pytest.mark.parametrize("rows", [1, 3])
def test_where_the_only_agent_is_unknown_the_run_stops(tmp_path: Path, api: Sandbox, rows: int) -> None:
    sheet = _sheet(tmp_path, *["agent_missing"] * rows)
    said = run_here(
        "run", sheet, "--base-url", api.base_url, *_FAST, "--concurrency", "1", cwd=tmp_path, expect=4
    ).stderr

    assert "The API stopped the run: AGENT_NOT_FOUND. Voice agent not found" in said
    assert ["GET /api/v1/agents/agent_missing"] == api.app.seen, "it is not dialed through"
    assert {("deferred", "AGENT_NOT_FOUND")} == {word[:2] for word in _statuses(tmp_path)}


def test_what_is_about_the_account_stops_every_agent(tmp_path: Path, api: Sandbox) -> None:
    """The sandbox refuses this number for lack of credits."""
    sheet = write_csv(
        tmp_path / "some.csv",
        [(number(0), "agent_missing"), ("+14155550194", "agent_7"), (number(1), "agent_9")],
        _HEADER,
    )
    command = ("run", sheet, "--base-url", api.base_url, *_FAST, "--concurrency", "1")
    said = run_here(*command, cwd=tmp_path, expect=4).stderr

    assert "INSUFFICIENT_CREDITS" in said
    assert "agent_missing" in said
    assert ["deferred"] * 3 == [status for status, _, _ in _statuses(tmp_path)]
    assert not api.exchange.calls
