"""How a column writes its numbers, as a schema file says it: the number 1234.56 written as the column would write it.

`1.234,56`, `1,234.56`, `1234,56`, `$1,234.56` and `1 234,56 €` are such formats. Nothing else says what a comma means.
"""

import re
from dataclasses import dataclass

EXAMPLES = ('"1.234,56"', '"1,234.56"', '"$1,234.56"', '"1.234,56 €"')
_FORM = re.compile(r"([^0-9+\-]*)1([.,' \u00a0\u202f\u2019]?)234([.,])56([^0-9]*)")
_SPACES = " \u00a0\u202f"


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """The mark between thousands (empty: none), the mark before decimals, and the currency before or after them."""

    thousands: str
    decimal: str
    before: str
    after: str

    @property
    def pattern(self) -> str:
        """A regular expression for a whole cell; its groups are the sign, the sign after a currency, and the digits.

        The currency may be left out; another currency is not accepted. Thousands are marked throughout or not at all.
        """
        marks = f"[{_SPACES}]" if self.thousands in _SPACES else re.escape(self.thousands)
        whole = rf"[0-9]{{1,3}}(?:{marks}[0-9]{{3}})+|[0-9]{{1,15}}" if self.thousands else "[0-9]{1,15}"
        number = rf"((?:{whole})(?:{re.escape(self.decimal)}[0-9]{{1,15}})?)"
        return f"^([+-]?){_optional(self.before)}([+-]?){number}{_optional(self.after)}$"


def _optional(currency: str) -> str:
    return rf"(?:[{_SPACES}]*{re.escape(currency.strip())}[{_SPACES}]*)?" if currency.strip() else ""


def parse_number_format(text: str) -> NumberFormat | None:
    """Return the format that *text* shows; None where it does not show the number 1234.56."""
    found = _FORM.fullmatch(text)
    if not found or found[2] == found[3]:
        return None
    return NumberFormat(found[2], found[3], found[1], found[4])
