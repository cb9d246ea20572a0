"""What every command prints with: sentences that fit into the terminal, and that it does not obey."""

import contextlib
import json
import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TextIO

_LONGEST_PATH = 4096
_INDENT = "    "


def width() -> int:
    """Return how many columns the terminal has; 80 where there is none."""
    return shutil.get_terminal_size((80, 24)).columns


def fitted(sentences: str, stream: TextIO | None = None) -> str:
    """Break lines between words where a person reads them: a log keeps a line whole, and so does what can be copied.

    *stream* is where they go; standard error unless told.
    """
    if not (stream or sys.stderr).isatty():
        return sentences
    room = max(width(), 40)
    lines = [
        textwrap.wrap(line, room, break_long_words=False, break_on_hyphens=False) for line in sentences.split("\n")
    ]
    return "\n".join("\n".join(parts) for parts in lines)


def printable(text: str, most: int = 200) -> str:
    """Return *text* on one line without anything that a terminal would obey."""
    safe = "".join(char if char.isprintable() else "\ufffd" for char in text)
    return safe if len(safe) <= most else f"{safe[: most - 1]}…"


def printable_path(path: Path) -> str:
    """Return the name of *path*, whole and printable."""
    return printable(str(path), _LONGEST_PATH)


def say(text: str) -> None:
    """Print *text* on standard output; that nobody can read it stops no run."""
    with contextlib.suppress(OSError):
        print(f"{text}\n", end="", flush=True)  # noqa: T201  (all that is printed)


def say_fitted(sentences: str) -> None:
    """Print *sentences* on standard output, broken between words on a terminal."""
    say(fitted(sentences, sys.stdout))


def log(text: str) -> None:
    """Print *text* on standard error; that nobody can read it stops no run."""
    with contextlib.suppress(OSError):
        print(f"{text}\n", end="", file=sys.stderr, flush=True)  # noqa: T201  (all that is printed)


def log_fitted(sentences: str) -> None:
    """Print *sentences* on standard error, broken between words on a terminal."""
    log(fitted(sentences))


def log_dated(text: str, now: datetime) -> None:
    """Print *text* on standard error: as it is on a terminal, and in a log each line with the date and time."""
    if not sys.stderr.isatty():
        text = "\n".join(f"{now:%Y-%m-%d %H:%M:%SZ} {line}" for line in text.split("\n"))
    log(text)


def log_event(event: str, sentence: str, now: datetime, facts: Mapping[str, object]) -> None:
    """Print on standard error, for a program, that *event* took place: a JSON object on a line."""
    log(json.dumps({"at": now.isoformat(timespec="seconds"), "event": event, "message": sentence, **facts}))


def quoted_headers(headers: Iterable[str]) -> str:
    """Return *headers* of columns that are read in this order: each where those before it have nothing good."""
    return ", else ".join(f'"{printable(header, 40)}"' for header in headers)


def numbered(count: int) -> str:
    """Return *count* rows in words."""
    return "1 row" if count == 1 else f"{count:,} rows"


def filled(title: str, items: Sequence[str], room: int | None, most: int, of: str = "columns") -> str:
    """Return *items* after *title*, in at most *most* lines of *room* columns; what has no place there is counted.

    *room*: the width of the terminal; None for a log, which has all on one line. *of*: what the items are.
    """
    if room is None:
        return title + ", ".join(items)
    for shown in range(len(items), 0, -1):
        more = f" and {len(items) - shown:,} more" if shown < len(items) else ""
        text = title + ", ".join(items[:shown]) + more
        lines = textwrap.wrap(text, room, subsequent_indent=_INDENT, break_long_words=False, break_on_hyphens=False)
        if len(lines) <= most:
            return "\n".join(lines)
    return f"{title}{len(items):,} {of}"
