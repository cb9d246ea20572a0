"""Workbooks as other programs write them, and as people format them."""

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from catalogue import HEADER, having, row, strict, text, workbook, written

from batch_dialer.sheets.reading import read_sheet


def values(path: Path) -> list[str | None]:
    return list(read_sheet(path).cells.row(0)[1:])


def test_the_strict_form_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(strict(workbook(["phone", "name"], ["+1415", "Zoë"])))
    assert ["+1415", "Zoë"] == values(tmp_path / "a.xlsx")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2026-12-01", "2026-12-01"),
        ("2026-12-01T00:00:00", "2026-12-01"),
        ("2026-12-01T09:30:00Z", "2026-12-01 09:30"),
        ("2026-12-01T09:30:15.5", "2026-12-01 09:30:15.5"),
        ("1900-01-15", "1900-01-15"),
        ("T09:30:00", "09:30"),
        ("09:30:15", "09:30:15"),
        ("soon", "#FORMAT!"),
    ],
)
def test_a_date_that_is_written_as_one_is_that_date(tmp_path: Path, value: str, shown: str) -> None:
    (tmp_path / "a.xlsx").write_bytes(written(HEADER + row(2, f'<c r="A2" t="d"><v>{value}</v></c>')))
    assert [shown] == values(tmp_path / "a.xlsx")[:1]


def test_the_parts_of_a_text_are_one_text_without_its_pronunciation(tmp_path: Path) -> None:
    inside = '<is><r><t>東</t></r><r><t xml:space="preserve"> 京</t></r><rPh sb="0" eb="1"><t>トウ</t></rPh></is>'
    cell = f'<c r="A2" t="inlineStr">{inside}</c>'
    (tmp_path / "a.xlsx").write_bytes(written(HEADER + row(2, cell, text("B2", "a_x000A_b_x005F_x0041_"))))
    assert ["東 京", "a\nb_x0041_"] == values(tmp_path / "a.xlsx")


def test_a_fault_in_what_does_not_matter_does_no_harm(tmp_path: Path) -> None:
    book = workbook(["phone"], ["+1415"])
    with zipfile.ZipFile(io.BytesIO(book)) as package:
        sheet = package.read("xl/worksheets/sheet1.xml").decode()
    after = '<pageSetup orientation="sideways" scale="x"/><dataValidations count="1"><dataValidation type="odd"/>'
    sheet = sheet.replace("<pageMargins", f"{after}</dataValidations><pageMargins")
    (tmp_path / "a.xlsx").write_bytes(having(book, **{"xl/worksheets/sheet1.xml": sheet.encode()}))
    assert ["+1415"] == values(tmp_path / "a.xlsx")


@pytest.mark.parametrize("constant_memory", [True, False])
def test_cells_are_as_shown_whatever_program_wrote_them(tmp_path: Path, *, constant_memory: bool) -> None:
    """As in f08: durations, dates of built-in formats, codes with zeros, fixed decimals."""
    forms: list[tuple[float | str, object]] = [
        (26.5 / 24, "[h]:mm"), (46357, 14), (2134, "00000"), (21341234, "00000\\-0000"), (1250.4567, 4), (0.155, 9),
        (46357.395833333, 22), (0.395833333, 18), (46357, "dd/mm/yyyy;@"), (1.5, 12), (-1250.5, 7), ("x", '"Mr "@'),
    ]  # fmt: skip
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx", {"constant_memory": constant_memory})
    page = book.add_worksheet()
    page.write_row(0, 0, [f"c{place}" for place in range(len(forms))])
    for place, (value, form) in enumerate(forms):
        page.write(1, place, value, book.add_format({"num_format": form}))
    book.close()
    assert [
        *("26:30", "2026-12-01", "02134", "02134-1234", "1,250.46", "16%"),
        *("2026-12-01 09:30", "09:30", "2026-12-01", "1 1/2", "(1,250.50)", "Mr x"),
    ] == values(tmp_path / "a.xlsx")


def test_what_cannot_be_shown_is_counted_and_placed_in_a_note(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    page = book.add_worksheet()
    page.write_row(0, 0, ["a", "b"])
    page.write(1, 0, -5, book.add_format({"num_format": "yyyy-mm-dd"}))
    page.write(1, 1, 5, book.add_format({"num_format": "[DBNum1]0"}))
    page.write(2, 1, 6, book.add_format({"num_format": "[DBNum1]0"}))
    book.close()
    assert ["########", "#FORMAT!"] == values(tmp_path / "a.xlsx")
    notes = read_sheet(tmp_path / "a.xlsx").notes
    assert "1 cell outside of the calendar, shown as ####, the first in A2: rejected where used" in notes
    assert "2 cells in a number format that is not understood, the first in B2: rejected where used" in notes


def test_the_first_of_a_row_that_cannot_be_shown_is_the_leftmost(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    page = book.add_worksheet()
    page.write_row(0, 0, [f"column {n}" for n in range(11)])
    for column in (2, 10):
        page.write(1, column, 5, book.add_format({"num_format": "[DBNum1]0"}))
    book.close()
    assert any("the first in C2" in note for note in read_sheet(tmp_path / "a.xlsx").notes)
