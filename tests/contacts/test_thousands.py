"""A number of a workbook is said as it is shown, with commas, and is a number all the same where the schema asks."""

import tomllib
from pathlib import Path

import pytest
import xlsxwriter
from catalogue import ANN, BOB

from batch_dialer.contacts.map_sheet import map_sheet
from batch_dialer.contacts.validate import Checked, validate
from batch_dialer.schema.parse import parse_schema
from batch_dialer.sheets.reading import read_sheet

SCHEMA = '[to]\ncolumn = "phone"\n[payload.amount]\ncolumn = "amount, EUR"\ntype = "{kind}"\n'


def check(folder: Path, second: float | str, kind: str) -> Checked:
    book = xlsxwriter.Workbook(folder / "a.xlsx")
    page = book.add_worksheet()
    thousands = book.add_format({"num_format": "#,##0.00" if kind != "integer" else "#,##0"})
    page.write_row(0, 0, ["phone", "amount, EUR"])
    page.write_row(1, 0, [ANN, 1234567], thousands)
    page.write_row(2, 0, [BOB, second], thousands)
    book.close()
    sheet = read_sheet(folder / "a.xlsx")
    return validate(
        sheet, map_sheet(parse_schema(tomllib.loads(SCHEMA.format(kind=kind)), "s.toml"), sheet, None), "UTC"
    )


@pytest.mark.parametrize(
    ("kind", "said"), [("string", "1,234,567.00"), ("decimal", "1234567.00"), ("integer", "1234567")]
)
def test_a_number_with_commas_is_a_number(tmp_path: Path, kind: str, said: str) -> None:
    checked = check(tmp_path, 5, kind)
    assert 2 == checked.good
    assert said in str(checked.rows.rows(named=True)[0])


def test_where_a_text_has_a_comma_too_nobody_knows(tmp_path: Path) -> None:
    assert ["INVALID_VALUE"] * 2 == check(tmp_path, "1,250", "decimal").rows["code"].to_list()
