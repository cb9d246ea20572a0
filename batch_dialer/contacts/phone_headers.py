"""Which headers are known to be those of phone columns, and what to say where none or several are."""

from collections.abc import Iterable
from difflib import get_close_matches

from batch_dialer.contacts.find_column import join_quoted, snake_case
from batch_dialer.contacts.headings import EXPORT_PHONE_HEADERS, looks_like_a_number
from batch_dialer.errors import BadSheet

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
NO_PHONE = "No header says which column holds the phone numbers."


def find_phone_columns(headers: tuple[str, ...]) -> list[int]:
    """Return the index of each column whose header is one of `PHONE_HEADERS` or `EXPORT_PHONE_HEADERS`."""
    known = (*PHONE_HEADERS, *EXPORT_PHONE_HEADERS)
    return [index for index, header in enumerate(headers) if match_name(header, known)]


def no_phone_error(headers: tuple[str, ...]) -> BadSheet:
    """Return the error that none of *headers* is that of a phone column."""
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


def many_phones_error(headers: list[str]) -> BadSheet:
    """Return the error that all of *headers* are those of phone columns."""
    first, second = headers[:2]
    remedy = (
        f'Say which one to call: --phone "{first}"; or in a schema file, [to] column = ["{first}", "{second}"] for the'
        " first of them that holds a good number."
    )
    return BadSheet(f"Several columns may hold the number to call: {join_quoted(headers)}.", remedy)


def match_name(header: str, names: Iterable[str]) -> str | None:
    """Return the one of *names* that equals *header*, case, spaces and punctuation aside; None where none does."""
    bare = snake_case(header).replace("_", "")
    return next((name for name in names if name.replace("_", "") == bare), None)
