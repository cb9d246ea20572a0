"""Copies of a sheet, through the real command: mended, renamed or re-saved, nobody in them is called twice."""

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from harness import run_here
from makers import UNHURRIED, contacts, lines, number, write_csv

from batch_dialer.sandbox.serve import Sandbox

_NUMBERS = [number(n) for n in range(4)]
_PEOPLE = [("Ann", _NUMBERS[0]), ("Bob", _NUMBERS[1]), ("Cem", "12"), ("Dee", _NUMBERS[3])]
_SAVED = Path(__file__).resolve().parents[1] / "sheets" / "files"


@pytest.fixture(name="api")
def _api() -> Iterator[Sandbox]:
    with Sandbox(UNHURRIED) as sandbox:
        yield sandbox


_LATELY = ("--not-called-within", "0")
"""A day has passed, for the API's list: it holds nobody back any more."""


def _dial(sheet: Path, api: Sandbox, *more: object, expect: int | None = 0) -> str:
    through = ("--agent", "agent_1", "--base-url", api.base_url, "--rate", "1000/s", "--yes")
    return run_here("run", sheet, *through, *more, cwd=sheet.parent, expect=expect).stderr


def _rung(api: Sandbox) -> list[str]:
    return sorted(api.exchange.rings)


def _mend(workbook: Path, place: str = "B4") -> Path:
    book = openpyxl.load_workbook(workbook)
    book.worksheets[1][place] = _NUMBERS[2]
    book.save(workbook)
    return workbook


def _called(folder: Path, api: Sandbox, name: str = "people.xlsx") -> Path:
    """Dial a sheet of four people, one of whom has no valid number."""
    sheet = folder / name
    if sheet.suffix == ".csv":
        write_csv(sheet, _PEOPLE)
    else:
        book = openpyxl.Workbook()
        for row in (("Name", "Phone"), *_PEOPLE):
            book.worksheets[0].append(row)
        book.save(sheet)
    _dial(sheet, api, expect=1)
    return sheet


@pytest.mark.parametrize("name", ["people.csv", "people.xlsx"])
@pytest.mark.parametrize("report", ["problems.xlsx", "mended/problems.xlsx"])
def test_a_mended_workbook_is_dialed_into_the_results_of_its_sheet(
    tmp_path: Path, api: Sandbox, name: str, report: str
) -> None:
    _called(tmp_path, api, name)
    (tmp_path / "mended").mkdir()
    run_here("validate", name, "--report", report, cwd=tmp_path, expect=1)
    said = _dial(_mend(tmp_path / report), api)

    assert f"problems.xlsx was made from {'../' * report.count('/')}{name}" in said
    assert "people.results.csv" in said
    assert _NUMBERS == _rung(api)
    assert ["initiated"] * 4 == [line["status"] for line in lines(tmp_path / "people.results.csv")]
    assert ["people.results.csv"] == [path.name for path in tmp_path.rglob("*.results.csv")]


def test_whoever_mends_first_and_runs_the_sheet_itself_later_calls_nobody_twice(tmp_path: Path, api: Sandbox) -> None:
    sheet = write_csv(tmp_path / "people.csv", _PEOPLE)
    run_here("validate", sheet, "--report", "problems.xlsx", cwd=tmp_path, expect=1)
    _dial(_mend(tmp_path / "problems.xlsx"), api)
    _dial(sheet, api, expect=1)
    assert _NUMBERS == _rung(api)


def test_a_copy_of_a_copy_belongs_to_the_first_sheet(tmp_path: Path, api: Sandbox) -> None:
    _called(tmp_path, api)
    run_here("validate", "people.xlsx", "--report", "problems.xlsx", cwd=tmp_path, expect=1)
    (tmp_path / "again").mkdir()
    run_here("validate", "problems.xlsx", "--report", "again/left.xlsx", cwd=tmp_path, expect=1)
    _dial(_mend(tmp_path / "again" / "left.xlsx"), api)
    assert _NUMBERS == _rung(api)
    assert not (tmp_path / "again" / "left.results.csv").exists()


def _as_excel_saves(rows: list[list[str]], path: Path) -> None:
    with path.open("w", newline="", encoding="cp1252") as file:
        csv.writer(file, delimiter=";", lineterminator="\r\n").writerows(rows)


def test_mended_rejects_are_dialed_into_the_results_of_their_sheet_however_they_were_saved(
    tmp_path: Path, api: Sandbox
) -> None:
    sheet = _called(tmp_path, api, "Kündigungen, März.csv")
    run_here("validate", sheet, "--rejects", "bad.csv", cwd=tmp_path, expect=1)
    with (tmp_path / "bad.csv").open(newline="", encoding="utf-8") as file:
        header, *rows = list(csv.reader(file))
    assert ["Name", "Phone", "rejected_reason", "batch_dialer_origin"] == header
    mended = [[name, _NUMBERS[2], *rest] for name, _, *rest in rows]
    _as_excel_saves([header, ["Eve", number(9)], *mended, ["Ann", _NUMBERS[0], "", ""]], tmp_path / "bad.csv")
    said = _dial(tmp_path / "bad.csv", api)

    assert f"bad.csv was made from {sheet.name}" in said
    assert "batch_dialer_origin" not in str(api.exchange.calls)
    assert [*_NUMBERS, number(9)] == _rung(api)
    assert not (tmp_path / "bad.results.csv").exists()


def _move_results(folder: Path) -> None:
    (folder / "archive").mkdir()
    for path in folder.glob("people.results.csv*"):
        path.rename(folder / "archive" / path.name)


def _move_workbook(folder: Path) -> None:
    (folder / "elsewhere").mkdir()
    shutil.move(folder / "problems.xlsx", folder / "elsewhere")


