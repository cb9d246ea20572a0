"""Map the columns of a sheet to fields: by the schema, or without one by what the headers are known to mean."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches

from batch_dialer.errors import BadSheet
from batch_dialer.model import Sheet
from batch_dialer.schema.schema import Field, Place, Schema, Type, Unmapped
from batch_dialer.sheets.own_marks import REASON, VERDICT

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
_PHONE_NUMBER = re.compile(r"[+(]?\d[\d ().\-/]{6,}")
_OWN_HEADERS = (REASON, VERDICT)
_FIELD_BY_HEADER = {
    "id": Field(Place.ID),
    "delay_seconds": Field(Place.DELAY, type=Type.INTEGER),
    "is_testing": Field(Place.TESTING, type=Type.BOOLEAN),
    "agent_id": Field(Place.AGENT),
}


@dataclass(frozen=True, slots=True)
class MappedField:
    """A field and the index of its column, counted from 0; None where the field has a constant value."""

    field: Field
    index: int | None


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Each field with its column, and the headers of the columns that are not used."""

    fields: tuple[MappedField, ...]
    ignored: tuple[str, ...] = ()

    def fields_of(self, *places: Place) -> tuple[MappedField, ...]:
        """Return the fields whose place is one of *places*."""
        return tuple(mapped for mapped in self.fields if mapped.field.place in places)

    def header(self, place: Place) -> str:
        """Return the header of the first column for *place*, as the schema or the sheet has it; "" without one."""
        return next((mapped.field.column or "" for mapped in self.fields_of(place)), "")


def map_columns(schema: Schema | None, headers: tuple[str, ...]) -> ColumnMapping:
    """Find the column of every field, by *schema* or, where it is None, by the headers alone.

    Raises `BadSheet` where a column is missing, is there twice, is not in the schema, or where it is not certain which
    column is meant, and for a results file.
    """
    if is_results_file(headers):
        raise BadSheet(
            "This looks like a results file, not a sheet of contacts: dialing it could call people twice.",
            "Give the sheet that it belongs to.",
        )
    if schema is None:
        return _map_by_headers(headers)
    mapped = [MappedField(field, _find_column(field, headers)) for field in schema.fields]
    taken = {entry.index for entry in mapped}
    others = [(n, header) for n, header in enumerate(headers) if n not in taken and header not in {"", *_OWN_HEADERS}]
    if others and schema.unmapped is Unmapped.ERROR:
        names = _join_quoted(header for _, header in others)
        raise BadSheet(
            f"The schema does not say what these columns are for: {names}.",
            'Add them to the schema, or write unmapped = "ignore" (or "payload") at its top.',
        )
    if schema.unmapped is Unmapped.PAYLOAD:
        mapped += [MappedField(_payload_field(header), index) for index, header in others if snake_case(header)]
        others = [(index, header) for index, header in others if not snake_case(header)]
    _check_labels_are_unique(mapped)
    return ColumnMapping(tuple(mapped), tuple(header for _, header in others))


def is_results_file(headers: Iterable[str]) -> bool:
    """Return whether *headers* are those of a results file."""
    return len(_RESULTS_HEADERS.intersection(headers)) >= _LEAST_RESULTS_HEADERS


def map_sheet(schema: Schema | None, sheet: Sheet, region: str | None = None) -> ColumnMapping:
    """Map the columns of *sheet*; *region* ("US"), where given, replaces the schema's region of the phone numbers.

    Raises `BadSheet` as `map_columns` does. Where the headers have no phone column but a later row looks like headers,
    the remedy names that row.
    """
    try:
        mapping = map_columns(schema, sheet.headers)
    except BadSheet as bad:
        later = None if _has_phone_header(schema, sheet.headers) else _find_header_row(schema, sheet)
        if later is None:
            raise
        remedy = f"Row {later} looks like the headers: add --header-row {later}."
        raise BadSheet(bad.what, remedy) from None
    if region is None:
        return mapping
    told = (
        replace(mapped, field=replace(mapped.field, region=region)) if mapped.field.place is Place.TO else mapped
        for mapped in mapping.fields
    )
    return replace(mapping, fields=tuple(told))


