"""Headers and a schema become a `Mapping`: which column means what. Without a schema, the headers themselves say it."""

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
_RESULTS = {"status", "call_id", "error_code", "error_message", "http_status", "attempts", "sent_at", "key"}
_TOO_MANY_OF_THEM = 3
_A_NUMBER = re.compile(r"[+(]?\d[\d ().\-/]{6,}")
_OURS = (REASON, VERDICT)
_OWN_MEANING = {
    "id": Field(Place.ID),
    "delay_seconds": Field(Place.DELAY, type=Type.INTEGER),
    "is_testing": Field(Place.TESTING, type=Type.BOOLEAN),
    "agent_id": Field(Place.AGENT),
}


@dataclass(frozen=True, slots=True)
class Mapped:
    """A field and the place (0, 1, …) of its column; None where its value is a constant."""

    field: Field
    index: int | None


@dataclass(frozen=True, slots=True)
class Mapping:
    """Each field with its column, and the headers that go nowhere."""

    fields: tuple[Mapped, ...]
    ignored: tuple[str, ...] = ()

    def of(self, *places: Place) -> tuple[Mapped, ...]:
        """Return the fields that go to one of *places*."""
        return tuple(mapped for mapped in self.fields if mapped.field.place in places)

    def column(self, place: Place) -> str:
        """Return the header of the column for *place*, as its people wrote it; empty where there is none."""
        return next((mapped.field.column or "" for mapped in self.of(place)), "")


def map_columns(schema: Schema | None, headers: tuple[str, ...]) -> Mapping:
    """Find the column of every field; raise `BadSheet` where the headers do not answer that without a guess."""
    if len(_RESULTS.intersection(headers)) >= _TOO_MANY_OF_THEM:
        raise BadSheet(
            "This looks like a results file, not a sheet of contacts: dialing it could call people twice.",
            "Give the sheet that it belongs to.",
        )
    if schema is None:
        return _by_headers(headers)
    mapped = [Mapped(field, _find(field, headers)) for field in schema.fields]
    taken = {entry.index for entry in mapped}
    others = [(n, header) for n, header in enumerate(headers) if n not in taken and header not in {"", *_OURS}]
    if others and schema.unmapped is Unmapped.ERROR:
        names = _quoted(header for _, header in others)
        raise BadSheet(
            f"The schema does not say what these columns are for: {names}.",
            'Add them to the schema, or write unmapped = "ignore" (or "payload") at its top.',
        )
    if schema.unmapped is Unmapped.PAYLOAD:
        mapped += [Mapped(_variable(header), index) for index, header in others if snake_case(header)]
        others = [(index, header) for index, header in others if not snake_case(header)]
    _check_variables(mapped)
    return Mapping(tuple(mapped), tuple(header for _, header in others))


def map_sheet(schema: Schema | None, sheet: Sheet, region: str | None = None) -> Mapping:
    """Map the sheet's columns; numbers without a country code are of *region*, which beats the schema's.

    Where no column holds the number and a later row looks like the headers, the remedy is to say so.
    """
    try:
        mapping = map_columns(schema, sheet.headers)
    except BadSheet as bad:
        later = None if _has_phone(schema, sheet.headers) else _row_with_headers(schema, sheet)
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


def _row_with_headers(schema: Schema | None, sheet: Sheet) -> int | None:
    """Return the row with the header that is sought, or else the first full one where a title stands at the top."""
    found = next((row for row, texts in sheet.top if _has_phone(schema, texts)), None)
    if found or _filled(sheet.headers) > 1:
        return found
    fullest = max((_filled(texts) for _, texts in sheet.top), default=0)
    return next((row for row, texts in sheet.top if _filled(texts) == fullest > 1), None)


def _filled(texts: Iterable[str]) -> int:
    return sum(bool(text.strip()) for text in texts)


