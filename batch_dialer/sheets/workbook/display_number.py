"""A number as a section of a number format shows it: decimals, thousands, percentages, codes, powers of ten, fractions.

Numbers come without their sign. The signs of currencies are left out.
"""

import re
import unicodedata
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from batch_dialer.sheets.workbook.format_code import FormatError, Kind, Section, Token

_EXACT = Context(prec=700, rounding=ROUND_HALF_UP)
_PADDING = {"0": "0", "?": " ", "#": ""}
_FRACTION = re.compile(r"(?:(?P<whole>[#0?]+) +)?(?P<top>[#0?]+) ?/ ?(?P<bottom>[1-9]\d*|[#0?]+)")
_SMALLEST = Decimal("1e-9")  # which is shown without a power of ten
_MOST_DENOMINATOR_DIGITS = 5
_NOT_IN_NUMBERS = (Kind.UNIT, Kind.HALF, Kind.ELAPSED, Kind.TEXT)


def show_general(value: Decimal) -> str:
    """Return *value* as the format `General` shows it where there is room: whole, or with up to 15 digits."""
    if value == value.to_integral_value() and abs(value) < 10**16:
        return str(int(value))
    shown = f"{float(value):.15g}".upper()
    if "E-" in shown and abs(value) >= _SMALLEST:
        return f"{Decimal(shown):f}"
    mantissa, _, exponent = shown.partition("E")
    return f"{mantissa}E{int(exponent):+03d}" if exponent else shown


def show_number(section: Section, value: Decimal) -> str:
    """Return *value*, 0 or more, as *section* shows it; raise `FormatError` where that is not known."""
    if section.has(*_NOT_IN_NUMBERS):
        raise FormatError
    if section.has(Kind.GENERAL):
        return "".join(
            show_general(value) if token.kind is Kind.GENERAL else _literal(token) for token in section.tokens
        )
    if section.has(Kind.EXPONENT):
        return _show_power(section.tokens, value)
    if any(token == Token(Kind.LITERAL, "/") for token in section.tokens) and section.has(Kind.DIGIT):
        return _show_fraction(section.tokens, value)
    value = _EXACT.multiply(value, 100 ** sum(token.kind is Kind.PERCENT for token in section.tokens))
    return _show_decimal(section.tokens, value)


def _literal(token: Token) -> str:
    if token.kind is Kind.LITERAL:
        return "".join(letter for letter in token.text if unicodedata.category(letter) != "Sc")
    return token.text if token.kind is Kind.PERCENT else ""


def _show_decimal(tokens: tuple[Token, ...], value: Decimal) -> str:
    point = next((place for place, token in enumerate(tokens) if token.kind is Kind.POINT), len(tokens))
    before, after = tokens[:point], tokens[point:]
    last = max((place for place, token in enumerate(tokens) if token.kind is Kind.DIGIT), default=-1)
    commas = [place for place, token in enumerate(tokens) if token.kind is Kind.COMMA]
    if any(token.kind is Kind.POINT for token in after[1:]) or any(point < place < last for place in commas):
        raise FormatError
    value = _EXACT.scaleb(value, -3 * sum(place > last for place in commas))
    places = sum(token.kind is Kind.DIGIT for token in after)
    whole, _, fraction = f"{value.quantize(Decimal(1).scaleb(-places), context=_EXACT):f}".partition(".")
    shown = [*_show_whole(before, whole.lstrip("0"), grouped=any(place < min(last, point) for place in commas))]
    return "".join([*shown, *_show_decimals(after, fraction)])


def _show_whole(tokens: tuple[Token, ...], digits: str, *, grouped: bool) -> Iterator[str]:
    """Yield what stands before the point; the first place takes all digits that have no place of their own."""
    places = sum(token.kind is Kind.DIGIT for token in tokens)
    if not places and digits and any(token.kind is Kind.POINT for token in tokens):
        raise FormatError
    left, is_first = places, True
    for token in tokens:
        if token.kind is not Kind.DIGIT:
            yield _literal(token)
            continue
        first = max(len(digits), places) if is_first else left
        for place in range(first, left - 1, -1):  # counted from the right, from 1
            digit = digits[-place] if place <= len(digits) else _PADDING[token.text]
            yield digit + ("," if grouped and digit.strip() and place > 1 and place % 3 == 1 else "")
        left, is_first = left - 1, False


def _show_decimals(tokens: tuple[Token, ...], digits: str) -> Iterator[str]:
    needed = len(digits.rstrip("0"))
    place = 0
    for token in tokens:
        if token.kind is Kind.POINT:
            yield "."
        elif token.kind is Kind.DIGIT:
            yield digits[place] if place < needed else _PADDING[token.text]
            place += 1
        else:
            yield _literal(token)


def _show_power(tokens: tuple[Token, ...], value: Decimal) -> str:
    at = next(place for place, token in enumerate(tokens) if token.kind is Kind.EXPONENT)
    mantissa, power = tokens[:at], tokens[at + 1 :]
    point = next((place for place, token in enumerate(mantissa) if token.kind is Kind.POINT), at)
    step = max(sum(token.kind is Kind.DIGIT for token in mantissa[:point]), 1)
    places = sum(token.kind is Kind.DIGIT for token in mantissa[point:])
    if any(token.kind is Kind.COMMA for token in tokens) or not any(token.kind is Kind.DIGIT for token in power):
        raise FormatError
    exponent = value.adjusted() // step * step if value else 0
    rounded = _EXACT.scaleb(value, -exponent).quantize(Decimal(1).scaleb(-places), context=_EXACT)
    if rounded >= 10**step:
        exponent += step
    sign = "-" if exponent < 0 else tokens[at].text[1].replace("-", "")
    shown = _show_decimal(mantissa, _EXACT.scaleb(value, -exponent))
    return f"{shown}E{sign}{_show_decimal(power, Decimal(abs(exponent)))}"


def _show_fraction(tokens: tuple[Token, ...], value: Decimal) -> str:
    layout = _FRACTION.fullmatch(
        "".join(token.text if token.kind is not Kind.LITERAL else _literal(token) for token in tokens).strip()
    )
    if layout is None or len(layout["bottom"]) > _MOST_DENOMINATOR_DIGITS:
        raise FormatError
    whole = int(value) if layout["whole"] else 0
    rest = Fraction(value) - whole
    if layout["bottom"][0] in _PADDING:
        near = rest.limit_denominator(10 ** len(layout["bottom"]) - 1)
        top, bottom = near.numerator, near.denominator
    else:
        bottom = int(layout["bottom"])
        top = int(rest * bottom + Fraction(1, 2))
    if layout["whole"]:
        whole, top = whole + top // bottom, top % bottom
        if not top:
            return str(whole)
    return f"{whole} {top}/{bottom}" if whole or "0" in (layout["whole"] or "") else f"{top}/{bottom}"
