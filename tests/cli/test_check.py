"""`check` as a person meets it: what it prints, and its exit status, against the sandbox and the independent model."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import TOKEN, run_here
from makers import UNHURRIED, contacts, number, write_csv
from second_api import SecondApi
from second_calls import Agent, Campaign

from batch_dialer.sandbox.serve import Sandbox

_ROOT = Path(__file__).parents[2]
_REMINDER = ("--schema", _ROOT / "schemas" / "appointment_reminder.toml")


@pytest.fixture(name="api", scope="module")
def _api() -> Iterator[Sandbox]:
    with Sandbox(UNHURRIED) as sandbox:
        yield sandbox


def _check(folder: Path, api: Sandbox, *arguments: object, expect: int, token: str = TOKEN) -> str:
    """Return what is printed on a terminal in which no line is broken."""
    words = ("check", *arguments, "--base-url", api.base_url)
    said = run_here(*words, cwd=folder, expect=expect, COLUMNS="500", TALKOVER_TOKEN=token)
    assert [] == api.exchange.calls
    return said.stdout + said.stderr


def test_a_sheet_whose_columns_fill_the_agents_texts_is_ready(tmp_path: Path, api: Sandbox) -> None:
    sheet = _ROOT / "sample_data" / "contacts.csv"
    said = _check(tmp_path, api, sheet, *_REMINDER, "--agent", "agent_reminder", expect=0)
    assert "40 rows to look at, 40 can be dialed." in said
    assert "Ready. Nobody was called." in said
    assert [] == list(tmp_path.iterdir()), "nothing is written"


def test_without_a_sheet_the_schema_file_says_which_variables_there_are(tmp_path: Path, api: Sandbox) -> None:
    assert "Ready." in _check(tmp_path, api, *_REMINDER, "--agent", "agent_reminder", expect=0)


@pytest.mark.parametrize(
    ("arguments", "exit_status", "words"),
    [
        (("--agent", "agent_reminder"), 3, "{{practice}}"),
        (("--agent", "agent_inactive"), 4, "is not published"),
        (("--agent", "agent_inbound"), 4, "an inbound agent"),
        (("--agent", "agent_rehearsal"), 4, "a sandbox agent"),
        (("--agent", "agent_missing"), 4, "AGENT_NOT_FOUND"),
        (("--campaign", "campaign_paused"), 4, "its status is paused"),
        (("--campaign", "campaign_1"), 0, "active, time zone UTC"),
    ],
)
def test_what_does_not_fit_is_told_from_what_the_api_refuses(
    tmp_path: Path, api: Sandbox, arguments: tuple[str, ...], exit_status: int, words: str
) -> None:
    said = _check(tmp_path, api, contacts(tmp_path / "some.csv", 2), *arguments, expect=exit_status)
    assert words in said
    assert ("Not ready" in said) == bool(exit_status)


def test_a_token_that_is_not_taken_is_told_in_the_words_of_a_run(tmp_path: Path, api: Sandbox) -> None:
    said = _check(tmp_path, api, "--agent", "agent_1", expect=4, token="talq_invalid_1")  # noqa: S106  (no secret)
    assert "INVALID_TOKEN" in said
    assert "--token-file" in said


def test_who_calls_has_to_be_named_somewhere(tmp_path: Path, api: Sandbox) -> None:
    assert "No agent or campaign is given." in _check(tmp_path, api, expect=2)


def test_a_sheet_that_cannot_be_used_is_no_matter_of_the_api(tmp_path: Path, api: Sandbox) -> None:
    sheet = write_csv(tmp_path / "some.csv", [("Ann", "12")])
    assert "`batch-dialer validate`" in _check(tmp_path, api, sheet, "--agent", "agent_1", expect=3)


def test_the_independent_model_is_understood_alike(tmp_path: Path) -> None:
    sheet = write_csv(tmp_path / "some.csv", [(number(0), "Ann", "x")], ("phone", "First name", "Topic"))
    with SecondApi(token=TOKEN) as api:
        arguments = ("check", sheet, "--base-url", api.base_url)
        assert "Ready." in run_here(*arguments, "--agent", "agent_1", cwd=tmp_path).stdout
        assert "Ready." in run_here(*arguments, "--campaign", "campaign_1", cwd=tmp_path).stdout
        api.put_agent(Agent("agent_1", trainings=("Ask about {{topic}} and { store }.",)))
        assert "{ store }" in run_here(*arguments, "--agent", "agent_1", cwd=tmp_path, expect=3).stdout
        strict = ("run", sheet, "--base-url", api.base_url, "--yes", "--agent", "agent_1", "--strict")
        assert "{ store }" in run_here(*strict, cwd=tmp_path, expect=3).stderr
        api.put_agent(Agent("agent_1", is_sandbox=True))
        run_here(*strict, cwd=tmp_path, expect=4)
        api.put_campaign(Campaign("campaign_1", "agent_1", forbidden=True))
        assert "FORBIDDEN" in run_here(*arguments, "--campaign", "campaign_1", cwd=tmp_path, expect=4).stdout
        assert () == api.rings
        assert {"GET"} == {request.method for request in api.requests}
