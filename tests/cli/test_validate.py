"""`validate`: what a person sees of a sheet's faults, and the files that it leaves."""

import csv
from pathlib import Path

import pytest
from harness import run, run_here
from makers import number, write_csv

_SHEET = [("Ann", number(0)), ("Bob", "12"), ('=cmd("x")', "+1415555CALL"), ("Dee", "")]


@pytest.fixture(name="sheet")
def _sheet(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "people.csv", _SHEET)


def test_a_good_sheet_is_said_to_be_good(tmp_path: Path) -> None:
    write_csv(tmp_path / "good.csv", _SHEET[:1])
    assert (
        "1 row (comma-separated): 1 can be dialed, 0 cannot." in run_here("validate", "good.csv", cwd=tmp_path).stdout
    )


def test_every_kind_of_fault_is_shown_with_its_rows_and_what_to_do(sheet: Path) -> None:
    shown = run_here("validate", sheet, cwd=sheet.parent, expect=1).stdout
    assert "4 rows (comma-separated): 1 can be dialed, 3 cannot." in shown
    for words in ("Fill in the number to call.", "Write the number in digits.", "has letters in it"):
        assert words in shown
    assert max(len(line) for line in shown.splitlines()) <= 80


def test_a_number_that_another_row_has_is_told_before_the_run_skips_it(tmp_path: Path) -> None:
    write_csv(tmp_path / "some.csv", [("Ann", number(0)), ("Anna", f"tel:{number(0)}"), ("Bob", "12"), ("Cem", "12")])
    shown = run_here("validate", "some.csv", cwd=tmp_path, expect=1).stdout
    assert "1 of those that can be dialed has the same number as a row above" in shown
    write_csv(tmp_path / "good.csv", [("Ann", number(0)), ("Bob", number(1))])
    assert "of a row above" not in run_here("validate", "good.csv", cwd=tmp_path).stdout


def test_headers_alone_are_said_to_be_nobody(tmp_path: Path) -> None:
    write_csv(tmp_path / "none.csv", [])
    assert "There is nobody to call" in run_here("validate", "none.csv", cwd=tmp_path).stdout


def test_strict_says_so_in_the_exit_status(sheet: Path) -> None:
    run_here("validate", sheet, "--strict", cwd=sheet.parent, expect=3)


def test_the_report_has_a_line_for_every_fault(sheet: Path) -> None:
    run_here("validate", sheet, "--report", "report.csv", cwd=sheet.parent, expect=1)
    with (sheet.parent / "report.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [("3", "INVALID_PHONE_NUMBER"), ("4", "INVALID_PHONE_NUMBER"), ("5", "MISSING_PHONE_NUMBER")] == [
        (line["row"], line["code"]) for line in lines if line["column"] == "Phone"
    ]
    assert all(line["what to do"] for line in lines)


def test_the_rejects_are_the_rows_as_they_were_and_mended_they_pass(sheet: Path) -> None:
    rejects = sheet.parent / "rejects.csv"
    run_here("validate", sheet, "--rejects", rejects, cwd=sheet.parent, expect=1)
    with rejects.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert ["12", "'+1415555CALL", ""] == [line["Phone"] for line in lines]
    assert all(line["rejected_reason"] for line in lines)

    write_csv(
        rejects, [(line["Name"], number(n), line["rejected_reason"]) for n, line in enumerate(lines)], (*lines[0],)
    )
    run_here("validate", rejects, cwd=sheet.parent)
    shown = run_here("run", rejects, "--agent", "a", "--dry-run", cwd=sheet.parent).stdout
    assert "rejected_reason" not in shown


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("none.csv",), "none.csv"),
        ((".",), "folder"),
        (("people.csv", "--schema", "bad.toml"), "colum"),
        (("people.csv", "--schema", "broken.toml"), "line 1"),
        (("people.csv", "--schema", "other.toml"), "Did you mean 'Phone'"),
    ],
)
def test_what_cannot_be_used_is_said_in_words(sheet: Path, arguments: tuple[str, ...], words: str) -> None:
    (sheet.parent / "bad.toml").write_text('[to]\ncolum = "Phone"\n')
    (sheet.parent / "broken.toml").write_text("[to\n")
    (sheet.parent / "other.toml").write_text('unmapped = "ignore"\n[to]\ncolumn = "Fone"\n')
    usage = "bad.toml" in arguments or "broken.toml" in arguments
    assert words in run_here("validate", *arguments, cwd=sheet.parent, expect=2 if usage else 3).stderr


