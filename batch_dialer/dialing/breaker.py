"""When so much goes wrong that dialing on would only do harm. Time comes in as a number of seconds."""

from collections import deque

from batch_dialer.dialing.verdict import DOCUMENTED, About
from batch_dialer.model import Again, Halt, Outcome, Settled, Verdict
from batch_dialer.words import CALL_EXISTS, Code, Status

MOST_LOST = 3
MOST_UNEXPLAINED = 3
MOST_MISNAMED = 3
WINDOW = 120.0
FEWEST = 10
SHARE = 0.5
BACK_OFF = 30.0
"""Seconds that everybody waits when the share is first reached; reached once more, it stops the run."""
MOST_EXPLAINED = 3
"""How often lost answers may be explained before so many calls were `PLACED_BETWEEN`; then they stop the run."""
PLACED_BETWEEN = 20
_EXPLAINED = frozenset(code for (_, _, code), about in DOCUMENTED.items() if about is About.ROW)


class Breaker:
    """Counts bad endings: in a row, where a call placed starts the count again, and as a share of the last attempts.

    Bad is what cannot be laid to its row: a lost answer, a call that is somebody else's, a refusal that nobody
    documents, a request that never left. Answers that make everybody wait count once for each wait: those that were
    under way when it began say nothing new. Lost answers that were explained start their count again, a few times.
    """

    __slots__ = (
        "_backed_off", "_explained", "_failed", "_lost", "_misnamed", "_placed", "_recent", "_unexplained",
        "_waiting_until",
    )  # fmt: skip

    def __init__(self) -> None:
        self._lost = 0
        self._explained = 0
        self._placed = 0
        self._misnamed = 0
        self._unexplained = 0
        self._waiting_until = float("-inf")
        self._recent: deque[tuple[float, bool]] = deque()
        self._failed = 0
        self._backed_off = False

    def observe(self, verdict: Verdict, now: float) -> Halt | float:
        """Take note of *verdict* at *now*; return the halt that follows, or the seconds that everybody should wait."""
        if isinstance(verdict, Halt):
            return verdict
        if isinstance(verdict, Settled) and verdict.wait:
            if now < self._waiting_until:
                return 0.0
            self._waiting_until = now + verdict.wait
        outcome = verdict.outcome
        if outcome.status in CALL_EXISTS:
            self._lost = self._misnamed = self._unexplained = 0
            self._placed += 1
            if self._placed >= PLACED_BETWEEN:
                self._explained = 0
        self._lost += outcome.status is Status.UNKNOWN
        self._misnamed += outcome.error_code == Code.WRONG_RECIPIENT
        self._unexplained += outcome.status is Status.REFUSED and outcome.error_code not in _EXPLAINED
        return self._in_a_row(outcome) or self._as_a_share(verdict, now)

    def explained(self, still_lost: int = 0) -> None:
        """Take note that the API's list has the calls of the lost answers, but for so many that came since."""
        self._explained += 1
        self._placed = 0
        self._lost = still_lost
        self._recent.clear()
        self._failed = 0

    def _in_a_row(self, outcome: Outcome) -> Halt | None:
        if self._misnamed >= MOST_MISNAMED:
            return Halt(
                outcome,
                f"The API named a call of another number or of another row {self._misnamed} times in a row.",
                "Ask the API's support what these IDs are (see error_message in the results file), then run again: "
                "it first asks the API what became of these rows.",
            )
        if self._lost >= MOST_LOST:
            return Halt(
                outcome,
                f"{self._lost} answers in a row were lost, so there may be calls that are not on record.",
                "Check the network and whether the API works, then run again: it first asks the API what became of"
                " them.",
                explainable=self._explained < MOST_EXPLAINED,
            )
        if self._unexplained >= MOST_UNEXPLAINED:
            return Halt(
                outcome,
                f"The API refused {self._unexplained} rows in a row for a reason that it does not document.",
                "See error_message in the results file; if the rows are right, `--retry refused` dials them again.",
            )
        return None

    def _as_a_share(self, verdict: Settled | Again, now: float) -> Halt | float:
        bad = _is_bad(verdict)
        if bad is None:
            return 0.0
        self._recent.append((now, bad))
        self._failed += bad
        while self._recent[0][0] < now - WINDOW:
            self._failed -= self._recent.popleft()[1]
        if len(self._recent) < FEWEST or self._failed < SHARE * len(self._recent):
            return 0.0
        if not self._backed_off:
            self._backed_off = True
            self._recent.clear()
            self._failed = 0
            return BACK_OFF
        return Halt(
            verdict.outcome,
            f"{self._failed} of the last {len(self._recent)} attempts failed, and waiting did not help.",
            "See error_message in the results file, check the network and whether the API works, then run again.",
        )


def _is_bad(verdict: Settled | Again) -> bool | None:
    """None: it says nothing about the API's health (a number that it refuses, a rate limit)."""
    outcome = verdict.outcome
    if isinstance(verdict, Again):
        return True if verdict.after is None else None
    if outcome.status is Status.REFUSED and outcome.error_code in _EXPLAINED:
        return None
    return outcome.status not in CALL_EXISTS