def _has_phone(schema: Schema | None, headers: tuple[str, ...]) -> bool:
    if schema is None:
        return any(_known_as(header, PHONE_HEADERS) for header in headers)
    to = next(_folded(field.column or "") for field in schema.fields if field.place is Place.TO)
    return any(_folded(header) == to for header in headers)


def _find(field: Field, headers: tuple[str, ...]) -> int | None:
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
        f"{guess}The sheet's columns are: {_quoted(headers)}.",
    )


def _by_headers(headers: tuple[str, ...]) -> Mapping:
    phones = phone_columns(headers)
    if len(phones) != 1:
        raise _no_phone(headers) if not phones else _many_phones([headers[index] for index in phones])
    mapped = []
    for index, header in enumerate(headers):
        if index == phones[0]:
            mapped.append(Mapped(Field(Place.TO, column=header), index))
        elif header.lower().startswith("context."):
            mapped.append(Mapped(Field(Place.CONTEXT, header.partition(".")[2].strip(), column=header), index))
        elif own := _known_as(header, _OWN_MEANING):
            mapped.append(Mapped(replace(_OWN_MEANING[own], column=header), index))
        elif snake_case(header) and header not in _OURS:  # "#" can be no variable
            mapped.append(Mapped(_variable(header), index))
    _check_variables(mapped)
    taken = {entry.index for entry in mapped}
    return Mapping(tuple(mapped), tuple(header for n, header in enumerate(headers) if header and n not in taken))


def phone_columns(headers: tuple[str, ...]) -> list[int]:
    """Return the places of the columns that are headed as phone numbers are."""
    return [index for index, header in enumerate(headers) if _known_as(header, PHONE_HEADERS)]


def _check_variables(mapped: list[Mapped]) -> None:
    """Two columns for one variable would leave it to chance which is spoken."""
    for label, count in Counter(entry.field.label for entry in mapped).items():
        if count > 1:
            headers = _quoted(entry.field.column or label for entry in mapped if entry.field.label == label)
            raise BadSheet(f"These columns all mean {label}: {headers}.", "Rename or remove all but one.")


def _no_phone(headers: tuple[str, ...]) -> BadSheet:
    if any(_A_NUMBER.fullmatch(header) for header in headers):
        return BadSheet(
            "The first row holds a phone number where its headers should be.",
            'Put a row of headers above it, with "phone" over the numbers.',
        )
    columns = f"The sheet's columns are: {_quoted(headers)}."
    near = next((h for h in headers if get_close_matches(snake_case(h), PHONE_HEADERS, n=1, cutoff=0.7)), None)
    guess = f"Is it {near!r}? " if near else ""
    remedy = f'{guess}Head it "phone", or name it in a schema file: [to] column = "…". {columns}'
    return BadSheet("No column is headed as phone numbers are.", remedy)


def _many_phones(headers: list[str]) -> BadSheet:
    remedy = 'Say which one to call in a schema file: [to] column = "…", or rename the others.'
    return BadSheet(f"Several columns may hold the number to call: {_quoted(headers)}.", remedy)


def _variable(header: str) -> Field:
    return Field(Place.PAYLOAD, snake_case(header), column=header)


def snake_case(header: str) -> str:
    """Return *header* as a prompt variable is written: `Amount due (EUR)` is `amount_due_eur`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", header.replace("\ufeff", ""))
    return re.sub(r"\W+|_+", "_", spaced).strip("_").lower()


def _known_as(header: str, names: Iterable[str]) -> str | None:
    """Return which of *names* the header is, whether it is written `Phone Number`, `phone-number` or `PHONENUMBER`."""
    bare = snake_case(header).replace("_", "")
    return next((name for name in names if name.replace("_", "") == bare), None)


def _folded(header: str) -> str:
    return " ".join(header.replace("\ufeff", "").split()).casefold()


def _quoted(headers: Iterable[str]) -> str:
    return ", ".join(f'"{header}"' for header in headers if header)
