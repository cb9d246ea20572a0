"""Map the columns of a sheet to fields: by the schema, or without one by what the headers are known to mean."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from batch_dialer.contacts.choice import NO_CHOICE, Choice, phone_headers, with_choice
from batch_dialer.contacts.find_column import find_column, find_told_column, fold_header, join_quoted
from batch_dialer.contacts.headings import (
    EXPORT_PHONE_HEADERS,
    OWN_RESULT_HEADERS,
    RESERVED,
    looks_like_a_number,
)
from batch_dialer.errors import BadSheet
from batch_dialer.schema.schema import Field, Place, Schema, Type, Unmapped
from batch_dialer.sheets.own_marks import OWN_HEADERS

PHONE_HEADERS = (
    "phone_number",
    "phone",
    "number",
    "to",
    "to_number",
    "to_phone_number",
    "contact_number",
    "mobile",
    "mobile_number",
    "cell",
    "telephone",
    "phone_primary",
    "msisdn",
)
_RESULTS_HEADERS = {"status", "call_id", "error_code", "error_message", "http_status", "attempts", "sent_at", "key"}
_LEAST_RESULTS_HEADERS = 3
NO_PHONE = "No column is headed as phone numbers are."
_FIELD_BY_HEADER = {
    "id": Field(Place.ID),
    "delay_seconds": Field(Place.DELAY, type=Type.INTEGER),
    "is_testing": Field(Place.TESTING, type=Type.BOOLEAN),
    "agent_id": Field(Place.AGENT),
}


@dataclass(frozen=True, slots=True)
class MappedField:
    """A field and the index of its column, counted from 0; None where the field has a constant value.

    Of the number to call, *fallbacks* are the columns of `Field.fallbacks`, and *region_index* that of its country.
    """

    field: Field
    index: int | None
    fallbacks: tuple[int, ...] = ()
    region_index: int | None = None

    @property
    def indices(self) -> tuple[int, ...]:
        """The columns that the value may come from, in the order in which they are read."""
        return () if self.index is None else (self.index, *self.fallbacks)

    @property
    def needs_choice(self) -> bool:
        """Whether a row's number is in one of several columns, or its country in a column."""
        return bool(self.fallbacks) or self.region_index is not None


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Each field with its column, and the headers of the columns that are not used."""

    fields: tuple[MappedField, ...]
    ignored: tuple[str, ...] = ()

    def fields_of(self, *places: Place) -> tuple[MappedField, ...]:
        """Return the fields whose place is one of *places*."""
        return tuple(mapped for mapped in self.fields if mapped.field.place in places)

    def places(self) -> dict[str, int | None]:
        """Return the index of each column that is used, by its header; None for a constant, by its label."""
        found: dict[str, int | None] = {}
        for mapped in self.fields:
            headers = mapped.field.columns or (mapped.field.label,)
            found |= dict(zip(headers, mapped.indices or (None,), strict=True))
            if mapped.field.region_column is not None:
                found.setdefault(mapped.field.region_column, mapped.region_index)
        return found

    def header(self, place: Place) -> str:
        """Return the header of the first column for *place*, as the schema or the sheet has it; "" without one."""
        return next((mapped.field.column or "" for mapped in self.fields_of(place)), "")


def map_columns(schema: Schema | None, headers: tuple[str, ...], choice: Choice = NO_CHOICE) -> ColumnMapping:
    """Find the column of every field, by *schema* or, where it is None, by the headers alone.

    *choice* goes before both. Raises `BadSheet` where a column is missing, is there twice, is not in the schema, or
    where it is not certain which column is meant, and for a results file.
    """
    if len(_RESULTS_HEADERS.intersection(headers)) >= _LEAST_RESULTS_HEADERS:
        raise BadSheet(
            "This looks like a results file, not a sheet of contacts: dialing it could call people twice.",
            "Give the sheet that it belongs to.",
        )
    told = None if choice.phone is None else find_told_column(choice.phone, headers, "--phone")
    if schema is None:
        return _only_chosen(_map_by_headers(headers, told), choice, headers)
    replaced = phone_headers(schema) if told is not None else frozenset[str]()
    schema = with_choice(schema, choice, None if told is None else headers[told])
    mapped = [_map_field(field, headers) for field in schema.fields]
    taken = {index for entry in mapped for index in (*entry.indices, entry.region_index)}
    others = [(n, header) for n, header in enumerate(headers) if n not in taken and header not in {"", *OWN_HEADERS}]
    spare = [entry for entry in others if fold_header(entry[1]) in replaced]
    others = [entry for entry in others if entry not in spare]
    if others and schema.unmapped is Unmapped.ERROR:
        names = join_quoted(header for _, header in others)
        raise BadSheet(
            f"The schema does not say what these columns are for: {names}.",
            'Add them to the schema, or write unmapped = "ignore" (or "payload") at its top.',
        )
    if schema.unmapped is Unmapped.PAYLOAD:
        mapped += [MappedField(_payload_field(header), index) for index, header in others if snake_case(header)]
        others = [(index, header) for index, header in others if not snake_case(header)]
    ignored = tuple(header for _, header in sorted(others + spare))
    return _only_chosen(ColumnMapping(tuple(mapped), ignored), choice, headers)


def _only_chosen(mapping: ColumnMapping, choice: Choice, headers: tuple[str, ...]) -> ColumnMapping:
    """Return *mapping* with the variables that *choice* names and no others; constants stay, as a person wrote them."""
    if not choice.payload:
        _check_labels_are_unique(mapping.fields)
        return mapping
    wanted = [find_told_column(header, headers, "--payload") for header in choice.payload]
    kept = [
        mapped
        for mapped in mapping.fields
        if mapped.field.place is not Place.PAYLOAD or mapped.index is None or mapped.index in wanted
    ]
    sent = {mapped.index for mapped in kept if mapped.field.place is Place.PAYLOAD}
    kept += [MappedField(_payload_field(headers[index]), index) for index in dict.fromkeys(wanted) if index not in sent]
    _check_labels_are_unique(kept)
    used = {index for mapped in kept for index in (*mapped.indices, mapped.region_index)}
    return ColumnMapping(tuple(kept), tuple(header for n, header in enumerate(headers) if header and n not in used))


def _map_field(field: Field, headers: tuple[str, ...]) -> MappedField:
    found = tuple(find_column(field, column, headers) for column in field.columns)
    country = None if field.region_column is None else find_column(field, field.region_column, headers)
    return MappedField(field, found[0] if found else None, found[1:], country)


def _map_by_headers(headers: tuple[str, ...], told: int | None) -> ColumnMapping:
    phones = find_phone_columns(headers) if told is None else [told]
    if len(phones) != 1:
        raise _no_phone_error(headers) if not phones else _many_phones_error([headers[index] for index in phones])
    mapped = []
    for index, header in enumerate(headers):
        if index == phones[0]:
            mapped.append(MappedField(Field(Place.TO, column=header), index))
        elif header.lower().startswith("context."):
            mapped.append(MappedField(Field(Place.CONTEXT, header.partition(".")[2].strip(), column=header), index))
        elif own := _match_name(header, _FIELD_BY_HEADER):
            mapped.append(MappedField(replace(_FIELD_BY_HEADER[own], column=header), index))
        elif snake_case(header) and not _is_reserved(header):  # a header such as "#" leaves no name
            mapped.append(MappedField(_payload_field(header), index))
    taken = {entry.index for entry in mapped}
    return ColumnMapping(tuple(mapped), tuple(header for n, header in enumerate(headers) if header and n not in taken))


def find_phone_columns(headers: tuple[str, ...]) -> list[int]:
    """Return the index of each column whose header is one of `PHONE_HEADERS` or `EXPORT_PHONE_HEADERS`."""
    known = (*PHONE_HEADERS, *EXPORT_PHONE_HEADERS)
    return [index for index, header in enumerate(headers) if _match_name(header, known)]


def _is_reserved(header: str) -> bool:
    """Return whether *header* is never a prompt variable, unless a person says so."""
    return header in OWN_HEADERS or header in OWN_RESULT_HEADERS or _match_name(header, RESERVED) is not None


def _check_labels_are_unique(mapped: Sequence[MappedField]) -> None:
    """Raise `BadSheet` where two columns have one label: only one of them could be sent."""
    for label, count in Counter(entry.field.label for entry in mapped).items():
        if count > 1:
            headers = join_quoted(entry.field.column or label for entry in mapped if entry.field.label == label)
            raise BadSheet(f"These columns all mean {label}: {headers}.", "Rename or remove all but one.")


def _no_phone_error(headers: tuple[str, ...]) -> BadSheet:
    if any(map(looks_like_a_number, headers)):
        return BadSheet(
            "The first row holds a phone number where its headers should be.",
            'Put a row of headers above it, with "phone" over the numbers.',
        )
    columns = f"The sheet's columns are: {join_quoted(headers)}."
    near = next((h for h in headers if get_close_matches(snake_case(h), PHONE_HEADERS, n=1, cutoff=0.7)), None)
    guess = f"Is it {near!r}? " if near else ""
    remedy = f'{guess}Name the column: --phone "HEADER", or [to] column = "…" in a schema file. {columns}'
    return BadSheet(NO_PHONE, remedy)


def _many_phones_error(headers: list[str]) -> BadSheet:
    first, second = headers[:2]
    remedy = (
        f'Say which one to call: --phone "{first}"; or in a schema file, [to] column = ["{first}", "{second}"] for the'
        " first of them that holds a good number."
    )
    return BadSheet(f"Several columns may hold the number to call: {join_quoted(headers)}.", remedy)


def _payload_field(header: str) -> Field:
    return Field(Place.PAYLOAD, snake_case(header), column=header)


def snake_case(header: str) -> str:
    """Return *header* as the name of a prompt variable: `Amount due (EUR)` is `amount_due_eur`. It may be empty."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", header.replace("\ufeff", ""))
    return re.sub(r"\W+|_+", "_", spaced).strip("_").lower()


def _match_name(header: str, names: Iterable[str]) -> str | None:
    """Return the one of *names* that equals *header*, case, spaces and punctuation aside; None where none does."""
    bare = snake_case(header).replace("_", "")
    return next((name for name in names if name.replace("_", "") == bare), None)
