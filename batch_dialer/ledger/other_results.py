"""The calls in the other results files of the folder.

A sheet that was renamed or copied begins a results file of its own, and the people in it were called already.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from batch_dialer.entry import OtherCalls
from batch_dialer.errors import UsageError
from batch_dialer.ledger.extra_columns import UNDER_WAY
from batch_dialer.ledger.journal import read_journal
from batch_dialer.ledger.keys import number_in
from batch_dialer.ledger.ledger import Kind, Ledger
from batch_dialer.ledger.results import read_results
from batch_dialer.words import CALL_EXISTS, CALL_MAY_EXIST

_MOST_BYTES = 2 << 30
_MOST_SECONDS = 20.0
_HEADER_BYTES = 4096
_JOURNAL = ".journal"
_NEEDED = frozenset({"to", "status", "call_id", "key"})
_MAY_HAVE_A_CALL = [status.value for status in CALL_EXISTS | CALL_MAY_EXIST]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The *calls* in other results files, and the names of those that were left *unread*."""

    calls: OtherCalls
    unread: tuple[str, ...] = ()


def find_calls(ledger: Ledger, numbers: pl.Series) -> Elsewhere:
    """Find the calls to *numbers* (E.164) in the other results files beside that of *ledger*, for calls of its kind.

    The newest file is read first. Reading ends after some seconds, or some gigabytes; the rest counts as unread.
    """
    search = _Search(
        pl.DataFrame({"to": numbers.drop_nulls().unique()}, schema={"to": pl.String}),
        rehearsed=ledger.kind is not Kind.REAL,
    )
    found, unread = [pl.DataFrame(schema={"to": pl.String, "call_id": pl.String, "file": pl.String})], []
    until, left = time.monotonic() + _MOST_SECONDS, _MOST_BYTES
    for path in _others(ledger):
        left -= _size(path)
        if left < 0 or time.monotonic() > until:
            unread.append(path.name)
            continue
        (of_results, results_whole), (of_journal, journal_whole) = search.in_results(path), search.in_journal(path)
        found += [of_journal, of_results]
        if not (results_whole or journal_whole):
            unread.append(path.name)
    calls = pl.concat(found).unique("to", keep="first", maintain_order=True)
    return Elsewhere(OtherCalls(calls), tuple(unread))


def _others(ledger: Ledger) -> Iterator[Path]:
    """Yield the other results files that may hold calls of this kind, the newest first, each there or its journal.

    A file of another name (`people-2026-11-25.csv`) is known by its journal. For a run that named its results, such
    files do not count: whoever names one a day begins afresh in each.
    """
    folder, own = ledger.results.parent, ledger.results
    try:
        there = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
    except OSError:
        return
    known = {name.removesuffix(_JOURNAL) for name in there if name.endswith(f".csv{_JOURNAL}")}
    of_sandbox = ledger.kind is Kind.SANDBOX
    fitting = {name for name in there | known if name.endswith(Kind.REAL.value)}
    fitting = {name for name in fitting if name.endswith(Kind.SANDBOX.value) is of_sandbox}
    if ledger.kind is Kind.REAL and not ledger.named:
        fitting |= known
    paths = [folder / name for name in fitting - {own.name}]
    for path in sorted(paths, key=lambda path: (-_changed(path), path.name)):
        if not (path.exists() and own.exists() and path.samefile(own)):
            yield path


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _changed(path: Path) -> float:
    return path.stat().st_mtime if path.exists() else 0.0


@dataclass(frozen=True, slots=True)
class _Search:
    """What is looked for: calls to the *wanted* numbers (`to`), *rehearsed* or real.

    Each method returns the calls that it has found (`to`, `call_id`, `file`), and whether there can be no others.
    """

    wanted: pl.DataFrame
    rehearsed: bool

    def in_results(self, path: Path) -> tuple[pl.DataFrame, bool]:
        """Look through the results file, in one pass where it is as it was written."""
        try:
            header = _header(path)
            if "call_id" not in header:
                return self._no_calls(), path.is_file()
            if set(header.split(",")) >= _NEEDED:
                lines = pl.scan_csv(path, infer_schema=False, encoding="utf8-lossy", truncate_ragged_lines=True)
            else:
                found = read_results(path)
                if found is None or found.lines.is_empty():
                    return self._no_calls(), False
                lines = found.lines.lazy()
            return self._called(lines, path), UNDER_WAY not in header and not _has_numberless(lines)
        except (OSError, pl.exceptions.PolarsError):
            return self._no_calls(), False

    def in_journal(self, path: Path) -> tuple[pl.DataFrame, bool]:
        """Look through the journal: a call that one of the two files knows of is a call."""
        journal = path.with_name(f"{path.name}{_JOURNAL}")
        if not journal.exists():
            return self._no_calls(), False
        try:
            return self._called(read_journal(journal).history.lazy(), path), True
        except UsageError:
            return self._no_calls(), False

    def _no_calls(self) -> pl.DataFrame:
        return self.wanted.clear().with_columns(pl.lit("").alias("call_id"), pl.lit("").alias("file"))

    def _called(self, lines: pl.LazyFrame, path: Path) -> pl.DataFrame:
        is_rehearsed = pl.lit(value=False)
        if "testing" in lines.collect_schema():
            is_rehearsed = pl.col("testing").cast(pl.String).str.to_lowercase().fill_null("") == "true"
        called = lines.filter(_is_called() & (is_rehearsed == self.rehearsed)).select(
            _number().alias("to"), pl.col("call_id").fill_null(""), pl.lit(path.name).alias("file")
        )
        return called.join(self.wanted.lazy(), on="to", how="semi").collect()


def _header(path: Path) -> str:
    """Return the first line of the file, in whatever encoding it is; nothing where there is no file."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return file.read(_HEADER_BYTES).replace(b"\0", b"").partition(b"\n")[0].decode("utf-8", "replace").strip("\r")


def _number() -> pl.Expr:
    return pl.coalesce(number_in(pl.col("key")), pl.format("+{}", pl.col("to").str.extract(r"^'?\+?(\d{7,15})$")))


def _is_called() -> pl.Expr:
    return pl.col("status").is_in(_MAY_HAVE_A_CALL) | (pl.col("call_id").fill_null("") != "")


def _has_numberless(lines: pl.LazyFrame) -> bool:
    return not lines.filter(_is_called() & _number().is_null()).head(1).collect().is_empty()
