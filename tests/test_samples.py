"""The sheets and schemas that people begin with do what the manuals say of them, and can call nobody."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import phonenumbers
import pytest

from batch_dialer.contacts.mapping import map_columns
from batch_dialer.contacts.validate import Checked, validate
from batch_dialer.ledger.keys import with_keys
from batch_dialer.model import Target, Via
from batch_dialer.sandbox.numbers import SPECIAL_NUMBERS
from batch_dialer.schema.parse import parse_schema
from batch_dialer.schema.schema import Schema
from batch_dialer.sheets.reading import read_sheet
from batch_dialer.talkover.payload import Caller, body, calls

ROOT = Path(__file__).resolve().parent.parent
SHEETS = sorted(path.name for path in (ROOT / "sample_data").glob("*.*") if path.suffix in {".csv", ".xlsx"})
SCHEMAS = sorted(path.name for path in (ROOT / "schemas").glob("*.toml"))
CALLER = Caller(Target(Via.AGENT, "agent_123456"))
CLEAN = {
    "contacts.csv": ("appointment_reminder.toml", 40),
    "contacts.xlsx": ("appointment_reminder.toml", 40),
    "payments.csv": ("payment_reminder.toml", 20),
    "survey.csv": ("customer_survey.toml", 15),
}
FAULTY = ("with_faults.csv", "with_faults.xlsx")
EXCHANGE_ERRORS = {
    (3, "INVALID_PHONE_NUMBER"),  # a letter O among the digits
    (4, "INVALID_PHONE_NUMBER"),  # 1.41556E+10
    (5, "MISSING_PHONE_NUMBER"),
    (6, "MISSING_PHONE_NUMBER"),  # n/a
    (7, "INVALID_PHONE_NUMBER"),  # two numbers
    (8, "INVALID_PHONE_NUMBER"),  # an extension
    (11, "DUPLICATE_ID"),
    (12, "MISSING_VALUE"),  # no name
    (13, "MISSING_VALUE"),  # no ID
    (14, "INVALID_VALUE"),  # 30 February
    (15, "INVALID_VALUE"),  # month first
    (16, "INVALID_VALUE"),  # a note that is too long
    (17, "INVALID_VALUE"),  # #N/A
    (18, "INVALID_PHONE_NUMBER"),  # #REF!
    (23, "INVALID_VALUE"),  # a language that the agent does not speak
    (24, "INVALID_VALUE"),  # a time in words
    (25, "INVALID_PHONE_NUMBER"),  # no area code
    (26, "INVALID_PHONE_NUMBER"),  # .0 at its end
    (27, "INVALID_PHONE_NUMBER"),  # a number that its country does not give out
    (29, "MISSING_PHONE_NUMBER"),  # three faults in a row
    (29, "MISSING_VALUE"),
    (29, "INVALID_VALUE"),
    (31, "MISSING_PHONE_NUMBER"),  # the totals
    (31, "MISSING_VALUE"),
}
FICTION = re.compile(r"\+1[2-9]\d\d55501\d\d|\+442079460\d{3}|\+447700900\d{3}")
"""Numbers that the NANP and Ofcom have set aside, so that films may show them and nobody's phone rings."""


def schema(name: str) -> Schema:
    return parse_schema(tomllib.loads((ROOT / "schemas" / name).read_text(encoding="utf-8")), name)


def checked(sheet: str, with_schema: str | None) -> Checked:
    read = read_sheet(ROOT / "sample_data" / sheet)
    return validate(read, map_columns(schema(with_schema) if with_schema else None, read.headers), "UTC")


def bodies(judged: Checked) -> list[object]:
    return [body(call) for call in calls(with_keys(judged.rows).with_columns(attempts=None), CALLER)]


def texts(name: str) -> Iterator[str]:
    """Yield the text of every cell, read without any of our code; of a CSV file, its lines."""
    path = ROOT / "sample_data" / name
    if path.suffix == ".csv":
        yield from re.split(r"[,;\n]", path.read_text(encoding="utf-8-sig"))
        return
    for row in openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True):
        yield from (str(value) for value in row if value is not None)


def numbers(name: str) -> set[str]:
    """Find what a phone could dial, in whatever column and however it is written."""
    matches = (
        match.number
        for text in texts(name)
        for region in ("US", "GB")
        for match in phonenumbers.PhoneNumberMatcher(text, region, leniency=phonenumbers.Leniency.VALID)
    )
    return {phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) for number in matches}


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_schema_can_be_read_and_has_a_sheet(name: str) -> None:
    assert schema(name).fields
    assert name in {used for used, _ in CLEAN.values()}


def test_every_sheet_is_tested() -> None:
    assert SHEETS == sorted([*CLEAN, *FAULTY])


@pytest.mark.parametrize("name", CLEAN)
def test_a_clean_sheet_has_no_problem(name: str) -> None:
    used, rows = CLEAN[name]
    judged = checked(name, used)
    assert judged.problems.rows() == []
    assert judged.good == rows
    assert judged.rows["to"].n_unique() == rows
    assert judged.rows["id"].n_unique() == rows


def test_the_survey_needs_no_schema() -> None:
    without, with_schema = checked("survey.csv", None), checked("survey.csv", "customer_survey.toml")
    assert without.problems.rows() == []
    assert without.rows.select("row", "id", "to").equals(with_schema.rows.select("row", "id", "to"))


def test_the_workbook_calls_the_same_people_with_the_same_words_as_the_text_file() -> None:
    from_text, from_workbook = (checked(f"contacts.{end}", "appointment_reminder.toml") for end in ("csv", "xlsx"))
    assert bodies(from_workbook) == bodies(from_text)
    assert from_workbook.rows["expires"].equals(from_text.rows["expires"])


@pytest.mark.parametrize("name", FAULTY)
def test_each_fault_is_found_where_it_is_and_nothing_else(name: str) -> None:
    judged = checked(name, "appointment_reminder.toml")
    assert set(judged.problems.select("row", "code").rows()) == EXCHANGE_ERRORS
    assert judged.rows["row"].to_list() == [row for row in range(2, 32) if row != 22]  # row 22 is blank


@pytest.mark.parametrize("name", FAULTY)
def test_names_and_notes_arrive_as_they_are_written(name: str) -> None:
    rows = {row["row"]: row for row in checked(name, "appointment_reminder.toml").rows.iter_rows(named=True)}
    assert rows[9]["to"] == "+12065550106"
    assert rows[19]["payload.customer_name"] == "Jörg Müßig-Grün"
    assert rows[20]["payload.customer_name"] == "Zoë 🦷 Quinn"
    assert rows[21]["payload.note"] == "Prefers mornings, if there are any\nCall the ward's desk"


@pytest.mark.parametrize("name", SHEETS)
def test_every_number_is_set_aside_for_fiction(name: str) -> None:
    found = numbers(name)
    assert len(found) >= 15
    assert sorted(number for number in found if not FICTION.fullmatch(number)) == []


@pytest.mark.parametrize("name", CLEAN)
def test_a_clean_sheet_meets_no_fault_in_the_sandbox(name: str) -> None:
    assert not numbers(name) & {special.number for special in SPECIAL_NUMBERS}
    assert numbers(name) == set(checked(name, CLEAN[name][0]).rows["to"])


@pytest.mark.parametrize("name", CLEAN)
def test_no_row_of_a_clean_sheet_expires_within_years(name: str) -> None:
    rows = checked(name, CLEAN[name][0]).rows
    assert "expires" not in rows.columns or str(rows["expires"].min()) > "2046"
