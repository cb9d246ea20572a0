"""The API's own list of an agent's calls: read whole, once for all rows, or searched for a few numbers.

What is listed is passed on as the API writes it. A reading says of itself whether it is complete: every page answered
with its own number, and as many different calls were found as the list says that there are.
"""

import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import quote

from batch_dialer.clock import Clock
from batch_dialer.model import Answer, ListedCall, Reading, Reply
from batch_dialer.talkover.questions import Getter, Unavailable, read_document
from batch_dialer.talkover.rate_headers import moment

_PER_PAGE = 100
_MOST_PAGES = 1000
_MOST_PASSES = 3
_A_DAY = timedelta(days=1)
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True)
class _Page:
    """A page as it came: its calls, and what it says of itself (None where it says nothing that can be read)."""

    calls: tuple[ListedCall, ...]
    number: int | None
    last: int
    total: int | None
    clock_ahead: timedelta


class CallList:
    """The list of the calls of the agent *agent_id*."""

    def __init__(self, api: Getter, agent_id: str, clock: Clock) -> None:
        self.agent_id = agent_id
        self._api = api
        self._path = f"/agents/{quote(agent_id, safe='')}/calls"
        self._clock = clock
        self._first: _Page | None = None
        self._found: dict[str, ListedCall] = {}
        self._ahead = timedelta()

    def read_so_far(self) -> Reading:
        """Return all calls that were found by now, however they were asked for."""
        return Reading(tuple(self._found.values()), self._clock.now(), self._ahead, "it was read in part")

    def forget(self) -> None:
        """Forget what was found: statuses go on."""
        self._found.clear()

    async def count_pages(self, since: date) -> int:
        """Return how many requests it takes to read all calls since the day before *since*; raise `Unavailable`.

        The page that tells it is kept for the reading, which is to follow at once.
        """
        self._first = await self._page(_days(since), 1)
        return self._first.last

    async def read(self, since: date) -> Reading:
        """Return all calls since the day before *since*; raise `Unavailable`.

        A day more is asked for, because the time zone of `date_from` is not documented. Pages shift while calls
        arrive, so an incomplete reading is tried again.
        """
        reading = await self._read(_days(since))
        for _ in range(_MOST_PASSES - 1):
            if not reading.gap:
                break
            again = await self._read(_days(since))
            both = {call.id: call for call in (*reading.calls, *again.calls)}
            reading = Reading(tuple(both.values()), again.at, again.clock_ahead, again.gap)
        return reading

    def writes_as_we_do(self) -> bool:
        """Return whether each number is in E.164 on the page of `count_pages`: a search may compare text with text."""
        return self._first is not None and all(_E164.fullmatch(call.to) for call in self._first.calls if call.outbound)

    async def read_once(
        self, since: date, until: AbstractSet[str] | None = None, back_to: datetime | None = None
    ) -> Reading:
        """Return all calls since the day before *since*, each page asked for once; raise `Unavailable` for the first.

        Calls that arrive meanwhile make no gap, as they only push others on to the next page. Where a later page cannot
        be had, the calls before it are returned. With *until*, no page is read once the calls with these IDs are found,
        nor once all calls of a page are of before *back_to* by our clock, where that is given.
        """
        page, self._first = self._first or await self._page(_days(since), 1), None
        total, number, gap = page.total, 1, _gap(page, 1, page.total)
        found = {call.id: call for call in page.calls}
        while number < page.last and not gap:
            if until is not None and (found.keys() >= until or _is_before(page, back_to)):
                return Reading(tuple(found.values()), self._clock.now(), page.clock_ahead, "it was read in part")
            number += 1
            try:
                page = await self._page(_days(since), number)
            except Unavailable as error:
                gap = f"page {number}: {error}"
                break
            found |= {call.id: call for call in page.calls}
            gap = _gap(page, number, page.total)
        if not gap and total is not None and len(found) < total:
            gap = f"it has {total:,} calls and shows {len(found):,}"
        return Reading(tuple(found.values()), self._clock.now(), page.clock_ahead, gap)

    async def pages(self, since: date) -> AsyncGenerator[tuple[Sequence[ListedCall], int]]:
        """Yield the calls since the day before *since* page by page, each with how many pages are left.

        Raises `Unavailable` where a page cannot be had, or is another one than was asked for. Calls that arrive
        meanwhile push others on to the next page: none is missed.
        """
        number = last = 1
        while number <= last:
            page = await self._page(_days(since), number)
            last = page.last
            yield page.calls, last - number
            if number != page.number:
                raise Unavailable(_gap(page, number, page.total))
            number += 1

    async def search(self, number: str, since: date) -> Reading:
        """Return the calls that a search for *number* finds since the day before *since*; raise `Unavailable`.

        It can find a call, and it never proves an absence: how the search compares numbers is not documented.
        """
        self._first = None
        found = await self._read({**_days(since), "search": number})
        return Reading(found.calls, found.at, found.clock_ahead, "it was only searched for the number")

    async def _read(self, params: Mapping[str, str | int]) -> Reading:
        page, self._first = self._first or await self._page(params, 1), None
        found = {call.id: call for call in page.calls}
        gap = _gap(page, 1, page.total)
        for number in range(2, page.last + 1):
            if gap:
                break  # whatever follows may be the same page again
            total, page = page.total, await self._page(params, number)
            found |= {call.id: call for call in page.calls}
            gap = _gap(page, number, total)
        if not gap and len(found) != page.total:
            gap = f"it has {page.total:,} calls and shows {len(found):,}"
        return Reading(tuple(found.values()), self._clock.now(), page.clock_ahead, gap)

    async def _page(self, params: Mapping[str, str | int], number: int) -> _Page:
        reply = await self._api.get(self._path, {**params, "per_page": _PER_PAGE, "page": number})
        document = read_document(reply)
        items, says = document.get("data"), document.get("pagination")
        last = _count(says, "last_page")
        if not isinstance(items, list) or last is None or last > _MOST_PAGES:
            raise Unavailable("the list has another form than the documented one")
        here = self._clock.now()
        ahead = (_date(reply) or here) - here
        calls = tuple(call for call in map(_listed, items) if call)
        self._found |= {call.id: call for call in calls}
        self._ahead = ahead
        return _Page(calls, _count(says, "current_page"), last, _count(says, "total"), ahead)


