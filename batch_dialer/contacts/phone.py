"""Parse a phone number as people write it to E.164, or say why it cannot be dialed as it is written.

libphonenumber validates and normalises. Before that, texts that it would read as another, valid number are refused here
(`1-800-FLOWERS`, `=+1…`, `+4930123456.0`), and so are digits that are two valid numbers, one with and one without the
country code: whom to call is never guessed.
"""

import re
import unicodedata
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from batch_dialer.contacts.numbering_plans import explain_old_number
from batch_dialer.words import Code

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_LIKE_A_NUMBER = re.compile(r"^(?:tel:)?(\+?\(?\d[\d ().\-/]*)$", re.IGNORECASE)
_LOOSE_PLUS = re.compile(r"^\( *\+ *(\d{1,3}) *\)|^\+ +(?=[\d(])|^\( +(?=\d)")
_CALCULATED = re.compile(r"\.0$|^\+?\d{7,}\.\d+$")
_SCIENTIFIC = re.compile(r"^[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+$")
_EXTENSION = re.compile(r"\d\s*(?:x|ext\.?|extension|#|,,|;ext=)\s*\d+#?$", re.IGNORECASE)
_BETWEEN_NUMBERS = re.compile(r"[/;,|\n&]|::+|\b(?:or|oder|and|und|ou|et)\b|(?=\+)", re.IGNORECASE)
_FEWEST_DIGITS_OF_TWO = 6  # in each part of a text that is taken for two numbers
_MOST_DIGITS = 15
_FEWEST_DIGITS = 7

_DIALABLE_TYPES = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.VOIP,
        PhoneNumberType.PERSONAL_NUMBER,
    }
)
_UNDIALABLE_TYPES = {
    PhoneNumberType.PREMIUM_RATE: "is a premium-rate number",
    PhoneNumberType.SHARED_COST: "is a shared-cost number",
    PhoneNumberType.UAN: "is a company's access number",
    PhoneNumberType.PAGER: "is a pager",
    PhoneNumberType.VOICEMAIL: "is a voice mailbox",
}
_SATELLITES = frozenset({870, 881, 882, 883})  # country codes; a call to a satellite phone costs dollars a minute


@dataclass(frozen=True, slots=True)
class NotDialable:
    """Why a number cannot be dialed (*why* completes "COLUMN …"), and what to do about it (*remedy*, a sentence)."""

    why: str
    remedy: str
    code: Code = Code.INVALID_PHONE_NUMBER


def parse_phone(text: str, region: str | None) -> str | NotDialable:
    """Return *text* as E.164, or why it cannot be. *region* ("US") is the country of numbers without a country code."""
    shown = _INVISIBLE.sub("", _DASHES.sub("-", unicodedata.normalize("NFKC", text))).strip().removeprefix("'").strip()
    # `(+1) 206 …`, `+ 1 206 …` and `( 206 ) …` have all digits in order: only spaces and brackets are removed.
    written = _LIKE_A_NUMBER.match(_LOOSE_PLUS.sub(_join_plus, shown))
    if not written or any(unicodedata.category(char) == "No" for char in text):  # NFKC makes a footnote's ² a 2
        return _explain_unreadable(shown)
    if _CALCULATED.search(shown):
        return NotDialable("has a decimal point, as a number that went through a calculation has", _RETYPE_REMEDY)
    too_long = sum(map(str.isdigit, written[1])) > _MOST_DIGITS
    cuts = [written[1][: slash.start()] for slash in re.finditer("/", written[1])]
    if cuts and (too_long or any(_is_a_number(_parse_number(cut, region)) for cut in cuts)):
        return NotDialable(*_TWO_NUMBERS_FAULT)
    return _parse_number(written[1], region)


def _is_a_number(read: str | NotDialable) -> bool:
    return isinstance(read, str) or read.why == TWO_READINGS


def _join_plus(found: re.Match[str]) -> str:
    return f"+{found[1]} " if found[1] else found[0].rstrip()


_RETYPE_REMEDY = "Type the number again as text: format the column as Text, or put an apostrophe before it."
_TWO_NUMBERS_FAULT = ("holds more than one number", "Leave the one to call, and move the other to a column of its own.")
_INVALID_FAULT = ("is not a valid number in its country", "Check it for missing or wrong digits.")
COUNTRY_REMEDY = "Write the number with + and the country code, as in +14155550123."
NO_COUNTRY_CODE = "has no + and no country code"
TWO_READINGS = "has no +, and is a valid number both with the country code and without it"
"""Why a number that can be read in two ways is refused. Its remedy names both readings, so it differs from row to row;
what must not show numbers has `COUNTRY_REMEDY` instead."""


