"""What is known of headers beyond those of `phone_headers.py`: those of exports, and those that are no variables.

It also finds the columns and rows that look like something else than their header says, for the advice in messages.
"""

import re
from collections.abc import Iterable

import polars as pl

from batch_dialer.entry import ENTRY_SCHEMA
from batch_dialer.model import Sheet

EXPORT_PHONE_HEADERS = (
    "mobile_phone",  # Salesforce (MobilePhone), Outlook
    "mobile_phone_number",  # HubSpot
    "business_phone",  # Salesforce, Outlook
    "work_phone",
    "primary_phone",  # Outlook, Zoho
    "cell_phone",
    "cell_phone_number",
    "phone_no",
    "mobile_no",
    *(f"phone_{n}_value" for n in range(1, 10)),  # Google Contacts: `Phone 1 - Value`
)
"""Headers of the phone column in exports of HubSpot, Salesforce, Zoho, Google Contacts, Airtable and Outlook.

Home, other and assistants' phones are none: whoever wants to call those says so.
"""

RESERVED = ("id", "to", "delay_seconds", "is_testing", "agent_id")
"""Headers that mean a part of the request. Where a column cannot mean that, it is not used: it is never a variable."""

OWN_RESULT_HEADERS = frozenset(ENTRY_SCHEMA)
"""The columns of a results file, as they are written there."""

_NUMBER = re.compile(r"[+(]?\d[\d ().\-/]{6,}")
_NO_HEADER = re.compile(rf"(?!\d{{4}}-\d\d-\d\d){_NUMBER.pattern}.*|\S+@\S+\.\S+", re.DOTALL)
_SAMPLE = 200


def looks_like_a_number(text: str) -> bool:
    """Return whether *text* is written as phone numbers are."""
    return bool(_NUMBER.fullmatch(text.strip()))


def is_of_a_person(texts: Iterable[str]) -> bool:
    """Return whether a row with these *texts* is no row of headers: it holds a number or an e-mail address."""
    return any(_NO_HEADER.fullmatch(text.strip()) for text in texts)


def columns_of_numbers(sheet: Sheet) -> list[str]:
    """Return the headers of the columns most of whose filled cells look like phone numbers."""
    found = []
    for index, header in enumerate(sheet.headers):
        cells = sheet.cells.select(pl.col(f"c{index}").drop_nulls().head(_SAMPLE)).to_series()
        alike = sum(map(looks_like_a_number, cells))
        if header and alike and alike * 2 > len(cells):
            found.append(header)
    return found