def _gap(page: _Page, number: int, total: int | None) -> str:
    """Say why *page*, asked for as *number* of a list that had *total* calls so far, leaves a gap, if it does."""
    if page.number != number:
        return f"it answers page {number} as page {'?' if page.number is None else page.number}"
    if page.total is None:
        return "it does not say how many calls it has"
    return "" if page.total == total else "it changed while it was read"


def _is_before(page: _Page, moment: datetime | None) -> bool:
    """Return whether all calls of *page* were created before *moment* by our clock."""
    created = [call.created_at for call in page.calls if call.created_at]
    return moment is not None and bool(created) and max(created) - page.clock_ahead < moment


def _days(since: date) -> dict[str, str | int]:
    return {"date_from": str(since - _A_DAY)}


def _date(reply: Reply) -> datetime | None:
    return moment(reply.headers.get("date", "")) if isinstance(reply, Answer) else None


def _count(table: object, name: str) -> int | None:
    count = table.get(name) if isinstance(table, dict) else None
    return count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else None


def _listed(item: object) -> ListedCall | None:
    if not isinstance(item, dict) or not isinstance(item.get("id"), str | int):
        return None
    return ListedCall(
        id=str(item["id"]),
        to=str(item.get("to") or ""),
        status=str(item.get("status", "")),
        created_at=moment(str(item.get("created_at"))),
        outbound=item.get("direction") != "inbound",
        duration=_count(item, "duration"),
        updated_at=moment(str(item.get("updated_at"))),
    )
