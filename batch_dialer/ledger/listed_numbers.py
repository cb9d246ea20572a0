"""Whether a number as the API writes it is the number that we dialed.

The vendor's pages show E.164 and promise nothing. A number that is taken for another one lets the proof of absence hold
that should not, and a phone may ring twice; a number that cannot be told leaves a row in doubt. So whatever could be
another way to write our number is UNREADABLE, never OTHER.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from enum import Enum

_E164 = re.compile(r"\+([1-9][0-9]{6,14})")
_BARE = re.compile(r"[0-9]{7,18}")  # with a trunk zero or a prefix for calls abroad
_SCHEME = re.compile(r"(?:tel:|sips?:(?=[^@]+@))", re.IGNORECASE)
_SEPARATORS = str.maketrans("", "", " \u00a0-.()/")
_MASKED = re.compile(r"[ \u00a0.-]{3}|--|\.\.")  # `+1 415 ... 0101`: digits that are kept from us
_OPTIONAL_ZERO = re.compile(r"\(\s*0\s*\)")  # `+49 (0)30 …`: dialed or not, as the caller's country has it
_TAIL = 4
_LONG_TAIL = 6
_A_STRANGER = "+99999999999999"
"""A number of no country: what cannot be told from it cannot be told from any."""


class Sameness(Enum):
    """What can be said of two numbers."""

    SAME = "the same number"
    OTHER = "another number, however the first was written"
    UNREADABLE = "it cannot be told"


def same_number(listed: str, number: str) -> Sameness:
    """Return whether *listed*, as the API wrote it, is *number*, which is in E.164 (`+` and 7 to 15 digits)."""
    ours = _E164.fullmatch(number)
    digits = _bare(listed)
    if not ours or not digits:
        return Sameness.UNREADABLE
    if digits in {f"+{ours[1]}", f"00{ours[1]}", ours[1]}:
        return Sameness.SAME
    if theirs := _E164.fullmatch(digits):
        return _between_international(theirs[1], ours[1])
    if _BARE.fullmatch(digits) and not _may_be_written_so(digits, ours[1]):
        return Sameness.OTHER
    return Sameness.UNREADABLE


class NumberIndex:
    """Our numbers, so arranged that a listed one need not be compared with each: thousands meet thousands."""

    def __init__(self, numbers: Iterable[str]) -> None:
        self._by_tail: dict[str, set[str]] = defaultdict(set)
        self._by_end: dict[str, set[str]] = defaultdict(set)
        self._by_part: dict[str, set[str]] = defaultdict(set)
        for number in numbers:
            self._by_tail[number[-_TAIL:]].add(number)
            self._by_end[number[-_LONG_TAIL:]].add(number)
            for part in _parts(number):
                self._by_part[part].add(number)

    def compare(self, listed: str) -> dict[str, Sameness] | None:
        """Return those of our numbers that *listed* is or may be, with which of the two; None where it may be any."""
        digits = _bare(listed)
        if not digits.removeprefix("+").isdecimal():
            return None
        near = self._by_tail.get(digits[-_TAIL:], set()) | self._by_part.get(digits[-_LONG_TAIL:], set())
        near = near.union(*(self._by_end.get(part, ()) for part in _parts(digits)))
        compared = {number: same_number(listed, number) for number in near}
        if not near and same_number(listed, _A_STRANGER) is Sameness.UNREADABLE:
            return None
        return {number: sameness for number, sameness in compared.items() if sameness is not Sameness.OTHER}


def _parts(digits: str) -> set[str]:
    return {digits[at : at + _LONG_TAIL] for at in range(len(digits) - _LONG_TAIL + 1)}


def _bare(listed: str) -> str:
    """Return the digits of *listed*, behind a + if there is one; nothing where a part of it is hidden or optional."""
    text = listed.strip()
    if scheme := _SCHEME.match(text):
        text = text[scheme.end() :].partition("@")[0]
    if _MASKED.search(text) or _OPTIONAL_ZERO.search(text):
        return ""
    return text.translate(_SEPARATORS)


def _between_international(theirs: str, ours: str) -> Sameness:
    """Two international numbers of one length are two numbers, unless they are equal.

    Of two lengths they may be one, in one country: `+52 1 55…` and `+52 55…` both ring the phone, `+44 0 20…` has the
    zero that is dialed at home, and an extension may follow.
    """
    if len(theirs) != len(ours) and theirs[0] == ours[0] and _may_be_written_so(theirs, ours):
        return Sameness.UNREADABLE
    return Sameness.OTHER


def _may_be_written_so(digits: str, ours: str) -> bool:
    """Whether *digits* end as *ours* do, or hold their end, or are the beginning of a number that was cut."""
    return digits[-_TAIL:] == ours[-_TAIL:] or ours[-_LONG_TAIL:] in digits or digits[-_LONG_TAIL:] in ours
