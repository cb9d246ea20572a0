"""An API whose calls take their course: they ring, are answered or not, and end, by the clock that the run has.

A night of redials passes in a moment on trio's clock, which jumps to the next thing to do.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from makers import SetClock
from switchboard import Act, Switchboard

from batch_dialer.model import Answer, Call, Reply
from batch_dialer.words import Status

BEGAN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_PER_PAGE = 100


class NightClock(SetClock):
    """The time of day goes on with the clock that jumps: both begin at *began*."""

    def __init__(self, began: datetime = BEGAN) -> None:
        super().__init__(began)
        self._began_at: float | None = None
        self._latest = began

    def now(self) -> datetime:
        """Return the time of day."""
        try:
            at = self.time()
        except RuntimeError:  # no event loop runs: it stands still
            return self.moment
        if self._began_at is None:
            self._began_at = at
        self._latest = self.moment + timedelta(seconds=at - self._began_at)
        return self._latest

    def stop(self) -> None:
        """Note how late it is, for the next run: no event loop runs meanwhile."""
        self.moment = max(self.moment, self._latest)
        self._began_at = None


class Phones(Switchboard):
    """*ends* has for each number how its calls end in turn, as (status, seconds of talk); all others are reached."""

    def __init__(
        self,
        ends: Mapping[str, Iterable[tuple[Status, int]]],
        acts: Iterable[Act] = (),
        clock: NightClock | None = None,
    ) -> None:
        self.clock = clock or NightClock()
        super().__init__(acts, clock=self.clock)
        self._ends = {number: list(each) for number, each in ends.items()}
        self.courses: dict[str, tuple[datetime, Status, int]] = {}
        self._nth: defaultdict[str, int] = defaultdict(int)
        self.pages: list[int] = []
        self.times: defaultdict[str, list[datetime]] = defaultdict(list)

    async def place(self, call: Call) -> Reply:
        """Place a call, and decide how it ends."""
        await self.clock.sleep(1)
        before = len(self.calls)
        try:
            return await super().place(call)
        finally:  # also where the power goes as it rings
            self._decide(call, before)

    def _decide(self, call: Call, before: int) -> None:
        for made in self.calls[before:]:
            ends, nth = self._ends.get(call.to, []), self._nth[call.to]
            self._nth[call.to] += 1
            status, talk = ends[nth] if nth < len(ends) else (Status.COMPLETED, 60)
            self.courses[made["id"]] = self.clock.now(), status, talk
            self.times[call.to].append(self.clock.now())

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Reply:
        """List the calls, newest first, a page at a time."""
        if not path.endswith("/calls"):
            return await super().get(path, params)
        assert params
        page = int(params["page"])
        self.pages.append(page)
        search = unquote(str(params.get("search", "")))
        listed = [call for call in reversed(self.calls) if search in call["to"] and not self.lags]
        pagination = {
            "current_page": page,
            "last_page": max(1, -(-len(listed) // _PER_PAGE)),
            "per_page": _PER_PAGE,
            "total": len(listed),
        }
        shown = [self._listed(call) for call in listed[(page - 1) * _PER_PAGE : page * _PER_PAGE]]
        body = json.dumps({"success": True, "data": shown, "pagination": pagination}).encode()
        return self._dated(Answer(200, {}, body))

    def ended(self, call_id: str) -> datetime:
        """Return when a call ends, or will have."""
        placed, end, talk = self.courses[call_id]
        ringing = 25 if end is Status.NO_ANSWER else 5
        return placed + timedelta(seconds=ringing + talk)

    def _listed(self, call: dict[str, Any]) -> dict[str, Any]:
        placed, end, talk = self.courses[call["id"]]
        ended = self.ended(call["id"])
        if self.clock.now() < ended:
            return call | {"status": "ringing", "updated_at": placed.isoformat()}
        return call | {"status": end.value, "duration": talk, "updated_at": ended.isoformat()}
