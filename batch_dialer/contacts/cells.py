"""Parse and check cells: polars expressions that turn text into a field's type and test what the schema demands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import polars as pl

from batch_dialer.contacts.sheet_errors import SHEET_ERRORS
from batch_dialer.schema.number_format import parse_number_format
from batch_dialer.schema.schema import ID_FORM, Field, Place, Type
from batch_dialer.schema.time_zones import ZONE_REMEDY, known_zones
from batch_dialer.words import Code

_TRUE = ("true", "yes", "y", "1")
_FALSE = ("false", "no", "n", "0")
_DATETIME_FORMATS = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S%.f")
_DATETIME_FORMATS_WITH_OFFSET = (
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S%.f%#z",
    "%Y-%m-%dT%H:%M%#z",
    "%Y-%m-%d %H:%M%#z",
)

_TYPE_REMEDY = {
    Type.INTEGER: "Write a whole number in digits, without separators or a unit.",
    Type.DECIMAL: "Write digits with a point before the decimals, as in 1250.00, without separators or a unit."
    ' Or say in the schema file how the column writes numbers, as in format = "$1,234.56".',
    Type.BOOLEAN: "Write yes or no, true or false, 1 or 0.",
    Type.DATE: "Write the date as 2026-12-31.",
    Type.DATETIME: "Write date and time as 2026-12-31 14:30.",
}
# 1,234 is more than a thousand in some countries and less than two in others, and the sheet does not say which.
_WITH_COMMA = r"^[+-]?[0-9][0-9.,' \u00a0\u202f]*,[0-9.,' \u00a0\u202f]*$"
_COMMA_FAULT = (
    "has a comma, which may stand before decimals or between thousands",
    (
        "Write it as 1250.50, save the sheet as an Excel workbook (.xlsx) with numbers in the column, or say in"
        ' the schema file how the column writes numbers: format = "1.234,56" or format = "1,234.56".'
    ),
)
_WHOLE = r"^[+-]?(?:0|[1-9][0-9]{0,17})(?:\.0+)?$"
_LEADING_ZERO = r"^[+-]?0[0-9]+(?:\.0+)?$"
_ZERO_FAULT = (
    "begins with a zero, which a whole number cannot keep",
    'If it is a code, as 02139 is, the schema file has to say type = "string"; otherwise write it without the zero.',
)
_YEAR_OF_69 = 2069
_TYPE_NAME = {
    Type.INTEGER: "a whole number",
    Type.DECIMAL: "a number",
    Type.BOOLEAN: "yes or no",
    Type.DATE: "a date",
    Type.DATETIME: "a date and time",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One check of a column.

    *good* is an expression over the whole column: true where the cell passes; null counts as passed. Where it
    is false, *code* is the row's error code, *why* completes the sentence "COLUMN …" and *remedy* says what to do.
    """

    code: Code
    why: str
    remedy: str
    good: pl.Expr


def parse_cell(field: Field, text: pl.Expr, zone: str) -> pl.Expr:
    """Return an expression that parses trimmed *text* to the field's type; null where it cannot be parsed.

    A number is read as the field's `format` says, if it has one. Integers become Int64 and booleans Boolean; decimals
    stay text, so that no digit is lost. Dates become Date; dates with a time become Datetime in UTC: a time without an
    offset is taken as local time in *zone* (an IANA name).
    """
    match field.type:
        case Type.INTEGER:
            text = _in_plain_digits(field, text)
            whole = pl.when(text.str.contains(_WHOLE)).then(text.str.replace(r"\.0+$", ""))
            return whole.str.strip_prefix("+").cast(pl.Int64, strict=False)
        case Type.DECIMAL:
            text = _in_plain_digits(field, text)
            return pl.when(text.str.contains(r"^[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?$")).then(text.str.strip_prefix("+"))
        case Type.BOOLEAN:
            folded = text.str.to_lowercase()
            return pl.when(folded.is_in(_TRUE)).then(True).when(folded.is_in(_FALSE)).then(False)  # noqa: FBT003  (a literal column)
        case Type.DATE:
            return _parse_date(field, text)
        case Type.DATETIME:
            return _parse_datetime(field, text, zone)
        case Type.STRING:
            return text


