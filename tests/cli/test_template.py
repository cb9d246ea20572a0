"""`template`: a sheet to begin with, which is good as it is for whatever schema it was made."""

import csv
from pathlib import Path
from typing import Any

import openpyxl
import phonenumbers
import pytest
from harness import run_here
from hypothesis import given
from hypothesis import strategies as st

from batch_dialer.contacts.mapping import map_columns
from batch_dialer.contacts.validate import validate
from batch_dialer.scaffold.pattern_example import example_texts
from batch_dialer.scaffold.sheet_columns import starter_columns
from batch_dialer.schema.parse import parse_schema
from batch_dialer.sheets.reading import read_sheet

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = sorted((ROOT / "schemas").glob("*.toml"))

EVERYTHING = """
unmapped = "error"
[id]
column = "ID"
[to]
column = "Phone"
region = "DE"
[payload.code]
column = "Code"
pattern = "[A-Z]{2}-\\\\d{4}(?:/[xy]+)?"
[payload.long]
column = "Long"
min_length = 30
max_length = 31
[payload.count]
column = "Count"
type = "integer"
min = 7
max = 9
[payload.share]
column = "Share"
type = "decimal"
max = -0.5
[payload.ok]
column = "OK"
type = "boolean"
[payload.choice]
column = "Choice"
one_of = ["Mo, Tu", "We"]
[payload.born]
column = "Born"
type = "date"
format = "%d/%m/%Y"
max = 1990-01-01
[payload.at]
column = "At"
type = "datetime"
min = 2046-05-01
[delay_seconds]
column = "Delay"
[is_testing]
column = "Test"
[expires]
column = "Until"
"""


