"""The way to the API or to a sandbox, and where the results go, which is known when the sheet has been read."""

from pathlib import Path

from batch_dialer.errors import UsageError
from batch_dialer.ledger.ledger import Ledger
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
    """The way to a sandbox that serves one run. Its calls are kept beside the results for the next run."""

    def __init__(self, address: str, token: Token, results: Path, exchange: Exchange) -> None:
        super().__init__(address, token, results)
        self._exchange = exchange

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
