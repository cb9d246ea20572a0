"""What a cell shows: its value in its number format, as the spreadsheet program would show it to a person.

Three things are told otherwise than shown. Dates and times come in ISO form, whatever their order on the screen; the
sign of a currency is left out; a whole number of up to 15 digits in a format of powers of ten keeps all of its digits.
"""

import math
import re
from decimal import ROUND_HALF_UP, Decimal

from batch_dialer.sheets.workbook.display_moment import RangeError, is_moment, show_moment
from batch_dialer.sheets.workbook.display_number import show_general, show_number
from batch_dialer.sheets.workbook.format_code import FormatError, Kind, Section, parse_format

OUT_OF_RANGE = "########"
"""Stands for a date or time that the program cannot show."""
UNKNOWN_FORMAT = "#FORMAT!"
"""Stands for a value in a format that is not understood."""
NO_NUMBER = "#NUM!"

_GENERAL = parse_format("General")
_WHOLE = 10**15
_AS_WRITTEN = {
    "General": r"^(?:[1-9][0-9]{0,14}|(?:0|[1-9][0-9]{0,6})\.[0-9]{0,6}[1-9])$",
    "0": "^(?:0|[1-9][0-9]{0,14})$",
    "0.00": r"^(?:0|[1-9][0-9]{0,12})\.[0-9]{2}$",
}
_PLAIN = re.compile(r"(#,##)?0(?:\.(0{1,10}))?")


class Display:
    """The number format *code*; *from_1904* tells by which of its two calendars the workbook counts days.

    *is_plain_text*: whether it shows texts as they are. *as_written* is the pattern of the numbers that it shows as a
    file has them, which are most: with as many decimals and no sign. None where there are none.
    """

    def __init__(self, code: str, *, from_1904: bool = False) -> None:
        self._from_1904 = from_1904
        try:
            sections = parse_format(code) if code.strip() else _GENERAL
        except FormatError:
            sections = ()
        self._is_understood = bool(sections)
        last = sections[-1] if sections else Section(())
        has_text = len(sections) == 4 or last.has(Kind.TEXT)  # noqa: PLR2004  (for more, less, zero and text)
        self._text = last if has_text else None
        self.is_plain_text = (not has_text and (self._is_understood or "@" not in code)) or code == "@"
        self._numbers = sections[:-1] if has_text else sections
        plain = _PLAIN.fullmatch(code)
        self.as_written = _AS_WRITTEN.get(code)
        self._plain = (Decimal(1).scaleb(-len(plain[2] or "")), ",f" if plain[1] else "f") if plain else None

    @property
    def is_moment(self) -> bool:
        """Whether the format shows dates, times or durations."""
        return any(is_moment(section) for section in self._numbers)

    def number(self, value: float) -> str | None:
        """Return what the cell with the number *value* shows, None for nothing; the marks above where it shows none."""
        if not math.isfinite(value):
            return NO_NUMBER
        if not self._is_understood:
            return UNKNOWN_FORMAT
        exact = Decimal(int(value)) if float(value).is_integer() else Decimal(f"{value:.15g}")
        if self._plain and 0 <= exact < _WHOLE:  # the same as below, several times as fast
            return format(exact.quantize(self._plain[0], rounding=ROUND_HALF_UP), self._plain[1])
        try:
            return self._show_exact(exact)
        except FormatError:
            return UNKNOWN_FORMAT
        except RangeError:
            return OUT_OF_RANGE

    def text(self, value: str) -> str | None:
        """Return what the cell with the text *value* shows, None for nothing."""
        if self.is_plain_text:
            return value
        if self._text is None:
            return UNKNOWN_FORMAT
        shown = "".join(value if token.kind is Kind.TEXT else token.text for token in self._text.tokens)
        return shown.strip() or None

    def _show_exact(self, value: Decimal) -> str | None:
        section, has_own_sign = self._choose(value)
        if is_moment(section):
            return show_moment(section, value, from_1904=self._from_1904)
        if section.has(Kind.EXPONENT) and value == int(value) and abs(value) < _WHOLE:
            return show_general(value)
        shown = show_number(section, abs(value)).strip()
        is_negative = value < 0 and not has_own_sign and shown.strip("0., %E+-")  # -0.001 is shown as 0.00
        return f"-{shown}" if is_negative else shown or None

    def _choose(self, value: Decimal) -> tuple[Section, bool]:
        """Return the section for *value*, and whether it stands for negative numbers alone and shows no other sign."""
        numbers = self._numbers or _GENERAL
        if any(section.sign for section in numbers):
            return self._choose_by_condition(value)
        if value < 0 and len(numbers) > 1:
            return numbers[1], True
        if value < 0 and not numbers[0].shows_value:
            raise FormatError  # some programs show a sign, others none
        return (numbers[2] if value == 0 and len(numbers) > 2 else numbers[0]), False  # noqa: PLR2004  (for zero)

    def _choose_by_condition(self, value: Decimal) -> tuple[Section, bool]:
        """Return the section whose condition is met, else the one without; programs agree on signs only around 0."""
        conditional = [section for section in self._numbers if section.sign]
        if value < 0 and any(section.limit for section in conditional):
            raise FormatError
        chosen = next((section for section in conditional if section.takes(value)), None)
        rest = [section for section in self._numbers if not section.sign]
        if chosen is None and not rest:
            raise RangeError  # the program shows #### as well
        if chosen is None:  # of two without a condition, the first is for negative numbers
            chosen = rest[0] if value < 0 else rest[-1]
        return chosen, value < 0
