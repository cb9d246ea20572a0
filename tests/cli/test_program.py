"""The program itself: its list of commands, and what it says of a word that it does not know."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from harness import environment, run_here

from batch_dialer.cli import COMMANDS


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("validat", "a.csv"), "No such command 'validat'. Did you mean 'validate'?\nSee `batch-dialer --help`."),
        (
            ("schema", "chek", "a.toml"),
            "No such command 'chek'. Did you mean 'check'?\nSee `batch-dialer schema --help`.",
        ),
        (
            ("run", "a.csv", "--concurency"),
            "No such option '--concurency'. Did you mean '--concurrency'?\nSee `batch-dialer run --help`.",
        ),
        (("dance",), "No such command 'dance'.\nSee `batch-dialer --help`."),
    ],
)
def test_a_mistyped_word_is_answered_with_the_one_that_was_meant(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    *said, last = run_here(*arguments, cwd=tmp_path, expect=2).stderr.splitlines()
    assert words.splitlines() == [re.sub(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ ", "", line, count=1) for line in said]
    assert all(re.match(r"\d{4}-", line) for line in said), "a log tells when"
    assert last.endswith("Z Exit status 2: usage, configuration or missing token; nothing was dialed.")


@pytest.mark.parametrize("asked", [("--log-format", "json"), ("--log-format=json",)])
@pytest.mark.parametrize(
    ("arguments", "exit_status", "words"),
    [
        (("run", "gone.csv", "--agent", "a", "--yes"), 3, "gone.csv"),
        (("run", "a.csv", "--concurency"), 2, "Did you mean"),
        (("run", "empty.csv", "--agent", "a", "--yes"), 3, "empty.csv"),
    ],
)
def test_a_log_for_a_program_tells_in_an_object_why_a_command_was_refused(
    tmp_path: Path, arguments: tuple[str, ...], exit_status: int, words: str, asked: tuple[str, ...]
) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    [line] = run_here(*arguments, *asked, cwd=tmp_path, expect=exit_status).stderr.splitlines()
    told = json.loads(line)
    assert ("error", exit_status) == (told["event"], told["exit"])
    assert words in told["message"]


def test_the_help_lists_every_command_with_its_whole_sentence(tmp_path: Path) -> None:
    shown = run_here("--help", cwd=tmp_path, COLUMNS="80").stdout
    listed = [line.split(maxsplit=1) for line in shown.split("Commands:\n")[1].splitlines()]
    assert [[name, sentence] for name, sentence in COMMANDS.items()] == listed


@pytest.mark.parametrize(
    ("arguments", "loaded"),
    [(["--help"], set()), (["--version"], set()), (["validat"], set()), (["sandbox", "--help"], {"sandbox"})],
)
def test_only_the_command_that_is_used_is_imported(arguments: list[str], loaded: set[str]) -> None:
    check = (
        f"import sys; from batch_dialer import cli; sys.argv[1:] = {arguments!r}; cli._main(); "
        "print(*sys.modules, sep='\\n', file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", check], env=environment(), capture_output=True, text=True, check=False)
    assert loaded == {name for name in COMMANDS if f"batch_dialer.commands.{name}" in done.stderr.splitlines()}
