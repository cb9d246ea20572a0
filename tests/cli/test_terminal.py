"""What a person reads in a terminal of 80 columns, and what a log keeps whole."""

import os
import pty
import re
import subprocess
from pathlib import Path

import pytest
from harness import command, environment, run_here
from makers import contacts, number, write_csv
from terminals import AtTerminal

from batch_dialer.cli import COMMANDS

_AT = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ ", flags=re.MULTILINE)


def on_terminal(*arguments: object, cwd: Path) -> list[str]:
    """Run the command with its messages on a terminal, and return their lines."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command(*arguments),
        cwd=cwd,
        env=environment(COLUMNS="80"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    said = b""
    try:
        while piece := os.read(ours, 4096):
            said += piece
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(ours)
    process.wait(timeout=60)
    return said.decode().replace("\r\n", "\n").splitlines()


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("people.csv", "--sandbox", "--testing", "--yes"), id="a refusal"),
        pytest.param(("people.csv", "--sandbox", "--dry-run"), id="a plan"),
    ],
)
def test_a_sentence_is_broken_between_words_on_a_terminal_and_whole_in_a_log(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    contacts(tmp_path / "people.csv", 3)
    run_here("run", "people.csv", "--sandbox", "--limit", "1", cwd=tmp_path, expect=6)
    logged = _AT.sub("", run_here("run", *arguments, cwd=tmp_path, expect=None).stderr).partition("Exit status")[0]
    shown = on_terminal("run", *arguments, cwd=tmp_path)
    assert any(len(line) > 80 for line in logged.splitlines())
    assert all(len(line) <= 80 for line in shown)
    assert _words(logged) == _words(" ".join(shown))


def _words(said: str) -> list[str]:
    """Return the words, but for the time of day: a minute may end between two runs."""
    return [re.sub(r"\b\d\d:\d\d\b", "hh:mm", word) for word in said.split()]


_EXPORT = (
    "Record ID", "First Name", "Last Name", "Mobile", "Email", "Company", "Job Title", "Lead Status", "Lifecycle Stage",
    "Contact Owner", "Create Date", "Last Activity Date", "City", "State/Region", "Country", "Amount due", "Currency",
    "Appointment", "Preferred language", "Original Source", "Number of Sessions", "Became a Customer Date", "Notes",
    "Marketing contact status", "Time Zone",
)  # fmt: skip
_SCHEMA = """unmapped = "ignore"
[to]
column = "Mobile"
[id]
column = "Record ID"
[payload.customer_name]
column = "First Name"
"""


@pytest.mark.parametrize("schema", [(), ("--schema", "s.toml")])
def test_an_export_of_25_columns_and_its_question_are_on_one_screen(tmp_path: Path, schema: tuple[str, ...]) -> None:
    """Of 80 by 24: what decides about a call, an account of every row, and the question, with room for the command."""
    (tmp_path / "s.toml").write_text(_SCHEMA)
    numbers = ["12", *(number(n) for n in range(99)), number(0), number(1)]
    rows = [(n, "Ann", "Lee", phone, *["some text"] * 21) for n, phone in enumerate(numbers)]
    write_csv(tmp_path / "export.csv", rows, _EXPORT)
    contacts(tmp_path / "stop.csv", 1)
    arguments = ("run", "export.csv", *schema, "--agent", "agent_1", "--limit", "95", "--suppress", "stop.csv")
    # So many of one zone that the first and the last phone ring in different minutes, which takes more words.
    with AtTerminal(command(*arguments, "--base-url", "http://127.0.0.1:9"), tmp_path) as terminal:
        terminal.wait_for("[y/N]: ")
        terminal.type("n\n")
        assert 2 == terminal.end()
    shown = terminal.said[: terminal.said.index("[y/N]: ")].splitlines()
    assert len(shown) <= 20
    assert max(map(len, shown)) <= 80
    said = "\n".join(shown)
    assert 'column "Mobile"' in said
    account = dict(re.findall(r"^  (\w[\w ]+?)  +(\d+)(?:  |$)", said, flags=re.MULTILINE))
    expected = {"to call now": 95, "left for later": 3, "not valid": 1, "not to be called": 2, "same number": 1}
    assert expected == {word: int(count) for word, count in account.items()}
    assert len(rows) == sum(expected.values())


@pytest.mark.parametrize("header", ["Name", "Name of the practice's doctor"])
def test_the_table_of_faults_fits(tmp_path: Path, header: str) -> None:
    sheet = write_csv(tmp_path / "people.csv", [("#N/A", "12")] * 1500, header=(header, "Phone"))
    said = run_here("validate", sheet, cwd=tmp_path, expect=None, COLUMNS="80").stdout
    assert 4 == said.count("1,500 "), "in the sentence above, and for each fault"
    assert [] == [line for line in said.splitlines() if len(line) > 80]


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_help_fits(tmp_path: Path, name: str) -> None:
    said = run_here(name, "--help", cwd=tmp_path, COLUMNS="80").stdout
    assert [] == [line for line in said.splitlines() if len(line) > 80]


def test_each_line_of_a_log_has_the_date_and_time_and_none_on_a_terminal(tmp_path: Path) -> None:
    contacts(tmp_path / "people.csv", 3)
    arguments = ("run", "people.csv", "--sandbox", "--verbose")
    shown = on_terminal(*arguments, "--results", "one.csv", cwd=tmp_path)
    done = run_here(*arguments, "--results", "two.csv", cwd=tmp_path)
    assert [] == [line for line in shown if _AT.match(line)]
    assert [] == [line for line in done.stderr.splitlines() if not _AT.match(line)]
    assert not _AT.search(done.stdout)


def test_a_character_that_the_terminal_cannot_show_is_an_escape(tmp_path: Path) -> None:
    """Never nothing, and never another encoding than the terminal's."""
    write_csv(tmp_path / "people.csv", [("Łukasz", number(0))], header=("Imię", "Phone"))
    for encoding, shown in ("ascii", "Imi\\u0119"), ("iso-8859-2", "Imi\ufffd"), ("utf-8", "Imię"):
        with AtTerminal(command("schema", "new", "people.csv"), tmp_path, PYTHONIOENCODING=encoding) as terminal:
            assert 0 == terminal.end()
        assert f'column = "{shown}"' in terminal.said


