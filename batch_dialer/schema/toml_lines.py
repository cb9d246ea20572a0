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

Path = tuple[str, ...]
"""A table or a key by its names: `("payload", "customer_name", "column")`."""

_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
_TEXT = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL)
_BARE = re.compile(r"\d{4}-\d\d-\d\d \d[0-9:.+\-Zz]*|[^\s,\]}#\"'\[{]+")  # a moment with a space in it; anything else


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """A schema file's *name*, and the line of each of its tables and keys as far as they are known."""

    name: str
    lines: Mapping[Path, int] = field(default_factory=dict)

    def wrong(self, what: str, remedy: str, *at: str) -> UsageError:
        """Return the error that *what* is wrong *at* this table or key."""
        line = f", line {self.lines[at]}," if at in self.lines else ""
        return UsageError(f"The schema file {self.name}{line} cannot be used: {what}.", remedy)


def nearest(word: str, known: tuple[str, ...]) -> str:
    """Return what somebody who wrote *word* may have meant, of all that is *known*."""
    close = get_close_matches(word, known, n=1)
    guess = f"Did you mean {close[0]!r}? " if close else ""
    return f"{guess}Known are: {', '.join(known)}."


def key_lines(text: str) -> dict[Path, int]:
    """Return the line (from 1) on which each table and each key of the TOML *text* is first named."""
    walk = _Walk(text)
    try:
        walk.file()
    except (_LostError, tomllib.TOMLDecodeError):
        return {}
    return {path: text.count("\n", 0, start) + 1 for path, start in walk.starts.items()}


class _LostError(Exception):
    """The walk does not know where it is."""


@dataclass(slots=True)
class _Walk:
    text: str
    at: int = 0
    starts: dict[Path, int] = field(default_factory=dict)

    def file(self) -> None:
        table: Path = ()
        while self.skip(_BLANK) and self.at < len(self.text):
            start = self.at
            opening = next((mark for mark in ("[[", "[") if self.take(mark)), "")
            if opening:
                table = self.key()
                self.need("]" * len(opening))
                self.note((), table, start)
            else:
                self.pair(table)

    def pair(self, table: Path | None) -> None:
        start = self.at
        key = self.key()
        self.need("=")
        if table is None:
            self.value(None)
            return
        self.note(table, key, start)
        self.value(table + key)

    def note(self, table: Path, key: Path, start: int) -> None:
        """A dotted key makes its tables, too; of several places the first is meant."""
        for length in range(1, len(key) + 1):
            self.starts.setdefault(table + key[:length], start)

    def key(self) -> Path:
        parts = [self.part()]
        while self.take("."):
            parts.append(self.part())
        return tuple(parts)

    def part(self) -> str:
        self.skip(_SPACE)
        word = self.match(_KEY)
        if word[0] not in "\"'":
            return word
        return str(tomllib.loads(f"key = {word}")["key"])

    def value(self, path: Path | None) -> None:
        self.skip(_SPACE)
        if self.take("{"):
            while self.skip(_BLANK) and not self.take("}"):
                self.pair(path)
                self.separated("}")
        elif self.take("["):
            while self.skip(_BLANK) and not self.take("]"):
                self.value(None)  # what stands in an array has no path of its own
                self.separated("]")
        else:
            self.match(_TEXT if self.text[self.at : self.at + 1] in {'"', "'"} else _BARE)

    def separated(self, end: str) -> None:
        self.skip(_BLANK)
        if not self.take(",") and not self.text.startswith(end, self.at):
            raise _LostError

    def take(self, mark: str) -> bool:
        self.skip(_SPACE)
        found = self.text.startswith(mark, self.at)
        self.at += len(mark) * found
        return found

    def need(self, mark: str) -> None:
        if not self.take(mark):
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
