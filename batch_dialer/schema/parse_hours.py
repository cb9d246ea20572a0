"""Turn the table `[calling_hours]` of a schema file into hours; errors name table, key and line."""

import re
from collections.abc import Mapping

from batch_dialer.schema.schema import CallingHours, Field, Place
from batch_dialer.schema.time_zones import known_zones
from batch_dialer.schema.toml_lines import SchemaSource, suggest

HOURS_KEYS: Mapping[str, tuple[type, str]] = {
    "from": (str, 'the time of day, as in `"09:00"`, from which a phone may ring; 08:00 unless told'),
    "to": (str, 'the time of day before which it must, as in `"20:00"`; 21:00 unless told, `"24:00"` is midnight'),
    "days": (list, 'the days on which it may ring, as in `["mon", "tue", "sat"]`; every day unless told'),
    "timezone": (
        str,
        'where the phones are, as in `"America/New_York"`; `"recipient"`, or no `timezone`: where each number says',
    ),
    "timezone_column": (str, "the column with the name of each row's zone; where it is empty, `timezone` counts"),
    "holidays": (
        str,
        'no phone rings on the public holidays of this country or part of it, as in `"DE"` or `"US-CA"`',
    ),
}
"""Every key of `[calling_hours]`: the type of its value, and the sentence that the schema reference shows."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
RECIPIENT = "recipient"
"""The value of `timezone` that leaves it to each number where its phone is."""

_TABLE = Place.ZONE.value
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|(24):(00)")
_TYPE_WORDS: Mapping[type, str] = {str: "text", list: "a list of days"}


def parse_hours(table: object, file: SchemaSource) -> CallingHours | None:
    """Return the hours of `[calling_hours]`, None without that *table*; raise `UsageError` where it is not valid."""
    if table is None:
        return None
    if not isinstance(table, dict):
        raise file.error(f"{_TABLE} must be a table", 'Write [calling_hours] and, below it, from = "09:00".', _TABLE)
    for key, value in table.items():
        if key not in HOURS_KEYS:
            raise _fault(f"has the unknown key {key!r}", suggest(key, tuple(HOURS_KEYS)), file, key)
        kind, meaning = HOURS_KEYS[key]
        if not isinstance(value, kind) or not value:
            raise _fault(f"{key} = {value!r} cannot be used", f"It must be {_TYPE_WORDS[kind]}: {meaning}.", file, key)
    usual = CallingHours()
    start = _parse_time(table, "from", usual.start, file)
    end = _parse_time(table, "to", usual.end, file)
    if start >= end:
        last = "to" if "to" in table else "from"
        remedy = "Hours over midnight cannot be given: nobody is to be called at night. Give a later to."
        raise _fault(f"has no time between from = {_shown(start)} and to = {_shown(end)}", remedy, file, last)
    return CallingHours(
        start,
        end,
        days=_parse_days(table["days"], file) if "days" in table else usual.days,
        zone=_parse_zone(table.get("timezone", RECIPIENT), file),
        holidays=_parse_holidays(table["holidays"], file) if "holidays" in table else "",
    )


def zone_column(table: object) -> tuple[Field, ...]:
    """Return the field for `timezone_column`, if *table*, which `parse_hours` has checked, names one."""
    column = table.get("timezone_column") if isinstance(table, dict) else None
    return (Field(Place.ZONE, column=column),) if column else ()


def _fault(what: str, remedy: str, file: SchemaSource, key: str) -> Exception:
    return file.error(f"[{_TABLE}] {what}", remedy, _TABLE, key)


def _parse_time(table: Mapping[str, object], key: str, usual: int, file: SchemaSource) -> int:
    """Return the minutes after midnight of a time of day."""
    if key not in table:
        return usual
    found = _TIME.fullmatch(str(table[key]))
    if not found:
        raise _fault(f"{key} = {table[key]!r} is not a time of day", 'Write it as in "09:00" or "17:30".', file, key)
    hour, minute = filter(None, found.groups())
    return int(hour) * 60 + int(minute)


def _shown(minutes: int) -> str:
    return f'"{minutes // 60:02d}:{minutes % 60:02d}"'


def _parse_days(days: object, file: SchemaSource) -> frozenset[int]:
    assert isinstance(days, list)  # noqa: S101  (its type was checked against HOURS_KEYS)
    for day in days:
        if day not in DAYS:
            raise _fault(f"days has {day!r}, which is not a day", suggest(str(day), DAYS), file, "days")
    return frozenset(DAYS.index(day) for day in days)


def _parse_zone(name: object, file: SchemaSource) -> str:
    if name == RECIPIENT:
        return ""
    if name not in known_zones():
        remedy = f'Write it as in "America/New_York" or "Europe/Berlin", or "{RECIPIENT}".'
        raise _fault(f"timezone = {name!r} is not the name of a time zone", remedy, file, "timezone")
    return str(name)


def _parse_holidays(place: object, file: SchemaSource) -> str:
    import holidays  # noqa: PLC0415  (it takes a third of a second, and few files name holidays)

    country, _, part = str(place).partition("-")
    parts = holidays.list_supported_countries().get(country)
    if parts is None:
        remedy = 'Write the two letters of a country, as in "DE", or with a part of it, as in "US-CA".'
        raise _fault(f"holidays = {place!r} names no country whose holidays are known", remedy, file, "holidays")
    if part and part not in parts:
        known = suggest(part, tuple(parts)) if parts else f'Write "{country}": its holidays are the same everywhere.'
        raise _fault(f"holidays = {place!r} names no part of {country} that is known", known, file, "holidays")
    return str(place)
