"""When so much goes wrong that dialing on would only do harm."""

from batch_dialer.model import Halt, Outcome, Settled, Verdict
from batch_dialer.rules.verdict import DOCUMENTED, About
from batch_dialer.words import CALL_EXISTS, Status

_EXPLAINED = frozenset(code for (_, _, code), about in DOCUMENTED.items() if about is About.ROW)
MOST_LOST = 3
MOST_UNEXPLAINED = 3


class Breaker:
    """Counts bad endings in a row; any call placed starts the count again."""

    __slots__ = ("_lost", "_unexplained")

    def __init__(self) -> None:
        self._lost = 0
        self._unexplained = 0

    def observe(self, verdict: Verdict) -> Halt | None:
        """Take note of *verdict*; return the halt that follows, if one does."""
        if not isinstance(verdict, Settled):
            return None
        outcome = verdict.outcome
        if outcome.status in CALL_EXISTS:
            self._lost = self._unexplained = 0
        elif outcome.status is Status.UNKNOWN:
            self._lost += 1
        elif outcome.error_code not in _EXPLAINED:
            self._unexplained += 1
        return self._tripped(outcome)

    def _tripped(self, outcome: Outcome) -> Halt | None:
        if self._lost >= MOST_LOST:
            return Halt(
                outcome,
                f"{self._lost} answers in a row were lost, so calls may exist that nothing is known of.",
                "Check the network and the API's state, then run again: it first asks the API what became of them.",
            )
        if self._unexplained >= MOST_UNEXPLAINED:
            return Halt(
                outcome,
                f"The API refused {self._unexplained} rows in a row for a reason that it does not document.",
                "See error_message in the results file; if the rows are right, `--retry refused` dials them again.",
            )
        return None