def _move_workbook_before_anybody_was_called(folder: Path) -> None:
    _move_results(folder)
    run_here("validate", "people.csv", "--report", "problems.xlsx", cwd=folder, expect=1)
    _move_workbook(folder)


def _save_as_text(folder: Path) -> None:
    rows = openpyxl.load_workbook(folder / "problems.xlsx").worksheets[1].values
    write_csv(folder / "elsewhere.csv", list(rows)[1:], ("Name", "Phone", "batch_dialer_verdict"))
    (folder / "problems.xlsx").unlink()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_move_results, "It is no longer there."),
        (_move_workbook, "It is no longer there."),
        (_move_workbook_before_anybody_was_called, "Neither that sheet nor its results file"),
        (_save_as_text, "it no longer says of which sheet"),
    ],
)
def test_where_the_results_of_its_sheet_are_not_found_nobody_is_called_until_a_person_names_them(
    tmp_path: Path, api: Sandbox, spoil: object, said: str
) -> None:
    _called(tmp_path, api, "people.csv")
    run_here("validate", "people.csv", "--report", "problems.xlsx", cwd=tmp_path, expect=1)
    _mend(tmp_path / "problems.xlsx")
    assert callable(spoil)
    spoil(tmp_path)
    (copy,) = [*tmp_path.rglob("problems.xlsx"), *tmp_path.rglob("elsewhere.csv")]
    refused = _dial(copy, api, expect=2)

    assert said in refused
    assert "--results" in refused
    assert 3 == len(_rung(api))
    _dial(copy, api, "--results", next(tmp_path.rglob("people.results.csv")), expect=None)
    assert _NUMBERS[2] not in _rung(api)[:2]
    assert len(set(_rung(api))) == len(_rung(api))


@pytest.mark.parametrize("kind", ["sandbox", "testing"])
def test_a_mended_workbook_is_rehearsed_beside_its_sheet(tmp_path: Path, api: Sandbox, kind: str) -> None:
    _called(tmp_path, api)
    run_here("validate", "people.xlsx", "--report", "problems.xlsx", cwd=tmp_path, expect=1)
    _mend(tmp_path / "problems.xlsx")
    if kind == "sandbox":
        run_here("run", "problems.xlsx", "--sandbox", "--rate", "1000/s", cwd=tmp_path)
    else:
        _dial(tmp_path / "problems.xlsx", api, "--testing")
    assert 4 == len(lines(tmp_path / f"people.{kind}.results.csv"))


@pytest.mark.parametrize("saved", ["marked_saved_by_libreoffice.xlsx", "marked_saved_by_libreoffice.ods"])
def test_what_libreoffice_saves_still_says_what_it_was_made_from(tmp_path: Path, api: Sandbox, saved: str) -> None:
    _called(tmp_path, api)
    copy = Path(shutil.copy(_SAVED / saved, tmp_path / f"problems{Path(saved).suffix}"))
    assert "was made from people.xlsx" in _dial(copy, api)
    assert _NUMBERS == _rung(api)


@pytest.mark.parametrize("copied", [False, True])
def test_a_sheet_that_was_renamed_or_copied_calls_nobody_of_those_who_were_called(
    tmp_path: Path, api: Sandbox, *, copied: bool
) -> None:
    sheet = contacts(tmp_path / "a.csv", 3)
    _dial(sheet, api, "--limit", "2", expect=6)
    renamed = tmp_path / "a (1).csv"
    (shutil.copy if copied else shutil.move)(sheet, renamed)
    said = _dial(renamed, api)

    assert "2 people of this sheet have a call in a.results.csv" in said
    assert "--results" in said
    assert _NUMBERS[:3] == _rung(api)
    found = lines(tmp_path / "a (1).results.csv")
    ids = [line["call_id"] for line in lines(tmp_path / "a.results.csv")]
    assert [("skipped", "DUPLICATE_NUMBER")] * 2 == [(line["status"], line["error_code"]) for line in found[:2]]
    assert all(f"a.results.csv has a call to this number: {ids[n]}." in found[n]["error_message"] for n in (0, 1))

    _dial(renamed, api)
    assert 3 == len(_rung(api)), "they are held back for good"
    assert "called again" in _dial(renamed, api, "--results", "a (1).results.csv", *_LATELY)
    assert 5 == len(_rung(api)), "a person said so in words"


def test_dated_results_begin_afresh_each_day_and_hold_nobody_back(tmp_path: Path, api: Sandbox) -> None:
    sheet = contacts(tmp_path / "people.csv", 2)
    _dial(sheet, api, "--results", "{sheet}-2026-11-22.csv")
    _dial(sheet, api, "--results", "{sheet}-2026-11-23.results.csv", *_LATELY)
    assert 4 == len(_rung(api))
    _dial(sheet, api)
    assert 4 == len(_rung(api)), "the name says that it is a results file, and this run named none"


def test_a_dry_run_says_who_was_called_from_another_results_file(tmp_path: Path, api: Sandbox) -> None:
    _dial(contacts(tmp_path / "a.csv", 2), api)
    said = _dial(contacts(tmp_path / "b.csv", 3), api, "--dry-run")
    assert "2 people of this sheet have a call in a.results.csv" in said
    assert "1 call to place" in said


def test_validate_says_who_was_called_for_another_results_file(tmp_path: Path, api: Sandbox) -> None:
    _dial(contacts(tmp_path / "a.csv", 2), api)
    contacts(tmp_path / "b.csv", 3)
    said = "2 people of this sheet have a call in a.results.csv, or may have one, and will not be called by `run`."
    assert said in run_here("validate", "b.csv", cwd=tmp_path).stdout
    assert "a call in" not in run_here("validate", "a.csv", cwd=tmp_path).stdout
