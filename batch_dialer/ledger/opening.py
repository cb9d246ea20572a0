"""The one door to the ledger: what earlier runs left is read here, and what this run learns is written here.

Reading makes one history of the journal and the results file, or refuses both. Opening takes the lock first, and
writes the journal anew with that history, so that nothing is ever added behind a torn line.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from batch_dialer.clock import Clock
from batch_dialer.entry import History, Lines
from batch_dialer.errors import UsageError
from batch_dialer.ledger.added_columns import remove_added, write_lost
from batch_dialer.ledger.doubts import doubt_redials, doubt_silent_rows, mark_interrupted
from batch_dialer.ledger.extra_columns import (
    ExtraColumns,
    follow_mended,
    put_sheet_columns,
    without_line,
)
from batch_dialer.ledger.history import drop_outrun, merge, without_moved_calls
from batch_dialer.ledger.journal import Journal, UnwrittenError, read_journal
from batch_dialer.ledger.ledger import SANDBOX, Ledger
from batch_dialer.ledger.lock import Lock, lock_results
from batch_dialer.ledger.origins import Origin, check_origin, origin_of_results
from batch_dialer.ledger.other_keys import check_keys
from batch_dialer.ledger.results import (
    ResultsFile,
    ResultsWriter,
    Seen,
    find_extra,
    fingerprint,
    has_extra,
    look_at,
    read_results,
    remove_leftovers,
    rename_edited,
    write_results,
)
from batch_dialer.ledger.results_lines import judgements_only_in, keep_stable_keys
from batch_dialer.model import Rows


@dataclass(frozen=True, slots=True)
class Past:
    """What earlier runs left: the last word on every row that they knew.

    *lines* are the results file's own, all of them, in their order; without any where the file was not read or is not
    there. *damage*: why that file is not believed; empty where it is. *newly_silent*: whether it was only now found
    that a run was cut short of which nothing else is left. *extra*: the columns beside ours; *seen*: the file's state.
    """

    history: History
    origin: Origin
    lines: Lines
    damage: str = ""
    newly_silent: bool = False
    extra: ExtraColumns = field(default_factory=ExtraColumns)
    seen: Seen = None


@dataclass(frozen=True, slots=True)
class SheetRows:
    """The rows of the sheet, with their keys, the ID of whoever calls them, and the columns that the results show."""

    rows: Rows
    agent_id: str
    kept: ExtraColumns = field(default_factory=ExtraColumns)


def read_ledger(ledger: Ledger, clock: Clock, rows: SheetRows | None = None) -> Past:
    """Read both files; raise `UsageError` where they do not tell who was called, or belong to other calls or keys.

    A results file that is as the journal left it tells nothing more: it is not read where the sheet's *rows* are given,
    whose order is then the order of its lines. Where a run was cut short and what it wrote is gone, each of *rows*
    without a word may have been called, and gets a word that says so.
    """
    past = _read(ledger, clock, whole=rows is None)
    if rows is None:
        return past
    check_keys(ledger, rows.rows, past.history)
    extra = follow_mended(past.extra, rows.rows, past.history["key"])
    past = replace(past, extra=put_sheet_columns(extra, rows.kept))
    if not past.origin.silent_since:
        return past
    since, until = (datetime.fromisoformat(at) for at in (past.origin.silent_since, past.origin.silent_until))
    history = doubt_silent_rows(rows.rows, past.history, rows.agent_id, since, until, attempted=past.newly_silent)
    return replace(past, history=history)


class OpenLedger:
    """The ledger while it is ours alone. What is written to it is durable before it is acted upon."""

    def __init__(self, ledger: Ledger, journal: Journal, past: Past, warn: Callable[[str], None], clock: Clock) -> None:
        self._ledger = ledger
        self._journal = journal
        self._past = past
        self._warn = warn
        self._clock = clock
        self._writer = ResultsWriter(ledger.results, journal.opened_at, journal.history, past.extra, past.seen, warn)
        self.lines = past.lines
        self.rehearsed = past.origin.testing or past.origin.base_url == SANDBOX
        self.write = journal.write
        self.write_many = journal.write_many
        self.history = journal.history

    def results_writer(self) -> ResultsWriter:
        """Return what keeps the results file some seconds behind the journal while calls are placed."""
        return self._writer

    def finish(self, lines: Lines, *, of_sheet: bool) -> bool:
        """Replace the results file by *lines*, and have the journal's last lines say what it holds.

        *of_sheet*: whether each row of a sheet has a line. Where a run was cut short and only the rows that it had
        reached have one, the file goes on saying so. Returns whether the file could be written; where it could not, a
        warning has said so, and the journal has it all.
        """
        since = "" if of_sheet else self._past.origin.silent_since
        try:
            extra = self._writer.collect_extra()
            self._keep_lost(without_line(extra, lines))
            written = write_results(self._ledger.results, lines, since, extra)
        except OSError as error:
            self._warn(
                f"{self._ledger.results} could not be written ({error.strerror or error}). Close it where it is open,"
                " make room, and run the same command again: the journal has it all, and nobody is called twice."
            )
            return False
        words = keep_stable_keys(judgements_only_in(lines, self._journal.history()))
        self._journal.conclude(words, written, extra.of_sheet)
        remove_added(self._ledger.results)
        return True

    def _keep_lost(self, lost: ExtraColumns) -> None:
        if lost.cells.is_empty():
            return
        kept = write_lost(self._ledger.results, lost, self._clock.now())
        self._warn(
            f"{self._ledger.results.name} had notes beside rows that are not in it any more"
            f" ({lost.cells.height:,}): they are kept in {kept.name}."
        )


@contextmanager
def open_ledger(
    ledger: Ledger, clock: Clock, warn: Callable[[str], None], rows: SheetRows | None = None
) -> Iterator[OpenLedger]:
    """Lock, read and open the ledger; raise `ResultsInUse`, or `UsageError` where it cannot be believed or written.

    Nothing of a person's is overwritten unread: a results file that cannot be believed is renamed, and *warn* is told.
    A journal that cannot be written later is a `UsageError`, too, unless whoever dials has made it the end of the run.
    """
    with lock_results(ledger.results) as lock:
        remove_leftovers(ledger.results)
        past = read_ledger(ledger, clock, rows)
        if past.damage:
            kept = _keep_edited(ledger.results, clock)
            warn(
                f"{ledger.results.name} was changed: {past.damage}. It is kept as {kept.name}; the journal is used"
                " instead."
            )
        journal = _open_journal(ledger, past, clock, lock)
        try:
            yield OpenLedger(ledger, journal, past, warn, clock)
        except UnwrittenError as error:
            raise UsageError(error.what, error.remedy) from None
        finally:
            journal.close()


def _read(ledger: Ledger, clock: Clock, *, whole: bool) -> Past:
    past = read_journal(ledger.journal)
    seen = look_at(ledger.results)
    touched = whole or not past.results or past.results != fingerprint(ledger.results)
    of_sheet = past.origin.of_sheet if past.origin else ()
    found = read_results(ledger.results, of_sheet) if touched or has_extra(ledger.results) else None
    extra = find_extra(ledger.results, found)
    if not touched:
        found = None  # the journal has all that it says, but for the columns beside ours
    origin = past.origin or origin_of_results(ledger, found)
    check_origin(ledger, origin)
    if found is None:
        nothing = Lines(past.history.clear())
        return Past(mark_interrupted(past.history), origin, nothing, extra=extra, seen=seen)
    if past.origin is None and found.damage:
        raise _not_to_be_believed(ledger.results, found.damage)
    theirs, moved = without_moved_calls(found.history, past.history)
    history = merge(past.history, theirs)
    since = _silent_since(ledger.results, found, past.origin)
    if since:
        until = clock.now()
        history = drop_outrun(history, found.history)
        history = doubt_redials(history, found.history, datetime.fromisoformat(since), until)
        origin = replace(origin, silent_since=since, silent_until=until.isoformat())
    damage = found.damage or (f"the call {moved} is in the line of another row" if moved else "")
    return Past(mark_interrupted(history), origin, found.lines, damage, bool(since), extra, seen)


def _keep_edited(results: Path, clock: Clock) -> Path:
    try:
        return rename_edited(results, clock.now())
    except OSError as error:
        raise UsageError(
            f"{results.name} was changed, and cannot be kept under another name: {error.strerror or error}.",
            "Rename it yourself, then run the same command again: the journal is used instead. Nobody was called.",
        ) from None


def _open_journal(ledger: Ledger, past: Past, clock: Clock, lock: Lock) -> Journal:
    try:
        return Journal(ledger.journal, past.origin, past.history, clock, lock.check)
    except OSError as error:
        raise UsageError(
            f"The journal {ledger.journal} cannot be written: {error.strerror or error}.",
            "Free some space there, or make the folder writable; then run the same command again. Nobody was called.",
        ) from None


def _silent_since(results: Path, found: ResultsFile, journal: Origin | None) -> str:
    """Return since when rows may have been called of which neither file tells; empty where there are none.

    So it is where the file is of a run that was cut short, and the journal is gone or an older one: it does not know of
    that run. An earlier version's journal does not name the runs that it knows.
    """
    known_run = journal is not None and (not journal.runs or found.cut_short in journal.runs)
    if not found.cut_short or known_run:
        return ""
    try:
        since = datetime.fromisoformat(found.cut_short)
    except ValueError:
        raise _not_to_be_believed(results, "its run was cut short, and when it began cannot be read") from None
    return (since if since.tzinfo else since.replace(tzinfo=UTC)).isoformat()


def _not_to_be_believed(results: Path, why: str) -> UsageError:
    return UsageError(
        f"The results file {results} cannot be trusted: {why}, and its journal is not there.",
        f"Put {results.name}.journal back beside it, or undo the change. With another --results file"
        " everybody is dialed, even those who were called before.",
    )
