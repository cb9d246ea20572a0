"""Map the columns of a sheet; where that fails, look whether another row holds the headers, or which column numbers."""

from collections.abc import Iterable
from dataclasses import replace

from batch_dialer.contacts.choice import NO_CHOICE, Choice, phone_headers
from batch_dialer.contacts.find_column import find_told_column, fold_header, join_quoted
from batch_dialer.contacts.headings import columns_of_numbers, is_of_a_person
from batch_dialer.contacts.mapping import ColumnMapping, map_columns
from batch_dialer.contacts.phone_headers import NO_PHONE, find_phone_columns
from batch_dialer.errors import BadSheet
from batch_dialer.model import Sheet
from batch_dialer.schema.schema import Place, Schema


def map_sheet(
    schema: Schema | None, sheet: Sheet, region: str | None = None, choice: Choice = NO_CHOICE
) -> ColumnMapping:
    """Map the columns of *sheet*; *region* ("US"), where given, replaces the schema's region of the phone numbers.

    *choice* is what a person says of the columns. Raises `BadSheet` as `map_columns` does. Where the headers have no
    phone column but a later row looks like headers, the remedy names that row; else it names the columns of numbers.
    """
    try:
        mapping = map_columns(schema, sheet.headers, choice)
    except BadSheet as bad:
        later = None if _has_phone_header(schema, sheet.headers, choice) else _find_header_row(schema, sheet, choice)
        if later is None:
            raise _name_columns_of_numbers(bad, sheet) if schema is None else bad from None
        remedy = f"Row {later} looks like the headers: add --header-row {later}."
        raise BadSheet(bad.what, remedy) from None
    if region is None:
        return mapping
    told = (
        replace(mapped, field=replace(mapped.field, region=region)) if mapped.field.place is Place.TO else mapped
        for mapped in mapping.fields
    )
    return replace(mapping, fields=tuple(told))


def keep_columns(mapping: ColumnMapping, names: Iterable[str], headers: tuple[str, ...]) -> ColumnMapping:
    """Return *mapping* with the columns *names* of --keep-column kept, too; raise `BadSheet` where one is missing."""
    told = (find_told_column(name, headers, "--keep-column") for name in names)
    kept = tuple(dict.fromkeys((*mapping.kept, *((headers[index], index) for index in told))))
    shown = {header for header, _ in kept}
    return replace(mapping, kept=kept, ignored=tuple(header for header in mapping.ignored if header not in shown))


def _find_header_row(schema: Schema | None, sheet: Sheet, choice: Choice) -> int | None:
    """Return the first row with a phone header; or, where the first row is a title alone, the first with most cells."""
    below = [(row, texts) for row, texts in sheet.top if not is_of_a_person(texts)]
    found = next((row for row, texts in below if _has_phone_header(schema, texts, choice)), None)
    if found or _count_filled(sheet.headers) > 1:
        return found
    fullest = max((_count_filled(texts) for _, texts in below), default=0)
    return next((row for row, texts in below if _count_filled(texts) == fullest > 1), None)


def _name_columns_of_numbers(bad: BadSheet, sheet: Sheet) -> BadSheet:
    """Return *bad*, that no header is a phone's, with the columns that hold numbers by the look of their cells."""
    found = columns_of_numbers(sheet) if bad.what == NO_PHONE else []
    if not found:
        return bad
    which = f"{join_quoted(found)} {'looks' if len(found) == 1 else 'look'} like phone numbers"
    return BadSheet(NO_PHONE, f'{which}. If it is the one to call: --phone "{found[0]}". {bad.remedy}')


def _count_filled(texts: Iterable[str]) -> int:
    return sum(bool(text.strip()) for text in texts)


def _has_phone_header(schema: Schema | None, headers: tuple[str, ...], choice: Choice) -> bool:
    if schema is None and choice.phone is None:
        return bool(find_phone_columns(headers))
    to = {fold_header(choice.phone)} if choice.phone else phone_headers(schema) if schema else set()
    return any(fold_header(header) in to for header in headers)
