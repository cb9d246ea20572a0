"""The results file: a CSV for people, and enough to resume from when the journal is gone.

While a run is under way it holds what was known before, then a line for each row as it is settled, never ahead of the
journal; and its header ends in a column `under_way_since_…`. A file with that column and without its journal is of a
run that was cut short: a row without a line in it may have been called. When the run has ended the file is replaced by
a whole one in the sheet's order, without that column.
"""

import contextlib
import glob
import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from batch_dialer import disk
from batch_dialer.entry import ENTRY_SCHEMA, Entry, History, Lines
from batch_dialer.errors import BadSheet
from batch_dialer.ledger.added_columns import read_added, write_added
from batch_dialer.ledger.doubts import lines_under_way
from batch_dialer.ledger.extra_columns import UNDER_WAY, ExtraColumns, read_extra, update_extra
from batch_dialer.ledger.history import reduce_to_last, to_lines
from batch_dialer.ledger.results_csv import COLUMNS, HEADER, find_damage, parse_lines, to_csv
from batch_dialer.ledger.results_lines import keep_stable_keys
from batch_dialer.sheets.reading import read_sheet
from batch_dialer.words import Status

_ROWS_AT_A_TIME = 100_000
_NEEDED = ("status", "call_id", "key")


@dataclass(frozen=True, slots=True)
class ResultsFile:
    """A results file as it lies there: its *lines*, and of these the *history* that means something to another run.

    *damage*: why it cannot be believed alone; empty where it can. *cut_short*: when its run began, if that never ended.
    *testing*: whether it says that its calls are rehearsed. *extra*: the columns that are not ours.
    """

    history: History
    lines: Lines
    damage: str = ""
    cut_short: str = ""
    testing: bool = False
    extra: ExtraColumns = field(default_factory=ExtraColumns)


def read_results(path: Path, of_sheet: Sequence[str] = ()) -> ResultsFile | None:
    """Read the results file, however it was saved in the meantime; None where there is none.

    *of_sheet* are the headers of the columns in it that hold what the sheet has.
    """
    if not path.exists():
        return None
    try:
        sheet = read_sheet(path, certain=True)  # a key whose letters are guessed wrong is another row's
    except BadSheet as error:
        return _unreadable(error.what)
    absent = [name for name in _NEEDED if name not in sheet.headers]
    if absent:
        return _unreadable(f"it has no column {absent[0]!r}")
    cut_short = next((h.removeprefix(UNDER_WAY) for h in sheet.headers if h.startswith(UNDER_WAY)), "")
    lines = parse_lines(sheet)
    worded = pl.col("status").is_in([status.value for status in Status])
    kept = Lines(reduce_to_last(Lines(lines.filter(worded).select(COLUMNS))))
    testing = bool(kept["testing"].any())
    damage, extra = find_damage(lines, sheet), read_extra(sheet, of_sheet)
    return ResultsFile(History(keep_stable_keys(kept)), kept, damage, cut_short, testing, extra)


def has_extra(path: Path) -> bool:
    """Return whether the file at *path*, which was left as it was written, has columns that are not ours."""
    with path.open("rb") as file:
        return file.read(len(HEADER)) != HEADER


def find_extra(path: Path, found: ResultsFile | None) -> ExtraColumns:
    """Return the columns beside ours of the results file at *path*, which was *found*.

    Where its run was cut short, rows that were to be dialed have no line in it: what was beside them lies apart.
    """
    if found and found.lines.height and not found.cut_short:
        return found.extra
    apart = read_added(path)
    return update_extra(apart, found.extra) if found else apart


def _unreadable(why: str) -> ResultsFile:
    nothing = pl.DataFrame(schema=ENTRY_SCHEMA)
    return ResultsFile(History(nothing), Lines(nothing), damage=why)


def fingerprint(path: Path) -> str:
    """Return what tells the file at *path* from any other; empty where there is none that can be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def write_results(path: Path, lines: Lines, since: str = "", extra: ExtraColumns | None = None) -> str:
    """Replace the results file by *lines* with the columns *extra*, and return its fingerprint. Raises OSError.

    *since* marks it as the file of a run that began then and was cut short: it does not tell of every row.
    """
    whole = hashlib.sha256()
    with disk.replacing(path) as new:
        for part in _parts(lines, since, extra):
            disk.write_all(new, part)
            whole.update(part)
    return whole.hexdigest()


Seen = tuple[int, int, int] | None
"""What tells one state of a file from another: its size, when it was written, and its number; None: there is none."""


def look_at(path: Path) -> Seen:
    """Return the state of the file at *path*; None where there is none, or no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_size, found.st_mtime_ns, found.st_ino) if stat.S_ISREG(found.st_mode) else None


