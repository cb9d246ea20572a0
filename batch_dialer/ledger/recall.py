"""What earlier runs left behind: the journal and the results file become one history, or the run is refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from batch_dialer.errors import UsageError
from batch_dialer.ledger.doubts import cut_short
from batch_dialer.ledger.history import merge
from batch_dialer.ledger.journal import Journal, Origin, read_journal
from batch_dialer.ledger.ledger import Ledger
from batch_dialer.ledger.results import Found, fingerprint, read_results


@dataclass(frozen=True, slots=True)
class Recalled:
    """The last word on every row that earlier runs knew.

    *lines*: the results file's own, all of them, in their order. *mangled*: why that file was not gone by, if so.
    """

    history: pl.DataFrame
    origin: Origin
    lines: pl.DataFrame
    mangled: str = ""


def recall(ledger: Ledger, *, whole: bool = False) -> Recalled:
    """Read both files; raise `UsageError` where they don't tell who was called, or belong to other calls.

    A results file that is as the journal left it tells nothing more, and is read only for the *whole* of its lines.
    """
    past = read_journal(ledger.journal)
    needed = whole or not past.results or past.results != fingerprint(ledger.results)
    found = read_results(ledger.results) if needed else None
    origin = past.origin or Origin(ledger.through, bool(ledger.testing))
    _check_origin(ledger, origin)
    if found is None:
        return Recalled(cut_short(past.history), origin, past.history.clear())
    if past.origin is None:
        if found.mangled:
            raise _not_to_be_trusted(ledger.results, found.mangled)
        origin = replace(origin, silent_since=_silent_since(ledger.results, found))
        return Recalled(cut_short(found.history), origin, found.lines)
    history = cut_short(merge(past.history, found.history))
    return Recalled(history, origin, found.lines, found.mangled)


@contextmanager
def opened(ledger: Ledger, origin: Origin, history: pl.DataFrame) -> Iterator[Journal]:
    """Open the journal with *history* as its content; raise `UsageError` where it cannot be written."""
    try:
        journal = Journal(ledger.journal, origin, history)
    except OSError as error:
        remedy = "Free some space, or give --results a place where you may write. Nobody was called."
        raise UsageError(
            f"The journal {ledger.journal} cannot be written: {error.strerror or error}.", remedy
        ) from None
    try:
        yield journal
    finally:
        journal.close()


def _check_origin(ledger: Ledger, origin: Origin) -> None:
    """Rehearsed calls must never pass for real ones, nor real ones for rehearsed."""
    if ledger.testing is not None and origin.testing != ledger.testing:
        was = "as tests" if origin.testing else "as real calls"
        what = f"The calls in {ledger.results} were made {was}."
    elif origin.base_url != ledger.through:
        what = f"The calls in {ledger.results} were made through {origin.base_url}, not {ledger.through}."
    else:
        return
    remedy = "Run with the same setting to go on, or give another file with --results to begin afresh."
    raise UsageError(what, remedy)


def _silent_since(results: Path, found: Found) -> str:
    if not found.cut_short:
        return ""
    try:
        since = datetime.fromisoformat(found.cut_short)
    except ValueError:
        raise _not_to_be_trusted(results, "its run was cut short, and when it began cannot be read") from None
    return (since if since.tzinfo else since.replace(tzinfo=UTC)).isoformat()


def _not_to_be_trusted(results: Path, why: str) -> UsageError:
    return UsageError(
        f"The results file {results} cannot be gone by: {why}; and its journal is not there.",
        f"Put {results.name}.journal back beside it, or undo the change. To begin afresh, and call everybody, "
        "give another file with --results.",
    )
