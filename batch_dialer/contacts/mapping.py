"""Map the columns of a sheet to fields: by the schema, or without one by what the headers are known to mean."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches

from batch_dialer.contacts.exclusion_columns import (
    Exclusion,
    find_sent_opt_outs,
    map_opt_outs,
    map_rules,
    skip_hint,
)
from batch_dialer.contacts.headers import find_header, folded, join_quoted, snake_case
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
    """Each field with its column, and the headers of the columns that are not used.

    *exclusions* keep rows from being called. *sent_opt_outs* are the headers that read as opt-outs, and that the schema
    sends to the agent without a rule that keeps their rows from being called. *kept* are the headers and the indexes
    of the columns that the results show.
    """

    fields: tuple[MappedField, ...]
    ignored: tuple[str, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    sent_opt_outs: tuple[str, ...] = ()
    kept: tuple[tuple[str, int], ...] = ()

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
    if len(_RESULTS_HEADERS.intersection(headers)) >= _LEAST_RESULTS_HEADERS:
        raise BadSheet(
            "This looks like a results file, not a sheet of contacts: dialing it could call people twice.",
            "Give the sheet that it belongs to.",
        )
    if schema is None:
        return _map_by_headers(headers)
    mapped = [MappedField(field, _find_column(field, headers)) for field in schema.fields]
    exclusions = map_rules(schema, headers)
    kept = _map_kept(schema.keep, "the schema's keep", headers)
    taken = {entry.index for entry in mapped} | {rule.index for rule in exclusions}
    others = [(n, header) for n, header in enumerate(headers) if n not in taken and header not in {"", *_OWN_HEADERS}]
    strangers = [header for n, header in others if (header, n) not in kept]
    if strangers and schema.unmapped is Unmapped.ERROR:
        raise BadSheet(
            f"The schema does not say what these columns are for: {join_quoted(strangers)}.",
            f'Add them to the schema, or write unmapped = "ignore" (or "payload") at its top.{skip_hint(strangers)}',
        )
    exclusions += map_opt_outs(others)
    taken |= {rule.index for rule in exclusions}
    others = [(n, header) for n, header in others if n not in taken]
    if schema.unmapped is Unmapped.PAYLOAD:
        mapped += [MappedField(_payload_field(header), index) for index, header in others if snake_case(header)]
        others = [(index, header) for index, header in others if not snake_case(header)]
    _check_labels_are_unique(mapped)
    ignored = tuple(header for n, header in others if (header, n) not in kept)
    return ColumnMapping(
        tuple(mapped), ignored, exclusions, find_sent_opt_outs(_sent_headers(mapped), exclusions), kept
    )


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
    to = next(folded(field.column or "") for field in schema.fields if field.place is Place.TO)
    return any(folded(header) == to for header in headers)


def _find_column(field: Field, headers: tuple[str, ...]) -> int | None:
    return None if field.column is None else find_header(field.column, f"the schema's [{field.label}]", headers)


def _sent_headers(mapped: Iterable[MappedField]) -> list[tuple[str, int | None]]:
    sent = (Place.PAYLOAD, Place.CONTEXT)
    return [(entry.field.column, entry.index) for entry in mapped if entry.field.column and entry.field.place in sent]


def _map_kept(names: Iterable[str], who: str, headers: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    found = [find_header(name, who, headers) for name in names]
    return tuple((headers[index], index) for index in dict.fromkeys(found))


def keep_columns(mapping: ColumnMapping, names: Iterable[str], headers: tuple[str, ...]) -> ColumnMapping:
    """Return *mapping* with the columns *names* of --keep-column kept, too; raise `BadSheet` where one is missing."""
    kept = tuple(dict.fromkeys((*mapping.kept, *_map_kept(names, "--keep-column", headers))))
    shown = {header for header, _ in kept}
    return replace(mapping, kept=kept, ignored=tuple(header for header in mapping.ignored if header not in shown))


def _map_by_headers(headers: tuple[str, ...]) -> ColumnMapping:
    phones = find_phone_columns(headers)
    if len(phones) != 1:
        raise _no_phone_error(headers) if not phones else _many_phones_error([headers[index] for index in phones])
    mapped = []
    exclusions = map_opt_outs(enumerate(headers))
    opted_out = {rule.index for rule in exclusions}
    for index, header in enumerate(headers):
        if index == phones[0]:
            mapped.append(MappedField(Field(Place.TO, column=header), index))
        elif index in opted_out:
            continue
        elif header.lower().startswith("context."):
            mapped.append(MappedField(Field(Place.CONTEXT, header.partition(".")[2].strip(), column=header), index))
        elif own := _match_name(header, _FIELD_BY_HEADER):
            mapped.append(MappedField(replace(_FIELD_BY_HEADER[own], column=header), index))
        elif snake_case(header) and header not in _OWN_HEADERS:  # a header such as "#" leaves no name
            mapped.append(MappedField(_payload_field(header), index))
    _check_labels_are_unique(mapped)
    taken = {entry.index for entry in mapped} | opted_out
    ignored = tuple(header for n, header in enumerate(headers) if header and n not in taken)
    return ColumnMapping(tuple(mapped), ignored, exclusions)


def find_phone_columns(headers: tuple[str, ...]) -> list[int]:
    """Return the index of each column whose header is one of `PHONE_HEADERS`."""
    return [index for index, header in enumerate(headers) if _match_name(header, PHONE_HEADERS)]


def _check_labels_are_unique(mapped: list[MappedField]) -> None:
    """Raise `BadSheet` where two columns have one label: only one of them could be sent."""
    for label, count in Counter(entry.field.label for entry in mapped).items():
        if count > 1:
            headers = join_quoted(entry.field.column or label for entry in mapped if entry.field.label == label)
            raise BadSheet(f"These columns all mean {label}: {headers}.", "Rename or remove all but one.")


def _no_phone_error(headers: tuple[str, ...]) -> BadSheet:
    if any(_PHONE_NUMBER.fullmatch(header) for header in headers):
        return BadSheet(
            "The first row holds a phone number where its headers should be.",
            'Put a row of headers above it, with "phone" over the numbers.',
        )
    columns = f"The sheet's columns are: {join_quoted(headers)}."
    near = next((h for h in headers if get_close_matches(snake_case(h), PHONE_HEADERS, n=1, cutoff=0.7)), None)
    guess = f"Is it {near!r}? " if near else ""
    remedy = f'{guess}Rename the header to "phone", or name it in a schema file: [to] column = "…". {columns}'
    return BadSheet("No column is headed as phone numbers are.", remedy)


def _many_phones_error(headers: list[str]) -> BadSheet:
    remedy = 'Say which one to call in a schema file: [to] column = "…", or rename the others.'
    return BadSheet(f"Several columns may hold the number to call: {join_quoted(headers)}.", remedy)


def _payload_field(header: str) -> Field:
    return Field(Place.PAYLOAD, snake_case(header), column=header)


def _match_name(header: str, names: Iterable[str]) -> str | None:
    """Return the one of *names* that equals *header*, case, spaces and punctuation aside; None where none does."""
    bare = snake_case(header).replace("_", "")
    return next((name for name in names if name.replace("_", "") == bare), None)
