"""The question before real calls: asked of whoever sits at standard input, wherever the output goes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import command, run_here, through_shell
from makers import UNHURRIED, contacts, lines
from terminals import CTRL_C, CTRL_D, AtTerminal

from batch_dialer.sandbox.serve import Sandbox

_QUESTION = "Place 3 calls now? [y/N]: "


@pytest.fixture(name="api")
def _api() -> Iterator[Sandbox]:
    with Sandbox(UNHURRIED) as sandbox:
        yield sandbox


@pytest.fixture(name="asked")
def _asked(tmp_path: Path, api: Sandbox) -> tuple[object, ...]:
    """Return the arguments of a run that places 3 real calls."""
    sheet = contacts(tmp_path / "some.csv", 3)
    return ("run", sheet, "--agent", "agent_1", "--base-url", api.base_url, "--rate", "1000/s")


@pytest.mark.parametrize(
    "script",
    [
        'exec "$@" > out',
        'exec "$@" 2> err',
        'exec "$@" > out 2> err',
        'exec "$@" >&- 2>&-',
        '"$@" 2>&1 | cat',
    ],
)
def test_real_calls_are_asked_about_wherever_the_output_goes(
    tmp_path: Path, api: Sandbox, asked: tuple[object, ...], script: str
) -> None:
    with AtTerminal(through_shell(script, *asked), tmp_path) as terminal:
        terminal.wait_for(_QUESTION)
        assert [] == api.exchange.rings
        terminal.type("y\n")
        assert 0 == terminal.end()
    assert 3 == len(api.exchange.rings) == len(lines(tmp_path / "some.results.csv"))
    for file in ("out", "err"):
        assert not (tmp_path / file).exists() or _QUESTION not in (tmp_path / file).read_text()


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [
        ("\n", 2, "Cancelled. Nobody was called."),
        (CTRL_D, 2, "Cancelled. Nobody was called."),
        (CTRL_C, 130, "Interrupted. Nothing is lost"),
    ],
)
def test_no_answer_calls_nobody_and_leaves_nothing_that_keeps_the_next_run_from_calling(
    tmp_path: Path, api: Sandbox, asked: tuple[object, ...], typed: str, status: int, words: str
) -> None:
    with AtTerminal(command(*asked), tmp_path) as terminal:
        terminal.wait_for(_QUESTION)
        terminal.type(typed)
        assert status == terminal.end()
    assert words in terminal.said
    assert "Traceback" not in terminal.said
    assert [] == api.exchange.rings
    run_here(*asked, "--yes", cwd=tmp_path)
    assert 3 == len(api.exchange.rings)


def test_who_was_asked_is_asked_again_by_the_same_command(
    tmp_path: Path, api: Sandbox, asked: tuple[object, ...]
) -> None:
    for typed, status, rings in (("n\n", 2, 0), ("yes\n", 0, 3)):
        with AtTerminal(command(*asked), tmp_path) as terminal:
            terminal.wait_for(_QUESTION)
            terminal.type(typed)
            assert status == terminal.end()
        assert rings == len(api.exchange.rings)


@pytest.mark.parametrize("more", ["--yes", "--dry-run"])
def test_who_has_agreed_or_only_looks_is_not_asked(tmp_path: Path, asked: tuple[object, ...], more: str) -> None:
    with AtTerminal(command(*asked, more), tmp_path) as terminal:
        assert 0 == terminal.end()
    assert "[y/N]" not in terminal.said


def test_the_sandbox_is_not_asked_about(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "some.csv", 3)
    with AtTerminal(command("run", sheet, "--sandbox"), tmp_path) as terminal:
        assert 0 == terminal.end()
    assert "[y/N]" not in terminal.said


def test_a_sheet_from_standard_input_needs_yes_although_there_is_a_terminal(
    tmp_path: Path, api: Sandbox, asked: tuple[object, ...]
) -> None:
    with AtTerminal(through_shell('exec "$@" < some.csv', "run", "-", *asked[2:]), tmp_path) as terminal:
        assert 2 == terminal.end()
    assert "give --yes" in " ".join(terminal.said.split())
    assert [] == api.app.seen
