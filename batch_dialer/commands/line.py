"""The way to the API or to a sandbox, and where the results go, which is known when the sheet has been read."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from batch_dialer.clock import Clock
from batch_dialer.errors import UsageError
from batch_dialer.ledger.ledger import Ledger
from batch_dialer.ledger.opening import read_ledger
from batch_dialer.rehearsal_clock import RehearsalClock
from batch_dialer.sandbox.call_log import CallLog
from batch_dialer.sandbox.exchange import Exchange
from batch_dialer.talkover.token import Token


class Line:
    """The *address* and the *token* of the API, and the *results* file."""

    def __init__(self, address: str, token: Token, results: Path) -> None:
        self.address = address
        self.token = token
        self.results = results

    def located(self, ledger: Ledger) -> None:
        """Take note of the results file that the sheet belongs to."""
        self.results = ledger.results


class SandboxLine(Line):
    """The way to a sandbox that serves one run. Its calls are kept beside the results for the next run.

    A rehearsal whose time passes faster ends in the future: the next one goes on from there, by its *clock*.
    """

    def __init__(self, address: str, token: Token, results: Path, exchange: Exchange, clock: Clock) -> None:
        super().__init__(address, token, results)
        self._exchange = exchange
        self._clock = clock

    def located(self, ledger: Ledger) -> None:
        """Take note of the results file, and read the calls beside it; raise `UsageError` where they cannot be read."""
        super().located(ledger)
        log = CallLog(ledger.results.with_name(f"{ledger.results.name}.calls"))
        try:
            self._exchange.remember(log.read(), log.add)
        except OSError as error:
            raise UsageError(
                f"The file of the sandbox's calls, beside {ledger.results}, cannot be read: {error.strerror or error}.",
                "Delete that file, or name another --results file. No phone has rung.",
            ) from None
        if isinstance(self._clock, RehearsalClock):
            self._clock.go_on_from(max((*self._created(), *_sent(ledger, self._clock)), default=self._clock.now()))
        elif (latest := max(self._created(), default=None)) and latest > self._clock.now():
            raise UsageError(
                f"The calls beside {ledger.results} were rehearsed with --speed, until {latest:%Y-%m-%d %H:%MZ}.",
                "Give --speed again to go on from there, or name another --results file.",
            )

    def _created(self) -> Iterator[datetime]:
        return (datetime.fromtimestamp(call.created_at, UTC) for call in self._exchange.calls)


def _sent(ledger: Ledger, clock: Clock) -> Iterator[datetime]:
    sent = read_ledger(ledger, clock).history["sent_at"]
    return (datetime.fromisoformat(moment) for moment in sent if moment)
