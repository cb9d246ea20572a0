"""Whoever has a call in another results file of the folder: a sheet that was renamed or copied has the same people."""

import contextlib
import shlex
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from batch_dialer.contacts.validate import Checked
from batch_dialer.dialing import session
from batch_dialer.entry import OtherCalls
from batch_dialer.errors import UsageError
from batch_dialer.job import Job
from batch_dialer.ledger.belonging import belonging, default_path
from batch_dialer.ledger.ledger import Ledger
from batch_dialer.ledger.other_results import Elsewhere, find_calls
from batch_dialer.model import Sheet
from batch_dialer.plan.duplicates import count_called_elsewhere
from batch_dialer.plan.planning import Plan


class OtherResults:
    """What the other results files say. *held*: the calls for which nobody is dialed; None where a person chose so."""

    def __init__(self, job: Job, elsewhere: Elsewhere, watcher: session.Watcher) -> None:
        self._job = job
        self._elsewhere = elsewhere
        self._watcher = watcher
        self.held: OtherCalls | None = None if job.ledger.named else elsewhere.calls

    def tell(self, plan: Plan) -> None:
        """Say who of *plan* has a call elsewhere, and what becomes of them."""
        calls, results = self._elsewhere.calls, self._job.ledger.results
        if self._job.ledger.named:
            for file, count in count_called_elsewhere(plan.dial.drop("error_message"), calls).items():
                self._watcher.note(
                    f"{_people(count)} a call in {file}, or may have one. As --results names another file, they are"
                    " called again."
                )
            return
        for file, count in count_called_elsewhere(plan.rows, calls).items():
            self._watcher.warn(
                f"{_people(count)} a call in {file}, or may have one, and will not be called. To call them again, give"
                f" --results {shlex.quote(str(results))}; if they were called in the last hours, also"
                " --not-called-within 0."
            )


def read_other_results(job: Job, checked: Checked, watcher: session.Watcher) -> OtherResults:
    """Return what the other results files of the folder say of the people of the sheet."""
    elsewhere = find_calls(job.ledger, checked.rows["to"])
    if elsewhere.unread:
        names = ", ".join(elsewhere.unread)
        watcher.warn(
            f"These results files could not be read: {names}. People who were called there may be called again."
        )
    return OtherResults(job, elsewhere, watcher)


def notes_on_other_results(path: Path, sheet: Sheet, checked: Checked) -> Iterator[str]:
    """Say who of the sheet at *path*, which was *checked*, a run without --results will not call for that reason."""
    ledger = Ledger(default_path(path), "", checked.testing, named=False)
    with contextlib.suppress(UsageError):  # a copy whose results are not found is refused by the run itself
        ledger = belonging(ledger, path, sheet.origin)
    rows = checked.rows.filter(pl.col("code").is_null())
    for file, count in count_called_elsewhere(rows, find_calls(ledger, rows["to"]).calls).items():
        yield f"{_people(count)} a call in {file}, or may have one, and will not be called by `run`."


def _people(count: int) -> str:
    return "1 person of this sheet has" if count == 1 else f"{count:,} people of this sheet have"
