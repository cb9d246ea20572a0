"""RESULTS.journal: every attempt, on disk before the phone can ring, and what became of it.

A line is `<crc32, 8 hex digits> <JSON>`. Its `s` counts the lines from 1; its `d` is the highest `s` that was known to
be durable when the line was written. So damage is told from a torn tail exactly: every line up to the highest `d` must
be there and whole, or the journal is refused; a line after it that is torn or missing was never acted upon. A line is
one write(2), so it outlives the process at once; many lines share one sync to outlive the power.

The file is written anew when it is opened: nothing is ever added behind a torn tail, and what we act upon does not
lie in a page cache that a failed sync has marked clean.
"""

import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import polars as pl

from batch_dialer import __version__
from batch_dialer.edges import disk
from batch_dialer.errors import UsageError
from batch_dialer.model import Entry
from batch_dialer.rules.resume import HISTORY_SCHEMA, last_words
from batch_dialer.words import Status

_FORMAT = 1
_TYPES = {"open", "entry", "close"}


@dataclass(frozen=True, slots=True)
class Origin:
    """What a results file is bound to: the API's address, and whether its calls are tests.

    *silent_since*: a run that began then was cut short and its journal was gone, so that whoever has no word may have
    been called after it. It stays so for good. Empty: there was no such run.
    """

    base_url: str
    testing: bool
    silent_since: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """What a journal holds: the last word on every key, and what it is bound to (None: a new one)."""

    history: pl.DataFrame
    origin: Origin | None = None


def read_journal(path: Path) -> Past:
    """Read and verify the journal; raise `UsageError` where a line that was durable is missing or altered."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Past(pl.DataFrame(schema=HISTORY_SCHEMA))
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from None
    lines = _verified(path, data)
    origin = None
    facts = []
    for line in lines:
        if line["t"] == "open":
            if line["format"] > _FORMAT:
                raise _unreadable(path, f"it was written by a later version ({line['version']})")
            origin = Origin(line["base_url"], line["testing"], line["silent_since"])
        elif line["t"] == "entry":
            facts.append({name: line.get(name) for name in HISTORY_SCHEMA})
    return Past(last_words(pl.DataFrame(facts, schema=HISTORY_SCHEMA)), origin)


def _verified(path: Path, data: bytes) -> list[dict[str, Any]]:
    """Return the whole lines in their order; lines behind the last durable one may be torn, and are left out."""
    whole: dict[int, dict[str, Any]] = {}
    for raw in data.replace(b"\0", b"").split(b"\n"):
        line = _parsed(raw)
        if line is not None:
            whole[line["s"]] = line
    durable = max((line["d"] for line in whole.values()), default=0)
    missing = next((number for number in range(1, durable + 1) if number not in whole), None)
    if missing is not None:
        raise _unreadable(path, f"its line {missing} is missing or altered")
    if 1 not in whole:  # the first lines are durable before the file has its name
        raise _unreadable(path, "its first line is missing or altered")
    return [whole[number] for number in sorted(whole)]


def _parsed(raw: bytes) -> dict[str, Any] | None:
    if raw[:9] != b"%08x " % zlib.crc32(raw[9:]):
        return None
    try:
        line = json.loads(raw[9:])
    except (ValueError, RecursionError):
        return None
    known = isinstance(line, dict) and line.get("t") in _TYPES
    return line if known and isinstance(line.get("s"), int) and isinstance(line.get("d"), int) else None


class Journal:
    """An open journal, ours alone (the results' lock is held by whoever opens it)."""

    def __init__(self, path: Path, origin: Origin, history: pl.DataFrame) -> None:
        """Write the journal anew, with *history* as its content. Raises OSError."""
        self._number = 0
        self._durable = 0
        self._error: OSError | None = None
        self._syncing: anyio.Event | None = None
        opened = {"format": _FORMAT, "version": __version__, "pid": os.getpid(), "at": _now()} | asdict(origin)
        with disk.replacing(path) as new:
            disk.write_all(new, self._line("open", opened))
            for part in history.iter_slices(10_000):
                disk.write_all(new, b"".join(self._line("entry", row) for row in part.iter_rows(named=True)))
            self._durable = self._number
            disk.write_all(new, self._line("open", opened))  # its `d` says that all before it is durable
        self._durable = self._number
        self._descriptor = disk.open_private(path, os.O_WRONLY | os.O_APPEND)

    def __repr__(self) -> str:
        return f"<Journal {self._number} lines, {self._durable} durable{', broken' if self._error else ''}>"

    async def write(self, entry: Entry) -> None:
        """Return once *entry* would survive a power cut. Raises OSError, and from then on always: it is broken."""
        number = self._append([entry])
        await self._synced(number)

    async def write_many(self, entries: Iterable[Entry]) -> None:
        """Return once all *entries* are durable, with one sync."""
        number = self._append(entries)
        await self._synced(number)

    def close(self) -> None:
        """Say that nothing follows, and close the file: all in it is durable, or was never acted upon."""
        try:
            if not self._error:
                os.write(self._descriptor, self._line("close", {"at": _now()}))
                disk.sync(self._descriptor)
        except OSError:
            pass  # it only spares the next reader a doubt about the tail
        finally:
            os.close(self._descriptor)

    def _append(self, entries: Iterable[Entry]) -> int:
        if self._error:
            raise self._error
        data = b"".join(self._line("entry", entry.facts()) for entry in entries)
        try:
            disk.write_whole(self._descriptor, data)
        except OSError as error:
            self._error = error
            raise
        return self._number

    async def _synced(self, number: int) -> None:
        """Whoever comes first syncs for all who have written by then; the others wait for it."""
        while self._durable < number:
            if self._error:
                raise self._error
            if self._syncing:
                await self._syncing.wait()
            else:
                await self._sync()

    async def _sync(self) -> None:
        self._syncing = anyio.Event()
        covered = self._number
        try:
            await anyio.to_thread.run_sync(disk.sync, self._descriptor)
            self._durable = covered
        except OSError as error:
            self._error = error  # never tried again: the next sync would succeed without the data
            raise
        finally:
            self._syncing.set()
            self._syncing = None

    def _line(self, kind: str, content: Mapping[str, Any]) -> bytes:
        self._number += 1
        line = {"s": self._number, "d": self._durable, "t": kind, **content}
        text = json.dumps(line, separators=(",", ":")).encode("ascii")
        return b"%08x %s\n" % (zlib.crc32(text), text)


def entries(history: pl.DataFrame) -> Iterator[Entry]:
    """Yield the lines of *history* as what they are."""
    for row in history.iter_rows(named=True):
        yield Entry(**(row | {"status": Status(row["status"])}))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _unreadable(path: Path, why: str) -> UsageError:
    remedy = (
        f"Do not delete it: it says who was called. Restore {path.name} from a copy, or move it away "
        "and check the results file against the API's list of calls; a run then goes by the results file alone."
    )
    return UsageError(f"The journal {path} cannot be trusted: {why}.", remedy)
