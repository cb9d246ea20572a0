"""Stop the run that dials with a results file, and have the file to oneself.

This waits in the time of the other process, whatever clock the rest goes by.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from batch_dialer.clock import Clock
from batch_dialer.dialing import session
from batch_dialer.errors import ResultsInUse, UsageError
from batch_dialer.ledger.doubts import in_doubt
from batch_dialer.ledger.ledger import Ledger
from batch_dialer.ledger.lock_holder import find_holder
from batch_dialer.ledger.opening import OpenLedger, open_ledger, read_ledger
from batch_dialer.ledger.under_way import may_be_under_way
from batch_dialer.model import DEADLINE

PATIENCE = DEADLINE + 30.0
"""Seconds that a run has to end: its requests that are under way may take their time, and the results are written."""
TO_BE_NAMED = 5.0
"""Seconds in which whoever has the lock will have written its number there, or has ended."""
_BETWEEN_LOOKS = 0.1


@contextmanager
def opened_for_stopping(
    place: Ledger, watcher: session.Watcher, confirm: Callable[[str], bool], clock: Clock
) -> Iterator[OpenLedger]:
    """Open the ledger once a person has agreed; whoever holds it is told to stop, and waited for.

    *confirm* is asked once, before anything is done. Raises `UsageError` where that is declined, and `ResultsInUse`
    where the run that is under way cannot be stopped.
    """
    told = set[int]()
    until = time.monotonic() + TO_BE_NAMED
    with ExitStack() as stack:
        ledger = None
        while ledger is None:
            try:
                ledger = stack.enter_context(open_ledger(place, clock, watcher.warn))
            except ResultsInUse as in_use:
                holder = find_holder(place.results)
                if holder and holder.number not in told:
                    read_ledger(place, clock)  # other calls than these are refused before it is stopped
                    run = f"the run that is under way (process {holder.number})"
                    if not told:
                        _agree(confirm, f"Stop {run} and hang up its calls?")
                        until = time.monotonic() + PATIENCE
                    holder.stop()
                    told.add(holder.number)
                    watcher.note(f"Stopping {run}: it finishes the requests that it has sent, and writes them down.")
                elif time.monotonic() > until:
                    raise _not_ended(in_use, told) from None
                time.sleep(_BETWEEN_LOOKS)
        if told:
            watcher.note("The run has stopped.")
        else:
            known = ledger.history()
            if count := may_be_under_way(known, clock.now()).height + in_doubt(known).height:
                calls = "1 call" if count == 1 else f"{count:,} calls"
                _agree(confirm, f"Hang up those of {calls} of this job that are under way?")
        yield ledger


def _agree(confirm: Callable[[str], bool], question: str) -> None:
    if not confirm(question):
        raise UsageError("Cancelled. No call was hung up.", "Run the same command again when you want to.")


def _not_ended(in_use: ResultsInUse, told: set[int]) -> ResultsInUse:
    if not told:
        return ResultsInUse(
            f"{in_use.what} Which process that is cannot be told from here.",
            "Stop it where it runs: press Ctrl-C there. Then run the same command again. No call was hung up.",
        )
    numbers = " ".join(map(str, sorted(told)))
    return ResultsInUse(
        f"The run (process {numbers}) was told to stop, and has not ended after {PATIENCE:.0f} s.",
        f"Look what it waits for, or end it with: kill -9 {numbers}. Then run the same command again. No call was hung"
        " up.",
    )
