"""How a run ended: the counts, the sentences that people read, the exit status."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from batch_dialer.entry import Lines
from batch_dialer.model import Ending
from batch_dialer.words import CALL_EXISTS, CALL_MAY_EXIST, UNDER_WAY, Code, Exit, Status

_NOT_PLACED = (Status.REJECTED, Status.REFUSED, Status.DIALING, Status.UNKNOWN)
_UNDER_WAY, _TOO_SHORT = "under way", "too short"
_WORDS = {
    Status.COMPLETED.value: "reached",
    Status.NO_ANSWER.value: "no answer",
    Status.BUSY.value: "busy",
    Status.FAILED.value: "failed",
} | {status.value: _UNDER_WAY for status in UNDER_WAY}
"""How a call ended, by its last status, in the order in which it is told."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts by status over the sheet's rows; *ending* is None where the run went through to its end.

    *changed*: how many of the skipped rows have a call to another number than the sheet holds now. *written*: whether
    the results file could be written. *calls*: how the last calls of the rows ended, in words.
    *later*: how many rows with a call are, or may have to be, called again later.
    """

    counts: Mapping[Status, int]
    ending: Ending | None = None
    changed: int = 0
    written: bool = True
    calls: Mapping[str, int] = field(default_factory=dict)
    later: int = 0

    @property
    def exit(self) -> Exit:
        """The exit status of the contract."""
        exit_ = self._exit()
        return Exit.SOME_NOT_PLACED if exit_ is Exit.DONE and not self.written else exit_

    def _exit(self) -> Exit:
        if self.ending and (self.ending.exit is not Exit.ROWS_LEFT or self.counts.get(Status.DEFERRED) or self.later):
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

    def sentence(self) -> str:
        """Say how the calls ended, as far as it is known; empty where nothing is."""
        ended = any(word != _UNDER_WAY for word in self.calls)
        return ", ".join(f"{word} {number:,}" for word, number in self.calls.items()) if ended else ""


def count(
    lines: Lines, ending: Ending | None, *, written: bool = True, reached_after: float = 0.0, later: int = 0
) -> Tally:
    """Count the statuses of the sheet's *lines* in the results file.

    Whoever has a call that was completed in at least *reached_after* seconds counts as reached. *later*: as in `Tally`.
    """
    counts = {Status(status): number for status, number in count_statuses(lines).items()}
    changed = lines.filter(pl.col("error_code") == Code.NUMBER_CHANGED.value).height
    return Tally(counts, ending, changed, written, _count_calls(lines, reached_after), later)


def count_statuses(entries: pl.DataFrame) -> dict[str, int]:
    """Return how many of *entries*, a `History` or `Lines`, have each status."""
    return dict(entries.group_by("status").len().rows())


def _count_calls(lines: Lines, reached_after: float) -> dict[str, int]:
    """Count how the last calls of *lines* ended, in the order of the words."""
    short = (pl.col("duration_seconds") < reached_after).fill_null(value=False)
    completed = pl.col("status") == Status.COMPLETED.value
    exists = pl.col("status").is_in([status.value for status in CALL_EXISTS])
    word = pl.when(completed & short).then(pl.lit(_TOO_SHORT)).otherwise(pl.col("status").replace(_WORDS))
    found = dict(lines.filter(exists).group_by(word.alias("word")).len().rows())
    return {word: found[word] for word in (*dict.fromkeys(_WORDS.values()), _TOO_SHORT) if word in found}
