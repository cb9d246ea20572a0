"""Make up texts that a pattern of the schema may match, for the example row of a starter sheet.

Only the usual parts of regular expressions are understood, so a text may fail to match: the caller checks each.
"""

import re
from collections.abc import Iterator

_CHARACTER_OF_CLASS = {"d": "1", "w": "A", "s": " ", "D": "A", "W": "-", "S": "A"}
_REPEAT = re.compile(r"\{(\d+)(?:,(\d*))?\}")
_MOST_REPEATS = 200


def example_texts(pattern: str) -> Iterator[str]:
    """Yield at most seven texts that *pattern* may match, the shortest first; none if it is not understood."""
    for more in (0, 1, 2, 4, 8, 16, 32):
        try:
            yield _PatternReader(pattern, more).read_alternatives()
        except (IndexError, ValueError):
            return


class _PatternReader:
    """Reads a pattern from left to right and makes a text for each part, with *more* repeats than demanded."""

    def __init__(self, pattern: str, more: int) -> None:
        self._pattern = pattern
        self._more = more  # repeats beyond the least that the pattern demands
        self._at = 0

    def read_alternatives(self) -> str:
        """Return a text for the first alternative, having read all of them up to the end of the group or pattern."""
        first = self._read_sequence()
        while self._peek() == "|":
            self._at += 1
            self._read_sequence()
        return first

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _take(self) -> str:
        self._at += 1
        return self._pattern[self._at - 1]

    def _read_sequence(self) -> str:
        text = ""
        while self._peek() not in {"", "|", ")"}:
            piece = self._read_piece()
            text += piece * self._read_count()
        return text

    def _read_piece(self) -> str:
        char = self._take()
        match char:
            case "^" | "$":
                return ""
            case ".":
                return "a"
            case "(":
                return self._read_group()
            case "[":
                return self._read_class()
            case "\\":
                return self._read_escape()
            case _:
                return char

    def _read_escape(self) -> str:
        char = self._take()
        return "" if char in "bBAz" else _CHARACTER_OF_CLASS.get(char, char)

    def _read_group(self) -> str:
        if self._peek() == "?":
            start = re.compile(r"\?(?::|P?<\w+>|[a-z-]*:)").match(self._pattern, self._at)
            if not start:
                raise ValueError
            self._at = start.end()
        text = self.read_alternatives()
        if self._take() != ")":
            raise ValueError
        return text

    def _read_class(self) -> str:
        end = self._pattern.index("]", self._at + (2 if self._pattern.startswith("^", self._at) else 1))
        inside = self._pattern[self._at : end]
        self._at = end + 1
        if inside.startswith("^"):
            known = re.compile(f"[{inside}]")
            return next(char for char in "Aa1- ._" if known.match(char))
        return _CHARACTER_OF_CLASS.get(inside[1], inside[1]) if inside.startswith("\\") else inside[0]

    def _read_count(self) -> int:
        least, most = 1, 1
        char = self._peek()
        if char and char in "?*+":
            self._at += 1
            least, most = {"?": (0, 1), "*": (0, _MOST_REPEATS), "+": (1, _MOST_REPEATS)}[char]
        elif repeat := _REPEAT.match(self._pattern, self._at):
            self._at = repeat.end()
            least = int(repeat[1])
            most = least if repeat[2] is None else int(repeat[2] or _MOST_REPEATS)
        if self._peek() == "?" and most > least:
            self._at += 1  # a lazy quantifier
        return min(least + self._more, most, _MOST_REPEATS)
