"""Map the columns of a sheet to fields: by the schema, or without one by what the headers are known to mean."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from batch_dialer.contacts.choice import NO_CHOICE, Choice, phone_headers, with_choice
from batch_dialer.contacts.exclusion_columns import (
    Exclusion,
    find_sent_opt_outs,
    is_opt_out_header,
    map_opt_outs,
    map_rules,
    skip_hint,
)
from batch_dialer.contacts.find_column import find_column, find_told_column, fold_header, join_quoted, snake_case
from batch_dialer.contacts.headings import OWN_RESULT_HEADERS, RESERVED
from batch_dialer.contacts.phone_headers import find_phone_columns, many_phones_error, match_name, no_phone_error
from batch_dialer.errors import BadSheet
from batch_dialer.schema.schema import Field, Place, Schema, Type, Unmapped
from batch_dialer.sheets.own_marks import OWN_HEADERS

_RESULTS_HEADERS = {"status", "call_id", "error_code", "error_message", "http_status", "attempts", "sent_at", "key"}
_LEAST_RESULTS_HEADERS = 3
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
    def name(self) -> str:
        """What a person knows the field by: the header of its column, or its label where no column is named."""
        return self.field.column or self.field.label

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

    @property
    def used(self) -> set[int | None]:
        """The indexes of the columns that the fields are read from."""
        return {index for mapped in self.fields for index in (*mapped.indices, mapped.region_index)}

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
    if is_results_file(headers):
        raise BadSheet(
            "This looks like a results file, not a sheet of contacts: dialing it could call people twice.",
            "Give the sheet that it belongs to.",
        )
    told = None if choice.phone is None else find_told_column(choice.phone, headers, "--phone")
    if schema is None:
        return _with_opt_outs(_map_by_headers(headers, told), choice, headers)
    replaced = phone_headers(schema) if told is not None else frozenset[str]()
    schema = with_choice(schema, choice, None if told is None else headers[told])
    mapping = ColumnMapping(
        tuple(_map_field(field, headers) for field in schema.fields),
        exclusions=map_rules(schema, headers),
        kept=_map_kept(schema.keep, headers),
    )
    taken = mapping.used | {rule.index for rule in mapping.exclusions}
    others = [(n, header) for n, header in enumerate(headers) if n not in taken and header not in {"", *OWN_HEADERS}]
    spare = [entry for entry in others if fold_header(entry[1]) in replaced]
    others = [entry for entry in others if entry not in spare]
    strangers = [header for n, header in others if (header, n) not in mapping.kept]
    if strangers and schema.unmapped is Unmapped.ERROR:
        raise BadSheet(
            f"The schema does not say what these columns are for: {join_quoted(strangers)}.",
            f'Add them to the schema, or write unmapped = "ignore" (or "payload") at its top.{skip_hint(strangers)}',
        )
    sent = [entry for entry in others if schema.unmapped is Unmapped.PAYLOAD and _can_be_variable(entry[1])]
    fields = (*mapping.fields, *(MappedField(_payload_field(header), index) for index, header in sent))
    ignored = tuple(header for n, header in sorted(others + spare) if (n, header) not in sent)
    return _with_opt_outs(replace(mapping, fields=fields, ignored=ignored), choice, headers)


def _can_be_variable(header: str) -> bool:
    """Return whether *header* leaves a name, which "#" does not, and is no opt-out, which is never sent unasked."""
    return snake_case(header) != "" and not is_opt_out_header(header)


def is_results_file(headers: Iterable[str]) -> bool:
    """Return whether *headers* are those of a results file."""
    return len(_RESULTS_HEADERS.intersection(headers)) >= _LEAST_RESULTS_HEADERS


def _with_opt_outs(mapping: ColumnMapping, choice: Choice, headers: tuple[str, ...]) -> ColumnMapping:
    """Return *mapping* with the variables of *choice*, and with the columns whose headers opt out as exclusions.

    A table of the schema that sends such a column says what it is for; --payload alone does not: people who opted out
    are not called because their flag is sent for the others.
    """
    chosen = _only_chosen(mapping, choice, headers)
    told = mapping.used & chosen.used
    exclusions = mapping.exclusions + map_opt_outs(headers, told | {rule.index for rule in mapping.exclusions})
    unsent = {rule.header for rule in exclusions} | {header for header, _ in mapping.kept}
    sent = ((each.field.column or "", each.index) for each in chosen.fields_of(Place.PAYLOAD, Place.CONTEXT))
    return replace(
        chosen,
        ignored=tuple(header for header in chosen.ignored if header not in unsent),
        exclusions=exclusions,
        sent_opt_outs=find_sent_opt_outs(sent, exclusions),
    )


def _map_kept(names: Iterable[str], headers: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    found = [find_column(name, "the schema's keep", headers) for name in names]
    return tuple((headers[index], index) for index in dict.fromkeys(found))


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
    chosen = replace(mapping, fields=tuple(kept))
    return replace(chosen, ignored=tuple(header for n, header in enumerate(headers) if header and n not in chosen.used))


def _map_field(field: Field, headers: tuple[str, ...]) -> MappedField:
    who = f"the schema's [{field.label}]"
    found = tuple(find_column(column, who, headers) for column in field.columns)
    country = None if field.region_column is None else find_column(field.region_column, who, headers)
    return MappedField(field, found[0] if found else None, found[1:], country)


def _map_by_headers(headers: tuple[str, ...], told: int | None) -> ColumnMapping:
    phones = find_phone_columns(headers) if told is None else [told]
    if len(phones) != 1:
        raise no_phone_error(headers) if not phones else many_phones_error([headers[index] for index in phones])
    mapped = []
    for index, header in enumerate(headers):
        if index == phones[0]:
            mapped.append(MappedField(Field(Place.TO, column=header), index))
        elif is_opt_out_header(header):
            continue
        elif header.lower().startswith("context."):
            mapped.append(MappedField(Field(Place.CONTEXT, header.partition(".")[2].strip(), column=header), index))
        elif own := match_name(header, _FIELD_BY_HEADER):
            mapped.append(MappedField(replace(_FIELD_BY_HEADER[own], column=header), index))
        elif snake_case(header) and not _is_reserved(header):  # a header such as "#" leaves no name
            mapped.append(MappedField(_payload_field(header), index))
    taken = {entry.index for entry in mapped}
    return ColumnMapping(tuple(mapped), tuple(header for n, header in enumerate(headers) if header and n not in taken))


def _is_reserved(header: str) -> bool:
    """Return whether *header* is never a prompt variable, unless a person says so."""
    return header in OWN_HEADERS or header in OWN_RESULT_HEADERS or match_name(header, RESERVED) is not None


def _check_labels_are_unique(mapped: Sequence[MappedField]) -> None:
    """Raise `BadSheet` where two columns have one label: only one of them could be sent."""
    for label, count in Counter(entry.field.label for entry in mapped).items():
        if count > 1:
            headers = join_quoted(entry.name for entry in mapped if entry.field.label == label)
            raise BadSheet(f"These columns all mean {label}: {headers}.", "Rename or remove all but one.")


def _payload_field(header: str) -> Field:
    return Field(Place.PAYLOAD, snake_case(header), column=header)
