"""Turn the tables of a schema file into a `Schema`; errors name the table, the key and the line."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import TypeVar, cast

import polars as pl
from phonenumbers import SUPPORTED_REGIONS

from batch_dialer.schema.countries import suggest_country
from batch_dialer.schema.number_format import EXAMPLES, parse_number_format
from batch_dialer.schema.parse_hours import parse_hours, zone_column
from batch_dialer.schema.parse_skip import parse_keep, parse_skips
from batch_dialer.schema.schema import Field, Place, Schema, Type, Unmapped
from batch_dialer.schema.toml_lines import SchemaSource, find_key_lines, suggest

AnyEnum = TypeVar("AnyEnum", bound=Enum)

KEYS: Mapping[str, tuple[tuple[type, ...], str]] = {
    "column": (
        (str, list),
        (
            'the header of the column that the value comes from; on `[to]` also a list, as in `["Mobile", "Phone"]`:'
            " the first that holds a good number counts"
        ),
    ),
    "value": ((str, int, float, bool), "the same value for every row, instead of a column"),
    "default": ((str, int, float, bool), "taken where the cell is empty"),
    "required": ((bool,), "an empty cell makes the row `rejected`"),
    "type": ((str,), "`string`, `integer`, `decimal`, `boolean`, `date` or `datetime`"),
    "format": (
        (str,),
        (
            "how dates are written, as in `%d/%m/%Y`; ISO 8601 is always understood. For an `integer` or `decimal`: how"
            " 1234.56 would be written, as in `1.234,56`, `$1,234.56` or `1 234,56 €`"
        ),
    ),
    "pattern": ((str,), "a regular expression that the whole text must match"),
    "one_of": ((list,), "the only texts allowed"),
    "min": ((int, float, date, datetime), "the smallest number or earliest date"),
    "max": ((int, float, date, datetime), "the largest number or latest date"),
    "min_length": ((int,), "the fewest characters"),
    "max_length": ((int,), "the most characters"),
    "unique": ((bool,), "no two rows may have the same text"),
    "hint": ((str,), "what to do about a bad value, in your own words; people see it instead of ours"),
    "region": ((str,), "on `[to]`: the country (`US`, `DE`) of numbers written without a country code"),
    "region_column": (
        (str,),
        (
            "on `[to]`: the column with the country of each row's numbers, as in `DE`, `DEU` or `Germany`; where it is"
            " empty, `region` counts"
        ),
    ),
}
"""Every key of a field's table: the types of its value, and the sentence that the schema reference shows."""

_TYPE_WORDS = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list of texts",
    date: "a date",
    datetime: "a date and time",
}

_LISTS = ("skip", "keep")
_TOP_KEYS = (
    "agent_id",
    "campaign_id",
    "unmapped",
    *_LISTS,
    *(place.value for place in Place if place is not Place.AGENT),
)
_BOUND_TYPES: Mapping[Type, tuple[type, ...]] = {
    Type.INTEGER: (int, float),
    Type.DECIMAL: (int, float),
    Type.DATE: (date,),
    Type.DATETIME: (date, datetime),
}
_NAMED_PLACES = (Place.PAYLOAD, Place.CONTEXT)
_NATURAL_TYPES = {bool: Type.BOOLEAN, int: Type.INTEGER}
_FIXED_TYPES = {
    Place.ID: Type.STRING,
    Place.TO: Type.STRING,
    Place.DELAY: Type.INTEGER,
    Place.TESTING: Type.BOOLEAN,
    Place.EXPIRES: Type.DATETIME,
}


def parse_schema(tables: Mapping[str, object], source: str, text: str = "") -> Schema:
    """Return the schema of *tables*, the TOML of the file called *source*; raise `UsageError` where it is not valid.

    *text* is the content of the file, from which the error takes the line; without it, the error has no line.
    """
    file = SchemaSource(source, find_key_lines(text))
    for key in tables:
        if key not in _TOP_KEYS:
            raise file.error(f"the key {key!r} is not known", suggest(key, _TOP_KEYS), key)
    fields = [
        _parse_field(place, name, table, file)
        for place in Place
        if place.value in tables and place not in {Place.AGENT, Place.ZONE}
        for name, table in _named_tables(place, tables[place.value], file)
    ]
    if not any(field.place is Place.TO and field.column for field in fields):
        remedy = 'Add [to] with column = "…", the header of the phone numbers.'
        raise file.error("[to] names no column", remedy, Place.TO.value)
    hours = parse_hours(tables.get(Place.ZONE.value), file)
    return Schema(
        fields=(*fields, *zone_column(tables.get(Place.ZONE.value))),
        agent_id=_parse_text(tables, "agent_id", file),
        campaign_id=_parse_text(tables, "campaign_id", file),
        unmapped=_parse_word(Unmapped, tables.get("unmapped", "error"), "unmapped", file, "unmapped"),
        skips=parse_skips(tables.get("skip", []), file),
        keep=parse_keep(tables.get("keep", []), file),
        calling_hours=hours,
    )


def _named_tables(place: Place, tables: object, file: SchemaSource) -> list[tuple[str, Mapping[str, object]]]:
    if not isinstance(tables, dict):
        remedy = f'Write [{place.value}] and, below it, column = "…".'
        raise file.error(f"{place.value} must be a table", remedy, place.value)
    if place not in _NAMED_PLACES:
        return [("", tables)]
    for name, table in tables.items():
        if not isinstance(table, dict):
            remedy = f'Write:\n[{place.value}.{name}]\ncolumn = "…"'
            raise file.error(f"{place.value}.{name} must be a table", remedy, place.value, name)
    return list(tables.items())


