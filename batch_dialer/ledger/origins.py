"""Rehearsed calls must never pass for real ones, nor real ones for rehearsed: what a results file's calls are."""

from dataclasses import dataclass

from batch_dialer.errors import UsageError
from batch_dialer.ledger.history import reduce_to_calls
from batch_dialer.ledger.ledger import SANDBOX, Ledger
from batch_dialer.ledger.results import ResultsFile


@dataclass(frozen=True, slots=True)
class Origin:
    """What a results file is bound to: the API's address, and whether its calls are tests.

    *silent_since*: a run that began then was cut short and its journal was gone, so that whoever has no word may have
    been called after it, until *silent_until*. It stays so for good. Empty: there was no such run. *runs*: when each
    run began whose calls are known here, which names it. *of_sheet*: the headers of those columns of the results file
    that hold what the sheet has.
    """

    base_url: str
    testing: bool
    silent_since: str = ""
    silent_until: str = ""
    runs: tuple[str, ...] = ()
    of_sheet: tuple[str, ...] = ()


def origin_of_results(ledger: Ledger, found: ResultsFile | None) -> Origin:
    """Return the origin of a results file without a journal; raise `UsageError` where its calls are of another kind.

    The file alone does not say where its calls were placed, but it says whether they are rehearsed.
    """
    if found is None or not found.lines.height:
        return Origin(ledger.through, bool(ledger.testing))
    if ledger.testing is None:  # whoever only asks what became of calls need not say which they were
        return Origin(ledger.through, found.testing)
    rehearsing = ledger.testing or ledger.through == SANDBOX
    if found.testing and not rehearsing:
        raise _wrong_kind(ledger, "rehearsed: tests, or calls in the sandbox")
    if rehearsing and not found.testing and not reduce_to_calls(found.history).is_empty():
        raise _wrong_kind(ledger, "made as real calls")
    return Origin(ledger.through, ledger.testing)


def check_origin(ledger: Ledger, origin: Origin) -> None:
    """Raise `UsageError` where the calls of *origin* are not of the kind of those of *ledger*, or went elsewhere."""
    if ledger.testing is not None and origin.testing != ledger.testing:
        raise _wrong_kind(ledger, "made as tests" if origin.testing else "made as real calls")
    if origin.base_url != ledger.through:
        raise _wrong_kind(ledger, f"made through {origin.base_url}, not {ledger.through}")


def _wrong_kind(ledger: Ledger, were: str) -> UsageError:
    return UsageError(
        f"The calls in {ledger.results} were {were}.",
        "Run with the same setting to go on. With another --results file everybody is dialed, even those who"
        " were called before.",
    )