@pytest.mark.parametrize(
    ("arguments", "status", "last"),
    [
        ((), 1, "Exit status 1: 3 placed, 1 rejected."),
        (("--limit", "2"), 6, "Exit status 6: 2 placed, 1 rejected, 1 left."),
        (("--strict",), 3, "Exit status 3: the sheet cannot be used, or `--strict` and it has bad rows; nothing was"),
        (("--agent", ""), 2, "Exit status 2: usage, configuration or missing token; nothing was dialed."),
        (("--nonsense",), 2, "Exit status 2: usage, configuration or missing token; nothing was dialed."),
    ],
)
def test_the_last_line_of_a_log_has_the_date_the_exit_status_and_the_counts(
    tmp_path: Path, arguments: tuple[str, ...], status: int, last: str
) -> None:
    write_csv(tmp_path / "people.csv", [*((f"Person {n}", number(n)) for n in range(3)), ("Nil", "12")])
    line = run_here("run", "people.csv", "--sandbox", *arguments, cwd=tmp_path, expect=status).stderr.splitlines()[-1]
    assert _AT.match(line)
    assert _AT.sub("", line).startswith(last)


def test_where_both_streams_go_to_one_file_the_exit_status_is_behind_the_summary(tmp_path: Path) -> None:
    contacts(tmp_path / "people.csv", 1)
    log = tmp_path / "log"
    with log.open("w") as file:
        subprocess.run(
            command("run", "people.csv", "--sandbox"), cwd=tmp_path, env=environment(), check=True,
            stdin=subprocess.DEVNULL, stdout=file, stderr=file,
        )  # fmt: skip
    assert "Exit status 0: 1 placed." == _AT.sub("", log.read_text().splitlines()[-1])


def test_a_terminal_shows_no_exit_status(tmp_path: Path) -> None:
    """There, a person sees how it ended."""
    contacts(tmp_path / "people.csv", 1)
    for more in ((), ("--agent", "")):
        shown = on_terminal("run", "people.csv", "--sandbox", *more, cwd=tmp_path)
        assert not any("Exit status" in line for line in shown)
