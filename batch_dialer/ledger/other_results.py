"""The calls in the other results files of the folder.

A sheet that was renamed or copied begins a results file of its own, and the people in it were called already.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from batch_dialer.errors import UsageError
from batch_dialer.ledger.journal import read_journal
from batch_dialer.ledger.keys import number_in
from batch_dialer.ledger.ledger import Kind, Ledger
from batch_dialer.ledger.results import read_results
from batch_dialer.ledger.results_csv import UNDER_WAY
from batch_dialer.model import OtherCalls
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


class _UnreadableError(Exception):
    """The file is a results file, and what calls it has cannot be told."""


def find_calls(ledger: Ledger, numbers: pl.Series) -> Elsewhere:
    """Find the calls to *numbers* (E.164) in the other results files beside that of *ledger*, for calls of its kind.

    The newest file is read first. Reading ends after some seconds, or some gigabytes; the rest counts as unread.
    """
    wanted = pl.DataFrame({"to": numbers.drop_nulls().unique()}, schema={"to": pl.String})
    calls, unread = [], []
    until, left = time.monotonic() + _MOST_SECONDS, _MOST_BYTES
    for path in _others(ledger):
        left -= _size(path)
        if left < 0 or time.monotonic() > until:
            unread.append(path.name)
            continue
        try:
            calls.append(_calls_in(path, wanted, rehearsed=ledger.kind is not Kind.REAL))
        except (_UnreadableError, UsageError, OSError):
            unread.append(path.name)
    empty = pl.DataFrame(schema={"to": pl.String, "call_id": pl.String, "file": pl.String})
    found = pl.concat([empty, *calls]).unique("to", keep="first", maintain_order=True)
    return Elsewhere(OtherCalls(found), tuple(unread))


def _others(ledger: Ledger) -> Iterator[Path]:
    """Yield the other results files that may hold calls of this kind, the newest first, each there or its journal."""
    folder, own = ledger.results.parent, ledger.results
    try:
        names = {path.name.removesuffix(_JOURNAL) for path in folder.iterdir() if not path.name.startswith(".")}
    except OSError:
        return
    of_sandbox = ledger.kind is Kind.SANDBOX
    fitting = [
        folder / name
        for name in names
        if name.endswith(Kind.REAL.value) and name.endswith(Kind.SANDBOX.value) is of_sandbox and name != own.name
    ]
    for path in sorted(fitting, key=lambda path: (-_changed(path), path.name)):
        if not (path.exists() and own.exists() and path.samefile(own)):
            yield path


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _changed(path: Path) -> float:
    return path.stat().st_mtime if path.exists() else 0.0


def _calls_in(path: Path, wanted: pl.DataFrame, *, rehearsed: bool) -> pl.DataFrame:
    """Return the calls to *wanted* numbers: of the file, and of its journal where the file may not have them all."""
    journal = path.with_name(f"{path.name}{_JOURNAL}")
    header = _header(path)
    if header is not None and "call_id" not in header:
        return _called(pl.LazyFrame(schema=dict.fromkeys(_NEEDED, pl.String)), wanted, path, rehearsed=rehearsed)
    lines = None if header is None else _lines(path, header)
    whole = lines is not None and header is not None and UNDER_WAY not in header and not _has_numberless(lines)
    if not whole and not journal.exists():
        raise _UnreadableError
    parts = ([] if whole else [read_journal(journal).history.lazy()]) + ([] if lines is None else [lines])
    return pl.concat([_called(part, wanted, path, rehearsed=rehearsed) for part in parts])


def _header(path: Path) -> str | None:
    """Return the first line of the file, in whatever encoding it is; None where there is no file."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return file.read(_HEADER_BYTES).replace(b"\0", b"").partition(b"\n")[0].decode("utf-8", "replace").strip("\r")


def _lines(path: Path, header: str) -> pl.LazyFrame | None:
    """Return the file's lines as text; None where it cannot be read. One that was saved otherwise takes longer."""
    if set(header.split(",")) >= _NEEDED:
        return pl.scan_csv(path, infer_schema=False, encoding="utf8-lossy", truncate_ragged_lines=True)
    found = read_results(path)
    return None if found is None or found.lines.is_empty() else found.lines.lazy()


def _number() -> pl.Expr:
    return pl.coalesce(number_in(pl.col("key")), pl.format("+{}", pl.col("to").str.extract(r"^'?\+?(\d{7,15})$")))


def _is_called() -> pl.Expr:
    return pl.col("status").is_in(_MAY_HAVE_A_CALL) | (pl.col("call_id").fill_null("") != "")


def _has_numberless(lines: pl.LazyFrame) -> bool:
    try:
        return not lines.filter(_is_called() & _number().is_null()).head(1).collect().is_empty()
    except pl.exceptions.PolarsError:
        raise _UnreadableError from None


def _called(lines: pl.LazyFrame, wanted: pl.DataFrame, path: Path, *, rehearsed: bool) -> pl.DataFrame:
    is_rehearsed = pl.lit(value=False)
    if "testing" in lines.collect_schema():
        is_rehearsed = pl.col("testing").cast(pl.String).str.to_lowercase().fill_null("") == "true"
    called = lines.filter(_is_called() & (is_rehearsed == rehearsed)).select(
        _number().alias("to"), pl.col("call_id").fill_null(""), pl.lit(path.name).alias("file")
    )
    try:
        return called.join(wanted.lazy(), on="to", how="semi").collect()
    except pl.exceptions.PolarsError:
        raise _UnreadableError from None
