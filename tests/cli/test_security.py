"""What others may see, and what a hostile sheet, server or address may do."""

import os
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness import TOKEN, command, environment, run_here, start
from makers import contacts, lines, number, write_csv

from batch_dialer.sandbox import faults
from batch_dialer.sandbox.scripts import InTurn
from batch_dialer.sandbox.serve import Sandbox
from batch_dialer.sandbox.settings import Settings

_FAST = ("--yes", "--rate", "1000/s")


@pytest.fixture(name="api")
def _api() -> Iterator[Sandbox]:
    with Sandbox(Settings(limit=None)) as sandbox:
        yield sandbox


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com/v1",
        "https://api.example.com\\@evil.example/",
        "https://user:secret@api.example.com/v1",
        "https://api.example.com/v1?x=1",
        "https://api.example.com/v1#x",
        "https://api.ex\u00e4mple.com/v1",
        "https://api.example.com/v1\r\nX: y",
        "ftp://api.example.com/v1",
        "https://",
        "api.example.com",
        "https://[::1/v1",
        "http://127.0.0.1.evil.example/v1",
        "http://localhost.evil.example/v1",
    ],
)
def test_the_token_is_sent_to_no_address_that_is_not_plainly_one(tmp_path: Path, url: str) -> None:
    sheet = contacts(tmp_path / "some.csv", 1)
    run_here("run", sheet, "--agent", "agent_1", "--yes", "--base-url", url, cwd=tmp_path, expect=2)


@pytest.mark.parametrize("agent", ["../../admin", "..", "a/b", "a?x", "a#f", "a b", "a%2fb", "\u00e4", "a" * 65, "a\n"])
def test_an_id_is_never_a_part_of_a_path(tmp_path: Path, api: Sandbox, agent: str) -> None:
    sheet = contacts(tmp_path / "some.csv", 1)
    run_here("run", sheet, "--agent", agent, "--base-url", api.base_url, *_FAST, cwd=tmp_path, expect=2)
    assert [] == api.app.seen


def test_an_agent_in_a_cell_is_never_a_part_of_a_path_either(tmp_path: Path, api: Sandbox) -> None:
    rows = [(number(0), "../../admin"), (number(1), "agent_2")]
    sheet = write_csv(tmp_path / "some.csv", rows, ("phone", "agent_id"))
    run_here("run", sheet, "--agent", "agent_1", "--base-url", api.base_url, *_FAST, cwd=tmp_path, expect=1)
    assert ["rejected", "initiated"] == [line["status"] for line in lines(tmp_path / "some.results.csv")]
    agent = "/api/v1/agents/agent_2"
    assert [f"GET {agent}", f"GET {agent}/calls", f"POST {agent}/call"] == api.app.seen


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="only Linux has /proc")
def test_the_token_is_in_no_list_of_processes_and_no_child_inherits_it(tmp_path: Path, api: Sandbox) -> None:
    sheet = contacts(tmp_path / "some.csv", 60)
    arguments = ("run", sheet, "--agent", "agent_1", "--base-url", api.base_url, "--yes", "--rate", "20/s")
    with start(*arguments, cwd=tmp_path) as process:
        end = time.monotonic() + 20
        while not api.exchange.rings and time.monotonic() < end:
            time.sleep(0.01)
        assert TOKEN.encode() not in Path(f"/proc/{process.pid}/cmdline").read_bytes()
        process.terminate()
        process.communicate(timeout=30)


@pytest.mark.parametrize(("mode", "exit_status"), [(0o600, 0), (0o400, 0), (0o644, 2), (0o640, 2)])
def test_a_token_file_is_for_its_owner_alone(tmp_path: Path, api: Sandbox, mode: int, exit_status: int) -> None:
    sheet = contacts(tmp_path / "some.csv", 1)
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    file.chmod(mode)
    arguments = ("run", sheet, "--agent", "agent_1", "--base-url", api.base_url, *_FAST, "--token-file", file)
    run_here(*arguments, cwd=tmp_path, expect=exit_status, TALKOVER_TOKEN="")


@pytest.mark.parametrize("token", ["talq_\r\nX: y", "talq_ a b", "~", "\u0441\u0442", "talq_\x00\x01aaaa"])
def test_a_token_that_cannot_be_one_is_not_sent_and_not_shown(tmp_path: Path, api: Sandbox, token: str) -> None:
    sheet = contacts(tmp_path / "some.csv", 1)
    (tmp_path / "token").write_text(token, encoding="utf-8", newline="")
    (tmp_path / "token").chmod(0o600)
    arguments = ("run", sheet, "--agent", "agent_1", "--base-url", api.base_url, *_FAST, "--token-file", "token")
    said = run_here(*arguments, cwd=tmp_path, expect=2)
    assert token not in said.stderr
    assert [] == api.app.seen


def test_a_redirect_takes_the_token_nowhere(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "some.csv", 2)
    with Sandbox(Settings(limit=None)) as elsewhere:
        for status in (301, 302, 303, 307, 308):
            with Sandbox(Settings(limit=None), script=InTurn(faults.redirect(elsewhere.base_url, status))) as api:
                results = tmp_path / f"{status}.csv"
                arguments = ("--agent", "agent_1", "--base-url", api.base_url, *_FAST, "--concurrency", "1")
                run_here("run", sheet, *arguments, "--results", results, cwd=tmp_path, expect=4)
        assert [] == elsewhere.app.seen


_SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "each character as its number": lambda text: "".join(f"\\u{ord(char):04x}" for char in text),
    "in capitals": lambda text: "".join(f"\\u{ord(char):04X}" for char in text),
    "some characters as their numbers": lambda text: text.replace("_", "\\u005f").replace("a", "\\u0061"),
    "JSON within JSON": lambda text: text.replace("t", "\\\\u0074"),
}


@pytest.mark.parametrize(
    ("status", "exit_status", "spelling"),
    [
        *((400, 1, spelling) for spelling in _SPELLINGS),
        *((status, end, "some characters as their numbers") for status, end in ((401, 4), (429, 1), (500, 1))),
    ],
)
def test_a_server_that_quotes_the_token_brings_it_nowhere(
    tmp_path: Path, status: int, exit_status: int, spelling: str
) -> None:
    sheet = contacts(tmp_path / "some.csv", 1)
    fault = faults.quote_the_token(status, "NEW_CODE", _SPELLINGS[spelling])
    with Sandbox(Settings(limit=None), script=InTurn(fault)) as api:
        arguments = ("--agent", "agent_1", "--base-url", api.base_url, *_FAST, "--verbose", "--log-format", "json")
        said = run_here("run", sheet, *arguments, cwd=tmp_path, expect=exit_status)
    (line,) = lines(tmp_path / "some.results.csv")
    assert "You sent Bearer (token)" in line["error_message"]
    kept = said.stdout + said.stderr + "".join(file.read_text() for file in tmp_path.iterdir())
    assert TOKEN[5:] not in kept
    assert TOKEN[5:] not in kept.encode().decode("unicode_escape").replace("\\u005f", "_").replace("\\u0061", "a")


@pytest.mark.parametrize(("status", "exit_status"), [(403, 4), (429, 1)])
def test_a_phone_number_in_a_server_s_words_is_in_no_log_line(tmp_path: Path, status: int, exit_status: int) -> None:
    sheet = contacts(tmp_path / "some.csv", 1)
    error = {"error": {"code": "NEW_CODE", "message": f"No more calls to {number(0)}", "details": {"retry_after": 1}}}
    with Sandbox(Settings(limit=None), script=InTurn(faults.answer_with(status, error, placed=False))) as api:
        arguments = ("--agent", "agent_1", "--base-url", api.base_url, *_FAST)
        said = run_here("run", sheet, *arguments, cwd=tmp_path, expect=exit_status)
    assert number(0)[1:] not in said.stdout + said.stderr
    assert "No more calls to (number)" in said.stderr
    assert number(0) in lines(tmp_path / "some.results.csv")[0]["error_message"]


def test_all_files_are_private_whatever_the_umask(tmp_path: Path, api: Sandbox) -> None:
    sheet = contacts(tmp_path / "some.csv", 2)
    done = subprocess.run(
        command("run", sheet, "--agent", "agent_1", "--base-url", api.base_url, *_FAST),
        cwd=tmp_path, env=environment(), capture_output=True, check=False, umask=0,
    )  # fmt: skip
    assert 0 == done.returncode
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.glob("some.results*")}
    assert {"some.results.csv": 0o600, "some.results.csv.journal": 0o600, "some.results.csv.lock": 0o600} == modes


def test_no_link_is_followed_to_another_file(tmp_path: Path, api: Sandbox) -> None:
    sheet = contacts(tmp_path / "some.csv", 1)
    precious = tmp_path / "precious"
    precious.write_text("keep me")
    (tmp_path / "some.results.csv.lock").symlink_to(precious)
    run_here("run", sheet, "--agent", "agent_1", "--base-url", api.base_url, *_FAST, cwd=tmp_path, expect=2)
    assert "keep me" == precious.read_text()


def test_control_characters_in_cells_reach_no_terminal(tmp_path: Path, api: Sandbox) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\u202eEve"
    sheet = write_csv(tmp_path / "some.csv", [(evil, "12"), (evil, number(1))], (f"na{evil}me", "phone"))
    arguments = ("--agent", "agent_1", "--base-url", api.base_url, *_FAST, "--verbose")
    said = run_here("run", sheet, *arguments, cwd=tmp_path, expect=1)
    shown = run_here("validate", sheet, cwd=tmp_path, expect=1)
    for text in (said.stdout, said.stderr, shown.stdout, shown.stderr):
        assert "\x1b" not in text
        assert "\u202e" not in text
    assert evil in api.exchange.calls[0].order.payload.values(), "what is said is passed on as it is"


def test_nothing_is_read_from_where_the_command_is_run(tmp_path: Path, api: Sandbox) -> None:
    sheet = contacts(tmp_path / "some.csv", 1)
    (tmp_path / ".env").write_text("TALKOVER_BASE_URL=https://evil.example/v1\n")
    nowhere = "http://127.0.0.1:9"
    arguments = ("run", sheet, "--agent", "agent_1", "--base-url", api.base_url, *_FAST)
    run_here(*arguments, cwd=tmp_path, HTTPS_PROXY=nowhere, HTTP_PROXY=nowhere, ALL_PROXY=nowhere)


def test_it_works_in_the_bare_environment_of_cron(tmp_path: Path, api: Sandbox) -> None:
    contacts(tmp_path / "some.csv", 1)
    bare = {"TALKOVER_TOKEN": TOKEN, "PATH": os.environ["PATH"], "LANG": "C"}
    if "PYTHONPATH" in os.environ:
        bare["PYTHONPATH"] = os.environ["PYTHONPATH"]
    sheet = tmp_path / "some.csv"
    done = subprocess.run(
        command("run", sheet, "--agent", "agent_1", "--base-url", api.base_url, *_FAST),
        cwd="/", env=bare, stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
    assert 0 == done.returncode, done.stderr
