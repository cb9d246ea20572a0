"""Countries that changed their numbers: a number written as before the change is not valid, and this says what changed.

The new number is never made up from the old one: the row is rejected, and a person writes it.
"""

import re
from dataclasses import dataclass

from phonenumbers import PhoneNumber, national_significant_number


@dataclass(frozen=True, slots=True)
class _Change:
    """The numbers of *country_code* that match *old* are from before a change; *why* and *remedy* as in a fault."""

    country_code: int
    old: re.Pattern[str]
    why: str
    remedy: str


def _change(code: int, old: str, why: str, remedy: str) -> _Change:
    return _Change(code, re.compile(old), why, remedy)


_CHANGES = (
    _change(
        52,
        r"1[2-9]\d{9}",
        "has a 1 after +52, which numbers in Mexico have not had since 2019",
        "Leave that 1 out, so that ten digits follow +52.",
    ),
    _change(
        55,
        r"[1-9]\d[6-9]\d{7}",
        "has eight digits after the area code; mobile numbers in Brazil have nine since 2016",
        "Write a 9 after the two digits of the area code.",
    ),
    _change(
        84,
        r"1\d{9}",
        "has eleven digits; mobile numbers in Vietnam have ten since 2018",
        "Ask for the new number, which begins with 03, 05, 07 or 08 instead of 01.",
    ),
    _change(
        225,
        r"\d{8}",
        "has eight digits; numbers in Ivory Coast have ten digits since 2021",
        "Write the two new digits after +225: 01, 05 or 07 for a mobile, 21, 25 or 27 for a landline, by its operator.",
    ),
    _change(
        229,
        r"[2-9]\d{7}",
        "has eight digits; numbers in Benin have ten digits since November 2024",
        "Write 01 after +229, before the eight digits.",
    ),
    _change(
        241,
        r"\d{7}",
        "has seven digits; numbers in Gabon have eight since 2019",
        "Ask for the new number.",
    ),
)


def explain_old_number(number: PhoneNumber) -> tuple[str, str] | None:
    """Return why and what to do where *number*, which is not valid, was so before its country changed its numbers."""
    digits = national_significant_number(number)
    found = next((c for c in _CHANGES if c.country_code == number.country_code and c.old.fullmatch(digits)), None)
    return (found.why, found.remedy) if found else None
