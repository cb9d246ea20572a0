"""Parse and check cells: polars expressions that turn text into a field's type and test what the schema demands."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import polars as pl

from batch_dialer.schema.schema import ID_FORM, Field, Place, Type
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
SHEET_ERRORS = (
    *("#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!"),
    *("#GETTING_DATA", "#SPILL!", "#CALC!", "#UNCALCULATED!", "#FORMAT!", "########"),
)
"""The error values that a spreadsheet program shows in place of a formula's result; never sent to the API."""

_TYPE_REMEDY = {
    Type.INTEGER: "Write a whole number in digits, without separators or a unit.",
    Type.DECIMAL: "Write digits with a point before the decimals, as in 1250.00, without separators or a unit.",
    Type.BOOLEAN: "Write yes or no, true or false, 1 or 0.",
    Type.DATE: "Write the date as 2026-12-31.",
    Type.DATETIME: "Write date and time as 2026-12-31 14:30.",
}
# 1,234 is more than a thousand in some countries and less than two in others, and the sheet does not say which.
_WITH_COMMA = r"^[+-]?[0-9][0-9.,' \u00a0\u202f]*,[0-9.,' \u00a0\u202f]*$"
_COMMA_FAULT = (
    "has a comma, which may stand before decimals or between thousands",
    "Write it as 1250.50, or save the sheet as an Excel workbook (.xlsx), with numbers in the column.",
)
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

    Integers become Int64 and booleans Boolean; decimals stay text, so that no digit is lost. Dates become Date; dates
    with a time become Datetime in UTC: a time without an offset is taken as local time in *zone* (an IANA name).
    """
    match field.type:
        case Type.INTEGER:
            whole = pl.when(text.str.contains(r"^[+-]?[0-9]{1,18}(?:\.0+)?$")).then(text.str.replace(r"\.0+$", ""))
            return whole.str.strip_prefix("+").cast(pl.Int64, strict=False)
        case Type.DECIMAL:
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


def _parse_date(field: Field, text: pl.Expr) -> pl.Expr:
    iso = text.str.to_date("%Y-%m-%d", strict=False)
    return pl.coalesce(text.str.to_date(field.format, strict=False), iso) if field.format else iso


def _parse_datetime(field: Field, text: pl.Expr, zone: str) -> pl.Expr:
    """A date without a time is midnight at its start; as an expiry it is midnight at its end: that day still counts."""
    formats = ((field.format,) if field.format and _has_time(field.format) else ()) + _DATETIME_FORMATS
    local = [text.str.to_datetime(form, time_unit="us", strict=False, ambiguous="earliest") for form in formats]
    day = _parse_date(field, text).cast(pl.Datetime("us")) + pl.duration(days=1 if field.place is Place.EXPIRES else 0)
    naive = pl.coalesce(*local, day)
    zoned = [
        text.str.replace(r"Z$", "+00:00").str.to_datetime(form, time_unit="us", time_zone="UTC", strict=False)
        for form in _DATETIME_FORMATS_WITH_OFFSET
    ]
    at_home = naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
    return pl.coalesce(*zoned, at_home)


def _has_time(form: str) -> bool:
    midnight = datetime(2000, 1, 1)  # noqa: DTZ001  (it is only formatted)
    return midnight.strftime(form) != midnight.replace(hour=1, minute=1, second=1).strftime(form)


def rules(field: Field, text: pl.Expr, typed: pl.Expr, zone: str) -> Iterator[Rule]:
    """Yield the checks of *field*, except that the cell is filled.

    *text* is the column of trimmed text, *typed* the same column parsed by `parse_cell`; *zone* as there.
    """
    refuse = Code.INVALID_VALUE
    yield Rule(
        refuse,
        "is an error of the spreadsheet",
        "Mend the formula, or type the value.",
        ~text.is_in(SHEET_ERRORS),
    )
    if field.type is not Type.STRING:
        readable = typed.is_not_null() | text.is_null()
        if field.type is Type.DECIMAL:
            with_comma = text.str.contains(_WITH_COMMA)
            yield Rule(refuse, *_COMMA_FAULT, ~with_comma)
            readable |= with_comma
        yield Rule(refuse, f"is not {_TYPE_NAME[field.type]}", _TYPE_REMEDY[field.type], readable)
    yield from _bound_rules(field, typed, zone)
    if field.place is Place.AGENT:
        yield Rule(
            refuse, "is no ID of an agent", "An ID has letters, digits, _ and - only.", text.str.contains(ID_FORM)
        )
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
            "Compare it with a row that is good, or ask whoever wrote the schema.",
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
        yield Rule(refuse, "is in more than one row", "Give each row a value of its own.", is_first(text))


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
