"""Validation of rows: values of the right type for the valid ones, and every fault of the others at once."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from batch_dialer.contacts.cells import rules
from batch_dialer.contacts.mapping import map_columns
from batch_dialer.contacts.validate import Checked, validate
from batch_dialer.errors import BadSheet, UsageError
from batch_dialer.ledger.keys import with_keys
from batch_dialer.model import Sheet, Target, Via
from batch_dialer.schema.parse import KEYS, parse_schema
from batch_dialer.schema.schema import Field, Place
from batch_dialer.talkover.payload import Caller, body, calls

_GOOD = "+14155550101"
_NO_REGION = "[to]\ncolumn = 'Phone'\n"


def _sheet(
    headers: Sequence[str], rows: Sequence[Sequence[str | None]], ragged: Mapping[int, int] | None = None
) -> Sheet:
    cells = {f"c{place}": pl.Series([row[place] for row in rows], dtype=pl.String) for place in range(len(headers))}
    shown = pl.Series(range(2, len(rows) + 2), dtype=pl.UInt32)
    return Sheet("people.csv", tuple(headers), pl.DataFrame({"row": shown} | cells), ragged=ragged or {})


def _checked(text: str | None, sheet: Sheet, zone: str = "UTC") -> Checked:
    schema = parse_schema(tomllib.loads(text), "s.toml") if text else None
    return validate(sheet, map_columns(schema, sheet.headers), zone)


def _column(keys: str, *cells: str | None, zone: str = "UTC") -> list[tuple[object, object]]:
    """Return (value, code) of each cell of a column X whose field has *keys* in the schema."""
    text = f"{_NO_REGION}[payload.x]\ncolumn = 'X'\n{keys}"
    rows = _checked(text, _sheet(("Phone", "X"), [(_GOOD, cell) for cell in cells]), zone).rows
    return list(rows.select("payload.x", "code").iter_rows())


def _codes(keys: str, *cells: str | None, zone: str = "UTC") -> list[object]:
    return [code for _, code in _column(keys, *cells, zone=zone)]


def _values(keys: str, *cells: str | None, zone: str = "UTC") -> list[object]:
    column = _column(keys, *cells, zone=zone)
    assert not [code for _, code in column if code]
    return [value for value, _ in column]


def _bad(count: int) -> list[object]:
    return ["INVALID_VALUE"] * count


# Rows


def test_a_good_row_has_its_values_and_no_code() -> None:
    checked = _checked(None, _sheet(("id", "Name", "phone", "context.crm"), [("7", " Ann ", " +1 415 555 0101 ", "x")]))

    assert [
        {
            "row": 2,
            "id": "7",
            "to": _GOOD,
            "payload.name": "Ann",
            "context.crm": "x",
            "code": None,
            "message": None,
        }
    ] == checked.rows.select("row", "id", "to", "payload.name", "context.crm", "code", "message").to_dicts()
    assert 1 == checked.good
    assert 0 == checked.problems.height


def test_a_sheet_without_rows() -> None:
    checked = _checked(None, _sheet(("Name", "phone"), []))

    assert (0, 0, 0) == (checked.rows.height, checked.good, checked.problems.height)


def test_all_faults_of_a_row_are_told_at_once() -> None:
    text = (
        f"{_NO_REGION}[id]\ncolumn = 'ID'\n[payload.name]\ncolumn = 'Name'\nmin_length = 3\npattern = '[A-Z].*'\n"
        "[payload.due]\ncolumn = 'Due'\ntype = 'decimal'\nrequired = true\n[delay_seconds]\ncolumn = 'Delay'\n"
    )
    sheet = _sheet(
        ("Name", "ID", "Phone", "Due", "Delay"),
        [("Ann", "1", _GOOD, "1", "0"), ("x", "1", "123", None, "9999"), ("Bob", "2", "+14155550102", "x", "")],
    )
    checked = _checked(text, sheet)

    assert {
        (3, "ID", "1", "DUPLICATE_ID"),
        (3, "Phone", "123", "INVALID_PHONE_NUMBER"),
        (3, "Name", "x", "INVALID_VALUE"),
        (3, "Due", "", "MISSING_VALUE"),
        (3, "Delay", "9999", "INVALID_VALUE"),
        (4, "Due", "x", "INVALID_VALUE"),
    } == set(checked.problems.select("row", "column", "value", "code").iter_rows())
    assert 7 == checked.problems.height, "the name is too short, and not of the form"
    assert [None, "DUPLICATE_ID", "INVALID_VALUE"] == checked.rows["code"].to_list()
    assert 1 == checked.good


@pytest.mark.parametrize("place", [1, 49, 50, 51, 100, 119])
def test_no_column_of_a_wide_sheet_is_passed_over(place: int) -> None:
    """They are checked some at a time."""
    headers = ("Phone", *(f"Column {n}" for n in range(1, 120)))
    cells = [_GOOD, *["text"] * 119]
    bad = [_GOOD, *["text"] * (place - 1), "#N/A", *["text"] * (119 - place)]
    checked = _checked(None, _sheet(headers, [cells, bad]))
    assert [None, "INVALID_VALUE"] == checked.rows["code"].to_list()
    assert [(3, f"Column {place}")] == checked.problems.select("row", "column").rows()


def test_the_message_names_each_column_the_fault_and_the_remedy() -> None:
    text = f"{_NO_REGION}[payload.x]\ncolumn = 'Amount due'\ntype = 'integer'\n"
    message = _checked(text, _sheet(("Phone", "Amount due"), [("123", "12 EUR")])).rows["message"][0]

    assert "Phone has 3 digits, too few for a phone number. Write the number with +" in message
    assert "Amount due is not a whole number. Write a whole number in digits" in message


def test_problems_come_in_the_order_of_the_sheet_with_the_numbers_that_people_see() -> None:
    checked = _checked(None, _sheet(("phone",), [("1",), (_GOOD,), ("#N/A",), (None,)]))

    assert [2, 4, 5] == checked.problems["row"].to_list()


def test_each_number_has_its_own_reason() -> None:
    checked = _checked(None, _sheet(("phone",), [("#N/A",), (None,), ("n/a",), ("1-800-FLOWERS",), ("123",), ("123",)]))
    codes = ["INVALID_PHONE_NUMBER"] * 4

    assert [codes[0], "MISSING_PHONE_NUMBER", "MISSING_PHONE_NUMBER", *codes[1:]] == checked.rows["code"].to_list()
    assert [None] * 6 == checked.rows["to"].to_list()
    assert 6 == checked.problems.height


def test_the_region_is_the_schema_s() -> None:
    sheet = _sheet(("Phone",), [("030/1234567",), (_GOOD,)])

    assert ["+49301234567", _GOOD] == _checked(f"{_NO_REGION}region = 'DE'", sheet).rows["to"].to_list()
    assert [None, _GOOD] == _checked(_NO_REGION, sheet).rows["to"].to_list()


def test_what_the_schema_asks_of_the_number_is_asked_too() -> None:
    text = f"{_NO_REGION}pattern = '\\+1.*'\nunique = true"
    sheet = _sheet(("Phone",), [(_GOOD,), ("+442079460958",), (_GOOD,), ("123",), (None,)])

    assert [None, "INVALID_VALUE", "INVALID_VALUE", "INVALID_PHONE_NUMBER", "MISSING_PHONE_NUMBER"] == (
        _checked(text, sheet).rows["code"].to_list()
    )


def test_a_ragged_row_is_refused_whole() -> None:
    """Its cells may be under the wrong headers, the number among them."""
    sheet = _sheet(("phone", "Name"), [(_GOOD, "Ann"), ("+14155550102", None)], ragged={3: 1})
    checked = _checked(None, sheet)

    assert [None, "INVALID_VALUE"] == checked.rows["code"].to_list()
    assert "The row has 1 fields where the header has 2." in checked.rows["message"][1]


# Identity


def test_an_id_is_there_once_and_is_text() -> None:
    text = f"{_NO_REGION}[id]\ncolumn = 'ID'\n"
    cells = ["007", "7", "007", None, " 7 ", "#REF!", "1e5"]
    rows = _checked(text, _sheet(("Phone", "ID"), [(_GOOD, cell) for cell in cells])).rows

    assert ["007", "7", "007", None, "7", "#REF!", "1e5"] == rows["id"].to_list()
    assert [None, None, "DUPLICATE_ID", "MISSING_VALUE", "DUPLICATE_ID", "INVALID_VALUE", None] == rows[
        "code"
    ].to_list()


def test_without_an_id_column_it_is_empty() -> None:
    assert [""] == _checked(None, _sheet(("phone",), [(_GOOD,)])).rows["id"].to_list()


# Types


def test_text() -> None:
    cells = (" Ann ", "=1+1", "0044", "{{x}}", "a\nb", "😀", "FALSE", "1e5")

    assert ["Ann", "=1+1", "0044", "{{x}}", "a\nb", "😀", "FALSE", "1e5"] == _values("", *cells)


def test_whole_numbers() -> None:
    assert [5, -5, 5, 5, 0, 999_999_999_999_999_999] == _values(
        "type = 'integer'", "5", "-5", "+5", "5.0", "0", "9" * 18
    )
    assert _bad(12) == _codes(
        "type = 'integer'",
        "02139",
        "00",
        "-05.0",
        "5.5",
        "1,000",
        "1.000,0",
        "1e3",
        "five",
        "5 EUR",
        "\u0665",
        "9" * 19,
        "-",
    )


def test_decimals_are_text_as_they_were_written() -> None:
    """A prompt shows text, and a float could turn into 1249.9999999999998."""
    assert ["1250.00", "-0.5", "7", "0.10"] == _values("type = 'decimal'", "1250.00", "-0.5", "+7", "0.10")
    assert _bad(8) == _codes("type = 'decimal'", "1,250.00", "1250,00", "$5", "1e3", "NaN", "inf", ".5", "\u0661\u0662")


@pytest.mark.parametrize("cell", ["12,50", "1,234", "-0,5", "1.234,50", "1,234.50", "1\u00a0234,50", "1'234,50"])
def test_a_comma_in_a_number_is_never_guessed_at(cell: str) -> None:
    sheet = _sheet(("Phone", "Due"), [(_GOOD, cell), (_GOOD, "12.50"), (_GOOD, "a, b")])
    problems = _checked(f"{_NO_REGION}[payload.x]\ncolumn = 'Due'\ntype = 'decimal'\n", sheet).problems

    assert [2, 4] == problems["row"].to_list(), "one fault each"
    assert problems["why"][0].startswith("has a comma")
    assert "is not a number" == problems["why"][1]
    assert ".xlsx" in problems["remedy"][0]


def test_truth_values() -> None:
    assert [True] * 5 + [False] * 5 == _values(
        "type = 'boolean'", "true", "TRUE", "Yes", "y", "1", "false", "False", "no", "N", "0"
    )
    assert _bad(4) == _codes("type = 'boolean'", "wahr", "2", "on", "maybe")


def test_dates_are_iso_text() -> None:
    assert ["2026-12-31", "2024-02-29"] == _values("type = 'date'", "2026-12-31", "2024-02-29")
    assert _bad(5) == _codes("type = 'date'", "31/12/2026", "2026-02-29", "46387", "2026-12-31 10:00", "tomorrow")
    assert _bad(4) == _codes("type = 'date'", "90-02-01", "0090-02-01", "026-02-01", "12026-02-01")
    assert _bad(2) == _codes("type = 'date'\nformat = '%d/%m/%Y'", "31/12/29", "01/02/090")
    assert _bad(2) == _codes("type = 'datetime'\nformat = '%d/%m/%Y %H:%M'", "31/12/29 14:30", "29-12-31T14:30:00Z")
    assert ["2029-12-31", "1990-02-01", "1969-02-01"] == _values(
        "type = 'date'\nformat = '%d/%m/%y'", "31/12/29", "01/02/90", "01/02/69"
    )


def test_dates_in_the_form_of_the_sheet() -> None:
    keys = "type = 'date'\nformat = '%d/%m/%Y'"

    assert ["2026-12-31", "2026-03-04", "2026-12-31"] == _values(keys, "31/12/2026", "04/03/2026", "2026-12-31")
    assert _bad(2) == _codes(keys, "12/31/2026", "31.12.2026")


def test_times_are_iso_text_with_the_offset_of_the_zone() -> None:
    cells = {
        "2026-12-31 14:30": "2026-12-31T14:30:00+01:00",
        "2026-12-31T14:30": "2026-12-31T14:30:00+01:00",
        "2026-12-31 14:30:15": "2026-12-31T14:30:15+01:00",
        "2026-12-31T14:30:15.250": "2026-12-31T14:30:15+01:00",
        "2026-07-31 14:30": "2026-07-31T14:30:00+02:00",
        "2026-12-31T14:30Z": "2026-12-31T15:30:00+01:00",
        "2026-12-31T14:30:00Z": "2026-12-31T15:30:00+01:00",
        "2026-12-31T14:30:00.000Z": "2026-12-31T15:30:00+01:00",
        "2026-12-31T14:30:00-05:00": "2026-12-31T20:30:00+01:00",
        "2026-12-31 14:30+0100": "2026-12-31T14:30:00+01:00",
        "2026-12-31": "2026-12-31T00:00:00+01:00",
        "2026-10-25 02:30": "2026-10-25T02:30:00+02:00",
    }

    assert list(cells.values()) == _values("type = 'datetime'", *cells, zone="Europe/Berlin")


def test_a_time_that_the_clock_skips_is_none() -> None:
    assert _bad(1) == _codes("type = 'datetime'", "2026-03-29 02:30", zone="Europe/Berlin")
    assert _bad(3) == _codes("type = 'datetime'", "14:30", "31/12/2026 14:30", "2026-12-31 25:00")


def test_times_in_the_form_of_the_sheet() -> None:
    keys = "type = 'datetime'\nformat = '%d/%m/%Y %H:%M'"
    cells = ("31/12/2026 14:30", "2026-12-31 14:30", "2026-12-31T14:30:00Z", "2026-12-31")

    assert ["2026-12-31T14:30:00+00:00"] * 3 + ["2026-12-31T00:00:00+00:00"] == _values(keys, *cells)


@pytest.mark.parametrize(
    "error",
    [
        "#N/A",
        "#REF!",
        "#NAME?",
        "#VALUE!",
        "#DIV/0!",
        "#NULL!",
        "#NUM!",
        " #N/A ",
        "#SPILL!",
        "#CALC!",
        "#NV",
        "Err:502",
        "Err:508",
        "#BEZUG!",
        "#N/D",
        "#VALEUR!",
        "#¡VALOR!",
        "#N/B",
    ],
)
@pytest.mark.parametrize("kind", ["string", "integer", "decimal", "boolean", "date", "datetime"])
def test_an_error_of_the_spreadsheet_is_never_said_to_anybody(kind: str, error: str) -> None:
    assert _bad(1) == _codes(f"type = '{kind}'", error)


@pytest.mark.parametrize(
    ("keys", "cells", "values"),
    [
        ("", ["nan", "None", "NULL", "n/a", "N/A", "-", " \\N ", "Ann"], [None] * 7 + ["Ann"]),
        ("", ["Null", "Nan", "none", "NA", "None of us", "-1"], ["Null", "Nan", "none", "NA", "None of us", "-1"]),
        ("default = 'you'", ["nan", None, "Ann"], ["you", "you", "Ann"]),
        ("one_of = ['None', 'One']", ["None", "One", "nan"], ["None", "One", None]),
    ],
)
def test_what_programs_write_for_nothing_is_left_out(
    keys: str, cells: list[str | None], values: list[str | None]
) -> None:
    assert values == _values(keys, *cells)


def test_what_is_left_out_is_counted() -> None:
    sheet = _sheet(("Phone", "X", "Y"), [(_GOOD, "nan", "a"), (_GOOD, " NULL", "b"), (_GOOD, "nan", "c")])
    said = ['Column "X" has NULL, nan in 3 cells: taken for empty.']
    assert said == [str(each) for each in _checked(None, sheet).left_out]


def test_what_is_demanded_is_not_there_where_a_program_wrote_nothing() -> None:
    assert ["MISSING_VALUE"] * 2 == _codes("required = true", "None", "nan")
    assert _bad(2) == _codes("type = 'date'", "NaT", "-")


def test_what_only_looks_like_an_error_is_text() -> None:
    assert ["#1", "#N/A yet", "NA", "#hashtag"] == _values("", "#1", "#N/A yet", "NA", "#hashtag")


# Keys of the schema


def test_empty_cells_are_left_out_unless_required() -> None:
    assert [(None, None), (None, None), (None, None)] == _column("", None, "", "   ")
    assert ["MISSING_VALUE", "MISSING_VALUE", None] == _codes("required = true", None, "  ", "x")


@pytest.mark.parametrize("kind", ["integer", "decimal", "boolean", "date", "datetime"])
def test_an_empty_cell_is_good_in_every_type(kind: str) -> None:
    assert [(None, None)] == _column(f"type = '{kind}'", None)
    assert ["MISSING_VALUE"] == _codes(f"type = '{kind}'\nrequired = true", None)


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        ("default = 'friend'", "friend"),
        ("default = 5\ntype = 'integer'", 5),
        ("default = 12.50\ntype = 'decimal'", "12.5"),
        ("default = '12.50'\ntype = 'decimal'", "12.50"),
        ("default = true\ntype = 'boolean'", True),
        ("default = '2026-12-31'\ntype = 'date'", "2026-12-31"),
        ("default = 'friend'\nrequired = true", "friend"),
    ],
)
def test_a_default_is_for_empty_cells(keys: str, value: object) -> None:
    assert [value, value] == _values(keys, None, " ")


def test_a_default_is_held_to_the_same_demands() -> None:
    assert _bad(1) == _codes("default = 'x'\ntype = 'integer'", None)


@pytest.mark.parametrize(
    ("text", "expected"), [("'Acme'", "Acme"), ("5", 5), ("true", True), ("false", False), ("12.5", "12.5"), ("''", "")]
)
def test_a_constant_is_the_same_in_every_row(text: str, expected: object) -> None:
    checked = _checked(f"{_NO_REGION}[payload.x]\nvalue = {text}", _sheet(("Phone",), [(_GOOD,), ("+14155550102",)]))

    assert [expected] * 2 == checked.rows["payload.x"].to_list()
    assert 2 == checked.good


def test_lengths_count_characters() -> None:
    assert [None, *_bad(1), None, None] == _codes("min_length = 2", "ab", "a", "äö", None)
    assert [None, *_bad(1), None, None] == _codes("max_length = 2", "ab", "abc", "äö", None)


def test_a_pattern_matches_the_whole_text() -> None:
    keys = "pattern = '[A-Z]{2}|x'"

    assert [None, None, *_bad(5), None] == _codes(keys, "AB", "x", "ABC", "ab", "xAB", "AB\nC", "yx", None)


def test_one_of_is_a_closed_list() -> None:
    assert [None, None, *_bad(3), None] == _codes("one_of = ['a', 'b c']", "a", " b c ", "A", "b", "a,b c", None)


def test_unique_but_for_empty_cells() -> None:
    assert [None, None, *_bad(1), None, None, None] == _codes("unique = true", "a", "b", " a ", "A", None, None)


@pytest.mark.parametrize(
    ("keys", "good", "bad"),
    [
        ("type = 'integer'\nmin = 5", ["5", "6"], ["4", "-5"]),
        ("type = 'integer'\nmax = 5", ["5", "-6"], ["6"]),
        ("type = 'integer'\nmin = 4.5", ["5"], ["4"]),
        ("type = 'decimal'\nmin = 0", ["0", "0.00", "12.5"], ["-0.01", "-5"]),
        ("type = 'decimal'\nmin = 0.1\nmax = 0.5", ["0.1", "0.50"], ["0.09", "0.51"]),
        ("type = 'date'\nmin = 2026-12-31", ["2026-12-31", "2027-01-01"], ["2026-12-30"]),
        ("type = 'date'\nmax = 2026-12-31", ["2026-12-31"], ["2027-01-01"]),
        ("type = 'datetime'\nmin = 2026-12-31", ["2026-12-31 00:00"], ["2026-12-30 23:59"]),
        ("type = 'datetime'\nmin = 2026-12-31T10:00:00", ["2026-12-31 10:00"], ["2026-12-31 09:59"]),
        ("type = 'datetime'\nmax = 2026-12-31T10:00:00Z", ["2026-12-31 11:00"], ["2026-12-31 11:01"]),
    ],
)
def test_bounds_are_within(keys: str, good: list[str], bad: list[str]) -> None:
    """Times without an offset, in the sheet and in the schema, are local times of the zone."""
    assert [None] * len(good) + _bad(len(bad)) == _codes(keys, *good, *bad, zone="Europe/Berlin")


def test_a_bad_cell_does_not_excuse_the_others() -> None:
    """A check that cannot be computed for one cell still applies to the rest of the column."""
    assert [*_bad(2), None] == _codes("type = 'decimal'\nmin = 0", "\u0661\u0662", "-1", "5")
    assert [*_bad(2), None] == _codes("type = 'integer'\nmin = 0", "x", "-1", "5")


def test_a_demand_that_cannot_be_computed_is_never_passed_over() -> None:
    sheet = _sheet(("Phone", "X"), [(_GOOD, "a")])
    schema = parse_schema(tomllib.loads(f"{_NO_REGION}[payload.x]\ncolumn = 'X'\npattern = 'a'"), "s.toml")
    mapping = map_columns(schema, sheet.headers)
    object.__setattr__(mapping.fields[1].field, "pattern", "(?=a)")  # as if the schema had let it through

    with pytest.raises(RuntimeError, match="regex"):
        validate(sheet, mapping, "UTC")


@pytest.mark.parametrize("cell", ["Ann", "5", "2026-12-31", "yes", None])
@pytest.mark.parametrize("key", sorted(set(KEYS) - {"column", "value"}))
def test_every_key_goes_with_every_type_or_is_refused_by_the_schema(key: str, cell: str | None) -> None:
    example = {
        "default": "'5'",
        "required": "true",
        "type": "'integer'",
        "format": "'%d/%m/%Y'",
        "pattern": "'.*'",
        "one_of": "['5']",
        "min": "1",
        "max": "1",
        "min_length": "2",
        "max_length": "2",
        "unique": "true",
        "region": "'US'",
        "region_column": "'Country'",
        "hint": "'Write a number.'",
    }
    for kind in ("string", "integer", "decimal", "boolean", "date", "datetime"):
        line = "" if key == "type" else f"{key} = {example[key]}\n"
        try:
            code = _codes(f"type = '{kind}'\n{line}", cell)[0]
        except UsageError:
            assert key in {"min", "max", "format", "region_column"}
        else:
            assert code in {None, "INVALID_VALUE", "MISSING_VALUE"}


# Our own fields


def test_the_delay_is_seconds_up_to_an_hour() -> None:
    text = f"{_NO_REGION}[delay_seconds]\ncolumn = 'Delay'\n"
    cells = ["0", "3600", "5.0", None, "3601", "-1", "1e9", "soon"]
    rows = _checked(text, _sheet(("Phone", "Delay"), [(_GOOD, cell) for cell in cells])).rows

    assert [0, 3600, 5, 0] == rows["delay_seconds"].to_list()[:4]
    assert [None] * 4 + _bad(4) == rows["code"].to_list()


def test_a_constant_delay_is_held_to_the_same_hour() -> None:
    assert [None] == _checked(f"{_NO_REGION}[delay_seconds]\nvalue = 60", _sheet(("Phone",), [(_GOOD,)])).rows[
        "code"
    ].to_list()
    assert (
        _bad(1)
        == _checked(f"{_NO_REGION}[delay_seconds]\nvalue = 5000", _sheet(("Phone",), [(_GOOD,)])).rows["code"].to_list()
    )


def test_whether_it_is_a_test() -> None:
    sheet = _sheet(("phone", "is_testing"), [(_GOOD, cell) for cell in ("yes", "TRUE", "1", "wahr")])
    checked = _checked(None, sheet)
    assert [True, True, True] == checked.rows["is_testing"].to_list()[:3]
    assert [None, None, None, "INVALID_VALUE"] == checked.rows["code"].to_list()
    assert checked.testing

    sheet = _sheet(("phone", "is_testing"), [(_GOOD, cell) for cell in ("no", "0", None, "wahr")])
    checked = _checked(None, sheet)
    assert [False, False, False] == checked.rows["is_testing"].to_list()[:3]
    assert not checked.testing


def test_a_row_that_cannot_be_dialed_makes_no_real_call_a_test() -> None:
    sheet = _sheet(("phone", "is_testing"), [(_GOOD, "no"), ("12", "yes")])
    assert not _checked(None, sheet).testing


def test_a_sheet_with_tests_and_real_calls_is_refused() -> None:
    sheet = _sheet(("phone", "is_testing"), [(_GOOD, cell) for cell in ("wahr", None, "yes")])
    with pytest.raises(BadSheet, match=r"tests \(row 4\), others are real calls \(row 3\)"):
        _checked(None, sheet)


@pytest.mark.parametrize(
    ("keys", "cell", "expected"),
    [
        ("", "2026-12-31 14:30", datetime(2026, 12, 31, 13, 30, tzinfo=UTC)),
        ("", "2026-12-31T14:30:00Z", datetime(2026, 12, 31, 14, 30, tzinfo=UTC)),
        ("", "2026-12-31", datetime(2026, 12, 31, 23, 0, tzinfo=UTC)),
        ("format = '%d/%m/%Y'", "31/12/2026", datetime(2026, 12, 31, 23, 0, tzinfo=UTC)),
        ("format = '%d/%m/%Y'", "2026-12-31", datetime(2026, 12, 31, 23, 0, tzinfo=UTC)),
        ("format = '%d/%m/%Y %H:%M'", "31/12/2026 14:30", datetime(2026, 12, 31, 13, 30, tzinfo=UTC)),
        ("format = '%d/%m/%Y %H:%M'", "2026-12-31", datetime(2026, 12, 31, 23, 0, tzinfo=UTC)),
        ("", None, None),
    ],
)
def test_what_expires_on_a_day_expires_at_its_end(keys: str, cell: str | None, expected: datetime | None) -> None:
    text = f"{_NO_REGION}[expires]\ncolumn = 'Until'\n{keys}"
    rows = _checked(text, _sheet(("Phone", "Until"), [(_GOOD, cell)]), "Europe/Berlin").rows

    assert [(expected, None)] == rows.select("expires", "code").rows()


def test_an_expiry_that_cannot_be_read_is_no_licence_to_call() -> None:
    text = f"{_NO_REGION}[expires]\ncolumn = 'Until'\n"

    assert (
        _bad(2) == _checked(text, _sheet(("Phone", "Until"), [(_GOOD, "soon"), (_GOOD, "#N/A")])).rows["code"].to_list()
    )


# As it is sent


def test_from_the_sheet_to_the_body_of_the_request() -> None:
    text = (
        f"{_NO_REGION}region = 'US'\n"
        "[payload.name]\ncolumn = 'Name'\n[payload.age]\ncolumn = 'Age'\ntype = 'integer'\n"
        "[payload.member]\ncolumn = 'Member'\ntype = 'boolean'\n[payload.due]\ncolumn = 'Due'\ntype = 'decimal'\n"
        "[payload.day]\ncolumn = 'Day'\ntype = 'date'\nformat = '%d/%m/%Y'\n[payload.company]\nvalue = 'Acme'\n"
        "[payload.note]\ncolumn = 'Note'\n[context.row]\ncolumn = 'Age'\n[delay_seconds]\nvalue = 30\n"
    )
    headers = ("Phone", "Name", "Age", "Member", "Due", "Day", "Note")
    checked = _checked(text, _sheet(headers, [("(415) 555-0101", "Ann", "41", "yes", "12.50", "31/12/2026", None)]))
    call = next(calls(with_keys(checked.rows), Caller(Target(Via.AGENT, "agent_1"))))

    assert {
        "to": _GOOD,
        "payload": {
            "name": "Ann",
            "age": 41,
            "member": True,
            "due": "12.50",
            "day": "2026-12-31",
            "company": "Acme",
        },
        "context": {"row": "41"},
        "delay_seconds": 30,
        "is_testing": False,
    } == body(call)


def test_many_rows_keep_their_order_and_their_numbers() -> None:
    rows: list[tuple[Any, ...]] = [(f"+1415555{n:04d}" if n % 3 else "bad", str(n)) for n in range(5_000)]
    checked = _checked(None, _sheet(("phone", "n"), rows))

    assert list(range(2, 5_002)) == checked.rows["row"].to_list()
    assert [str(n) for n in range(5_000)] == checked.rows["payload.n"].to_list()
    assert [n + 2 for n in range(0, 5_000, 3)] == [
        row for row, code in checked.rows.select("row", "code").rows() if code and (row - 2) % 3 == 0
    ]


def test_what_to_do_about_a_bad_value_is_said_in_the_words_of_the_field() -> None:
    hinted = Field(Place.PAYLOAD, "code", column="Code", pattern="[A-Z]{2}[0-9]+", hint="Copy it from the invoice.")
    read = pl.DataFrame({"code": ["AB12", "12", "#N/A"]})["code"]
    remedies = {rule.why: rule.remedy for rule in rules(hinted, pl.lit(read), pl.lit(read), "UTC")}

    assert "Copy it from the invoice." == remedies["does not have the form [A-Z]{2}[0-9]+"]
    assert "Correct the formula, or type the value." == remedies["is an error value of the spreadsheet"]
