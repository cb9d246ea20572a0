"""The results file before and after a run."""

import polars as pl

from batch_dialer.dialing import session
from batch_dialer.ledger.journal import Journal
from batch_dialer.ledger.ledger import Ledger
from batch_dialer.ledger.recall import Recalled
from batch_dialer.ledger.results import Results, set_aside
from batch_dialer.ledger.results_lines import lasting
from batch_dialer.plan.redial import unknown_to


def keep_aside(ledger: Ledger, past: Recalled, watcher: session.Watcher) -> None:
    """Nothing of a person's is overwritten unread: a results file that can't be gone by is kept under another name."""
    if past.mangled:
        copy = set_aside(ledger.results)
        watcher.warned(
            f"{ledger.results.name} was changed: {past.mangled}. It is kept as {copy.name}; the journal counts."
        )


def finish(
    ledger: Ledger, lines: pl.DataFrame, history: pl.DataFrame, journal: Journal, watcher: session.Watcher
) -> None:
    """Replace the results file by the whole *lines*, and have the journal's last lines say what it holds."""
    try:
        fingerprint = Results(ledger.results, "", lambda: lines).finish(lines)
        journal.conclude(lasting(unknown_to(history, lines)), fingerprint)
    except OSError as error:
        watcher.warned(
            f"{ledger.results} could not be written ({error.strerror or error}). Close it where it is open, make room, "
            "and run the same command again: the journal has it all, and nobody is called twice."
        )
