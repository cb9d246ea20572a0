"""`--suppress`: whoever is on a list is not dialed, and a list that cannot be gone by dials nobody."""

from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from harness import run_here
from makers import UNHURRIED, contacts, lines, number, write_csv

from batch_dialer.sandbox.serve import Sandbox


@pytest.fixture(name="api")
def _api() -> Iterator[Sandbox]:
    with Sandbox(UNHURRIED) as sandbox:
        yield sandbox


def _dial(sheet: Path, api: Sandbox, *more: object, expect: int = 0) -> str:
    through = ("--agent", "agent_1", "--base-url", api.base_url, "--rate", "1000/s", "--yes")
    return run_here("run", sheet, *through, *more, cwd=sheet.parent, expect=expect).stderr


def _rung(api: Sandbox) -> list[str]:
    return sorted(call.to for call in api.exchange.calls)


def test_whoever_is_on_a_list_is_not_rung_and_the_file_is_named(tmp_path: Path, api: Sandbox) -> None:
    sheet = contacts(tmp_path / "people.csv", 4)
    (tmp_path / "lists").mkdir()
    first = write_csv(tmp_path / "lists" / "stop.csv", [("Ann", number(1))])
    (tmp_path / "bare.txt").write_text(f"{number(2)}\n{number(900)}\n")
    shown = _dial(sheet, api, "--suppress", first, "--suppress", "bare.txt")

    assert "stop.csv: 1 number not to call" in shown
    assert "bare.txt: 2 numbers not to call" in shown
    assert [number(0), number(3)] == _rung(api)
    skipped = lines(tmp_path / "people.results.csv")[1:3]
    assert [("skipped", "SUPPRESSED")] * 2 == [(line["status"], line["error_code"]) for line in skipped]
    assert ["The number is in stop.csv.", "The number is in bare.txt."] == [line["error_message"] for line in skipped]


def test_a_list_that_comes_later_leaves_the_calls_that_were_made(tmp_path: Path, api: Sandbox) -> None:
    sheet = contacts(tmp_path / "people.csv", 3)
    _dial(sheet, api, "--limit", "1", expect=6)
    _dial(sheet, api, "--suppress", contacts(tmp_path / "stop.csv", 2))

    assert [number(0), number(2)] == _rung(api)
    assert ["initiated", "skipped", "initiated"] == [line["status"] for line in lines(tmp_path / "people.results.csv")]


def test_a_list_that_is_left_out_the_next_time_is_warned_of(tmp_path: Path, api: Sandbox) -> None:
    sheet = contacts(tmp_path / "people.csv", 2)
    _dial(sheet, api, "--suppress", contacts(tmp_path / "stop.csv", 1))

    assert "left out?" not in _dial(sheet, api, "--suppress", "stop.csv")
    assert "Was --suppress left out?" in _dial(sheet, api, "--quiet")


def test_the_results_of_another_run_are_a_list_too(tmp_path: Path, api: Sandbox) -> None:
    _dial(contacts(tmp_path / "first.csv", 2), api)
    named = ("--results", "second.results.csv")  # without it, whoever is in the first results is not called either
    _dial(contacts(tmp_path / "second.csv", 3), api, "--suppress", "first.results.csv", *named)

    assert [number(0), number(1), number(2)] == _rung(api)


_HEADER = ("row", "id", "to", "status", "call_id", "calls", "key", "error_code")


@pytest.mark.parametrize(
    ("line", "rung"),
    [
        pytest.param(("2", "", "", "deferred", "", "0", "", ""), True, id="not reached"),
        pytest.param(("2", "", "", "rejected", "", "0", "", ""), True, id="not valid then"),
        pytest.param(("2", "", "", "refused", "", "0", "", ""), True, id="refused"),
        pytest.param(("2", "", "", "skipped", "", "0", "", "SUPPRESSED"), True, id="skipped"),
        pytest.param(("2", "", "", "completed", "c1", "1", "", ""), False, id="called"),
        pytest.param(("2", "", "", "unknown", "", "0", "", ""), False, id="in doubt"),
        pytest.param(("2", "", "", "dialing", "", "0", "", ""), False, id="being sent"),
        pytest.param(("2", "", "", "skipped", "c1", "1", "", "NUMBER_CHANGED"), False, id="called and then skipped"),
        pytest.param(("2", "", "", "refused", "", "1", "", ""), False, id="called and then refused"),
        pytest.param(("2", "", "", "voicemail", "", "", "", ""), False, id="a word that is not known"),
    ],
)
def test_of_results_those_are_taken_who_have_a_call_or_may_have_one(
    tmp_path: Path, api: Sandbox, line: tuple[str, ...], *, rung: bool
) -> None:
    line = (*line[:2], number(0), *line[3:6], f"tel:{number(0)}", line[7])
    write_csv(tmp_path / "first.csv", [line], _HEADER)
    shown = _dial(contacts(tmp_path / "people.csv", 1), api, "--suppress", "first.csv")

    assert ([number(0)] if rung else []) == _rung(api)
    taken = "0 numbers not to call, which have" if rung else "1 number not to call, which has"
    assert (
        f"first.csv: {taken} a call or may have one; rows without a call, which may be called: {int(rung):,}" in shown
    )


