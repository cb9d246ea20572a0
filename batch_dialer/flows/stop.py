"""Hang up the calls of a job that are under way.

stop the run that dials with the same results file -> find lost answers -> ask the API's list which calls are under way
-> hang them up -> write it all down

A call is hung up by the ID that this results file has for it, never by its number: another job may be talking to it.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import date, timedelta
from typing import Protocol

import anyio
from anyio.abc import TaskGroup

from batch_dialer.clock import Clock
from batch_dialer.dialing import session
from batch_dialer.dialing.gate import PacedApi, make_gate
from batch_dialer.dialing.hang_up import Ender, Fate, HangingUp, Hangup, Stopped
from batch_dialer.entry import Entry
from batch_dialer.flows.reconcile import reconcile
from batch_dialer.flows.stop_run import opened_for_stopping
from batch_dialer.job import Rate
from batch_dialer.ledger.calls import call_ids, follow_calls
from batch_dialer.ledger.doubts import in_doubt
from batch_dialer.ledger.history import to_entries
from batch_dialer.ledger.journal import UnwrittenError
from batch_dialer.ledger.ledger import Ledger
from batch_dialer.ledger.listed_numbers import Sameness, same_number
from batch_dialer.ledger.opening import OpenLedger
from batch_dialer.ledger.results_lines import update_lines
from batch_dialer.ledger.two_clocks import sent_at
from batch_dialer.ledger.under_way import LONGEST, may_be_under_way, sent_lately, waiting_campaigns
from batch_dialer.model import ListedCall, Target, Via
from batch_dialer.talkover.call_list import CallList
from batch_dialer.talkover.call_lists import CallLists
from batch_dialer.talkover.payload import Caller
from batch_dialer.talkover.questions import Getter, Unavailable
from batch_dialer.words import ENDED

_PAGES_AGAIN = 5
"""How many pages of the list are read for how the calls ended that were hung up: they are among the latest."""


class Api(Ender, Getter, Protocol):
    """What hanging up needs of the API."""


async def stop_results(
    place: Ledger, api: Api, caller: Caller, rate: Rate, quiet: timedelta, watcher: session.Watcher,
    confirm: Callable[[str], bool], clock: Clock,
) -> Stopped:  # fmt: skip
    """Hang up the calls of *place* that are under way, once *confirm* has said yes; raises as `opened_for_stopping`.

    *caller*: the campaign that placed the calls, if one did; one in which calls wait is known without.
    """
    with opened_for_stopping(place, watcher, confirm, clock) as ledger:
        campaigns = waiting_campaigns(ledger.history())
        if campaigns and caller.target.via is Via.AGENT:
            caller = replace(caller, target=Target(Via.CAMPAIGN, campaigns[0]))
        gate = make_gate(rate, clock)
        lists = CallLists(PacedApi(api, gate), caller.target, clock)
        stopping = _Stopping(ledger, lists, watcher, clock)
        try:
            await reconcile(ledger, lists, caller, quiet, watcher.note, clock, prove=False)
        except UnwrittenError as error:
            stopping.warn_unwritten(error)
        hanging_up = HangingUp(api, gate, stopping.write)
        entries = list(to_entries(may_be_under_way(ledger.history(), clock.now())))
        await stopping.hang_up(entries, hanging_up)
        await stopping.follow([] if hanging_up.ending else hanging_up.hangups)
        written = ledger.finish(update_lines(ledger.lines, ledger.history()), of_sheet=False)
        doubts = in_doubt(ledger.history()).filter(sent_lately(clock.now())).height
    return Stopped(
        hanging_up.hangups, stopping.ended, stopping.waiting, doubts, hanging_up.ending,
        written=written and stopping.all_written,
    )  # fmt: skip


class _Stopping:
    """What is learned of this job's calls while they are hung up.

    *ended*: how many the API's lists had as ended; *waiting*: the rows whose calls wait in a campaign.
    """

    def __init__(self, ledger: OpenLedger, lists: CallLists, watcher: session.Watcher, clock: Clock) -> None:
        self._ledger = ledger
        self._lists = lists
        self._watcher = watcher
        self._clock = clock
        self.ended = 0
        self.waiting: list[Entry] = []
        self.all_written = True

    async def hang_up(self, entries: Sequence[Entry], hanging_up: HangingUp) -> None:
        """Hang up the calls of *entries* that are under way."""
        async with anyio.create_task_group() as group:
            for target_id in dict.fromkeys(entry.agent_id for entry in entries):
                of_target = [entry for entry in entries if entry.agent_id == target_id]
                await self._of_target(group, target_id, of_target, hanging_up)

    async def _of_target(
        self, group: TaskGroup, target_id: str, entries: Sequence[Entry], hanging_up: HangingUp
    ) -> None:
        """The calls that the list of the agent does not show are asked for one by one: it may lag behind.

        Those of a campaign are not: they wait in it, or have another ID in the list, by which it is not known whose
        they are.
        """
        unseen = {call_id: entry for entry in entries for call_id in call_ids(entry)}
        campaign = self._lists.is_campaign(target_id)
        try:
            if campaign or len(unseen) > 1:
                calls = await self._lists.of(target_id)
                await self._of_list(group, calls, unseen, hanging_up, whole=campaign)
        except Unavailable as error:
            self._watcher.note(f"The API's list of calls cannot be had, or not whole ({error}).")
        if campaign:
            self.waiting += unseen.values()
            return
        for call_id, entry in unseen.items():
            group.start_soon(hanging_up.end, target_id, entry, call_id)

    async def _of_list(
        self, group: TaskGroup, calls: CallList, unseen: dict[str, Entry], hanging_up: HangingUp, *, whole: bool
    ) -> None:
        """Hang up those of *unseen* that the list shows as under way, and take out all that it shows.

        The latest calls come first in it, and are hung up while the rest is read: as far as that takes fewer requests
        than to ask for each call that was not seen so far, or *whole*.
        """
        async with aclosing(calls.pages(self._since(unseen.values()))) as pages:
            async for page, left in pages:
                for call in page:
                    if entry := unseen.pop(call.id, None):
                        self._take(group, calls.agent_id, entry, call, hanging_up)
                if hanging_up.ending or not unseen or (len(unseen) <= left and not whole):
                    break

    def _take(self, group: TaskGroup, agent_id: str, entry: Entry, call: ListedCall, hanging_up: HangingUp) -> None:
        if call.id == entry.call_id and same_number(call.to, entry.to) is Sameness.OTHER:
            why = "The API lists this call as one to another number: it may be another job's."
            hanging_up.hangups.append(Hangup(entry, call.id, Fate.LEFT, why))
        elif call.status in ENDED:
            self.ended += 1
        else:
            group.start_soon(hanging_up.end, agent_id, entry, call.id)

    async def follow(self, hangups: Sequence[Hangup]) -> None:
        """Write down how calls ended and how long they were: those that the lists showed, and *hangups* by now."""
        entries = list(to_entries(may_be_under_way(self._ledger.history(), self._clock.now())))
        told: list[Entry] = []
        for target_id in dict.fromkeys(entry.agent_id for entry in entries):
            of_target = [entry for entry in entries if entry.agent_id == target_id]
            ours = [each for each in hangups if each.entry.agent_id == target_id]
            hung_up = {each.call_id for each in ours if each.fate is Fate.HUNG_UP}
            try:
                calls = await self._lists.of(target_id)
                if hung_up:
                    await self._read_again(calls, self._since(of_target), hung_up)
            except Unavailable as error:
                self._watcher.note(f"How the calls ended is not known yet ({error}): `track` asks again.")
            else:
                told += follow_calls(of_target, calls.read_so_far())
        await self._write(told)

    async def _read_again(self, calls: CallList, since: date, wanted: set[str]) -> None:
        """Read the first pages, as far as needed: what is not on them is left to `track`."""
        async with aclosing(calls.pages(since)) as pages:
            read = 0
            async for page, _ in pages:
                wanted -= {call.id for call in page}
                read += 1
                if not wanted or read == _PAGES_AGAIN:
                    break

    async def write(self, hangup: Hangup) -> None:
        """Write at once that a call was hung up; how it ended is the list's to say."""
        if hangup.call_id == hangup.entry.call_id:
            message = f"Hung up by `stop` at {self._clock.now():%Y-%m-%d %H:%M:%S} UTC."
            await self._write([replace(hangup.entry, error_message=message)])

    async def _write(self, entries: Sequence[Entry]) -> None:
        """A disk that takes nothing must not keep other calls from being hung up."""
        try:
            if entries:
                await self._ledger.write_many(entries)
        except UnwrittenError as error:
            self.warn_unwritten(error)

    def warn_unwritten(self, error: UnwrittenError) -> None:
        """Say once that nothing can be written down."""
        if self.all_written:
            self._watcher.warn(f"What is learned cannot be written down: {error.strerror}.")
        self.all_written = False

    def _since(self, entries: Iterable[Entry]) -> date:
        earliest = self._clock.now() - LONGEST
        began = [sent_at(entry) for entry in entries if entry.sent_at]
        return max(min(began, default=earliest), earliest).date()
