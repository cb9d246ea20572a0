"""The number format of a cell, as `[<=9999999]###-####;(###) ###-####`, taken apart into sections of tokens."""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum


class FormatError(ValueError):
    """A format that is not understood, so that nobody can say what it shows."""


class Kind(Enum):
    """What a token of a format stands for, by the name that it has in `_TOKEN`."""

    LITERAL = "literal"
    DIGIT = "digit"  # 0, # or ?
    POINT = "point"
    COMMA = "comma"
    PERCENT = "percent"
    EXPONENT = "exponent"  # E+ or E-
    TEXT = "text"  # @
    GENERAL = "general"
    UNIT = "unit"  # of a date or a time: y, mm, ss
    HALF = "half"  # AM/PM
    ELAPSED = "elapsed"  # [h]: hours that are not limited to a day


@dataclass(frozen=True, slots=True)
class Token:
    """A token with its *text*: a literal's without quotes, in small letters for units."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """The tokens of a section, and the *condition* on numbers that it is for, with the *limit* and the *sign*."""

    tokens: tuple[Token, ...]
    sign: str = ""
    limit: Decimal = Decimal(0)

    def has(self, *kinds: Kind) -> bool:
        """Whether any token is of one of these *kinds*."""
        return any(token.kind in kinds for token in self.tokens)

    @property
    def shows_value(self) -> bool:
        """Whether anything that is shown depends on the value."""
        return any(token.kind is not Kind.LITERAL for token in self.tokens)

    def takes(self, value: Decimal) -> bool:
        """Whether the section has a condition, and *value* meets it."""
        return self.sign in _COMPARE and _COMPARE[self.sign](value, self.limit)


_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "<>": operator.ne,
}
_TOKEN = re.compile(
    r"""(?P<general>general)
    | "(?P<quoted>[^"]*)"
    | \\(?P<escaped>.)
    | (?P<space>_.)
    | (?P<fill>\*.)
    | \[(?P<bracket>[^\]]*)\]
    | (?P<half>am/pm|a/p|上午/下午|午前/午後|오전/오후)
    | (?P<exponent>e[+-])
    | (?P<unit>y+|m+|d+|h+|s+|e+|g+|b+|a{3,4})
    | (?P<digit>[0#?])
    | (?P<point>\.)
    | (?P<comma>,)
    | (?P<percent>%)
    | (?P<text>@)
    | (?P<next>;)
    | (?P<literal>t(?=h)|[^a-z_*\\"\[\]]|[^\x00-\x7f])""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_MOST_SECTIONS = 4
_MOST_LENGTH = 1_000  # a format has at most 255 characters
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d{1,15}(?:\.\d{1,15})?)")
_COLOUR = re.compile(r"(?:black|blue|cyan|green|magenta|red|white|yellow|color ?\d{1,2})", re.IGNORECASE)
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_CURRENCY_OR_LOCALE = re.compile(r"\$[^-]*(?:-[0-9A-Za-z,]*)?")


def parse_format(code: str) -> tuple[Section, ...]:
    """Take the format *code* apart; raise `FormatError` where any of it is not understood."""
    if len(code) > _MOST_LENGTH:
        raise FormatError(code)
    sections: list[Section] = []
    tokens: list[Token] = []
    sign, limit = "", Decimal(0)
    at = 0
    while at < len(code):
        found = _TOKEN.match(code, at)
        if found is None:
            raise FormatError(code)
        at = found.end()
        group, text = str(found.lastgroup), found[str(found.lastgroup)]
        if group == "next":
            sections.append(Section(tuple(tokens), sign, limit))
            tokens, sign, limit = [], "", Decimal(0)
        elif group == "bracket" and (condition := _CONDITION.fullmatch(text.strip())):
            sign, limit = condition[1], Decimal(condition[2])
        elif group == "bracket":
            tokens += _parse_bracket(text)
        elif group in {"quoted", "escaped", "literal", "space"}:
            tokens.append(Token(Kind.LITERAL, " " if group == "space" else text))
        elif group != "fill":
            tokens.append(Token(Kind(group), text.lower()))
    sections.append(Section(tuple(tokens), sign, limit))
    if len(sections) > _MOST_SECTIONS:
        raise FormatError(code)
    return tuple(sections)


def _parse_bracket(text: str) -> list[Token]:
    """Return the token that a bracket stands for: none for colours, languages and the signs of currencies."""
    if _ELAPSED.fullmatch(text):
        return [Token(Kind.ELAPSED, text.lower())]
    if _COLOUR.fullmatch(text) or _CURRENCY_OR_LOCALE.fullmatch(text):
        return []
    raise FormatError(text)