class ResultsWriter:
    """Keeps the results file up to date while its run is under way, with the columns that people add meanwhile."""

    def __init__(
        self,
        path: Path,
        since: str,
        rebuild: Callable[[], History],
        extra: ExtraColumns | None = None,
        seen: Seen = None,
        warn: Callable[[str], None] = lambda _: None,
    ) -> None:
        """*rebuild* returns all that is known by now.

        *extra* are the columns beside ours, as they were found in the file when it was in the state *seen*. *warn* is
        told where what people have made of the file since cannot be read, and is kept under another name.
        """
        self._path = path
        self._since = since
        self._rebuild = rebuild
        self._waiting: list[Entry] = []
        self._awaited = pl.Series(dtype=pl.String), since
        self._extra = extra or ExtraColumns()
        self._seen = seen
        self._warn = warn

    def begin(self, awaited: pl.Series, at: datetime) -> None:
        """Write what is known, without the rows *awaited*, which are dialed from the moment *at* on. Raises OSError.

        *awaited* are keys. What people wrote beside those rows has no line until they are dialed: it is kept in a file
        of its own.
        """
        self._awaited = awaited, at.isoformat(timespec="milliseconds")
        self._write()

    def _write(self) -> None:
        extra = self.collect_extra()
        write_added(self._path, extra)
        lines = lines_under_way(self._rebuild(), *self._awaited)
        write_results(self._path, lines, self._since, extra)
        self._seen = look_at(self._path)

    def collect_extra(self) -> ExtraColumns:
        """Return the columns beside ours, with what people have written since the file was last looked at."""
        seen = look_at(self._path)
        if seen is not None and seen != self._seen:
            found = read_results(self._path)
            self._extra = update_extra(self._extra, found.extra) if found else self._extra
            self._seen = seen
            if found and found.damage:
                kept = rename_edited(self._path, datetime.fromtimestamp(seen[1] / 1e9, UTC))
                self._warn(
                    f"{self._path.name} was changed: {found.damage}. It is kept as {kept.name}; the journal is used"
                    " instead."
                )
        return self._extra

    def add(self, entry: Entry) -> None:
        """Take note of *entry*, which is in the journal, for the next `flush`."""
        self._waiting.append(entry)

    def flush(self) -> None:
        """Bring the file up to date. Raises OSError; what was not written stays for the next time."""
        if not self._waiting:
            return
        entries = list(self._waiting)  # before the journal is read: it has them all
        if self._touched():
            self._write()
        else:
            self._append(to_csv(to_lines(entries), self._since, header=False, extra=self._extra))
        del self._waiting[: len(entries)]

    def _touched(self) -> bool:
        return self._seen is None or look_at(self._path) != self._seen

    def _append(self, lines: bytes) -> None:
        before = self._seen[0] if self._seen else 0
        descriptor = disk.open_private(self._path, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(descriptor, lines)  # one write: a reader sees whole lines
        finally:
            os.close(descriptor)
        now = look_at(self._path)
        # Of another size, only a part was written, or somebody saved the file at this moment: it is read again.
        self._seen = now if now and now[0] == before + len(lines) else None


def _parts(lines: pl.DataFrame, since: str, extra: ExtraColumns | None) -> Iterator[bytes]:
    """Yield the whole file a part at a time: the memory for one serves the next."""
    yield to_csv(lines.clear(), since, extra=extra)
    for part in lines.iter_slices(_ROWS_AT_A_TIME):
        yield to_csv(part, since, header=False, extra=extra)


def remove_leftovers(path: Path) -> None:
    """Remove new versions of the results file or its journal that a killed run left unfinished: they hold numbers."""
    for name in (path.name, f"{path.name}.journal"):
        for left in path.parent.glob(f".{glob.escape(name)}.*.new"):
            with contextlib.suppress(OSError):
                left.unlink()


def rename_edited(path: Path, now: datetime) -> Path:
    """Rename a results file that somebody has changed, and return its new name."""
    moment = f"{now:%Y%m%dT%H%M%S}"
    copy = path.with_name(f"{path.stem}.edited-{moment}{path.suffix}")
    path.replace(copy)
    return copy
