"""The lines of a journal: how each is written, and which of those that are found are believed.

A line is `<crc32, 8 hex digits> <JSON>`. Its `s` counts the lines from 1; its `d` is the highest `s` that was known to
be durable when the line was written. So damage is told from a torn tail exactly: every line up to the highest `d` must
be there and whole, or the journal is refused; a line after it that is torn or missing was never acted upon.

A line of the type `block` vouches for the CSV that follows it, with the last words on many rows: it has its length and
its checksum, and is whole only with it. Polars reads and writes a million rows so in half a second each. A block is of
so many rows that the memory for one serves the next.
"""

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO, NamedTuple

import polars as pl

from batch_dialer.entry import ENTRY_SCHEMA, History, Lines
from batch_dialer.ledger.history import complete, reduce_to_last

_HEAD = re.compile(rb'\{"s":(\d{1,18}),"d":(\d{1,18}),"t":"(open|entry|block|close)"')
_ENCODED = json.JSONEncoder(separators=(",", ":")).encode  # json.dumps would make an encoder for each line
_AT_A_TIME = 10_000
BLOCK_ROWS = 100_000
"""How many rows a block has at most."""
_NUMBERED: dict[str, type[pl.DataType]] = {"s": pl.Int64, **ENTRY_SCHEMA}


class DamagedError(Exception):
    """A line that was durable is missing or altered; the text says which."""


@dataclass(frozen=True, slots=True)
class JournalContent:
    """What was found: the last word on every key, and what the last lines say that opened and closed the journal.

    *durable* is the highest number that was known to be. *closed* is None where anything follows, or is missing before.
    *following* is the number of the line that comes next; None where one is missing before.
    """

    history: History
    durable: int
    opened: Mapping[str, Any] | None
    closed: Mapping[str, Any] | None
    following: int | None


def to_line(number: int, durable: int, kind: str, content: Mapping[str, Any]) -> bytes:
    """Return the line *number* of the type *kind*, written when those up to *durable* were known to be durable."""
    text = _ENCODED({"s": number, "d": durable, "t": kind, **content}).encode("ascii")
    return b"%08x %s\n" % (zlib.crc32(text), text)


def to_block(number: int, durable: int, history: pl.DataFrame) -> tuple[bytes, bytes]:
    """Return the line that vouches for *history*, and *history*."""
    content = BytesIO()
    history.select(list(ENTRY_SCHEMA)).write_csv(content)
    text = content.getvalue()
    sums = {"rows": history.height, "bytes": len(text), "crc32": zlib.crc32(text)}
    return to_line(number, durable, "block", sums), text


def read_lines(file: BinaryIO, first: int = 1) -> JournalContent:
    """Read the lines of *file* from the one numbered *first*; raise `DamagedError` where a durable one is not whole.

    Lines behind the last durable one may be torn or missing, and are left out.
    """
    parts = [pl.DataFrame(schema=_NUMBERED)]
    texts: list[bytes] = []
    opened = closed = None
    missing, durable = first, 0
    ahead = set[int]()  # lines that were found although one before them was not, so far
    for found in _whole(file):
        durable = max(durable, found.durable)
        ahead.add(found.number)
        while missing in ahead:
            ahead.remove(missing)
            missing += 1
        closed = json.loads(found.text) if found.kind == b"close" else None
        if found.kind == b"open":
            opened = json.loads(found.text)
        elif found.history is not None:
            parts.append(found.history.select(pl.lit(found.number, pl.Int64).alias("s"), *ENTRY_SCHEMA))
        elif found.kind == b"entry":
            texts.append(found.text)
        if len(texts) == _AT_A_TIME:
            parts.append(_last_words(_entries(texts)))  # most attempts have two lines: half of the memory
            texts.clear()
    if missing <= durable:
        raise DamagedError(f"its line {missing} is missing or altered")
    parts.append(_entries(texts))
    history = History(_last_words(pl.concat(parts)).drop("s"))
    return JournalContent(history, durable, opened, *((None, None) if ahead else (closed, missing)))


class _Whole(NamedTuple):  # made a million times: a tuple costs a fifth of a frozen dataclass
    """A line whose checksum is right, and the block that it vouches for."""

    number: int
    durable: int
    kind: bytes
    text: bytes
    history: pl.DataFrame | None = None


def _whole(file: BinaryIO) -> Iterator[_Whole]:
    """Yield the lines that are whole: what else there is between them is passed over, NULs of a torn page as well."""
    for raw in file:
        found = raw.strip(b"\0\n")
        text = found[9:]
        if found[:9] != b"%08x " % zlib.crc32(text):
            continue
        head = _HEAD.match(text)
        if head is None:
            continue
        number, durable, kind = int(head[1]), int(head[2]), head[3]
        if kind != b"block":
            yield _Whole(number, durable, kind, text)
        elif (history := _vouched(file, text)) is not None:
            yield _Whole(number, durable, kind, text, history)


def _vouched(file: BinaryIO, text: bytes) -> pl.DataFrame | None:
    """Return the block behind the line *text*, None where it is not whole."""
    sums = json.loads(text)
    content = file.read(sums["bytes"])
    if zlib.crc32(content) != sums["crc32"]:
        return None
    header = content.partition(b"\n")[0].decode().split(",")  # an earlier version has fewer columns
    history = complete(pl.read_csv(content, schema={name: ENTRY_SCHEMA[name] for name in header}))
    return history if history.height == sums["rows"] else None


def _entries(texts: list[bytes]) -> pl.DataFrame:
    if not texts:  # which is no JSON
        return pl.DataFrame(schema=_NUMBERED)
    found = pl.read_ndjson(b"\n".join(texts), schema=_NUMBERED)
    return complete(found).insert_column(0, found["s"])


def _last_words(numbered: pl.DataFrame) -> pl.DataFrame:
    in_order = numbered if numbered["s"].is_sorted() else numbered.sort("s", maintain_order=True)
    return reduce_to_last(Lines(in_order))
