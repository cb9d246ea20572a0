"""A proposed schema is valid as it is, and its sheet passes validation with it, but for cells that are really bad."""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from makers import number

from batch_dialer.contacts.mapping import map_columns
from batch_dialer.contacts.sheet_errors import SHEET_ERRORS
from batch_dialer.contacts.validate import validate
from batch_dialer.errors import BadSheet
from batch_dialer.model import Sheet
from batch_dialer.scaffold.schema_fields import propose_fields
from batch_dialer.scaffold.schema_file import propose_schema
from batch_dialer.schema.parse import parse_schema
from batch_dialer.schema.schema import Field, Place, Schema, Type
from batch_dialer.sheets.reading import read_sheet

_SAMPLES = Path(__file__).parent.parent.parent / "sample_data"


def _sheet(headers: Sequence[str], *rows: Sequence[str | None]) -> Sheet:
    columns = {f"c{n}": pl.Series([row[n] for row in rows], dtype=pl.String) for n in range(len(headers))}
    cells = pl.DataFrame({"row": pl.Series(range(2, len(rows) + 2), dtype=pl.UInt32)} | columns)
    return Sheet("people.csv", tuple(headers), cells)


def _parsed(text: str) -> Schema:
    return parse_schema(tomllib.loads(text), "proposal.toml", text)


def _column(*cells: str | None, header: str = "X") -> Field:
    return propose_fields(_sheet(("phone", header), *[(number(n), cell) for n, cell in enumerate(cells)]))[-1][0]


@pytest.mark.parametrize(
    ("cells", "kind", "form"),
    [
        (("1", "-20"), Type.INTEGER, None),
        (("1", "2.50"), Type.DECIMAL, None),
        (("1,250.00", "99.50"), Type.DECIMAL, "1,234.56"),
        (("1.250,00", "-99,50"), Type.DECIMAL, "1.234,56"),
        (("1 250,00", "99,50"), Type.DECIMAL, "1 234,56"),
        (("1,250", "2,500"), Type.STRING, None),  # a thousand, or one and a quarter
        (("$1,250.00", "$5.00"), Type.STRING, None),  # as a number it would lose its currency
        (("1.50", "nan"), Type.STRING, None),
        (("yes", "No"), Type.BOOLEAN, None),
        (("2026-01-02", "2026-12-31"), Type.DATE, None),
        (("31.12.2026", "01.02.2026"), Type.DATE, "%d.%m.%Y"),
        (("12/31/2026", "01/02/2026"), Type.DATE, "%m/%d/%Y"),
        (("31/12/2026", "01/02/2026"), Type.DATE, "%d/%m/%Y"),
        (("2026-01-02 10:30", "2026-01-02T11:00"), Type.DATETIME, None),
        (("01/02/2026", "03/04/2026"), Type.STRING, None),  # day and month cannot be told apart
        (("26-01-02", "26-01-03"), Type.STRING, None),
        (("31/12/26", "30/12/26"), Type.STRING, None),
        (("01234", "20095"), Type.STRING, None),
        (("2125550103", "2125550104"), Type.STRING, None),
        (("1,50", "2"), Type.STRING, None),
        (("1e5", "2"), Type.STRING, None),
        (("1", "two"), Type.STRING, None),
        (("1", "#N/A"), Type.INTEGER, None),
        ((None, None), Type.STRING, None),
        ((), Type.STRING, None),
    ],
)
def test_the_type_is_what_every_cell_is(cells: tuple[str | None, ...], kind: Type, form: str | None) -> None:
    field = _column(*cells)

    assert (kind, form) == (field.type, field.format)


def test_required_is_what_is_never_empty_and_choices_come_again() -> None:
    assert _column("a", "b").required
    assert not _column("a", None).required
    assert ("a", "b") == _column(*"aababb").one_of
    assert () == _column("a", "b", "c").one_of
    assert () == _column(*[number(0)] * 5, *[number(1)] * 5).one_of


def test_a_column_of_ids_is_found_if_it_names_every_row() -> None:
    rows = [(f"A{n}", "B", number(n)) for n in range(3)]
    assert Field(Place.ID, column="Customer ID") == propose_fields(_sheet(("Customer ID", "x", "phone"), *rows))[0][0]
    assert Place.ID not in {field.place for field, _ in propose_fields(_sheet(("x", "Customer ID", "phone"), *rows))}