def _parse_number(digits: str, region: str | None) -> str | NotDialable:
    count = sum(char.isdigit() for char in digits)
    if not _FEWEST_DIGITS <= count <= _MOST_DIGITS:
        size = "few" if count < _FEWEST_DIGITS else "many"
        return NotDialable(f"has {count} digits, too {size} for a phone number", COUNTRY_REMEDY)
    if not digits.startswith("+") and region is None:
        return NotDialable(
            NO_COUNTRY_CODE,
            f'{COUNTRY_REMEDY} Or say whose numbers these are: --region US, or the schema\'s [to] region = "US".',
        )
    if twice := _read_twice(digits, region):
        return twice
    try:
        number = phonenumbers.parse(digits, region)
    except NumberParseException:
        return NotDialable("does not begin with a country code that exists", COUNTRY_REMEDY)
    return _explain_undialable(number) or _write(number)


def _explain_undialable(number: phonenumbers.PhoneNumber) -> NotDialable | None:
    kind = phonenumbers.number_type(number)
    nobody = "is a satellite phone" if number.country_code in _SATELLITES else _UNDIALABLE_TYPES.get(kind)
    if nobody:
        return NotDialable(nobody, "Such numbers are not dialed. Give the person's own number.")
    if kind in _DIALABLE_TYPES:
        return None
    return NotDialable(*(explain_old_number(number) or _INVALID_FAULT))


def _read_twice(digits: str, region: str | None) -> NotDialable | None:
    """Return the fault of *digits* without a + that are two numbers: with the country code of *region*, and without it.

    Spreadsheet programs take the + away from `+49151…`; Germany also has an area code that begins with 49.
    """
    bare = "".join(filter(str.isdigit, digits))
    code = str(phonenumbers.country_code_for_region(region or ""))
    if digits.startswith("+") or not bare.startswith(code):
        return None
    national, international = (_parse_valid(f"+{code}{bare}"), _parse_valid(f"+{bare}"))
    if not national or not international or national == international:
        return None
    return NotDialable(TWO_READINGS, f"Write the right one of the two, with its +: {international} or {national}.")


def _parse_valid(text: str) -> str | None:
    """Return the number *text* (`+` and digits) as E.164 if it is valid, of whatever kind; None where it is not."""
    try:
        number = phonenumbers.parse(text)
    except NumberParseException:
        return None
    return None if phonenumbers.number_type(number) == PhoneNumberType.UNKNOWN else _write(number)


def _write(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _explain_unreadable(shown: str) -> NotDialable:  # noqa: PLR0911  (one for each kind of unreadable text)
    if _SCIENTIFIC.match(shown):
        return NotDialable("was shortened by the spreadsheet, and its last digits are lost", _RETYPE_REMEDY)
    if shown.startswith("#"):
        return NotDialable("is an error value of the spreadsheet", "Correct the formula, or type the number.")
    if shown.startswith("="):
        return NotDialable("is a formula and not its result", "Type the number itself, as in +14155550123.")
    if _holds_two_numbers(shown):
        return NotDialable(*_TWO_NUMBERS_FAULT)
    if _EXTENSION.search(shown):
        return NotDialable("has an extension, which cannot be dialed", "Give a number that rings the person directly.")
    if any(char.isalpha() for char in shown):
        return NotDialable("has letters in it", "Write the number in digits.")
    return NotDialable("is not written as a phone number", COUNTRY_REMEDY)


def _holds_two_numbers(shown: str) -> bool:
    """Return whether *shown* has the digits of several numbers, with between them what people and exports write."""
    counts = [sum(map(str.isdigit, part)) for part in _BETWEEN_NUMBERS.split(shown)]
    return sum(count >= _FEWEST_DIGITS_OF_TWO for count in counts) > 1


def is_missing(text: str | None) -> bool:
    """Return whether the cell is empty or holds what people and exports write instead of a number, such as `n/a`."""
    return text is None or text.strip().casefold() in {"", "-", "--", "n/a", "na", "null", "nan", "none", "?"}
