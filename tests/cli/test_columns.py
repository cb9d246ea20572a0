"""Which columns count, through the real command: exports as they come, and what a person says of the columns."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from harness import run_here
from makers import UNHURRIED, lines, number, write_csv

from batch_dialer.sandbox.serve import Sandbox


@pytest.fixture(name="api")
def _api() -> Iterator[Sandbox]:
    with Sandbox(UNHURRIED) as sandbox:
        yield sandbox


def _dial(sheet: Path, api: Sandbox, *more: object, expect: int = 0) -> str:
    through = ("--agent", "agent_1", "--base-url", api.base_url, "--rate", "1000/s", "--yes")
    done = run_here("run", sheet, *through, *more, cwd=sheet.parent, expect=expect)
    return done.stderr + done.stdout


def _rung(api: Sandbox) -> list[str]:
    return sorted(call.to for call in api.exchange.calls)


def _sent(sheet: Path, *more: object) -> list[dict[str, object]]:
    """Return the payload of each request that `--dry-run` shows."""
    shown = run_here("run", sheet, "--agent", "agent_1", "--dry-run", *more, cwd=sheet.parent).stdout
    bodies = [part.lstrip() for part in shown.split("\n\n") if part.lstrip().startswith("{")]
    return [json.JSONDecoder().raw_decode(body)[0]["payload"] for body in bodies]


# Numbers that lost their +


def test_digits_that_are_two_numbers_are_rejected_with_both_readings(tmp_path: Path, api: Sandbox) -> None:
    sheet = write_csv(
        tmp_path / "people.csv", [("4915123456789", "Anna"), ("49(0)30123456", "Dora")], ("phone", "name")
    )
    _dial(sheet, api, "--region", "DE", expect=1)
    results = lines(tmp_path / "people.results.csv")

    assert [] == _rung(api)
    assert [("rejected", "INVALID_PHONE_NUMBER")] * 2 == [(line["status"], line["error_code"]) for line in results]
    assert all(reading in results[0]["error_message"] for reading in ("+4915123456789", "+494915123456789"))
    assert all(reading in results[1]["error_message"] for reading in ("+4930123456", "+4949030123456"))


def test_the_table_of_faults_counts_them_in_one_line_without_numbers(tmp_path: Path) -> None:
    rows = [(f"49151234567{n}", "Anna") for n in range(10, 16)]
    sheet = write_csv(tmp_path / "people.csv", rows, ("phone", "name"))
    shown = run_here("validate", sheet, "--region", "DE", cwd=tmp_path, expect=1).stdout

    assert "2, 3, 4, 5" in " ".join(shown.split())
    assert "4915123" not in shown


def test_a_list_of_numbers_not_to_call_with_such_digits_is_refused(tmp_path: Path, api: Sandbox) -> None:
    sheet = write_csv(tmp_path / "people.csv", [("+4915123456789", "Anna")], ("phone", "name"))
    listed = write_csv(tmp_path / "do_not_call.csv", [("4915123456789",)], ("phone",))
    shown = _dial(sheet, api, "--region", "DE", "--suppress", listed, expect=3)

    assert [] == _rung(api)
    assert "row 2" in shown
    assert "4915123456789" not in shown, "no number is printed"


# Exports


_EXPORTS = {
    "HubSpot": ("First Name", "Last Name", "Email", "Mobile Phone Number"),
    "HubSpot's other column": ("First Name", "Last Name", "Email", "Phone Number"),
    "Salesforce": ("Id", "FirstName", "LastName", "MobilePhone"),
    "Salesforce, a report": ("First Name", "Last Name", "Account Name", "Business Phone"),
    "Zoho": ("Record Id", "Lead Owner", "Lead Name", "Mobile"),
    "Google Contacts": ("First Name", "Last Name", "Phone 1 - Label", "Phone 1 - Value"),
    "Airtable": ("Name", "Notes", "Assignee", "Phone"),
    "Outlook": ("First Name", "Last Name", "E-mail Address", "Mobile Phone"),
}


@pytest.mark.parametrize("headers", _EXPORTS.values(), ids=_EXPORTS)
def test_the_phone_column_of_an_export_is_known(headers: tuple[str, ...], tmp_path: Path, api: Sandbox) -> None:
    _dial(write_csv(tmp_path / "export.csv", [("1", "b", "Mobile", "+1 202-555-0143")], headers), api)

    assert ["+12025550143"] == _rung(api)


@pytest.mark.parametrize(
    "pair", [("Phone 1 - Value", "Phone 2 - Value"), ("Phone Number", "Mobile Phone Number"), ("Phone", "MobilePhone")]
)
def test_several_candidates_are_an_error_that_names_them_and_the_ways_out(
    pair: tuple[str, str], tmp_path: Path
) -> None:
    sheet = write_csv(tmp_path / "a.csv", [("Ann", number(0), number(1))], ("Name", *pair))
    shown = run_here("validate", sheet, cwd=tmp_path, expect=3).stderr

    assert all(f'"{header}"' in shown for header in pair)
    assert f'--phone "{pair[0]}"' in shown
    assert "can be dialed" in run_here("validate", sheet, "--phone", pair[1], cwd=tmp_path).stdout


def test_the_columns_that_may_hold_the_number_are_named_and_no_row_of_a_person(tmp_path: Path) -> None:
    rows = [("Ann", "Mobile", "+1 202-555-0143"), ("Bob", "Work", "+1 202-555-0144")]
    sheet = write_csv(tmp_path / "a.csv", rows, ("First Name", "Label", "Value"))
    shown = " ".join(run_here("validate", sheet, cwd=tmp_path, expect=3).stderr.split())

    assert "--header-row" not in shown
    assert '"Value" looks like phone numbers. If it is the one to call: --phone "Value".' in shown


def test_a_row_of_headers_below_a_title_is_still_found(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"Our list,,2026-11-22\nName,Phone,2026-11-23\nAnn,{number(0)},x\n")

    assert "--header-row 2" in run_here("validate", "a.csv", cwd=tmp_path, expect=3).stderr


# What a person says of the columns


def test_only_the_columns_that_are_named_go_to_the_vendor(tmp_path: Path) -> None:
    headers = ("Name", "Salary", "Name", "Phone", "Diagnosis", "context.ref", "First name")
    sheet = write_csv(tmp_path / "a.csv", [("x", "1", "y", number(0), "flu", "R1", "Ann")], headers)

    assert [{"first_name": "Ann"}] == _sent(sheet, "--payload", "First Name")
    assert [{"first_name": "Ann", "salary": "1"}] == _sent(sheet, "--payload", "First name", "--payload", "Salary")


def test_with_a_schema_the_options_go_before_it(tmp_path: Path) -> None:
    headers = ("Name", "Phone", "Mobile", "City")
    sheet = write_csv(tmp_path / "a.csv", [("Ann", number(0), number(1), "Rome")], headers)
    schema = tmp_path / "s.toml"
    schema.write_text(
        '[to]\ncolumn = "Phone"\n[payload.who]\ncolumn = "Name"\n[payload.town]\ncolumn = "City"\n'
        '[payload.firm]\nvalue = "Acme"\n'
    )
    shown = run_here("validate", sheet, "--schema", schema, "--phone", "Mobile", cwd=tmp_path).stdout

    assert "1 can be dialed" in shown, "the schema's own column is then no column that is not spoken of"
    chosen = _sent(sheet, "--schema", schema, "--phone", "mobile", "--payload", "Name")
    assert [{"who": "Ann", "firm": "Acme"}] == chosen


@pytest.mark.parametrize(
    ("options", "words", "status"),
    [
        (("--phone", "Phon"), "Did you mean 'Phone'?", 3),
        (("--payload", "Nam"), "Did you mean 'Name'?", 3),
        (("--payload", ""), "--payload has an empty value", 2),
        (("--region", "UK"), "Write GB for the United Kingdom.", 2),
    ],
)
def test_what_cannot_be_meant_is_said(options: tuple[str, ...], words: str, status: int, tmp_path: Path) -> None:
    sheet = write_csv(tmp_path / "a.csv", [("Ann", number(0))])

    assert words in run_here("validate", sheet, *options, cwd=tmp_path, expect=status).stderr


def test_reserved_names_are_never_variables_without_a_schema(tmp_path: Path) -> None:
    headers = ("Phone", "status", "call_id", "duration_seconds", "to", "context.ref", "Name", "id")
    sheet = write_csv(tmp_path / "a.csv", [(number(0), "x", "c1", "E", number(1), "R1", "Ann", "7")], headers)

    assert [{"name": "Ann"}] == _sent(sheet, "--phone", "Phone")


# Several columns, and the countries of the numbers

_LIST = '[to]\ncolumn = ["Mobile", "Phone"]\n[payload.name]\ncolumn = "Name"\n'


def test_the_first_column_with_a_good_number_counts_and_faults_name_their_columns(tmp_path: Path, api: Sandbox) -> None:
    rows = [
        ("Ann", number(0), number(10)),
        ("Bob", "", number(1)),
        ("Cem", "12", number(2)),
        ("Dee", "12", "x"),
        ("Eve", "", "n/a"),
        ("Fay", "+1 202 555 0143 / +1 202 555 0144", ""),
    ]
    sheet = write_csv(tmp_path / "people.csv", rows, ("Name", "Mobile", "Phone"))
    (tmp_path / "s.toml").write_text(_LIST)
    shown = _dial(sheet, api, "--schema", tmp_path / "s.toml", expect=1)
    results = lines(tmp_path / "people.results.csv")

    assert 'column "Mobile", else "Phone"' in shown
    assert [number(0), number(1), number(2)] == _rung(api)
    assert ["INVALID_PHONE_NUMBER", "MISSING_PHONE_NUMBER", "INVALID_PHONE_NUMBER"] == [
        line["error_code"] for line in results[3:]
    ]
    assert "Mobile has 2 digits" in results[3]["error_message"]
    assert "Phone has letters" in results[3]["error_message"]
    assert results[4]["error_message"].startswith("Mobile is empty, and so is Phone.")
    assert results[5]["error_message"].startswith("Mobile holds more than one number.")


def test_the_marked_copy_marks_the_cells_of_each_column(tmp_path: Path) -> None:
    write_csv(tmp_path / "people.csv", [("Dee", "12", "x"), ("Ann", number(0), "")], ("Name", "Mobile", "Phone"))
    (tmp_path / "s.toml").write_text(_LIST)
    run_here("validate", "people.csv", "--schema", "s.toml", "--report", "bad.xlsx", cwd=tmp_path, expect=1)
    book = openpyxl.load_workbook(tmp_path / "bad.xlsx")
    commented = {cell.coordinate for sheet in book for row in sheet.iter_rows() for cell in row if cell.comment}

    assert {"B2", "C2"} == commented


def test_each_row_s_number_is_read_by_its_own_country(tmp_path: Path, api: Sandbox) -> None:
    rows = [
        ("Ann", "(212) 555-0143", "US"),
        ("Bob", "020 7946 0958", "United Kingdom"),
        ("Cem", "030 1234567", "deu"),
        ("Dee", "044 668 18 00", "UK"),
        ("Eve", "+12125550144", "Atlantis"),
        ("Fay", "030 1234568", "Atlantis"),
        ("Gus", "(212) 555-0145", ""),
        ("Hal", "4915123456789", "Germany"),
    ]
    sheet = write_csv(tmp_path / "people.csv", rows, ("Name", "Phone", "Country"))
    (tmp_path / "s.toml").write_text(
        '[to]\ncolumn = "Phone"\nregion_column = "Country"\nregion = "US"\n[payload.name]\ncolumn = "Name"\n'
    )
    _dial(sheet, api, "--schema", tmp_path / "s.toml", expect=1)
    results = lines(tmp_path / "people.results.csv")

    assert ["+12125550143", "+12125550144", "+12125550145", "+442079460958", "+49301234567"] == _rung(api)
    assert (
        "Country is not the name or the code of a country. Write GB for the United Kingdom."
        in results[3]["error_message"]
    )
    assert "INVALID_VALUE" == results[5]["error_code"]
    assert "+494915123456789" in results[7]["error_message"]


# Numbers as a column writes them


def test_amounts_are_read_as_the_column_says_and_never_otherwise(tmp_path: Path) -> None:
    rows = [(number(0), "$805.91", "1.805,91 €"), (number(1), "1,805.90", "-5,00")]
    sheet = write_csv(tmp_path / "a.csv", rows, ("Phone", "Due", "Saldo"))
    table = (
        '[to]\ncolumn = "Phone"\n[payload.due]\ncolumn = "Due"\ntype = "decimal"\n{}[payload.saldo]\ncolumn = "Saldo"\n'
    )
    (tmp_path / "s.toml").write_text(
        table.format('format = "$1,234.56"\n') + 'type = "decimal"\nformat = "1.234,56 €"\n'
    )
    (tmp_path / "plain.toml").write_text(table.format(""))

    assert [{"due": "805.91", "saldo": "1805.91"}, {"due": "1805.90", "saldo": "-5.00"}] == _sent(
        sheet, "--schema", tmp_path / "s.toml"
    )
    shown = run_here("validate", sheet, "--schema", "plain.toml", cwd=tmp_path, expect=1).stdout
    assert "format" in shown


def test_a_code_with_a_zero_in_front_is_no_whole_number_and_is_proposed_as_text(tmp_path: Path) -> None:
    sheet = write_csv(tmp_path / "a.csv", [(number(n), f"0213{n}") for n in range(3)], ("Phone", "Zip"))
    (tmp_path / "s.toml").write_text('[to]\ncolumn = "Phone"\n[payload.zip]\ncolumn = "Zip"\ntype = "integer"\n')

    shown = run_here("validate", sheet, "--schema", "s.toml", cwd=tmp_path, expect=1).stdout
    assert "begins with a" in shown
    assert 'type = "string"' in shown
    proposed = run_here("schema", "new", sheet, cwd=tmp_path).stdout
    assert "[payload.zip]" in proposed
    assert "integer" not in proposed


# Proposals


@pytest.mark.parametrize(
    ("ids", "is_proposed"),
    [
        (("1", "2", "3"), False),
        (("3", "1", "2"), False),
        (("1001", "1002", "1004"), False),
        (("2.0", "3.0", "4.0"), False),
        (("70412", "88810", "12003"), True),
        (("C-1", "C-2", "C-3"), True),
    ],
)
def test_a_running_number_is_never_proposed_as_id(ids: tuple[str, ...], is_proposed: bool, tmp_path: Path) -> None:  # noqa: FBT001  (a parameter of a table)
    sheet = write_csv(tmp_path / "a.csv", [(each, number(n)) for n, each in enumerate(ids)], ("ID", "Phone"))
    shown = run_here("schema", "new", sheet, cwd=tmp_path).stdout

    assert ("\n[id]\n" in shown) == is_proposed
    assert ("A running number" in shown) != is_proposed


def test_a_proposal_of_some_columns_leaves_the_others_out(tmp_path: Path) -> None:
    headers = ("Name", "Salary", "City, State", "Phone", "Zip")
    sheet = write_csv(tmp_path / "a.csv", [("Ann", "5000", "Rome, IT", number(0), "00100")], headers)
    run_here(
        "schema", "new", sheet, "--columns", 'Name,"City, State"', "--columns", "zip", "--out", "s.toml", cwd=tmp_path
    )

    assert [{"name": "Ann", "city_state": "Rome, IT", "zip": "00100"}] == _sent(sheet, "--schema", tmp_path / "s.toml")
    assert "no such column" in run_here("schema", "new", sheet, "--columns", "Nome", cwd=tmp_path, expect=3).stderr
    assert "empty header" in run_here("schema", "new", sheet, "--columns", "Name,", cwd=tmp_path, expect=2).stderr


def test_a_starter_sheet_of_such_a_schema_is_good_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(
        '[to]\ncolumn = ["Mobile", "Phone"]\nregion_column = "Country"\n[payload.due]\ncolumn = "Due"\n'
        'type = "decimal"\nformat = "1.234,56 €"\nmin = 5\n'
    )
    for name in ("a.csv", "a.xlsx"):
        run_here("template", "--schema", "s.toml", "--out", name, cwd=tmp_path)
        assert "1 can be dialed" in run_here("validate", name, "--schema", "s.toml", cwd=tmp_path).stdout
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        assert ["Mobile", "Phone", "Due", "Country"] == next(csv.reader(file))