def test_dates_that_nobody_can_read_for_certain_are_asked_for() -> None:
    assert "day and month cannot be told apart" in propose_schema(_sheet(("phone", "X"), (number(0), "01/02/2026")))


def test_a_country_is_asked_for_only_where_numbers_need_one() -> None:
    assert "# region" in propose_schema(_sheet(("phone",), ("(212) 555-0103",)))
    assert "# region" not in propose_schema(_sheet(("phone",), (number(0),), ("#N/A",)))


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        (("a", "b"), "No column's header"),
        (("phone", "mobile"), "Several columns may hold"),
        (("phone", "x", "x"), 'Several columns of people.csv have the header "x"'),
        (("to", "status", "call_id", "error_code"), "results file"),
    ],
)
def test_what_cannot_be_dialed_gets_no_proposal(headers: tuple[str, ...], words: str) -> None:
    with pytest.raises(BadSheet) as caught:
        propose_schema(_sheet(headers, ["1"] * len(headers)))
    assert words in caught.value.what
    assert caught.value.remedy


def test_the_numbers_column_can_be_named() -> None:
    sheet = _sheet(("phone", "Mobile"), ("x", number(0)))

    assert "Mobile" == next(
        field.column for field in _parsed(propose_schema(sheet, "Mobile")).fields if field.place is Place.TO
    )
    with pytest.raises(BadSheet, match="no column"):
        propose_schema(sheet, "Fax")


@pytest.mark.parametrize(
    ("name", "region"), [("contacts.csv", "US"), ("contacts.xlsx", "US"), ("payments.csv", "GB"), ("survey.csv", None)]
)
def test_every_clean_sample_is_valid_by_its_proposal(name: str, region: str | None) -> None:
    sheet = read_sheet(_SAMPLES / name)
    text = propose_schema(sheet)
    assert ("# region" in text) == (region is not None)
    filled_in = re.sub(r'# region = "US"', f'region = "{region}"', text)
    checked = validate(sheet, map_columns(_parsed(filled_in), sheet.headers), "UTC")

    assert [] == checked.problems.rows()
    assert not re.search(r"\d{7}", text), "nobody's number is in it"


_headers = st.sampled_from(
    ["Name", "id", "Customer ID", "is_testing", "delay_seconds", "agent_id", "context.x", "context.", "#", "Été", 'a"b',
     "a\nb", "x\x7f", "to be", "name", "N a m e", "rejected_reason", ""]
) | st.text(max_size=6).map(str.strip)  # fmt: skip
_cells = st.sampled_from(
    ["1", "0", "007", "2.5", "yes", "no", "2026-01-02", "01/02/2026", "31.12.2026", "2026-01-02 10:30", "#N/A", "#REF!",
     "Ann", "Bob", " Bob", "+1", "1,5", "true", "26-01-01", "2026-02-30", None, None]
) | st.text(max_size=4).map(lambda text: text if text.strip() else None)  # fmt: skip


@st.composite
def _sheets(draw: st.DrawFn) -> Sheet:
    headers = draw(st.lists(_headers, max_size=4, unique=True))
    count = draw(st.integers(0, 12))
    pools = [draw(st.lists(_cells, min_size=1, max_size=3)) for _ in headers]
    rows: list[list[Any]] = [[*(draw(st.sampled_from(pool)) for pool in pools), number(n)] for n in range(count)]
    return _sheet([*headers, "phone_number"], *rows)


@settings(max_examples=settings().max_examples // 2)
@given(_sheets())
def test_law_a_proposal_finds_no_fault_that_the_sheet_does_not_have(sheet: Sheet) -> None:
    try:
        text = propose_schema(sheet)
    except BadSheet as error:
        assert "Several columns" in error.what  # noqa: PT017  (such a header is the sheet's own fault)
        return
    checked = validate(sheet, map_columns(_parsed(text), sheet.headers), "UTC")

    assert [] == checked.problems.filter(~pl.col("value").is_in(SHEET_ERRORS)).rows()
    assert [field for field, _ in propose_fields(sheet)] != []
    assert sheet.cells.height == checked.rows.height
