"""`run --pilot N` as a person and a script meet it."""

from pathlib import Path

import pytest
from harness import command, run_here
from makers import contacts, lines
from terminals import CTRL_C, AtTerminal

_QUESTION = "Place the other 8 calls now? [y/N]: "


def _asked(tmp_path: Path) -> tuple[object, ...]:
    sheet = contacts(tmp_path / "some.csv", 12)
    return ("run", sheet, "--sandbox", "--speed", 1000, "--pilot", 4)


def _placed(tmp_path: Path) -> list[int]:
    results = lines(tmp_path / "some.sandbox.results.csv")
    return [place for place, line in enumerate(results) if line["call_id"]]


def test_where_nobody_can_be_asked_it_ends_after_the_pilot_and_says_how_to_go_on(tmp_path: Path) -> None:
    asked = _asked(tmp_path)
    said = run_here(*asked, "--yes", cwd=tmp_path, expect=6)

    assert "4 of them go first, as a pilot." in said.stderr
    assert "The pilot: 4 reached; " in said.stderr
    assert "run again without --pilot to go on" in said.stderr
    assert [0, 3, 7, 11] == _placed(tmp_path)
    run_here(*asked[:-2], cwd=tmp_path)
    assert list(range(12)) == _placed(tmp_path)


@pytest.mark.parametrize(
    ("typed", "status", "placed"), [("y\n", 0, 12), ("\n", 6, 4), (CTRL_C, 130, 4)], ids=["yes", "no", "Ctrl-C"]
)
def test_on_a_terminal_it_asks_before_it_goes_on(tmp_path: Path, typed: str, status: int, placed: int) -> None:
    with AtTerminal(command(*_asked(tmp_path)), tmp_path) as terminal:
        terminal.wait_for(_QUESTION)
        terminal.type(typed)
        assert status == terminal.end()
    assert "Traceback" not in terminal.said
    assert placed == len(_placed(tmp_path))
