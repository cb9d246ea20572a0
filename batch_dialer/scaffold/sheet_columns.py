"""The columns of a starter sheet for a schema, each with a valid example and notes for the people who fill it in."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import phonenumbers
import polars as pl

from batch_dialer.contacts.cells import parse_cell, rules
from batch_dialer.contacts.phone import parse_phone
from batch_dialer.scaffold.column_notes import EXAMPLE_DATE, field_notes, is_number
from batch_dialer.scaffold.pattern_example import example_texts
from batch_dialer.schema.schema import Bound, Field, Place, Schema, SkipRule, Type

DEFAULT = Schema(
    (
        Field(Place.ID, column="id"),
        Field(Place.TO, column="phone"),
        Field(Place.PAYLOAD, "name", column="name"),
        Field(Place.PAYLOAD, "company", column="company"),
        Field(Place.CONTEXT, "reference", column="context.reference"),
    )
)
"""The fields of a starter sheet without a schema; their headers are understood without one, too."""

YES_NO = ("yes", "no")
_FICTIONAL_NUMBERS = {"US": "+14155550100", "CA": "+16135550100", "GB": "+442079460100"}
"""By country, a number that is reserved for fiction, so that calling it rings nobody's phone."""
_EXAMPLE_BY_HEADER = (
    ("company", "Acme"),
    ("mail", "maria@example.com"),
    ("time", "09:30"),
    ("name", "Maria Lopez"),
    ("customer", "Maria Lopez"),
)
_EXAMPLE_TEXTS = ("Example", "A-1001", "EX", "1001", "100", "1", "A", "a", "2046-03-12", "09:30", "example text")
_MOST_LENGTH = 1_000


@dataclass(frozen=True, slots=True)
class StarterColumn:
    """A column of the starter sheet. *example* is empty where none was found that is valid for all of its *fields*."""

    header: str
    fields: tuple[Field, ...]
    example: str
    notes: tuple[str, ...]

    @property
    def type(self) -> Type:
        """The type of the cells: the narrowest of the fields' types, or text where a certain form is demanded."""
        if any(field.pattern or field.one_of or _holds_marks(field) for field in self.fields):
            return Type.STRING
        kinds = {field.type for field in self.fields}
        return next((kind for kind in (Type.DATE, *Type) if kind in kinds and kind is not Type.STRING), Type.STRING)

    @property
    def choices(self) -> tuple[str, ...]:
        """The only values that are allowed; empty where there is no such list."""
        named = next((field.one_of for field in self.fields if field.one_of), ())
        return named or (YES_NO if self.type is Type.BOOLEAN else ())


def _holds_marks(field: Field) -> bool:
    """Whether a spreadsheet program would take marks away that belong to the text: a plus, a currency."""
    return field.place is Place.TO or (is_number(field) and field.format is not None)


def starter_columns(schema: Schema | None, zone: str) -> tuple[StarterColumn, ...]:
    """Return the columns of a sheet for *schema* (None: `DEFAULT`) in its order; *zone* as in `parse_cell`."""
    by_header: dict[str, list[Field]] = {}
    for field in (schema or DEFAULT).fields:
        for column in field.columns:
            known = next((header for header in by_header if _are_same_header(header, column)), column)
            by_header.setdefault(known, []).append(field)
    columns = [_make_column(header, tuple(fields), zone) for header, fields in by_header.items()]
    countries = [_country_column(field) for field in (schema or DEFAULT).fields if _is_apart(field, by_header)]
    sent = (*columns, *countries)
    return (*sent, *_unsent_columns(schema, [column.header for column in sent])) if schema else sent


def _is_apart(field: Field, headers: Iterable[str]) -> bool:
    """Whether *field* has a column of countries that no table of the schema names."""
    country = field.region_column
    return country is not None and not any(_are_same_header(header, country) for header in headers)


def _country_column(field: Field) -> StarterColumn:
    note = "The country of the number: its two letters, as in US or GB, or its name in English"
    return StarterColumn(field.region_column or "", (), field.region or "US", (note,))


def _unsent_columns(schema: Schema, known: Iterable[str]) -> Iterator[StarterColumn]:
    """Yield the columns that are only looked at or shown in the results; the example row is one that is called."""
    seen = list(known)
    for header, example, note in (
        *((rule.column, next(iter(rule.is_none_of), ""), _skip_note(rule)) for rule in schema.skips),
        *((header, "", "Shown in the results") for header in schema.keep),
    ):
        if not any(_are_same_header(header, other) for other in seen):
            seen.append(header)
            yield StarterColumn(header, (), example, (note,))


def _skip_note(rule: SkipRule) -> str:
    if rule.is_any_of:
        return f"A row is not called with: {', '.join(rule.is_any_of)}"
    if rule.is_none_of:
        return f"A row is called only with: {', '.join(text or 'an empty cell' for text in rule.is_none_of)}"
    return "A row in which this is filled is not called"


