"""One test call to one's own phone: with the values of a row, and in no results file."""

from pathlib import Path

import pytest
from harness import command, run_here
from makers import UNHURRIED, number, write_csv
from terminals import AtTerminal

from batch_dialer.sandbox import faults
from batch_dialer.sandbox.scripts import InTurn
from batch_dialer.sandbox.serve import Sandbox

_OWN = "+13035550123"


def _sheet(folder: Path) -> Path:
    rows = [(number(0), "Ann", 60), (number(1), "Ben", 0), ("12", "Bad", 0)]
    return write_csv(folder / "some.csv", rows, ("phone", "name", "delay_seconds"))


def _words(sheet: Path, api: Sandbox, *more: object, row: int = 3, to: str = _OWN) -> tuple[object, ...]:
    return ("rehearse", sheet, "--base-url", api.base_url, "--agent", "agent_1", "--row", row, "--to", to, *more)


def test_the_call_is_a_test_to_ones_own_number_with_the_values_of_the_row(tmp_path: Path) -> None:
    sheet = _sheet(tmp_path)
    with Sandbox(UNHURRIED) as api:
        said = run_here(*_words(sheet, api, "--yes", "--region", "US", row=2, to="(303) 555-0123"), cwd=tmp_path).stdout
        (call,) = api.exchange.calls
    assert (_OWN, True, 0) == (call.to, call.order.is_testing, call.order.delay_seconds)
    assert {"name": "Ann"} == call.order.payload
    assert f"Placed: call {call.id}, initiated." in said
    assert [sheet] == list(tmp_path.iterdir()), "no results and no journal"


def test_on_a_terminal_it_is_asked_first_and_a_no_calls_nobody(tmp_path: Path) -> None:
    sheet = _sheet(tmp_path)
    with Sandbox(UNHURRIED) as api:
        for answer, exit_status, calls in (("n", 2, 0), ("y", 0, 1)):
            with AtTerminal(command(*_words(sheet, api)), tmp_path) as terminal:
                terminal.wait_for(f"Place this test call to {_OWN} now? [y/N]:")
                terminal.type(f"{answer}\n")
                assert exit_status == terminal.end()
            assert calls == len(api.exchange.calls)


@pytest.mark.parametrize(
    ("more", "row", "to", "exit_status", "words"),
    [
        ((), 3, _OWN, 2, "standard input is not a terminal"),
        (("--yes",), 3, "555-0123", 2, "--to '555-0123'"),
        (("--yes",), 4, _OWN, 3, "Row 4 is not valid."),
        (("--yes",), 9, _OWN, 3, "no row 9"),
    ],
)
def test_what_cannot_be_rehearsed_is_said_and_nothing_is_sent(
    tmp_path: Path, more: tuple[str, ...], row: int, to: str, exit_status: int, words: str
) -> None:
    with Sandbox(UNHURRIED) as api:
        said = run_here(*_words(_sheet(tmp_path), api, *more, row=row, to=to), cwd=tmp_path, expect=exit_status)
        assert [] == api.app.seen
    assert words in said.stderr


def test_an_answer_that_is_lost_is_told_and_nothing_is_sent_again(tmp_path: Path) -> None:
    with Sandbox(UNHURRIED, script=InTurn(faults.place_then_drop, faults.too_many(1))) as api:
        words = _words(_sheet(tmp_path), api, "--yes")
        assert "the phone may ring" in run_here(*words, cwd=tmp_path, expect=1).stdout
        assert 1 == len(api.app.seen)
        assert "No call was placed." in run_here(*words, cwd=tmp_path, expect=4).stdout
        assert 2 == len(api.app.seen), "a 429 is not waited for"


def test_what_the_api_refuses_is_told_with_its_remedy(tmp_path: Path) -> None:
    with Sandbox(UNHURRIED) as api:
        words = _words(_sheet(tmp_path), api, "--yes", "--agent", "agent_inactive")
        said = run_here(*words, cwd=tmp_path, expect=4).stdout
    assert "AGENT_INACTIVE" in said
    assert "Publish the agent" in said


def test_it_can_be_tried_in_the_sandbox(tmp_path: Path) -> None:
    sheet = _sheet(tmp_path)
    said = run_here("rehearse", sheet, "--sandbox", "--row", 3, "--to", _OWN, cwd=tmp_path, TALKOVER_TOKEN="").stdout
    assert "where no phone rings" in said
    assert [sheet] == list(tmp_path.iterdir())