def load(path: Path) -> Any:
    return openpyxl.load_workbook(path)


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: path.stem)
def test_a_starter_sheet_is_good_as_it_is(tmp_path: Path, schema: Path, ending: str) -> None:
    out = tmp_path / f"starter.{ending}"
    run_here("template", "--schema", schema, "--out", out, cwd=tmp_path)
    assert "1 can be dialed, 0 cannot" in run_here("validate", out, "--schema", schema, cwd=tmp_path).stdout


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_without_a_schema_it_has_the_columns_that_need_none(tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"starter.{ending}"
    run_here("template", "--out", out, cwd=tmp_path)
    assert {"phone", "name"} <= set(read_sheet(out).headers)
    run_here("validate", out, cwd=tmp_path)


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_every_key_of_a_schema_is_kept_to(tmp_path: Path, ending: str) -> None:
    (tmp_path / "s.toml").write_text(EVERYTHING)
    out = tmp_path / f"starter.{ending}"
    run_here("template", "--schema", "s.toml", "--out", out, cwd=tmp_path)
    run_here("validate", out, "--schema", "s.toml", cwd=tmp_path)
    example = dict(zip(read_sheet(out).headers, read_sheet(out).cells.row(0)[1:], strict=True))
    assert phonenumbers.is_valid_number(phonenumbers.parse(example["Phone"]))
    assert example["Phone"].startswith("+49")


def test_the_workbook_keeps_people_from_the_usual_faults(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(EVERYTHING)
    run_here("template", "--schema", "s.toml", "--out", "starter.xlsx", cwd=tmp_path)
    book = load(tmp_path / "starter.xlsx")
    rows = book.worksheets[0]
    place = {cell.value: cell.column_letter for cell in rows[1]}
    assert "@" == rows.column_dimensions[place["Phone"]].number_format == rows[f"{place['Phone']}2"].number_format
    assert "@" == rows.column_dimensions[place["Code"]].number_format
    assert rows[f"{place['Born']}2"].is_date
    assert "A2" == rows.freeze_panes
    assert all(cell.font.b for cell in rows[1])
    lists = {str(check.sqref)[0]: check.formula1 for check in rows.data_validations.dataValidation}
    assert '"yes,no"' == lists[place["OK"]]
    assert lists[place["Choice"]].startswith("'Notes'!$")
    notes = {row[0]: row[2] for row in book["Notes"].iter_rows(values_only=True)}
    assert "{{code}}" in notes["Code"]
    assert "One of: Mo, Tu, We" in notes["Choice"]
    assert "Must be filled in" in notes["Phone"]


def test_the_notes_are_never_data_even_where_the_rows_are_gone(tmp_path: Path) -> None:
    run_here("template", "--out", "starter.xlsx", cwd=tmp_path)
    assert "never" in load(tmp_path / "starter.xlsx")["Notes"].cell(7, 3).value
    run_here("validate", "starter.xlsx", "--sheet", "Notes", cwd=tmp_path, expect=3)


def test_an_example_that_cannot_be_found_is_said_and_left_empty(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(
        '[to]\ncolumn = "Phone"\n[payload.x]\ncolumn = "X"\none_of = ["a"]\npattern = "b"\n'
    )
    said = run_here("template", "--schema", "s.toml", "--out", "starter.xlsx", cwd=tmp_path).stdout
    assert 'Column "X"' in said
    assert "fill in one of your own" in load(tmp_path / "starter.xlsx")["Notes"]["C3"].value


@pytest.mark.parametrize("out", ["there.csv", "starter.txt", "none/starter.csv"])
def test_nothing_is_written_over_or_elsewhere(tmp_path: Path, out: str) -> None:
    (tmp_path / "there.csv").write_text("mine")
    run_here("template", "--out", out, cwd=tmp_path, expect=2)
    assert "mine" == (tmp_path / "there.csv").read_text()
    assert ["there.csv"] == [path.name for path in tmp_path.iterdir()]


def test_headers_are_no_formulas(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text('[to]\ncolumn = "=1+2"\n')
    run_here("template", "--schema", "s.toml", "--out", "starter.xlsx", cwd=tmp_path)
    assert "s" == load(tmp_path / "starter.xlsx").worksheets[0]["A1"].data_type
    run_here("template", "--schema", "s.toml", "--out", "starter.csv", cwd=tmp_path)
    with (tmp_path / "starter.csv").open(encoding="utf-8-sig", newline="") as file:
        assert ["=1+2"] == next(csv.reader(file))


@pytest.mark.parametrize("region", ["US", "CA", "GB", "DE", "FR", "AU", "IN", "BR", "JP", "AE", "ZA", "MX", None])
def test_the_example_number_fits_its_country(region: str | None) -> None:
    table = {"column": "Phone"} | ({"region": region} if region else {})
    (column,) = starter_columns(parse_schema({"to": table}, "s"), "UTC")
    number = phonenumbers.parse(column.example)
    assert region in {None, phonenumbers.region_code_for_number(number)}


@pytest.mark.parametrize(
    "pattern",
    [
        r"\d{5}",
        r"[A-Z]{2}\d+",
        r"(?:a|b)c?",
        r"^x.y$",
        r"[^a]b",
        r"\w+@\w+\.com",
        r"(Mr|Ms)\. [A-Z][a-z]+",
        r"[\d]{3,}",
    ],
)
def test_texts_for_patterns(pattern: str) -> None:
    tables = {"to": {"column": "Phone"}, "payload": {"x": {"column": "X", "pattern": pattern}}}
    assert starter_columns(parse_schema(tables, "s"), "UTC")[1].example


@given(st.text(max_size=40))
def test_no_pattern_is_too_strange(pattern: str) -> None:
    assert len(list(example_texts(pattern))) <= 7


def test_two_fields_of_one_column_agree_on_its_example(tmp_path: Path) -> None:
    tables = {
        "to": {"column": "Phone"},
        "payload": {"a": {"column": "X", "min_length": 3}, "b": {"column": " x ", "pattern": "[a-z]+"}},
    }
    schema = parse_schema(tables, "s")
    columns = starter_columns(schema, "UTC")
    assert ["Phone", "X"] == [column.header for column in columns]
    (tmp_path / "s.csv").write_text(
        "\n".join(",".join(line) for line in zip(*((c.header, c.example) for c in columns), strict=True))
    )
    sheet = read_sheet(tmp_path / "s.csv")
    assert 1 == validate(sheet, map_columns(schema, sheet.headers), "UTC").good
