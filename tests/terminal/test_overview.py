"""What a person looks at before agreeing leaves room for the question, and is true."""

import polars as pl
import pytest

from batch_dialer.contacts.mapping import ColumnMapping, MappedField
from batch_dialer.contacts.validate import Checked
from batch_dialer.model import Problems, Rows
from batch_dialer.plan.account import Share
from batch_dialer.schema.schema import Field, Place
from batch_dialer.terminal.overview import account_lines, mapping_lines

_FIELDS = (
    Field(Place.ID, column="Customer ID"),
    Field(Place.EXPIRES, column="Appointment"),
    Field(Place.PAYLOAD, "customer_name", column="First Name"),
    Field(Place.PAYLOAD, "amount_due", column="Amount due"),
    Field(Place.PAYLOAD, "practice", value="Acme Dental"),
    Field(Place.CONTEXT, "customer_id", column="Customer ID"),
    Field(Place.TESTING, value=True),
    Field(Place.TO, column="Mobile"),
)


def _mapping(*fields: Field, ignored: tuple[str, ...] = ()) -> Checked:
    mapping = ColumnMapping(tuple(MappedField(field, n) for n, field in enumerate(fields)), ignored)
    return Checked(Rows(pl.DataFrame()), Problems(pl.DataFrame()), mapping)


def test_what_decides_about_a_call_is_first_and_a_line_each() -> None:
    assert [
        '  column "Mobile"       ->  to',
        '  column "Customer ID"  ->  id',
        '  column "Appointment"  ->  expires',
        "  true in every row     ->  is_testing",
        '  prompt variables: customer_name ("First Name"), amount_due, practice = "Acme Dental"',
        "  context: customer_id",
        '  not used: "Notes", "Owner"',
    ] == mapping_lines(_mapping(*_FIELDS, ignored=("Notes", "Owner")), None).splitlines()


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("others", [5, 25, 400])
def test_however_many_columns_a_sheet_has_the_mapping_is_short(width: int, others: int) -> None:
    variables = tuple(Field(Place.PAYLOAD, f"variable_{n}", column=f"Column {n}") for n in range(others))
    unused = tuple(f"Not wanted {n}" for n in range(others))
    lines = mapping_lines(_mapping(*_FIELDS, *variables, ignored=unused), width).splitlines()
    assert len(lines) <= 11
    assert max(map(len, lines)) <= width
    assert 1 == sum("not used: " in line for line in lines)
    assert lines[-1].startswith("  not used: ")
    assert others == lines[-1].count('"Not') + int(([*lines[-1].split(" and "), "0"])[1].split()[0])


def test_a_log_has_all_of_it() -> None:
    unused = tuple(f"Not wanted {n}" for n in range(400))
    assert 400 == mapping_lines(_mapping(*_FIELDS, ignored=unused), None).count('"Not wanted')


def test_the_account_is_a_line_for_each_share() -> None:
    shares = [Share("to call now", 1200, ""), Share("hidden", 3, "in the sheet")]
    assert "  to call now  1,200\n  hidden           3  in the sheet" == account_lines(shares)
