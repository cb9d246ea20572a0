"""A number in a number format is what a spreadsheet program shows.

`number_formats.tsv` has what LibreOffice 7.4 shows, as it exports a workbook of these cells to CSV with its texts "as
shown". Where the text here is another one, the last column says by which rule.
"""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_dialer.contacts.sheet_errors import SHEET_ERRORS
from batch_dialer.sheets.workbook.cell_marks import ERRORS, UNCALCULATED
from batch_dialer.sheets.workbook.display import _AS_WRITTEN, OUT_OF_RANGE, UNKNOWN_FORMAT, Display
from batch_dialer.sheets.workbook.number_formats import BUILT_IN

WHY = {
    "iso": "a date or time has one form, however it is shown",
    "currency": "the sign of a currency is left out",
    "whole": "a whole number in a format of powers of ten keeps its digits",
    "spaces": "spaces that align fractions are no part of them",
    "exponent": "LibreOffice writes three digits, Excel two",
    "range": "Excel shows ####, where LibreOffice goes on counting",
    "refused": "programs show it differently",
}
CASES = [
    line.split("\t")
    for line in (Path(__file__).parent / "number_formats.tsv").read_text(encoding="utf-8").splitlines()[1:]
]


def shown(code: str, value: str | float, *, from_1904: bool = False) -> str:
    display = Display(code, from_1904=from_1904)
    return (display.text(value) if isinstance(value, str) else display.number(value)) or ""


@pytest.mark.parametrize(("code", "value", "libreoffice", "text", "because"), CASES)
def test_a_cell_is_what_a_spreadsheet_program_shows(
    code: str, value: str, libreoffice: str, text: str, because: str
) -> None:
    assert text == shown(code, json.loads(value))
    assert because in WHY if because else text == libreoffice.strip()


def test_the_table_is_long_and_its_exceptions_are_all_in_use() -> None:
    assert len({code for code, *_ in CASES}) >= 60
    assert WHY.keys() == {case[4] for case in CASES} - {""}


@pytest.mark.parametrize(
    ("code", "value", "text"),
    [
        ("yyyy-mm-dd", 0, "1904-01-01"),
        ("yyyy-mm-dd", 44895, "2026-12-01"),
        ("yyyy-mm-dd hh:mm", 44895.395833333, "2026-12-01 09:30"),
        ("yyyy-mm-dd", 2957003, "9999-12-31"),
        ("yyyy-mm-dd", 2957004, OUT_OF_RANGE),
        ("yyyy-mm-dd", -1, OUT_OF_RANGE),
        ("[h]:mm", 1.25, "30:00"),
    ],
)
def test_the_calendar_from_1904_counts_from_another_day(code: str, value: float, text: str) -> None:
    assert text == shown(code, value, from_1904=True)


def test_the_day_that_never_was_is_no_date() -> None:
    assert ["1900-02-28", OUT_OF_RANGE, "1900-03-01"] == [shown("yyyy-mm-dd", day) for day in (59, 60, 61)]


@pytest.mark.parametrize(
    "code",
    [
        *("[DBNum1]0", "[$-409", "0.0.0", "q0", '"open', "0;0;0;@;0", "yyyy 0%", "[h] yyyy", "0/0/0", "0.0,0"),
        *("# ???/???????", "s", "0" * 1_001, "[x]0", "E+", "\\"),
    ],
)
def test_a_format_that_is_not_understood_shows_no_other_text(code: str) -> None:
    assert UNKNOWN_FORMAT == shown(code, 5.5)


@pytest.mark.parametrize("code", ["0q", "", "@", "0.00", "yyyy", "0;0;0", "General"])
def test_texts_are_themselves_in_formats_for_numbers(code: str) -> None:
    assert " 0415 " == shown(code, " 0415 ")


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 1e308, -1e308, 5e-324])
@pytest.mark.parametrize("code", ["General", "0.00", "#,##0", "0%", "0E+0", "# ?/?", "yyyy", "[h]:mm"])
def test_every_number_ends_as_a_text(code: str, value: float) -> None:
    assert isinstance(shown(code, value), str)


@pytest.mark.parametrize("code", _AS_WRITTEN)
@given(data=st.data())
def test_numbers_that_are_taken_as_written_would_be_shown_so(code: str, data: st.DataObject) -> None:
    written = data.draw(st.from_regex(Display(code).as_written or "", alphabet="0123456789."))
    assert shown(code, float(written)) == written.strip()


@pytest.mark.parametrize("number", BUILT_IN)
def test_every_built_in_format_is_understood(number: int) -> None:
    assert UNKNOWN_FORMAT != shown(BUILT_IN[number], 46357.395833333)
    assert UNKNOWN_FORMAT != shown(BUILT_IN[number], 0.5)


def test_what_cannot_be_shown_is_rejected_where_it_is_used() -> None:
    assert ERRORS | {UNCALCULATED, OUT_OF_RANGE, UNKNOWN_FORMAT} <= set(SHEET_ERRORS)
