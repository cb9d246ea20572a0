"""How a run ended: the counts, the sentences that people read, the exit status."""

from collections.abc import Mapping
from dataclasses import dataclass

from batch_dialer.model import Ending, Lines
from batch_dialer.words import CALL_EXISTS, CALL_MAY_EXIST, Exit, Status

_NOT_PLACED = (Status.REJECTED, Status.REFUSED, Status.DIALING, Status.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts by status over the sheet's rows; *ending* is None where the run went through to its end."""

    counts: Mapping[Status, int]
    ending: Ending | None = None

    @property
    def exit(self) -> Exit:
        """The exit status of the contract."""
        if self.ending and (self.ending.exit is not Exit.ROWS_LEFT or self.counts.get(Status.DEFERRED)):
            return self.ending.exit
        if self.counts.get(Status.DEFERRED):  # due, and yet not reached: it expired while it waited its turn
            return Exit.ROWS_LEFT
        return Exit.SOME_NOT_PLACED if any(self.counts.get(status) for status in _NOT_PLACED) else Exit.DONE

    def lines(self) -> list[tuple[str, int, str]]:
        """Return (word, count, what it means for the person) for every count that is not 0, the calls first."""
        groups = (
            ("placed", sum(self.counts.get(status, 0) for status in CALL_EXISTS), "have a call"),
            ("skipped", self.counts.get(Status.SKIPPED, 0), "deliberately not dialed; see error_message"),
            ("rejected", self.counts.get(Status.REJECTED, 0), "not valid; mend the sheet and run again"),
            ("refused", self.counts.get(Status.REFUSED, 0), "the API said no; see error_code"),
            (
                "unknown",
                sum(self.counts.get(s, 0) for s in CALL_MAY_EXIST),
                "a call may exist; the next run asks the API",
            ),
            ("left", self.counts.get(Status.DEFERRED, 0), "not dialed yet; run again to go on"),
        )
        return [group for group in groups if group[1]]


def count(lines: Lines, ending: Ending | None) -> Tally:
    """Count the statuses of the sheet's *lines* in the results file."""
    counts = lines.group_by("status").len().rows()
    return Tally({Status(status): number for status, number in counts}, ending)