def _in_plain_digits(field: Field, text: pl.Expr) -> pl.Expr:
    """Return numbers written as *field* says (`1.234,56 €`) in plain digits (`1234.56`); null where one is not."""
    form = parse_number_format(field.format or "")
    if form is None:
        return text
    signs = text.str.extract(form.pattern, 1) + text.str.extract(form.pattern, 2)
    marks = r"[ \u00a0\u202f]" if form.thousands.isspace() else re.escape(form.thousands)
    digits = text.str.extract(form.pattern, 3)
    unmarked = digits.str.replace_all(marks, "") if form.thousands else digits
    return signs + unmarked.str.replace(form.decimal, ".", literal=True)


def _number_rules(field: Field, text: pl.Expr) -> Iterator[Rule]:
    """Yield the checks that tell apart why a cell is not the number that its column holds."""
    if field.type is Type.DECIMAL and field.format is None:
        yield Rule(Code.INVALID_VALUE, *_COMMA_FAULT, ~text.str.contains(_WITH_COMMA))
    if field.type is Type.INTEGER:
        yield Rule(Code.INVALID_VALUE, *_ZERO_FAULT, ~text.str.contains(_LEADING_ZERO))


def _type_fault(field: Field) -> tuple[str, str]:
    if field.type in {Type.INTEGER, Type.DECIMAL} and field.format:
        return f"is not {_TYPE_NAME[field.type]} written as {field.format}", f"Write it as in {field.format}."
    return f"is not {_TYPE_NAME[field.type]}", _TYPE_REMEDY[field.type]


def _parse_date(field: Field, text: pl.Expr) -> pl.Expr:
    iso = text.str.to_date("%Y-%m-%d", strict=False)
    if not field.format:
        return _with_whole_year(iso)
    told = text.str.to_date(field.format, strict=False)
    if "%y" in field.format:  # polars reads 69 as 2069, where all others begin with 1969
        told = pl.when(told.dt.year() == _YEAR_OF_69).then(told.dt.offset_by("-100y")).otherwise(told)
    return _with_whole_year(pl.coalesce(told, iso))


def _with_whole_year(day: pl.Expr) -> pl.Expr:
    """Return null for a year of two digits, as polars takes 29 for the year 29 where four are to be read."""
    return pl.when(day.dt.year().is_between(1000, 9999)).then(day)


def _parse_datetime(field: Field, text: pl.Expr, zone: str) -> pl.Expr:
    """A date without a time is midnight at its start; as an expiry it is midnight at its end: that day still counts."""
    formats = ((field.format,) if field.format and _has_time(field.format) else ()) + _DATETIME_FORMATS
    local = [text.str.to_datetime(form, time_unit="us", strict=False, ambiguous="earliest") for form in formats]
    day = _parse_date(field, text).cast(pl.Datetime("us")) + pl.duration(days=1 if field.place is Place.EXPIRES else 0)
    naive = pl.coalesce(_with_whole_year(pl.coalesce(*local)), day)
    zoned = [
        text.str.replace(r"Z$", "+00:00").str.to_datetime(form, time_unit="us", time_zone="UTC", strict=False)
        for form in _DATETIME_FORMATS_WITH_OFFSET
    ]
    at_home = naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
    return pl.coalesce(_with_whole_year(pl.coalesce(*zoned)), at_home)


def _has_time(form: str) -> bool:
    midnight = datetime(2000, 1, 1)  # noqa: DTZ001  (it is only formatted)
    return midnight.strftime(form) != midnight.replace(hour=1, minute=1, second=1).strftime(form)


