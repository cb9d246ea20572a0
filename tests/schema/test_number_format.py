"""The form in which a column writes its numbers: what the schema file may say, and which cells fit it."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_dialer.contacts.cells import parse_cell
from batch_dialer.schema.number_format import EXAMPLES, parse_number_format
from batch_dialer.schema.schema import Field, Place, Type

_FORMS = [
    "1,234.56",
    "1.234,56",
    "1234,56",
    "1234.56",
    "1 234,56",
    "1'234.56",
    "$1,234.56",
    "1.234,56 €",
    "EUR 1.234,56",
]


def _read(form: str, *cells: str | None, kind: Type = Type.DECIMAL) -> list[str | int | None]:
    field = Field(Place.PAYLOAD, "x", column="x", type=kind, format=form)
    texts = pl.DataFrame({"x": cells}, schema={"x": pl.String})
    return texts.select(parse_cell(field, pl.col("x"), "UTC"))["x"].to_list()


@pytest.mark.parametrize("form", [*_FORMS, *(example.strip('"') for example in EXAMPLES)])
def test_every_form_reads_itself(form: str) -> None:
    assert ["1234.56"] == _read(form, form)


@pytest.mark.parametrize("form", ["", "currency", "%d/%m/%Y", "1,234,56", "1.234.56", "12.34", "1234", "$1,234.56 1"])
def test_what_does_not_show_that_number_is_no_form(form: str) -> None:
    assert parse_number_format(form) is None


@pytest.mark.parametrize(
    ("form", "good", "bad"),
    [
        (
            "$1,234.56",
            {
                "$805.91": "805.91",
                "-$5.00": "-5.00",
                "$-5": "-5",
                "$ 5": "5",
                "12,345.6": "12345.6",
                "1234.5": "1234.5",
            },
            ["€5", "5 €", "1,23", "805,91", "1,2345", "12,34.5", "--5", "-$-5", "$", "1.234.5", "US$5", "5$"],
        ),
        (
            "1.234,56 €",
            {"805,91 €": "805.91", "1.805,91€": "1805.91", "805,91": "805.91", "1.250": "1250", "-3,5 €": "-3.5"},
            ["805.91", "$3", "1,805.91", "€ 3", "3 EUR"],
        ),
        (
            "1 234,56",
            {"1\u202f805,91": "1805.91", "1\u00a0805": "1805", "1 805": "1805"},
            ["1  805", "1 80,5", "1.805,91"],
        ),
        ("1234,56", {"1805,91": "1805.91"}, ["1.805,91", "1 805,91", "1805.91"]),
    ],
)
def test_a_cell_is_read_as_its_column_says_or_not_at_all(form: str, good: dict[str, str], bad: list[str]) -> None:
    assert list(good.values()) == _read(form, *good)
    assert [None] * len(bad) == _read(form, *bad)


def test_whole_numbers_have_forms_too_and_no_zero_in_front() -> None:
    assert [1805, 18, None, None] == _read("1'234.56", "1'805", "18", "018", "1.5", kind=Type.INTEGER)


@given(st.integers(-(10**12), 10**12), st.sampled_from(_FORMS))
def test_law_what_is_written_in_a_form_is_read_back(cents: int, form: str) -> None:
    known = parse_number_format(form)
    assert known
    whole, rest = divmod(abs(cents), 100)
    digits = f"{whole:,}".replace(",", known.thousands) + f"{known.decimal}{rest:02d}"
    sign = "-" if cents < 0 else ""

    assert [f"{sign}{whole}.{rest:02d}"] == _read(form, f"{sign}{known.before}{digits}{known.after}")