def test_a_results_file_is_not_taken_for_a_sheet(tmp_path: Path) -> None:
    write_csv(
        tmp_path / "s.results.csv",
        [("2", "", number(0), "initiated", "c1", "")],
        ("row", "id", "to", "status", "call_id", "error_code"),
    )
    assert "results file" in run_here("validate", "s.results.csv", cwd=tmp_path, expect=3).stderr


@pytest.mark.parametrize(
    ("enabled", "depth", "other_backend"),
    [("False", "SCHEMA_AND_DATA", "False"), ("True", "SCHEMA_ONLY", "True"), ("perhaps", "nonsense", "perhaps")],
)
def test_no_setting_of_pandera_in_the_environment_lets_a_bad_row_pass(
    sheet: Path, enabled: str, depth: str, other_backend: str
) -> None:
    """Teams set these for all of their programs, to save time. pandera reads them when it is imported."""
    shown = run(
        "validate", sheet, cwd=sheet.parent, expect=1, PANDERA_VALIDATION_ENABLED=enabled,
        PANDERA_VALIDATION_DEPTH=depth, PANDERA_USE_NARWHALS_BACKEND=other_backend,
    ).stdout  # fmt: skip
    assert "4 rows (comma-separated): 1 can be dialed, 3 cannot." in shown


@pytest.mark.parametrize("setting", ["validation_enabled=False", "use_narwhals_backend=True"])
def test_a_file_of_checks_that_switches_pandera_off_lets_no_bad_row_pass(sheet: Path, setting: str) -> None:
    """A team's module may do so for all that imports it; in a process of its own here, where it may have its way."""
    (sheet.parent / "checks.py").write_text(
        "import pandera.polars as pa\nfrom pandera.config import reset_config_context, set_config\n"
        f"set_config({setting})\nreset_config_context()\n"
        "class Rules(pa.DataFrameModel):\n    name: str = pa.Field(nullable=True)\n"
    )
    shown = run("validate", sheet, "--checks", "checks.py:Rules", cwd=sheet.parent, expect=1).stdout
    assert "4 rows (comma-separated): 1 can be dialed, 3 cannot." in shown


def test_a_run_calls_nobody_whom_a_check_of_one_s_own_rejects(tmp_path: Path) -> None:
    write_csv(tmp_path / "people.csv", [*_SHEET[:1], ("Bob", number(1))])
    (tmp_path / "checks.py").write_text(
        "import pandera.polars as pa\nclass Rules(pa.DataFrameModel):\n    name: str = pa.Field(ne='Bob')\n"
    )
    run_here("run", "people.csv", "--sandbox", "--yes", "--checks", "checks.py:Rules", cwd=tmp_path, expect=1)
    with (tmp_path / "people.sandbox.results.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [("placed", ""), ("rejected", "INVALID_VALUE")] == [
        ("placed" if line["call_id"] else line["status"], line["error_code"]) for line in lines
    ]
    assert 'Name fails the check "not_equal_to(Bob)".' in lines[1]["error_message"]
    said = run_here(
        "run", "people.csv", "--sandbox", "--yes", "--checks", "checks.py:Nobody", cwd=tmp_path, expect=2
    ).stderr
    assert "checks.py has no Nobody, which --checks names.\n" in said
    assert "Z It has: Rules.\n" in said