def _find_header_row(schema: Schema | None, sheet: Sheet) -> int | None:
    """Return the first row with a phone header; or, where the first row is a title alone, the first with most cells."""
    found = next((row for row, texts in sheet.top if _has_phone_header(schema, texts)), None)
    if found or _count_filled(sheet.headers) > 1:
        return found
    fullest = max((_count_filled(texts) for _, texts in sheet.top), default=0)
    return next((row for row, texts in sheet.top if _count_filled(texts) == fullest > 1), None)


def _count_filled(texts: Iterable[str]) -> int:
    return sum(bool(text.strip()) for text in texts)


def _has_phone_header(schema: Schema | None, headers: tuple[str, ...]) -> bool:
    if schema is None:
        return any(_match_name(header, PHONE_HEADERS) for header in headers)
    to = next(_folded(field.column or "") for field in schema.fields if field.place is Place.TO)
    return any(_folded(header) == to for header in headers)


def _find_column(field: Field, headers: tuple[str, ...]) -> int | None:
    if field.column is None:
        return None
    wanted = _folded(field.column)
    exact = [index for index, header in enumerate(headers) if header == field.column]
    found = exact or [index for index, header in enumerate(headers) if _folded(header) == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        raise BadSheet(
            f"{len(found)} columns are headed {field.column!r}, and the schema's [{field.label}] needs one.",
            "Give each column a header of its own.",
        )
    close = get_close_matches(wanted, [_folded(header) for header in headers], n=1)
    near = next((header for header in headers if close and _folded(header) == close[0]), None)
    guess = f"Did you mean {near!r}? " if near else ""
    raise BadSheet(
        f"The sheet has no column {field.column!r}, which the schema's [{field.label}] needs.",
        f"{guess}The sheet's columns are: {_join_quoted(headers)}.",
    )


def _map_by_headers(headers: tuple[str, ...]) -> ColumnMapping:
    phones = find_phone_columns(headers)
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
        elif snake_case(header) and header not in _OWN_HEADERS:  # a header such as "#" leaves no name
            mapped.append(MappedField(_payload_field(header), index))
    _check_labels_are_unique(mapped)
    taken = {entry.index for entry in mapped}
    return ColumnMapping(tuple(mapped), tuple(header for n, header in enumerate(headers) if header and n not in taken))


def find_phone_columns(headers: tuple[str, ...]) -> list[int]:
    """Return the index of each column whose header is one of `PHONE_HEADERS`."""
    return [index for index, header in enumerate(headers) if _match_name(header, PHONE_HEADERS)]


def _check_labels_are_unique(mapped: list[MappedField]) -> None:
    """Raise `BadSheet` where two columns have one label: only one of them could be sent."""
    for label, count in Counter(entry.field.label for entry in mapped).items():
        if count > 1:
            headers = _join_quoted(entry.field.column or label for entry in mapped if entry.field.label == label)
            raise BadSheet(f"These columns all mean {label}: {headers}.", "Rename or remove all but one.")


def _no_phone_error(headers: tuple[str, ...]) -> BadSheet:
    if any(_PHONE_NUMBER.fullmatch(header) for header in headers):
        return BadSheet(
            "The first row holds a phone number where its headers should be.",
            'Put a row of headers above it, with "phone" over the numbers.',
        )
    columns = f"The sheet's columns are: {_join_quoted(headers)}."
    near = next((h for h in headers if get_close_matches(snake_case(h), PHONE_HEADERS, n=1, cutoff=0.7)), None)
    guess = f"Is it {near!r}? " if near else ""
    remedy = f'{guess}Rename the header to "phone", or name it in a schema file: [to] column = "…". {columns}'
    return BadSheet("No column is headed as phone numbers are.", remedy)


def _many_phones_error(headers: list[str]) -> BadSheet:
    remedy = 'Say which one to call in a schema file: [to] column = "…", or rename the others.'
    return BadSheet(f"Several columns may hold the number to call: {_join_quoted(headers)}.", remedy)


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


def _folded(header: str) -> str:
    return " ".join(header.replace("\ufeff", "").split()).casefold()


def _join_quoted(headers: Iterable[str]) -> str:
    return ", ".join(f'"{header}"' for header in headers if header)
