"""Who was called lately from elsewhere, asked of the API's own list of calls before the plan is shown.

What cannot be learned is said in a warning, and the run goes on: nobody is skipped without a call to show for it.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import date, timedelta
from functools import partial

from batch_dialer.clock import Clock
from batch_dialer.contacts.validate import Checked
from batch_dialer.dialing import session
from batch_dialer.entry import History, OtherCalls
from batch_dialer.job import Job
from batch_dialer.model import Reading, Target, Via
from batch_dialer.plan.planning import Plan, make_plan
from batch_dialer.plan.recent import RecentCall, find_recent, numbers_to_look_up, own_calls
from batch_dialer.talkover.call_list import CallList
from batch_dialer.talkover.call_lists import campaign_agent
from batch_dialer.talkover.questions import Getter, Unavailable, Unreachable

_SHOWN = 5
_FEW_REQUESTS = 5
_CLOCKS_DIFFER = timedelta(hours=1)


async def plan_calls(
    job: Job,
    checked: Checked,
    history: History,
    api: Getter,
    watcher: session.Watcher,
    clock: Clock,
    elsewhere: OtherCalls | None = None,
    clock_ahead: timedelta = timedelta(),
) -> Plan:
    """Return the plan of a run, in which nobody is dialed whom the agent called lately from elsewhere.

    *elsewhere*: the calls in other results files, for which nobody is dialed either. *clock_ahead*: by how much the
    API's clock is ahead of ours.

    With --limit, others take the places of those who are skipped: they are looked up in turn.
    """
    plan_now = partial(make_plan, checked, history, job.policy, job.caller)
    plan = plan_now(clock.now(), elsewhere=elsewhere, clock_ahead=clock_ahead)
    if not looks_up(job):
        return plan
    lookup = _Lookup(job, history, api, watcher, clock)
    while await lookup.ask(plan):
        plan = plan_now(clock.now(), lookup.recent, elsewhere, clock_ahead)
    lookup.warn()
    return plan


def looks_up(job: Job) -> bool:
    """Return whether *job* is one that asks who was called lately: a rehearsal does not."""
    return bool(job.not_called_within) and not job.caller.testing and not job.caller.sandbox


def time_of(within: timedelta) -> str:
    """Return *within* in words."""
    return f"the last {within / timedelta(hours=1):.3g} h"


class _Lookup:
    """What was asked of the API, and what it told: *recent* are the calls from elsewhere."""

    def __init__(self, job: Job, history: History, api: Getter, watcher: session.Watcher, clock: Clock) -> None:
        self._job = job
        self._own = own_calls(history, job.caller.target)
        self._api = api
        self._watcher = watcher
        self._clock = clock
        self._asked: dict[str, set[str]] = defaultdict(set)
        self._whole: dict[str, Reading] = {}
        self._unreadable: set[str] = set()
        self._failed: dict[str, str] = {}
        self._unreachable = self._campaign_agent = ""
        self.recent: list[RecentCall] = []

    async def ask(self, plan: Plan) -> bool:
        """Look up the numbers of *plan* that were not looked up before; return whether that found calls."""
        before = len(self.recent)
        for target_id, numbers in numbers_to_look_up(plan.dial, self._job.caller).items():
            if new := [number for number in numbers if number not in self._asked[target_id]]:
                self._asked[target_id].update(new)
                await self._look_up(target_id, new)
        return len(self.recent) > before

    def warn(self) -> None:
        """Say what could not be learned."""
        within = time_of(self._job.not_called_within)
        if self._failed:
            named = [f"{target_id}: {why}" for target_id, why in list(self._failed.items())[:_SHOWN]]
            more = f", and {len(self._failed) - _SHOWN:,} more" if len(self._failed) > _SHOWN else ""
            self._watcher.warn(
                f"Calls of {within} for other results files could not all be looked up ({'; '.join(named)}{more}):"
                " people may be called twice."
            )
        if self._unreadable:
            count = len(self._unreadable)
            are = "1 call has a number" if count == 1 else f"{count:,} calls have numbers"
            ids = ", ".join(sorted(self._unreadable)[:_SHOWN])
            self._watcher.warn(
                f"Of the calls of {within}, {are} that cannot be read in the API's list ({ids}): nobody is skipped"
                " because of them. Look them up if they may be to people of this sheet."
            )

    async def _look_up(self, target_id: str, numbers: Sequence[str]) -> None:
        try:
            async for reading, about in self._readings(target_id, numbers):
                found, unreadable = find_recent(reading, about, self._job.not_called_within, self._own)
                self.recent += [RecentCall(target_id, to, call) for to, call in found.items()]
                self._unreadable.update(unreadable)
        except Unreachable as error:
            self._failed[target_id] = self._unreachable = str(error)
        except Unavailable as error:
            self._failed[target_id] = str(error)

    async def _readings(self, target_id: str, numbers: Sequence[str]) -> AsyncIterator[tuple[Reading, Sequence[str]]]:
        """Yield readings, each with the numbers that it is about; raise `Unavailable`.

        A few numbers are searched for where that takes fewer requests than the whole list, which is read once at most.
        """
        if self._unreachable:
            raise Unreachable(self._unreachable)
        if target_id not in self._whole:
            calls = CallList(self._api, await self._agent_of(target_id), self._clock)
            asked = len(self._asked[target_id])
            if asked == 1 or await self._is_search_shorter(calls, asked):
                for number in numbers:
                    yield await self._since_its_day(partial(calls.search, number)), [number]
                return
            self._whole[target_id] = reading = await self._since_its_day(calls.read_once)
            if reading.gap:
                self._failed[target_id] = reading.gap
        yield self._whole[target_id], numbers

    async def _is_search_shorter(self, calls: CallList, asked: int) -> bool:
        """A search may compare text with text: it is of use only where the list writes numbers as we do."""
        pages = await calls.count_pages(self._day())
        searches = asked < pages and calls.writes_as_we_do()
        requests = asked if searches else pages
        if requests > _FEW_REQUESTS:  # at the pace of the calls this takes a while
            within = time_of(self._job.not_called_within)
            self._watcher.note(f"Asking the API who was called in {within}: {requests:,} requests.")
        return searches

    async def _since_its_day(self, read: Callable[[date], Awaitable[Reading]]) -> Reading:
        """Read since the day that counts by the server's clock: where ours is far ahead, that is an earlier one."""
        reading = await read(self._day())
        earlier = self._day(min(reading.clock_ahead, timedelta()))
        return await read(earlier) if earlier < self._day() and -reading.clock_ahead > _CLOCKS_DIFFER else reading

    def _day(self, ahead: timedelta = timedelta()) -> date:
        return (self._clock.now() + ahead - self._job.not_called_within).date()

    async def _agent_of(self, target_id: str) -> str:
        if self._job.caller.target != Target(Via.CAMPAIGN, target_id):
            return target_id
        if not self._campaign_agent:
            self._campaign_agent = await campaign_agent(self._api, target_id)
        return self._campaign_agent
