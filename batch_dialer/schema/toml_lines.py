"""Find the line of each key in a schema file; tomllib parses TOML but does not report lines.

The text is valid TOML, since tomllib has parsed it, so it is scanned without being validated. Where the scanner meets
anything that it does not understand, it gives no lines at all: a line that is reported is never wrong.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from batch_dialer.errors import UsageError

KeyPath = tuple[str, ...]
"""The names that lead to a table or a key: `("payload", "customer_name", "column")`.

Of an array of tables each has a number from 1: `("skip", "2", "column")`.
"""

_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
_TEXT = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL)
_BARE = re.compile(
    r"\d{4}-\d\d-\d\d \d[0-9:.+\-Zz]*|[^\s,\]}#\"'\[{]+"
)  # a date and time with a space between them, or any other bare value


@dataclass(frozen=True, slots=True)
class SchemaSource:
    """The *name* of a schema file, and the line (from 1) of each of its tables and keys as far as it is known."""

    name: str
    lines: Mapping[KeyPath, int] = field(default_factory=dict)

    def error(self, what: str, remedy: str, *at: str) -> UsageError:
        """Return an error which says *what* is wrong, names the line of the table or key *at*, and gives *remedy*."""
        line = f", line {self.lines[at]}," if at in self.lines else ""
        return UsageError(f"The schema file {self.name}{line} cannot be used: {what}.", remedy)


def suggest(word: str, known: tuple[str, ...]) -> str:
    """Return a sentence that lists the *known* words, and one before it if one of them is close to *word*."""
    close = get_close_matches(word, known, n=1)
    guess = f"Did you mean {close[0]!r}? " if close else ""
    return f"{guess}Known are: {', '.join(known)}."


def find_key_lines(text: str) -> dict[KeyPath, int]:
    """Return the line (from 1) on which each table and key of *text* is first named; empty if any is uncertain."""
    scanner = _Scanner(text)
    try:
        scanner.scan_file()
    except (_LostError, tomllib.TOMLDecodeError):
        return {}
    return {path: text.count("\n", 0, start) + 1 for path, start in scanner.starts.items()}


class _LostError(Exception):
    """The scanner met something that it does not understand."""


@dataclass(slots=True)
class _Scanner:
    text: str
    at: int = 0
    starts: dict[KeyPath, int] = field(default_factory=dict)

    def scan_file(self) -> None:
        table: KeyPath = ()
        while self.skip(_BLANK) and self.at < len(self.text):
            start = self.at
            opening = next((mark for mark in ("[[", "[") if self.accept(mark)), "")
            if opening:
                table = self.scan_key()
                self.expect("]" * len(opening))
                if opening == "[[":
                    table = self.number(table)
                self.record((), table, start)
            else:
                self.scan_pair(table)

    def number(self, table: KeyPath) -> KeyPath:
        """Return the path of the next table of the array *table*: `("skip", "2")` for the second `[[skip]]`."""
        nth = 1
        while (*table, str(nth)) in self.starts:
            nth += 1
        return (*table, str(nth))

    def scan_pair(self, table: KeyPath | None) -> None:
        start = self.at
        key = self.scan_key()
        self.expect("=")
        if table is None:
            self.scan_value(None)
            return
        self.record(table, key, start)
        self.scan_value(table + key)

    def record(self, table: KeyPath, key: KeyPath, start: int) -> None:
        """Note where *key* and the tables that a dotted key implies begin, unless an earlier place is known."""
        for length in range(1, len(key) + 1):
            self.starts.setdefault(table + key[:length], start)

    def scan_key(self) -> KeyPath:
        parts = [self.scan_key_part()]
        while self.accept("."):
            parts.append(self.scan_key_part())
        return tuple(parts)

    def scan_key_part(self) -> str:
        self.skip(_SPACE)
        word = self.match(_KEY)
        if word[0] not in "\"'":
            return word
        return str(tomllib.loads(f"key = {word}")["key"])

    def scan_value(self, path: KeyPath | None) -> None:
        self.skip(_SPACE)
        if self.accept("{"):
            while self.skip(_BLANK) and not self.accept("}"):
                self.scan_pair(path)
                self.expect_separator("}")
        elif self.accept("["):
            while self.skip(_BLANK) and not self.accept("]"):
                self.scan_value(None)  # the elements of an array have no path of their own
                self.expect_separator("]")
        else:
            self.match(_TEXT if self.text[self.at : self.at + 1] in {'"', "'"} else _BARE)

    def expect_separator(self, end: str) -> None:
        self.skip(_BLANK)
        if not self.accept(",") and not self.text.startswith(end, self.at):
            raise _LostError

    def accept(self, mark: str) -> bool:
        self.skip(_SPACE)
        found = self.text.startswith(mark, self.at)
        self.at += len(mark) * found
        return found

    def expect(self, mark: str) -> None:
        if not self.accept(mark):
            raise _LostError

    def match(self, form: re.Pattern[str]) -> str:
        found = form.match(self.text, self.at)
        if not found or not found[0]:
            raise _LostError
        self.at = found.end()
        return found[0]

    def skip(self, form: re.Pattern[str]) -> bool:
        found = form.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return True