def rules(field: Field, text: pl.Expr, typed: pl.Expr, zone: str) -> Iterator[Rule]:
    """Yield the checks of *field*, except that the cell is filled.

    *text* is the column of trimmed text, *typed* the same column parsed by `parse_cell`; *zone* as there. What to do
    about a bad value is said in the words of the field's `hint`, if it has one.
    """
    yield Rule(
        Code.INVALID_VALUE,
        "is an error value of the spreadsheet",
        "Correct the formula, or type the value.",
        ~text.is_in(SHEET_ERRORS),
    )
    for rule in _value_rules(field, text, typed, zone):
        yield replace(rule, remedy=field.hint) if field.hint else rule


def _value_rules(field: Field, text: pl.Expr, typed: pl.Expr, zone: str) -> Iterator[Rule]:
    refuse = Code.INVALID_VALUE
    if field.type is not Type.STRING:
        readable = typed.is_not_null() | text.is_null()
        for special in _number_rules(field, text):
            yield special
            readable |= ~special.good
        yield Rule(refuse, *_type_fault(field), readable)
    yield from _bound_rules(field, typed, zone)
    if field.place is Place.AGENT:
        yield Rule(
            refuse, "is not the ID of an agent", "An ID has letters, digits, _ and - only.", text.str.contains(ID_FORM)
        )
    if field.place is Place.ZONE:
        yield Rule(refuse, "is not the name of a time zone", ZONE_REMEDY, text.is_in(sorted(known_zones())))
    if field.min_length is not None:
        short = f"is shorter than {field.min_length} characters"
        yield Rule(refuse, short, "Write it in full.", text.str.len_chars() >= field.min_length)
    if field.max_length is not None:
        long = f"is longer than {field.max_length} characters"
        yield Rule(refuse, long, "Shorten it.", text.str.len_chars() <= field.max_length)
    if field.pattern is not None:
        pattern = f"does not have the form {field.pattern}"
        yield Rule(
            refuse,
            pattern,
            "Compare it with a row that is valid, or ask the person who wrote the schema.",
            text.str.contains(f"^(?:{field.pattern})$"),
        )
    if field.one_of:
        yield Rule(
            refuse,
            "is not one of the allowed values",
            f"Write one of: {', '.join(field.one_of)}.",
            text.is_in(field.one_of),
        )
    if field.unique:
        yield Rule(refuse, "is in more than one row", "Give each row a different value.", is_first(text))


def is_first(text: pl.Expr) -> pl.Expr:
    """Return an expression: true for null, and where no earlier cell of the column *text* has the same content."""
    return text.is_null() | text.map_batches(_is_first_distinct, return_dtype=pl.Boolean)


def _is_first_distinct(texts: pl.Series) -> pl.Series:
    # Comparing the number of different hashes is three times as fast; where all differ, no text occurs twice.
    if texts.hash().n_unique() == len(texts):
        return pl.repeat(value=True, n=len(texts), eager=True)
    return texts.is_first_distinct()


def _bound_rules(field: Field, typed: pl.Expr, zone: str) -> Iterator[Rule]:
    low, high = (0, 3600) if field.place is Place.DELAY else (field.min, field.max)
    number = typed.cast(pl.Float64) if field.type is Type.DECIMAL else typed
    for bound, word, remedy in ((low, "below", "at least"), (high, "above", "at most")):
        if bound is not None:
            limit = _bound_literal(bound, field.type, zone)
            good = number >= limit if word == "below" else number <= limit
            yield Rule(Code.INVALID_VALUE, f"is {word} {bound}", f"Write a value of {remedy} {bound}.", good)


def _bound_literal(bound: float | date | datetime, kind: Type, zone: str) -> pl.Expr:
    if kind is not Type.DATETIME or not isinstance(bound, date):
        return pl.lit(bound)
    if not isinstance(bound, datetime):
        bound = datetime(bound.year, bound.month, bound.day)  # noqa: DTZ001  (given its zone below)
    return pl.lit(bound if bound.tzinfo else bound.replace(tzinfo=ZoneInfo(zone))).dt.convert_time_zone("UTC")
