"""Where a key stands in a schema file: tomllib reads TOML but does not say on which line.

The text is known to be TOML, for tomllib has read it; so it is walked, not judged. Its law: a line that is given is
right. Whatever the walk does not understand ends it, and no line is given at all.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from batch_dialer.errors import UsageError

KeyPath = tuple[str, ...]
"""A table or a key by its names: `("payload", "customer_name", "column")`."""

_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
_TEXT = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL)
_BARE = re.compile(r"\d{4}-\d\d-\d\d \d[0-9:.+\-Zz]*|[^\s,\]}#\"'\[{]+")  # a moment with a space in it; anything else


@dataclass(frozen=True, slots=True)
class SchemaSource:
    """A schema file's *name*, and the line of each of its tables and keys as far as they are known."""

    name: str
    lines: Mapping[KeyPath, int] = field(default_factory=dict)

    def error(self, what: str, remedy: str, *at: str) -> UsageError:
        """Return the error that *what* is wrong *at* this table or key."""
        line = f", line {self.lines[at]}," if at in self.lines else ""
        return UsageError(f"The schema file {self.name}{line} cannot be used: {what}.", remedy)


def suggest(word: str, known: tuple[str, ...]) -> str:
    """Return what somebody who wrote *word* may have meant, of all that is *known*."""
    close = get_close_matches(word, known, n=1)
    guess = f"Did you mean {close[0]!r}? " if close else ""
    return f"{guess}Known are: {', '.join(known)}."


def find_key_lines(text: str) -> dict[KeyPath, int]:
    """Return the line (from 1) on which each table and each key of the TOML *text* is first named."""
    scanner = _Scanner(text)
    try:
        scanner.scan_file()
    except (_LostError, tomllib.TOMLDecodeError):
        return {}
    return {path: text.count("\n", 0, start) + 1 for path, start in scanner.starts.items()}


class _LostError(Exception):
    """The walk does not know where it is."""


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
                self.record((), table, start)
            else:
                self.scan_pair(table)

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
        """A dotted key makes its tables, too; of several places the first is meant."""
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
                self.scan_value(None)  # what stands in an array has no path of its own
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
