"""What a person looks at before agreeing leaves room for the question, and is true."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from makers import job

from batch_dialer.contacts.mapping import ColumnMapping, MappedField
from batch_dialer.contacts.validate import Checked
from batch_dialer.job import Rate
from batch_dialer.ledger.ledger import SANDBOX, Ledger
from batch_dialer.model import Problems, Rows
from batch_dialer.plan.account import Share
from batch_dialer.schema.schema import Field, Place
from batch_dialer.terminal.overview import account_lines, duration, forecast, mapping_lines

_NOW = datetime(2026, 11, 25, 22, 30, tzinfo=UTC)
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


@pytest.fixture(autouse=True)
def _zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set this machine's clock an hour ahead of UTC."""
    monkeypatch.setenv("TZ", "CET-1")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("calls", "rate", "changes", "said"),
    [
        pytest.param(601, Rate(1.5), {}, "at 90 a minute: about 7 min, until 23:36", id="a rate that was asked for"),
        pytest.param(
            601, Rate(1.5, adaptive=True), {},
            "at 90 a minute: about 7 min, until 23:36; sooner if the API allows more", id="the API's",
        ),
        pytest.param(
            5, Rate(1.5, adaptive=True), {}, "at 90 a minute: about 3 s, until 23:30", id="over too soon to tell",
        ),
        pytest.param(
            601, Rate(15, adaptive=True), {"ledger": Ledger(Path("r.csv"), SANDBOX)},
            "at 900 a minute: about 40 s, until 23:30", id="the sandbox's, which is known",
        ),
        pytest.param(8101, Rate(1.5), {}, "at 90 a minute: about 1.5 h, until Thu 26 Nov 01:00", id="the next day"),
        pytest.param(90, Rate(1.5, burst=100), {}, "at 90 a minute: about 1 s, until 23:30", id="all at once"),
        pytest.param(
            601, Rate(1.5), {"max_duration": timedelta(minutes=2)},
            "at 90 a minute: about 7 min, until 23:36; --max-duration ends it at 23:32 after about 181 calls",
            id="the time that was given",
        ),
        pytest.param(2, Rate(0.5 / 3600), {}, "at 0.5 an hour: about 2.0 h, until Thu 26 Nov 01:30", id="slow"),
        pytest.param(2, Rate(0.025), {}, "at 1.5 a minute: about 40 s, until 23:30", id="a fraction"),
    ],
)  # fmt: skip
def test_the_end_is_told_by_the_clock_of_this_machine(
    calls: int, rate: Rate, changes: dict[str, Any], said: str
) -> None:
    assert said == forecast(calls, job(Path("s.csv"), rate=rate, **changes), rate.per_second, _NOW)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "1 s"), (89, "89 s"), (90, "2 min"), (3600, "60 min"), (5400, "1.5 h"), (86_400, "24.0 h")],
)
def test_a_duration_is_said_as_a_person_says_it(seconds: float, said: str) -> None:
    assert said == duration(seconds)
