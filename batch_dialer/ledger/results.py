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
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from batch_dialer import disk
from batch_dialer.errors import BadSheet
from batch_dialer.ledger.history import reduce_to_last, to_lines
from batch_dialer.ledger.results_csv import COLUMNS, UNDER_WAY, find_damage, parse_lines, to_csv
from batch_dialer.ledger.results_lines import keep_stable_keys
from batch_dialer.model import ENTRY_SCHEMA, Entry, History, Lines
from batch_dialer.sheets.reading import read_sheet
from batch_dialer.words import Status

_ROWS_AT_A_TIME = 100_000
_NEEDED = ("status", "call_id", "key")


@dataclass(frozen=True, slots=True)
class ResultsFile:
    """A results file as it lies there: its *lines*, and of these the *history* that means something to another run.

    *damage*: why it cannot be believed alone; empty where it can. *cut_short*: when its run began, if that never ended.
    *testing*: whether it says that its calls are rehearsed.
    """

    history: History
    lines: Lines
    damage: str = ""
    cut_short: str = ""
    testing: bool = False


def read_results(path: Path) -> ResultsFile | None:
    """Read the results file, however it was saved in the meantime; None where there is none."""
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
    return ResultsFile(History(keep_stable_keys(kept)), kept, find_damage(lines, sheet), cut_short, testing)


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


def write_results(path: Path, lines: Lines, since: str = "") -> str:
    """Replace the results file by *lines*, and return its fingerprint. Raises OSError.

    *since* marks it as the file of a run that began then and was cut short: it does not tell of every row.
    """
    whole = hashlib.sha256()
    with disk.replacing(path) as new:
        for part in _parts(lines, since):
            disk.write_all(new, part)
            whole.update(part)
    return whole.hexdigest()


class ResultsWriter:
    """Keeps the results file up to date while its run is under way."""

    def __init__(self, path: Path, since: str, rebuild: Callable[[], History]) -> None:
        """*rebuild* returns all that is known by now, for when somebody has touched the file."""
        self._path = path
        self._since = since
        self._rebuild = rebuild
        self._waiting: list[Entry] = []
        self._size = -1

    def begin(self, history: History) -> None:
        """Write what is known before the run, without the rows that it will dial. Raises OSError."""
        write_results(self._path, Lines(history), self._since)
        self._size = self._path.stat().st_size

    def add(self, entry: Entry) -> None:
        """Take note of *entry*, which is in the journal, for the next `flush`."""
        self._waiting.append(entry)

    def flush(self) -> None:
        """Bring the file up to date. Raises OSError; what was not written stays for the next time."""
        if not self._waiting:
            return
        entries = list(self._waiting)
        if self._touched():
            self.begin(self._rebuild())
        else:
            self._append(to_csv(to_lines(entries), self._since, header=False))
        del self._waiting[: len(entries)]

    def _touched(self) -> bool:
        try:
            return self._path.stat().st_size != self._size
        except FileNotFoundError:
            return True

    def _append(self, lines: bytes) -> None:
        descriptor = disk.open_private(self._path, os.O_WRONLY | os.O_APPEND)
        try:
            whole = os.write(descriptor, lines) == len(lines)  # one write: a reader sees whole lines
            self._size = self._size + len(lines) if whole else -1
        finally:
            os.close(descriptor)


def _parts(lines: pl.DataFrame, since: str) -> Iterator[bytes]:
    """Yield the whole file a part at a time: the memory for one serves the next."""
    yield to_csv(lines.clear(), since)
    for part in lines.iter_slices(_ROWS_AT_A_TIME):
        yield to_csv(part, since, header=False)


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