def test_results_that_a_spreadsheet_program_has_saved_are_read_by_their_keys(tmp_path: Path, api: Sandbox) -> None:
    lost = ("2", "", "1.21256E+10", "completed", "c1", "1", f"tel:{number(0)}", "")
    plus = ("3", "7", number(1).removeprefix("+"), "completed", "c2", "1", "id:7", "")
    write_csv(tmp_path / "first.csv", [lost, plus], _HEADER)
    _dial(contacts(tmp_path / "people.csv", 3), api, "--suppress", "first.csv")
    assert [number(2)] == _rung(api)


@pytest.mark.parametrize("shown", ["", "1.21256E+10"])
def test_results_with_a_call_whose_number_is_lost_dial_nobody(tmp_path: Path, api: Sandbox, shown: str) -> None:
    write_csv(tmp_path / "first.csv", [("2", "7", shown, "completed", "c1", "1", "id:7", "")], _HEADER)
    assert "first.csv" in _dial(contacts(tmp_path / "people.csv", 1), api, "--suppress", "first.csv", expect=3)
    assert [] == _rung(api)


def test_results_of_a_run_that_has_not_ended_are_read_with_their_journal_or_not_at_all(
    tmp_path: Path, api: Sandbox
) -> None:
    _dial(contacts(tmp_path / "first.csv", 2), api)
    header = (*_HEADER, "under_way_since_2026-11-22T10:00:00.000+00:00")
    first = write_csv(tmp_path / "first.results.csv", [], header)
    sheet = contacts(tmp_path / "people.csv", 3)
    _dial(sheet, api, "--suppress", first)
    assert [number(0), number(1), number(2)] == _rung(api)

    (tmp_path / "first.results.csv.journal").unlink()
    assert "has not ended" in _dial(contacts(tmp_path / "more.csv", 4), api, "--suppress", first, expect=3)
    assert 3 == len(_rung(api))


def test_standard_input_is_read_once(tmp_path: Path) -> None:
    said = run_here("validate", "-", "--suppress", "-", cwd=tmp_path, expect=2).stderr
    assert "can be read only once" in said


def test_a_workbook_and_numbers_written_otherwise(tmp_path: Path, api: Sandbox) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in (("Name", "Telephone"), ("Ann", f"({number(0)[2:5]}) {number(0)[5:8]}-{number(0)[8:]}")):
        page.append(row)
    book.save(tmp_path / "stop.xlsx")
    (tmp_path / "s.toml").write_text('unmapped = "ignore"\n[to]\ncolumn = "Phone"\nregion = "US"\n')
    _dial(contacts(tmp_path / "people.csv", 2), api, "--schema", "s.toml", "--suppress", "stop.xlsx")

    assert [number(1)] == _rung(api)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "There is no file stop.csv, which --suppress names"),
        ("", "is empty"),
        ("phone\n12\n", "row 2 (has 2 digits"),
        ("name,other\nx,y\n", "no header says"),
        ("phone,mobile\n,\n", "several columns"),
    ],
)
def test_a_list_that_cannot_be_gone_by_dials_nobody(
    tmp_path: Path, api: Sandbox, content: str | None, words: str
) -> None:
    sheet = contacts(tmp_path / "people.csv", 2)
    if content is not None:
        (tmp_path / "stop.csv").write_text(content)

    assert words in _dial(sheet, api, "--suppress", "stop.csv", expect=3)
    assert words in run_here("validate", sheet, "--suppress", "stop.csv", cwd=tmp_path, expect=3).stderr
    assert [] == _rung(api)
    assert not (tmp_path / "people.results.csv").exists()


def test_a_workbook_of_several_worksheets_is_not_told_to_take_an_option_of_the_sheet_s(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for page in (book.active, book.create_sheet("Two")):
        assert page is not None
        page.append(("phone",))
        page.append((number(1),))
    book.save(tmp_path / "stop.xlsx")
    shown = run_here(
        "validate", contacts(tmp_path / "a.csv", 1), "--suppress", "stop.xlsx", cwd=tmp_path, expect=3
    ).stderr

    assert "--sheet" not in shown
    assert "a file of its own" in shown


def test_a_list_without_numbers_warns_even_where_quiet(tmp_path: Path, api: Sandbox) -> None:
    (tmp_path / "stop.csv").write_text("name,phone\n")

    assert "stop.csv has no numbers" in _dial(
        contacts(tmp_path / "people.csv", 1), api, "--suppress", "stop.csv", "--quiet"
    )
    assert [number(0)] == _rung(api)


def test_validate_says_how_many_would_be_skipped(tmp_path: Path) -> None:
    sheet = write_csv(tmp_path / "people.csv", [("Ann", number(0)), ("Bob", number(1)), ("Carl", "12")])
    shown = run_here(
        "validate", sheet, "--suppress", contacts(tmp_path / "stop.csv", 1), cwd=tmp_path, expect=1
    ).stdout  # fmt: skip

    assert "stop.csv: 1 number not to call" in shown
    assert "1 of those that can be dialed would be skipped" in shown
