"""The options that say how a sheet is to be understood, from the command to the results."""

import gzip
import subprocess
from pathlib import Path

import openpyxl
import pytest
from harness import command, environment, run_here
from makers import lines, number, write_csv

PEOPLE = [("Ann", number(0)), ("Bob", number(1)), ("Cem", number(2))]


def rehearse(sheet: object, *options: object, cwd: Path, expect: int = 0) -> str:
    return run_here("run", sheet, "--sandbox", *options, cwd=cwd, expect=expect).stderr


def filtered(path: Path) -> Path:
    """Make a workbook whose rows 3 and 4 a filter hides; row 4 has no number."""
    book = openpyxl.Workbook()
    page = book.create_sheet("People", 0)
    for row in (("Name", "Phone"), *PEOPLE[:2], ("Nil", "")):
        page.append(row)
    page.row_dimensions[3].hidden = page.row_dimensions[4].hidden = True
    book.save(path)
    return path


def test_hidden_rows_are_skipped_and_said_until_asked_for(tmp_path: Path) -> None:
    sheet = filtered(tmp_path / "people.xlsx")
    said = rehearse(sheet, "--strict", cwd=tmp_path)
    assert "1 call to place" in said
    assert "3 rows, " in said
    assert "not valid" not in said  # what is wrong with a row that is left out is nobody's work
    assert "  hidden       2  or filtered out in the sheet; --hidden dial calls them" in said
    found = lines(tmp_path / "people.sandbox.results.csv")
    assert [("2", "initiated"), ("3", "skipped"), ("4", "skipped")] == [(line["row"], line["status"]) for line in found]
    assert {"HIDDEN_ROW"} == {line["error_code"] for line in found[1:]}
    assert all("--hidden dial" in line["error_message"] for line in found[1:])
    said = rehearse(sheet, "--hidden", "dial", cwd=tmp_path, expect=1)
    assert "1 call to place" in said
    assert "  not valid       1  `batch-dialer validate` shows why" in said
    found = lines(tmp_path / "people.sandbox.results.csv")
    assert ["initiated", "initiated", "rejected"] == [line["status"] for line in found]


def test_validate_leaves_hidden_rows_out_alike(tmp_path: Path) -> None:
    sheet = filtered(tmp_path / "people.xlsx")
    said = run_here("validate", sheet, cwd=tmp_path).stdout
    assert "1 can be dialed, 0 cannot" in said
    assert "Hidden in the sheet, and not dialed unless you give --hidden dial: 2 rows." in said
    assert "2 can be dialed, 1 cannot" in run_here("validate", sheet, "--hidden", "dial", cwd=tmp_path, expect=1).stdout


def test_a_header_below_a_title_is_proposed_and_then_taken(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(f"Contacts, all\n\nName;Phone\nAnn;{number(0)}\nBob;{number(1)}\n")
    refused = run_here("validate", "export.csv", cwd=tmp_path, expect=3).stderr
    assert "Row 3 looks like the headers: add --header-row 3." in refused
    rehearse("export.csv", "--header-row", 3, cwd=tmp_path)
    assert [("4", number(0)), ("5", number(1))] == [
        (line["row"], line["to"]) for line in lines(tmp_path / "export.sandbox.results.csv")
    ]
    assert "no text in row 2" in run_here("validate", "export.csv", "--header-row", 2, cwd=tmp_path, expect=3).stderr


def test_a_region_makes_national_numbers_whole_and_beats_the_schema(tmp_path: Path) -> None:
    write_csv(tmp_path / "people.csv", [("Ann", "(415) 555-0101")])
    assert "--region" in run_here("validate", "people.csv", cwd=tmp_path, expect=1).stdout
    (tmp_path / "s.toml").write_text('unmapped = "ignore"\n[to]\ncolumn = "Phone"\nregion = "DE"\n')
    rehearse("people.csv", "--region", "us", "--schema", "s.toml", cwd=tmp_path)
    assert ["+14155550101"] == [line["to"] for line in lines(tmp_path / "people.sandbox.results.csv")]
    assert "not a country" in run_here("validate", "people.csv", "--region", "USA", cwd=tmp_path, expect=2).stderr


def test_an_encoding_is_taken_at_its_word(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_bytes(f"Name,Phone\nŁucja Żak,{number(0)}\n".encode("cp1250"))
    said = run_here("run", "people.csv", "--agent", "a", "--dry-run", "--encoding", "windows-1250", cwd=tmp_path)
    assert "Łucja Żak" in said.stdout
    assert "read as windows-1250" in said.stderr
    for wrong in ("klingon", "rot13"):
        assert (
            "not a known encoding"
            in run_here("validate", "people.csv", "--encoding", wrong, cwd=tmp_path, expect=2).stderr
        )
    refused = run_here("validate", "people.csv", "--encoding", "utf-8", cwd=tmp_path, expect=3).stderr
    assert "row 2" in refused


@pytest.mark.parametrize("ending", [".csv.gz", ".tsv.gz", ".CSV.GZ"])
def test_a_compressed_sheet_has_its_results_where_the_plain_one_has(tmp_path: Path, ending: str) -> None:
    plain = write_csv(tmp_path / "contacts.csv", PEOPLE)
    (tmp_path / f"contacts{ending}").write_bytes(gzip.compress(plain.read_bytes()))
    rehearse(f"contacts{ending}", cwd=tmp_path)
    assert "Nobody is left to dial" in rehearse("contacts.csv", cwd=tmp_path)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "gz"])
def test_a_sheet_can_be_piped_in(tmp_path: Path, kind: str) -> None:
    data = {
        "csv": write_csv(tmp_path / "people.csv", PEOPLE[:1]).read_bytes(),
        "gz": gzip.compress((tmp_path / "people.csv").read_bytes()),
        "xlsx": filtered(tmp_path / "people.xlsx").read_bytes(),
    }[kind]
    done = subprocess.run(
        command("run", "-", "--sandbox"), input=data, cwd=tmp_path, env=environment(), capture_output=True, check=False
    )
    assert 0 == done.returncode, done.stderr
    assert b" standard input: " in done.stderr.splitlines()[0]
    assert "initiated" == lines(tmp_path / "stdin.sandbox.results.csv")[0]["status"]