def _parse_field(place: Place, name: str, table: Mapping[str, object], file: SchemaSource) -> Field:
    at = (place.value, name) if name or place in _NAMED_PLACES else (place.value,)
    field = f"[{'.'.join(at)}]"
    for key, value in table.items():
        if key not in KEYS:
            raise file.error(f"{field} has the unknown key {key!r}", suggest(key, tuple(KEYS)), *at, key)
        types, meaning = KEYS[key]
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            remedy = f"It must be {', '.join(_TYPE_WORDS[kind] for kind in types)}: {meaning}."
            raise file.error(f"{field} {key} = {value!r} is of the wrong type", remedy, *at, key)
    if ("column" in table) == ("value" in table):
        remedy = 'Give column = "…" or value = …, one of the two.'
        raise file.error(f"{field} needs either column or value", remedy, *at)
    natural = _NATURAL_TYPES.get(type(table.get("value")), Type.STRING)
    named = _parse_word(Type, table.get("type", natural.value), f"{field} type", file, *at, "type")
    values = dict(table) | {"type": _FIXED_TYPES.get(place, named)}
    values["one_of"] = tuple(str(choice) for choice in cast("list[object]", table.get("one_of", [])))
    for key in ("value", "default"):
        if isinstance(table.get(key), float):
            values[key] = str(table[key])  # decimals are text throughout
    _check_pattern(table.get("pattern"), at, file)
    _check_bounds(table, values["type"], at, file)
    _check_number_format(table.get("format"), cast("Type", values["type"]), at, file)
    if table.get("region", "US") not in SUPPORTED_REGIONS:
        what = f"{field} region = {table['region']!r} is not the code of a country"
        raise file.error(what, suggest_country(str(table["region"])), *at, "region")
    values |= _parse_columns(place, table, at, file)
    return Field(place=place, name=name, **values)  # type: ignore[arg-type]  # each key was checked against KEYS


def _parse_columns(
    place: Place, table: Mapping[str, object], at: tuple[str, ...], file: SchemaSource
) -> dict[str, object]:
    """Return `column` and `fallbacks` of a table whose column may be a list, which only the number to call may have."""
    if place is not Place.TO and "region_column" in table:
        what = f"[{'.'.join(at)}] has the key 'region_column', which only [to] has"
        raise file.error(what, "Move it to [to].", *at, "region_column")
    named = table.get("column")
    if not isinstance(named, list):
        return {}
    if place is not Place.TO:
        what = f"[{'.'.join(at)}] column is a list, which only [to] may have"
        raise file.error(what, 'Name one column, as in column = "Name".', *at, "column")
    if not named or not all(isinstance(header, str) and header for header in named) or len(set(named)) < len(named):
        remedy = 'Name each column once, as in column = ["Mobile", "Phone"].'
        raise file.error("[to] column is not a list of different headers", remedy, *at, "column")
    return {"column": named[0], "fallbacks": tuple(named[1:])}


def _check_number_format(form: object, kind: Type, at: tuple[str, ...], file: SchemaSource) -> None:
    if form is None or kind not in {Type.INTEGER, Type.DECIMAL} or parse_number_format(str(form)):
        return
    what = f"[{'.'.join(at)}] format = {form!r} does not show how numbers are written"
    remedy = f"Write 1234.56 as the column would write it, as in {', '.join(EXAMPLES)}."
    raise file.error(what, remedy, *at, "format")


def _check_pattern(pattern: object, at: tuple[str, ...], file: SchemaSource) -> None:
    """Raise `UsageError` unless polars can compile the pattern: its syntax, Rust's, has no look-around."""
    try:
        pl.Series([""]).str.contains(f"^(?:{pattern or ''})$")
    except pl.exceptions.ComputeError as error:
        why = str(error).rpartition("error: ")[2].partition("\n")[0]
        what = f"[{'.'.join(at)}] pattern is not a regular expression: {why}"
        raise file.error(what, "Correct the pattern.", *at, "pattern") from None


def _check_bounds(table: Mapping[str, object], kind: object, at: tuple[str, ...], file: SchemaSource) -> None:
    for key in ("min", "max"):
        if key in table and type(table[key]) not in _BOUND_TYPES.get(cast("Type", kind), ()):
            what = f"[{'.'.join(at)}] {key} = {table[key]} does not fit type = {cast('Type', kind).value!r}"
            remedy = "Limits of a number are numbers, limits of a date are dates; other types have none."
            raise file.error(what, remedy, *at, key)


def _parse_word(kind: type[AnyEnum], word: object, where: str, file: SchemaSource, *at: str) -> AnyEnum:
    try:
        return kind(word)
    except ValueError:
        words = tuple(str(member.value) for member in kind)
        raise file.error(f"{where} = {word!r} is not known", suggest(str(word), words), *at) from None


def _parse_text(tables: Mapping[str, object], key: str, file: SchemaSource) -> str | None:
    value = tables.get(key)
    if value is not None and not isinstance(value, str):
        raise file.error(f"{key} must be text", f'Write {key} = "…".', key)
    return value
