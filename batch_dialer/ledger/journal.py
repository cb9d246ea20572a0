"""RESULTS.journal: every attempt, on disk before the phone can ring, and what became of it.

A line is one write(2), so it outlives the process at once; many lines share one sync to outlive the power. What a line
holds, and which are believed when they are read again, is told in `journal_lines.py`.

The file is written anew when it is opened, what was known in blocks: nothing is ever added behind a torn tail, and
what we act upon does not lie in a page cache that a failed sync has marked clean.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import polars as pl

from batch_dialer import __version__, disk
from batch_dialer.clock import Clock
from batch_dialer.entry import ENTRY_SCHEMA, Entry, History, Lines
from batch_dialer.errors import UsageError
from batch_dialer.ledger import journal_lines
from batch_dialer.ledger.history import append_entries
from batch_dialer.ledger.journal_lines import BLOCK_ROWS, DamagedError, read_lines
from batch_dialer.ledger.lock import LostError, check_file
from batch_dialer.ledger.origins import Origin

_FORMAT = 3
_MAKE_ROOM = "Free some space or have the disk repaired, then run the same command again: it goes on where it stopped."


class UnwrittenError(OSError):
    """The journal cannot be written, now or later in this run. *what* says why, *remedy* what to do about it."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error.errno, error.strerror or str(error))
        self.what = f"The journal cannot be written: {self.strerror}."
        self.remedy = error.remedy if isinstance(error, LostError) else _MAKE_ROOM


@dataclass(frozen=True, slots=True)
class JournalFile:
    """What a journal holds: the last word on every key, and what it is bound to (None: a new one).

    *results* is the fingerprint of a results file that holds nothing else; empty where none is known to.
    """

    history: History
    origin: Origin | None = None
    results: str = ""


def read_journal(path: Path) -> JournalFile:
    """Read and verify the journal; raise `UsageError` where a line that was durable is missing or altered."""
    try:
        with path.open("rb") as file:
            lines = read_lines(file)
    except FileNotFoundError:
        return JournalFile(History(pl.DataFrame(schema=ENTRY_SCHEMA)))
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from None
    except DamagedError as damage:
        raise _unreadable(path, str(damage)) from None
    opened = lines.opened
    if opened is None or not lines.durable:  # all up to the second `open` is durable before the file has its name
        raise _unreadable(path, "its first lines are missing or altered")
    if opened["format"] > _FORMAT:
        raise _unreadable(path, f"it was written by a later version ({opened['version']})")
    since = opened["silent_since"]
    until = opened.get("silent_until", since and opened["at"])
    closed = lines.closed or {}
    columns = closed.get("of_sheet", opened.get("of_sheet", ()))
    runs = tuple(opened.get("runs", ()))
    origin = Origin(opened["base_url"], opened["testing"], since, until, runs, tuple(columns))
    return JournalFile(lines.history, origin, closed.get("results", ""))


