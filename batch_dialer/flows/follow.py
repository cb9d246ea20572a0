"""How the calls of a round go while it dials on: asked of the API's list every minute, and told if too many fail."""

from collections.abc import Callable
from datetime import timedelta
from math import ceil

from batch_dialer.clock import Clock
from batch_dialer.dialing.dispatch import unwritten
from batch_dialer.dialing.failures import COUNTS, Failures
from batch_dialer.dialing.gate import SPARED
from batch_dialer.flows.track import track
from batch_dialer.ledger.journal import UnwrittenError
from batch_dialer.ledger.opening import OpenLedger
from batch_dialer.model import Halt, Outcome
from batch_dialer.talkover.call_lists import CallLists
from batch_dialer.words import Status

BETWEEN_LOOKS = timedelta(minutes=1)
_OF_A_PAGE = 100


def share_of_looks(per_second: float) -> float:
    """Return about which share of the requests are such looks, at a pace of so many requests *per_second*.

    Each looks back to the calls that were too young for the one before, and waits its turn page by page.
    """
    back = (BETWEEN_LOOKS + COUNTS).total_seconds()
    pages = ceil(back * per_second / _OF_A_PAGE)
    return pages / (BETWEEN_LOOKS.total_seconds() * per_second + pages * SPARED)


async def follow_calls(
    failures: Failures, ledger: OpenLedger, lists: CallLists, warn: Callable[[str], None], clock: Clock
) -> Halt:
    """Return once too many of the calls have failed, and why the run stops; until then go on for ever.

    What is learned of a call is written down. A list that cannot be had stops nobody.
    """
    warned = False
    while True:
        await clock.sleep(BETWEEN_LOOKS.total_seconds())
        wanted = failures.wanted(clock.now())
        if not wanted:
            continue
        try:
            tracked = await track(ledger, lists, lambda _: None, wanted)
        except UnwrittenError as error:
            return unwritten(Outcome(Status.DEFERRED), error)
        if tracked.missing and not warned:
            warned = True
            warn(
                f"The API's list of calls cannot be had ({tracked.missing}): if many calls fail, this run does not"
                " notice it."
            )
        failures.learn(tracked.entries, clock.now())
        if halt := failures.judge(clock.now()):
            return halt
