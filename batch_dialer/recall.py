"""What earlier runs left behind: the journal and the results file become one history, or the run is refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from batch_dialer.edges.journal import Journal, Origin, Past, read_journal
from batch_dialer.edges.results import Found, read_results
from batch_dialer.errors import UsageError
from batch_dialer.job import Job
from batch_dialer.rules import resume
from batch_dialer.rules.planning import with_keys
from batch_dialer.rules.validation import Checked


def recall(job: Job, checked: Checked) -> tuple[pl.DataFrame, str]:
    """Return the last word on every row that earlier runs knew, and why the results file was not gone by, if so.

    Raises `UsageError` where what was called can't be told.
    """
    past = read_journal(job.journal)
    found = read_results(job.results)
    _check_origin(job, past)
    if found is None:
        return resume.cut_short(past.history), ""
    if past.origin is None:
        return resume.cut_short(_by_results_alone(job, checked, found)), ""
    return resume.cut_short(resume.merge(past.history, found.history)), found.mangled


@contextmanager
def opened(job: Job, history: pl.DataFrame) -> Iterator[Journal]:
    """Open the journal with *history* as its content; raise `UsageError` where it cannot be written."""
    try:
        journal = Journal(job.journal, _origin(job), history)
    except OSError as error:
        remedy = "Free some space, or give --results a place where you may write. Nobody was called."
        raise UsageError(f"The journal {job.journal} cannot be written: {error.strerror or error}.", remedy) from None
    try:
        yield journal
    finally:
        journal.close()


def _origin(job: Job) -> Origin:
    return Origin(job.through, job.caller.testing)


def _check_origin(job: Job, past: Past) -> None:
    """Rehearsed calls must never pass for real ones, nor real ones for rehearsed."""
    if past.origin is None or past.origin == _origin(job):
        return
    if past.origin.testing != job.caller.testing:
        was = "with --testing" if past.origin.testing else "without --testing"
        what = f"The calls in {job.results} were made {was}."
    else:
        what = f"The calls in {job.results} were made through {past.origin.base_url}, not {job.through}."
    remedy = "Run with the same setting to go on, or give another file with --results to begin afresh."
    raise UsageError(what, remedy)


def _by_results_alone(job: Job, checked: Checked, found: Found) -> pl.DataFrame:
    if found.mangled:
        raise _not_to_be_trusted(job.results, found.mangled)
    if not found.cut_short:
        return found.history
    try:
        since = datetime.fromisoformat(found.cut_short)
    except ValueError:
        raise _not_to_be_trusted(job.results, "its run was cut short, and when it began cannot be read") from None
    return resume.doubted(with_keys(checked.rows), found.history, job.caller.target.id, since, datetime.now(UTC))


def _not_to_be_trusted(results: Path, why: str) -> UsageError:
    return UsageError(
        f"The results file {results} cannot be gone by: {why}; and its journal is not there.",
        f"Put {results.name}.journal back beside it, or undo the change. To begin afresh, and call everybody, "
        "give another file with --results.",
    )
