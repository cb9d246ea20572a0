"""How the calls of a round go while it dials on: asked of the API's list every minute, and told if too many fail."""

from collections.abc import Callable
from datetime import timedelta

from batch_dialer.clock import Clock
from batch_dialer.dialing.dispatch import unwritten
from batch_dialer.dialing.failures import Failures
from batch_dialer.flows.track import track
from batch_dialer.ledger.journal import UnwrittenError
from batch_dialer.ledger.opening import OpenLedger
from batch_dialer.model import Halt, Outcome
from batch_dialer.talkover.call_list import CallLists
from batch_dialer.words import Status

BETWEEN_LOOKS = timedelta(minutes=1)


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
