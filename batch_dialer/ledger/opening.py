"""The one door to the ledger: what earlier runs left is read here, and what this run learns is written here.

Reading makes one history of the journal and the results file, or refuses both. Opening takes the lock first, and
writes the journal anew with that history, so that nothing is ever added behind a torn line.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from batch_dialer.clock import Clock
from batch_dialer.errors import UsageError
from batch_dialer.ledger.doubts import doubt_silent_rows, mark_interrupted
from batch_dialer.ledger.history import merge
from batch_dialer.ledger.journal import Journal, Origin, read_journal
from batch_dialer.ledger.ledger import Ledger
from batch_dialer.ledger.lock import lock_results
from batch_dialer.ledger.results import ResultsFile, ResultsWriter, fingerprint, read_results, rename_edited
from batch_dialer.ledger.results_lines import judgements_only_in, keep_stable_keys
from batch_dialer.model import History, Lines, Rows


@dataclass(frozen=True, slots=True)
class Past:
    """What earlier runs left: the last word on every row that they knew.

    *lines* are the results file's own, all of them, in their order; without any where the file was not read or is not
    there. *damage*: why that file is not believed; empty where it is.
    """

    history: History
    origin: Origin
    lines: Lines
    damage: str = ""


@dataclass(frozen=True, slots=True)
class SheetRows:
    """The rows of the sheet, with their keys, and the ID of whoever calls them."""

    rows: Rows
    agent_id: str


def read_ledger(ledger: Ledger, clock: Clock, rows: SheetRows | None = None) -> Past:
    """Read both files; raise `UsageError` where they do not tell who was called, or belong to other calls.

    A results file that is as the journal left it tells nothing more: it is not read where the sheet's *rows* are given,
    whose order is then the order of its lines. Where a run was cut short and its journal is gone, each of *rows*
    without a word may have been called, and gets a word that says so.
    """
    past = _read(ledger, whole=rows is None)
    if rows is None or not past.origin.silent_since:
        return past
    since = datetime.fromisoformat(past.origin.silent_since)
    return replace(past, history=doubt_silent_rows(rows.rows, past.history, rows.agent_id, since, clock.now()))


class OpenLedger:
    """The ledger while it is ours alone. What is written to it is durable before it is acted upon."""

    def __init__(self, ledger: Ledger, journal: Journal, lines: Lines, warn: Callable[[str], None]) -> None:
        self._ledger = ledger
        self._journal = journal
        self._warn = warn
        self.lines = lines
        self.write = journal.write
        self.write_many = journal.write_many
        self.history = journal.history

    def results_writer(self) -> ResultsWriter:
        """Return what keeps the results file some seconds behind the journal while calls are placed."""
        return ResultsWriter(self._ledger.results, self._journal.opened_at, self._journal.history)

    def finish(self, lines: Lines) -> None:
        """Replace the results file by *lines*, and have the journal's last lines say what it holds.

        Where the file cannot be written a warning says so: the journal has it all.
        """
        try:
            written = ResultsWriter(self._ledger.results, "", self._journal.history).finish(lines)
        except OSError as error:
            self._warn(
                f"{self._ledger.results} could not be written ({error.strerror or error}). Close it where it is open,"
                " make room, and run the same command again: the journal has it all, and nobody is called twice."
            )
        else:
            self._journal.conclude(keep_stable_keys(judgements_only_in(lines, self._journal.history())), written)


@contextmanager
def open_ledger(
    ledger: Ledger, clock: Clock, warn: Callable[[str], None], rows: SheetRows | None = None
) -> Iterator[OpenLedger]:
    """Lock, read and open the ledger; raise `ResultsInUse`, or `UsageError` where it cannot be believed or written.

    Nothing of a person's is overwritten unread: a results file that cannot be believed is renamed, and *warn* is told.
    """
    with lock_results(ledger.results):
        past = read_ledger(ledger, clock, rows)
        if past.damage:
            kept = rename_edited(ledger.results, clock.now())
            warn(f"{ledger.results.name} was changed: {past.damage}. It is kept as {kept.name}; the journal counts.")
        journal = _open_journal(ledger, past.origin, past.history, clock)
        try:
            yield OpenLedger(ledger, journal, past.lines, warn)
        finally:
            journal.close()


def _read(ledger: Ledger, *, whole: bool) -> Past:
    past = read_journal(ledger.journal)
    needed = whole or not past.results or past.results != fingerprint(ledger.results)
    found = read_results(ledger.results) if needed else None
    origin = past.origin or Origin(ledger.through, bool(ledger.testing))
    _check_origin(ledger, origin)
    if found is None:
        return Past(mark_interrupted(past.history), origin, Lines(past.history.clear()))
    if past.origin is None:
        if found.damage:
            raise _not_to_be_believed(ledger.results, found.damage)
        origin = replace(origin, silent_since=_silent_since(ledger.results, found))
        return Past(mark_interrupted(found.history), origin, found.lines)
    history = mark_interrupted(merge(past.history, found.history))
    return Past(history, origin, found.lines, found.damage)


def _open_journal(ledger: Ledger, origin: Origin, history: History, clock: Clock) -> Journal:
    try:
        return Journal(ledger.journal, origin, history, clock)
    except OSError as error:
        remedy = "Free some space, or give --results a place where you may write. Nobody was called."
        raise UsageError(
            f"The journal {ledger.journal} cannot be written: {error.strerror or error}.", remedy
        ) from None


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


def _silent_since(results: Path, found: ResultsFile) -> str:
    if not found.cut_short:
        return ""
    try:
        since = datetime.fromisoformat(found.cut_short)
    except ValueError:
        raise _not_to_be_believed(results, "its run was cut short, and when it began cannot be read") from None
    return (since if since.tzinfo else since.replace(tzinfo=UTC)).isoformat()


def _not_to_be_believed(results: Path, why: str) -> UsageError:
    return UsageError(
        f"The results file {results} cannot be believed: {why}; and its journal is not there.",
        f"Put {results.name}.journal back beside it, or undo the change. To begin afresh, and call everybody, "
        "give another file with --results.",
    )
