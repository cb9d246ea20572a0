"""A results file is brought up to date from the API's lists, and nobody is dialed: `reconcile` and `track`."""

from datetime import timedelta

from batch_dialer.clock import Clock
from batch_dialer.dialing import session
from batch_dialer.dialing.gate import PacedApi, make_gate
from batch_dialer.dialing.pace import STANDARD_PLAN
from batch_dialer.flows.reconcile import reconcile
from batch_dialer.flows.track import track
from batch_dialer.job import Rate
from batch_dialer.ledger.ledger import Ledger
from batch_dialer.ledger.opening import open_ledger
from batch_dialer.ledger.results_lines import update_lines
from batch_dialer.ledger.tally import Tally, count
from batch_dialer.talkover.call_lists import CallLists
from batch_dialer.talkover.payload import Caller
from batch_dialer.talkover.questions import Getter

_RATE = Rate(STANDARD_PLAN, adaptive=True)


async def update_results(
    place: Ledger, api: Getter, caller: Caller, quiet: timedelta, watcher: session.Watcher, clock: Clock,
    *, tracks: bool, reached_after: float = 0.0,
) -> Tally:  # fmt: skip
    """Settle what is in doubt in a results file; with *tracks*, see how every other call went on, too.

    *quiet*: how long the API's lists may lag; *reached_after*: as in `count`.
    """
    with open_ledger(place, clock, watcher.warn) as ledger:
        lists = CallLists(PacedApi(api, make_gate(_RATE, clock)), caller.target, clock)
        await reconcile(ledger, lists, caller, quiet, watcher.note, clock)
        if tracks:
            await track(ledger, lists, watcher.warn)
        lines = update_lines(ledger.lines, ledger.history())
        written = ledger.finish(lines, of_sheet=False)
    return count(lines, None, written=written, reached_after=reached_after)