class Journal:
    """An open journal, ours alone (the results' lock is held by whoever opens it)."""

    def __init__(
        self, path: Path, origin: Origin, history: History, clock: Clock, check: Callable[[], None] = lambda: None
    ) -> None:
        """Write the journal anew, with *history* as its content; raises OSError.

        *check* is called with each batch, and raises OSError where this run may no longer write.
        """
        self._check = check
        self._clock = clock
        self._number = 0
        self._durable = 0
        self._error: UnwrittenError | None = None
        self._syncing: anyio.Event | None = None
        self._known = history
        self._ending = Lines(history.clear()), "", origin.of_sheet
        self.opened_at = self._now()
        origin = replace(origin, runs=(*origin.runs, self.opened_at))
        opened = {"format": _FORMAT, "version": __version__, "pid": os.getpid(), "at": self.opened_at} | asdict(origin)
        with disk.replacing(path) as new:
            disk.write_all(new, self._line("open", opened))
            for part in self._blocks(history):
                disk.write_all(new, part)
            self._durable = self._number
            disk.write_all(new, self._line("open", opened))  # its `d` says that all before it is durable
        self._durable = self._number
        self._descriptor = disk.open_private(path, os.O_WRONLY | os.O_APPEND)
        self._reader = path.open("rb")  # a file of its own: what is read does not move where is written
        self._read_to = self._reader.seek(0, os.SEEK_END), self._number + 1
        self._reading = threading.Lock()
        self._path = path

    def __repr__(self) -> str:
        return f"<Journal {self._number} lines, {self._durable} durable{', broken' if self._error else ''}>"

    async def write(self, entry: Entry) -> None:
        """Return once *entry* would survive a power cut. Raises `UnwrittenError`, and then always: it is broken."""
        number = self._append([entry])
        await self._synced(number)

    async def write_many(self, entries: Iterable[Entry]) -> None:
        """Return once all *entries* are durable, with one sync; raises as `write`."""
        number = self._append(entries)
        await self._synced(number)

    def history(self) -> History:
        """Return the last word on every key by now; raise `UsageError` where what was written cannot be read again."""
        with self._reading:  # the results file is written in a thread, which may ask at the same time
            try:
                return self._read_on()
            except OSError as error:
                raise _unreadable(self._path, error.strerror or str(error)) from None
            except DamagedError as damage:
                raise _unreadable(self._path, str(damage)) from None

    def _read_on(self) -> History:
        """Return the last words, with those of the lines that were written since; each line is read once.

        Where the end is not the end of a line, or a line is missing before it, the same lines are read again the next
        time: that changes no last word.
        """
        at, number = self._read_to
        self._reader.seek(at)
        found = read_lines(self._reader, number)
        self._known = append_entries(self._known, Lines(found.history))
        end = self._reader.tell()
        if found.following is not None and self._ends_a_line(end):
            self._read_to = end, found.following
        return self._known

    def _ends_a_line(self, end: int) -> bool:
        self._reader.seek(end - 1)
        return self._reader.read(1) == b"\n"

    def conclude(self, words: Lines, results: str, of_sheet: tuple[str, ...] = ()) -> None:
        """Have the last lines say that the results file with the fingerprint *results* knows only *words* besides.

        *of_sheet*: its columns that hold what the sheet has.
        """
        self._ending = words, results, of_sheet

    def close(self) -> None:
        """Say that nothing follows, and close the file: all in it is durable, or was never acted upon."""
        try:
            if not self._error:
                disk.write_all(self._descriptor, b"".join(self._last_lines()))
                disk.sync(self._descriptor)
        except OSError:
            pass  # it only spares the next reader a doubt about the tail, and the reading of the results file
        finally:
            self._reader.close()
            os.close(self._descriptor)

    def _last_lines(self) -> Iterator[bytes]:
        words, results, of_sheet = self._ending
        yield from self._blocks(words)
        yield self._line("close", {"at": self._now(), "results": results, "of_sheet": of_sheet})

    def _append(self, entries: Iterable[Entry]) -> int:
        if self._error:
            raise self._error
        data = b"".join(self._line("entry", entry.facts()) for entry in entries)
        try:
            disk.write_whole(self._descriptor, data)
        except OSError as error:
            self._error = UnwrittenError(error)
            raise self._error from error
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
        try:
            await anyio.lowlevel.checkpoint()  # whoever is about to write does so first, and is covered
            covered = self._number
            await anyio.to_thread.run_sync(disk.sync, self._descriptor)
            self._check()
            check_file(self._path, self._descriptor)
            self._durable = covered
        except OSError as error:
            unwritten = UnwrittenError(error)
            self._error = unwritten  # never tried again: the next sync would succeed without the data
            raise unwritten from error
        finally:
            self._syncing.set()
            self._syncing = None

    def _now(self) -> str:
        return self._clock.now().isoformat(timespec="milliseconds")

    def _line(self, kind: str, content: Mapping[str, Any]) -> bytes:
        self._number += 1
        return journal_lines.to_line(self._number, self._durable, kind, content)

    def _blocks(self, lines: pl.DataFrame) -> Iterator[bytes]:
        for rows in lines.iter_slices(BLOCK_ROWS):
            self._number += 1
            yield from journal_lines.to_block(self._number, self._durable, rows)


def _unreadable(path: Path, why: str) -> UsageError:
    remedy = (
        f"Do not delete it: it says who was called. Restore {path.name} from a copy, or move it away "
        "and check the results file against the API's list of calls; a run then goes by the results file alone."
    )
    return UsageError(f"The journal {path} cannot be trusted: {why}.", remedy)
