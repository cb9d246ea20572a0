"""A date, a time or a duration, which a cell holds as a number of days.

Dates and times are returned in ISO form, as precise as the format shows them; durations (`[h]:mm`) as shown.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from batch_dialer.sheets.workbook.format_code import FormatError, Kind, Section, Token

_DAY = 86_400
_MOST_DAYS = 3_000_000  # more than any calendar has
_LAST_DAY = date(9999, 12, 31)
_FIRST_1904 = date(1904, 1, 1)
_FIRST_1900 = date(1899, 12, 30)
_NO_LEAP_DAY = 60  # 1900-02-29, which the calendar from 1900 has and the world had not
_UNITS = (Kind.UNIT, Kind.ELAPSED)


class RangeError(ValueError):
    """A moment outside of the calendar, for which a spreadsheet program shows `####`."""


def is_moment(section: Section) -> bool:
    """Whether *section* shows a date, a time or a duration."""
    return section.has(Kind.UNIT, Kind.HALF, Kind.ELAPSED)


def show_moment(section: Section, value: Decimal, *, from_1904: bool) -> str:
    """Return *value*, in days, as *section* shows it: in ISO form, or as it stands for a duration.

    Raise `RangeError` where it lies outside of the calendar, `FormatError` where *section* makes no moment.
    """
    if section.has(Kind.PERCENT, Kind.EXPONENT, Kind.TEXT, Kind.GENERAL):
        raise FormatError
    if not 0 <= value < _MOST_DAYS:
        raise RangeError
    units = list(_read_units(section.tokens))
    decimals = _count_decimals(section.tokens)
    seconds = (value * _DAY).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    if section.has(Kind.ELAPSED):
        return _show_duration(units, seconds, decimals)
    return _show_iso({unit for _, unit in units}, seconds, from_1904=from_1904)


def _read_units(tokens: tuple[Token, ...]) -> Iterator[tuple[Token, str]]:
    """Yield each token with its unit, in a word; "" for what has none. An `m` beside hours or seconds is minutes."""
    letters = [token.text[0] for token in tokens if token.kind in _UNITS]
    neighbours = zip(["", *letters], [*letters[1:], ""], strict=False)
    for token in tokens:
        if token.kind is Kind.HALF:
            yield token, "hour"
        elif token.kind not in _UNITS:
            yield token, ""
        else:
            before, after = next(neighbours)
            is_minute = token.text in {"m", "mm"} and (token.kind is Kind.ELAPSED or before == "h" or after == "s")
            yield token, "minute" if is_minute else {"h": "hour", "s": "second"}.get(token.text[0], "date")


def _count_decimals(tokens: tuple[Token, ...]) -> int:
    """Count the decimals of the seconds; raise `FormatError` for digits that are not such."""
    texts = "".join(token.text if token.kind in {*_UNITS, Kind.POINT, Kind.DIGIT} else "|" for token in tokens)
    decimals = 0
    for part in texts.split("|"):
        head, point, tail = part.partition(".")
        digits = len(tail) - len(tail.lstrip("0"))
        if "?" in part or "#" in part or "0" in head or "0" in tail[digits:]:
            raise FormatError
        if digits and not head.endswith("s"):
            raise FormatError
        decimals = max(decimals, digits if point else 0)
    return decimals


def _show_iso(units: set[str], seconds: Decimal, *, from_1904: bool) -> str:
    days, within = divmod(seconds, _DAY)
    day = _to_date(int(days), from_1904=from_1904) if "date" in units else None
    if "second" in units and "minute" not in units:
        raise FormatError
    if not units & {"hour", "minute", "second"}:
        return f"{day}"
    time = _show_time(within, units)
    if day is None:
        return time
    return f"{day} {time}" if within else f"{day}"


def _to_date(days: int, *, from_1904: bool) -> date:
    first = _FIRST_1904
    if not from_1904:
        if days in {0, _NO_LEAP_DAY}:
            raise RangeError
        first = _FIRST_1900 + timedelta(days=days < _NO_LEAP_DAY)
    if days > (_LAST_DAY - first).days:
        raise RangeError
    return first + timedelta(days=days)


def _show_time(seconds: Decimal, units: set[str]) -> str:
    minutes, rest = divmod(seconds, 60)
    hour, minute = divmod(int(minutes), 60)
    shown = f"{hour:02d}:{minute if units & {'minute', 'second'} else 0:02d}"
    if "second" not in units or not rest:
        return shown
    whole, fraction = divmod(rest, 1)
    return f"{shown}:{int(whole):02d}" + (f"{fraction:f}"[1:].rstrip("0") if fraction else "")


def _show_duration(units: list[tuple[Token, str]], seconds: Decimal, decimals: int) -> str:
    whole, fraction = divmod(seconds, 1)
    total = {"hour": int(whole) // 3600, "minute": int(whole) // 60, "second": int(whole)}
    shown: list[str] = []
    for token, unit in units:
        if unit == "date" or token.kind is Kind.HALF:
            raise FormatError
        if unit:
            number = total[unit] if token.kind is Kind.ELAPSED else total[unit] % (24 if unit == "hour" else 60)
            shown.append(f"{number:0{len(token.text)}d}")
            shown += [f"{fraction:.{decimals}f}"[1:]] if unit == "second" and decimals else []
        elif token.kind is Kind.LITERAL:
            shown.append(token.text)
    return "".join(shown).strip()
