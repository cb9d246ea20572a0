"""The calling hours of a schema file are understood whole, or refused with the line: then nobody is dialed."""

import tomllib

import pytest

from batch_dialer.errors import UsageError
from batch_dialer.schema.parse import parse_schema
from batch_dialer.schema.parse_hours import HOURS_KEYS
from batch_dialer.schema.schema import CallingHours, Field, Place, Schema
from batch_dialer.words import Exit

_TO = '[to]\ncolumn = "Phone"\n[calling_hours]\n'


def _parsed(text: str) -> Schema:
    whole = f"{_TO}{text}\n"
    return parse_schema(tomllib.loads(whole), "clinic.toml", whole)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("", CallingHours(480, 1260)),
        ('from = "09:00"\nto = "17:30"', CallingHours(540, 1050)),
        ('from = "00:00"\nto = "24:00"', CallingHours(0, 1440)),
        ('days = ["mon", "sun"]', CallingHours(days=frozenset({0, 6}))),
        ('timezone = "recipient"', CallingHours()),
        ('timezone = "America/New_York"', CallingHours(zone="America/New_York")),
        ('holidays = "US-CA"', CallingHours(holidays="US-CA")),
        ('holidays = "DE"', CallingHours(holidays="DE")),
    ],
)
def test_hours_that_are_understood(text: str, hours: CallingHours) -> None:
    assert hours == _parsed(text).calling_hours


def test_without_the_table_nothing_is_said_of_hours() -> None:
    assert parse_schema({"to": {"column": "Phone"}}, "s.toml").calling_hours is None


def test_a_column_for_the_zone_is_a_field_of_the_sheet() -> None:
    schema = _parsed('timezone_column = "Zone"\ntimezone = "Europe/Berlin"')
    assert Field(Place.ZONE, column="Zone") == schema.fields[-1]
    assert schema.calling_hours == CallingHours(zone="Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "says", "remedy", "line"),
    [
        ('from = "9:00"', "from = '9:00' is not a time of day", '"09:00"', 4),
        ('from = "9 am"', "is not a time of day", '"09:00"', 4),
        ('to = "24:01"', "is not a time of day", '"17:30"', 4),
        ("from = 09:00:00", "cannot be used", "It must be text", 4),
        ("from = 9", "from = 9 cannot be used", "It must be text", 4),
        ('from = "20:00"\nto = "08:00"', 'between from = "20:00" and to = "08:00"', "over midnight", 5),
        ('from = "21:00"', 'between from = "21:00" and to = "21:00"', "later", 4),
        ('until = "20:00"', "has the unknown key 'until'", "Known are: from, to, days", 4),
        ('\ndays = "mon"', "days = 'mon' cannot be used", "a list of days", 5),
        ("days = []", "cannot be used", "a list of days", 4),
        ('days = ["mon", "teu"]', "days has 'teu', which is not a day", "Did you mean 'tue'?", 4),
        ("days = [1]", "days has 1", "Known are: mon", 4),
        ('timezone = "EST5"', "timezone = 'EST5' is not the name of a time zone", '"America/New_York"', 4),
        ('timezone = "Berlin"', "is not the name of a time zone", '"recipient"', 4),
        ('timezone_column = ""', "cannot be used", "the column", 4),
        ("timezone_column = 3", "cannot be used", "It must be text", 4),
        ('holidays = "US-XX"', "names no part of US that is known", "Known are: ", 4),
        ('holidays = "Bavaria"', "names no country whose holidays are known", '"US-CA"', 4),
        ('holidays = "KE-01"', "names no part of KE", 'Write "KE"', 4),
    ],
)
def test_hours_that_cannot_be_read_are_refused_with_their_line(text: str, says: str, remedy: str, line: int) -> None:
    with pytest.raises(UsageError) as refusal:
        _parsed(text)

    assert says in refusal.value.what
    assert remedy in refusal.value.remedy
    assert f"clinic.toml, line {line}," in refusal.value.what
    assert Exit.USAGE is refusal.value.exit


def test_hours_that_are_no_table_are_refused() -> None:
    with pytest.raises(UsageError, match="calling_hours must be a table"):
        parse_schema({"to": {"column": "Phone"}, "calling_hours": "09:00-17:00"}, "s.toml")


def test_every_key_has_its_sentence() -> None:
    assert all(sentence for _, sentence in HOURS_KEYS.values())