def _are_same_header(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def _make_column(header: str, fields: tuple[Field, ...], zone: str) -> StarterColumn:
    tried = list(dict.fromkeys(text for text in _candidate_examples(header, fields) if text.strip() == text and text))
    good = pl.DataFrame({"text": tried}, schema={"text": pl.String}).select(
        "text",
        # Candidates are alternatives and not rows, so they need not be unique.
        pl.all_horizontal(
            pl.lit(value=True),
            *(
                rule.good.fill_null(value=True)
                for field in fields
                for rule in rules(
                    replace(field, unique=False), pl.col("text"), parse_cell(field, pl.col("text"), zone), zone
                )
            ),
        ).alias("good"),
    )
    allowed = good.filter("good")["text"].to_list()
    regions = [field.region for field in fields if field.place is Place.TO]
    found = [text for text in allowed if not regions or isinstance(parse_phone(text, regions[0]), str)]
    notes = tuple(dict.fromkeys(note for field in fields for note in field_notes(field)))
    if not found:
        notes += ("No example could be made up that the schema allows: fill in one of your own",)
    return StarterColumn(header, fields, found[0] if found else "", notes)


def _candidate_examples(header: str, fields: tuple[Field, ...]) -> Iterator[str]:
    to = next((field for field in fields if field.place is Place.TO), None)
    if to:
        yield from _phone_examples(to.region)
    if any(field.place is Place.ZONE for field in fields):
        yield "America/New_York"
    for field in fields:
        yield from field.one_of
        if field.type is not Type.STRING:
            yield from _typed_examples(field)
    if not to and not any(field.place is Place.ID for field in fields):
        yield from (text for word, text in _EXAMPLE_BY_HEADER if word in header.casefold())
    for field in fields:
        if field.pattern:
            yield from example_texts(field.pattern)
    if not to:
        yield from (
            word for word in _EXAMPLE_TEXTS if not any(field.place is Place.ID for field in fields) or word[-1] == "1"
        )
        yield from _EXAMPLE_TEXTS
        yield from _texts_of_length(fields)


def _texts_of_length(fields: tuple[Field, ...]) -> Iterator[str]:
    for field in fields:
        length = min(field.min_length or 1, _MOST_LENGTH)
        yield ("Example text " * (length // 13 + 1))[:length].strip().ljust(length, "x")


def _phone_examples(region: str | None) -> Iterator[str]:
    code = region or "US"
    kinds = (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE)
    numbers = [phonenumbers.parse(_FICTIONAL_NUMBERS[code])] if code in _FICTIONAL_NUMBERS else []
    numbers += [known for kind in kinds if (known := phonenumbers.example_number_for_type(code, kind))]
    forms = phonenumbers.PhoneNumberFormat
    for form in (forms.E164, forms.INTERNATIONAL, forms.NATIONAL):
        yield from (phonenumbers.format_number(number, form) for number in numbers)
    yield from (str(number.national_number) for number in numbers)


def _typed_examples(field: Field) -> Iterator[str]:
    low, high = field.min, field.max
    match field.type:
        case Type.INTEGER | Type.DECIMAL:
            yield from _number_examples(field, low, high)
        case Type.BOOLEAN:
            yield from ("no", "yes", "false", "true", "0", "1")
        case Type.DATE | Type.DATETIME:
            for moment in (EXAMPLE_DATE, low, high, *(_day_after(bound) for bound in (low, high))):
                if isinstance(moment, date):
                    yield from _format_date(moment, field)
        case Type.STRING:
            pass


def _number_examples(field: Field, low: Bound | None, high: Bound | None) -> Iterator[str]:
    if field.format:
        yield from (field.format, re.sub(r"[.,]56", "", field.format))
    usual = ("0",) if field.place is Place.DELAY else ("1",) if field.type is Type.INTEGER else ("120.50", "1.50")
    yield from usual
    for bound in (low, high):
        if isinstance(bound, int | float):
            yield from (str(bound), str(int(bound)), str(int(bound) + 1))


def _day_after(bound: Bound | None) -> date | None:
    return bound + timedelta(days=1) if isinstance(bound, date) and bound.year < date.max.year else None


def _format_date(moment: date, field: Field) -> Iterator[str]:
    """Yield *moment* in the field's own format, if it has one, and in the formats that are always understood."""
    at = moment if isinstance(moment, datetime) else datetime(moment.year, moment.month, moment.day, 17)  # noqa: DTZ001  (cells have no offset)
    if field.format:
        yield at.strftime(field.format)
    if field.type is Type.DATETIME:
        yield at.strftime("%Y-%m-%d %H:%M")
    yield at.strftime("%Y-%m-%d")
