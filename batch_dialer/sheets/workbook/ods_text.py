"""What a cell of an OpenDocument spreadsheet shows: its text as the program that saved it made it, in one notation.

That text is in the language of whoever saved the file. The value beside it tells which sign stands before decimals.
"""

import re
import unicodedata
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from xml.etree.ElementTree import Element

from batch_dialer.sheets.workbook.display_number import show_general

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_BESIDE = (f"{_OFFICE}annotation", "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}frame")
_BREAKS = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
_VALUES = {"date": "date-value", "time": "time-value", "boolean": "boolean-value"}
_TIME = re.compile(r"PT(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S")
_NUMBERS = frozenset({"float", "currency", "percentage"})
_NOTATIONS = ((",", "."), (".", ","), (" ", ","), ("\u00a0", ","), ("\u202f", ","), ("'", "."), ("\u2019", "."))
_FRACTION = re.compile(r"-?(?:\d+ +)?\d+/\d+")
_RUN = re.compile(r"\d(?:[\d.,'\u2019\u00a0\u202f ]*\d)?")
_SHOWS_HOURS = re.compile(r":|\b[ap]\.?m\b|\d\s*h|[時时시]|uhr", re.IGNORECASE)


def to_count(element: Element, name: str) -> int:
    """Return the attribute *name*, a number from 1; 1 where it is not given. Raise `ValueError` where it is damaged."""
    count = int(element.get(name, "1"))
    if count < 1:
        raise ValueError(count)
    return count


def is_number(cell: Element) -> bool:
    """Whether *cell* holds a number."""
    return cell.get(f"{_OFFICE}value-type") in _NUMBERS


def show(cell: Element) -> str | None:
    """Return what *cell* shows, None for nothing."""
    text = "\n".join("".join(_read(paragraph)) for paragraph in cell.iterfind(f"{_TEXT}p"))
    kind = cell.get(f"{_OFFICE}value-type", "string")
    value = cell.get(f"{_OFFICE}{_VALUES.get(kind, 'value')}")
    if text.startswith("#") or text.startswith("Err:"):  # noqa: PIE810  (two meanings)
        return text if text.startswith("#") else "#VALUE!"
    # LibreOffice writes the truth values of an .xlsx as numbers that are shown as a word.
    if kind in _NUMBERS and value is not None and not text.isalpha():
        return _show_number(value, text)
    if kind == "date" and value is not None:
        return _show_date(value, text)
    if kind == "time" and (match := _TIME.fullmatch(value or "")):
        hours, minutes, seconds = match.groups()
        hides_seconds = seconds == "00" or (text.count(":") == 1 and f":{minutes}" in text)
        return f"{hours}:{minutes}" + ("" if hides_seconds else f":{seconds}")
    if kind == "boolean":
        return (value or text).upper()
    return text or None


def _read(element: Element) -> Iterator[str]:
    """Yield the text inside of *element*; that of a comment or a drawing on it is not the cell's own."""
    yield element.text or ""
    for child in element:
        if child.tag == f"{_TEXT}s":
            yield " " * min(to_count(child, f"{_TEXT}c"), 1024)
        elif child.tag not in _BESIDE:
            yield _BREAKS.get(child.tag, "")
            yield from _read(child)
        yield child.tail or ""


def _show_date(value: str, text: str) -> str:
    day, _, time = value.partition("T")
    if not _SHOWS_HOURS.search(text):
        return day
    time = time[: len("09:30")] if text.count(":") == 1 else time
    return f"{day} {time.removesuffix(':00') if time.count(':') > 1 else time}".removesuffix(" 00:00").strip()


def _show_number(given: str, text: str) -> str:
    """Return *text* with points before decimals and commas between thousands, or else the whole number."""
    try:
        value = Decimal(given)
    except InvalidOperation:
        return given
    shown = "".join(letter for letter in text if unicodedata.category(letter) != "Sc").strip()
    seen = value * 100 if "%" in shown else value
    if _FRACTION.fullmatch(shown):
        return " ".join(shown.split())
    for run in _RUN.finditer(shown):
        number = _in_one_notation(run[0], abs(seen))
        if number is not None:
            return f"{shown[: run.start()]}{number}{shown[run.end() :]}"
    if _digits(shown) == _digits(str(abs(int(value)))) and value == int(value):
        return shown
    return show_general(value)


def _in_one_notation(text: str, value: Decimal) -> str | None:
    """Return *text* with points before decimals and commas between thousands, None where it does not show *value*."""
    for thousands, point in _NOTATIONS:
        number = _to_number(text, thousands, point)
        if number is not None and number == _rounded(value, number):
            return f"{number:,f}" if thousands in text else f"{number:f}"
    return None


def _to_number(text: str, thousands: str, point: str) -> Decimal | None:
    group, mark = re.escape(thousands), re.escape(point)
    if not re.fullmatch(rf"(?:[1-9]\d{{0,2}}(?:{group}\d{{3}})+|0|[1-9]\d*)(?:{mark}\d+)?", text):
        return None
    return Decimal(text.replace(thousands, "").replace(point, "."))


def _rounded(value: Decimal, like: Decimal) -> Decimal | None:
    try:
        return value.quantize(like, rounding=ROUND_HALF_UP)
    except InvalidOperation:  # more digits than anybody reads
        return None


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdecimal()).lstrip("0")
