"""How a run ended: the counts, the sentences that people read, the exit status."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from batch_dialer.model import Ending, Lines
from batch_dialer.words import CALL_EXISTS, CALL_MAY_EXIST, Code, Exit, Status

_NOT_PLACED = (Status.REJECTED, Status.REFUSED, Status.DIALING, Status.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts by status over the sheet's rows; *ending* is None where the run went through to its end.

    *changed*: how many of the skipped rows have a call to another number than the sheet holds now. *written*: whether
    the results file could be written.
    """

    counts: Mapping[Status, int]
    ending: Ending | None = None
    changed: int = 0
    written: bool = True

    @property
    def exit(self) -> Exit:
        """The exit status of the contract."""
        exit_ = self._exit()
        return Exit.SOME_NOT_PLACED if exit_ is Exit.DONE and not self.written else exit_

    def _exit(self) -> Exit:
        if self.ending and (self.ending.exit is not Exit.ROWS_LEFT or self.counts.get(Status.DEFERRED)):
            return self.ending.exit
        if self.counts.get(Status.DEFERRED):  # due, and yet not reached: it expired while it waited its turn
            return Exit.ROWS_LEFT
        incomplete = self.changed or any(self.counts.get(status) for status in _NOT_PLACED)
        return Exit.SOME_NOT_PLACED if incomplete else Exit.DONE

    def lines(self) -> list[tuple[str, int, str]]:
        """Return (word, count, what it means for the person) for every count that is not 0, the calls first."""
        groups = (
            ("placed", sum(self.counts.get(status, 0) for status in CALL_EXISTS), "have a call"),
            (
                "skipped",
                self.counts.get(Status.SKIPPED, 0) - self.changed,
                "deliberately not dialed; see error_message",
            ),
            ("changed", self.changed, "have a call to another number than now; --retry changed dials the new one"),
            ("rejected", self.counts.get(Status.REJECTED, 0), "not valid; correct the sheet and run again"),
            ("refused", self.counts.get(Status.REFUSED, 0), "the API said no; see error_code"),
            (
                "unknown",
                sum(self.counts.get(s, 0) for s in CALL_MAY_EXIST),
                "a call may exist; the next run asks the API",
            ),
            ("left", self.counts.get(Status.DEFERRED, 0), "not dialed yet; run again to go on"),
        )
        return [group for group in groups if group[1]]


def count(lines: Lines, ending: Ending | None, *, written: bool = True) -> Tally:
    """Count the statuses of the sheet's *lines* in the results file."""
    counts = {Status(status): number for status, number in lines.group_by("status").len().rows()}
    changed = lines.filter(pl.col("error_code") == Code.NUMBER_CHANGED.value).height
    return Tally(counts, ending, changed, written)
