"""A telephone exchange in memory: it remembers whom it rang, does what a script says, and its power can be cut."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime
from enum import Enum
from typing import Any

from batch_dialer.clock import Clock, SystemClock
from batch_dialer.contacts.validate import Checked
from batch_dialer.entry import Entry
from batch_dialer.job import Job
from batch_dialer.model import Answer, Call, Lost, Reply, Sheet, Unsent, Verdict
from batch_dialer.plan.flight_plan import FlightPlan
from batch_dialer.plan.planning import Plan


class PowerCut(BaseException):
    """The machine is off: nobody gets to tidy up."""


class Power:
    """Counts the steps at which the world can end, and ends it at the n-th; 0 never does."""

    def __init__(self, fails_at: int = 0) -> None:
        self._left = fails_at
        self.dead = False

    def step(self) -> None:
        if self.dead:
            raise PowerCut
        self._left -= 1
        if self._left == 0:
            self.dead = True
            raise PowerCut


class Act(Enum):
    """What the exchange does with a request."""

    PLACE = "rings, and says so"
    LOSE_AFTER = "rings, and the answer is lost"
    LOSE_BEFORE = "does not ring, and no answer comes"
    FAIL_AFTER = "rings, and answers 500"
    REFUSE = "does not ring: the number is invalid"
    TOO_FAST = "does not ring: 429"
    UNREACHABLE = "nothing leaves"
    NO_CREDITS = "does not ring: 402"
    MUTE = "rings, and answers 200 without naming a call"
    TORN = "rings, and the answer breaks off behind the ID"
    TOO_FAST_PAGE = "does not ring: 429 as a page, with Retry-After"
    FORBIDDEN = "does not ring: 403 with a code that nobody documents"
    OTHER_NUMBER = "rings, and names a call to another number"
    TAKEN_ID = "rings, and names the first call that it told of, as if it were this one"


_RINGS = {Act.PLACE, Act.LOSE_AFTER, Act.FAIL_AFTER, Act.MUTE, Act.TORN, Act.OTHER_NUMBER, Act.TAKEN_ID}


class Switchboard:
    """The API, as `run` wants it. *rings* is the truth that tests compare with; *lags*: its list has no calls yet."""

    def __init__(self, script: Iterable[Act] = (), power: Power | None = None, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self.script(script)
        self.power = power or Power()
        self.calls: list[dict[str, Any]] = []
        self._told = ""
        self.agent: dict[str, object] = {"current_status": "published", "direction": "outbound", "is_sandbox": False}
        self.requests: list[Call] = []
        self.lags = False

    def script(self, acts: Iterable[Act]) -> None:
        """Do *acts* in turn from now on, and then what is asked."""
        self._script = iter(acts)

    @property
    def rings(self) -> Counter[str]:
        return Counter(call["to"] for call in self.calls)

    @property
    def ids(self) -> dict[str, str]:
        return {call["id"]: call["to"] for call in self.calls}

    async def place(self, call: Call) -> Reply:
        reply = await self._place(call)
        return self._dated(reply)

    def _dated(self, reply: Reply) -> Reply:
        date = {"date": format_datetime(self._clock.now())}
        return replace(reply, headers=date | dict(reply.headers)) if isinstance(reply, Answer) else reply

    async def _place(self, call: Call) -> Reply:
        self.power.step()  # the request was never sent
        self.requests.append(call)
        act = next(self._script, Act.PLACE)
        if act in _RINGS:
            self.calls.append(
                {
                    "id": f"call_{len(self.calls) + 1}",
                    "to": call.to,
                    "status": "initiated",
                    "direction": "outbound",
                    "created_at": self._clock.now().isoformat(),
                }
            )
        self.power.step()  # it rang, and nobody heard the answer
        return self._reply(act)

    def _reply(self, act: Act) -> Reply:  # noqa: PLR0911  (one for each act)
        placed = self._placed()
        match act:
            case Act.PLACE:
                self._told = self._told or self.calls[-1]["id"]
                return _answer(200, placed)
            case Act.TORN:
                return Answer(200, {}, placed[: placed.index(b'"to"')], whole=False)
            case Act.LOSE_AFTER | Act.LOSE_BEFORE:
                return Lost("the connection broke before an answer came")
            case Act.FAIL_AFTER:
                return _answer(500, b"<html>oops</html>")
            case Act.MUTE:
                return _answer(200, b'{"success": true}')
            case Act.UNREACHABLE:
                return Unsent("no connection")
            case Act.OTHER_NUMBER:
                return _answer(200, self._placed(to="+12025550199"))
            case Act.TAKEN_ID:
                return _answer(200, self._placed(id=self._told) if self._told else placed)
            case Act.REFUSE | Act.NO_CREDITS | Act.FORBIDDEN | Act.TOO_FAST | Act.TOO_FAST_PAGE:
                return _refusal(act)

    def _placed(self, **instead: str) -> bytes:
        return json.dumps({"success": True, "data": self.calls[-1] | instead if self.calls else {}}).encode()

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Reply:
        if re.fullmatch("/agents/[^/]+", path):  # no step of the world: nothing has been done by then
            return self._dated(_answer(200, json.dumps({"success": True, "data": self.agent}).encode()))
        self.power.step()
        assert path.endswith("/calls"), path
        assert params
        listed = [] if self.lags else self.calls
        document = {
            "success": True,
            "data": listed,
            "pagination": {"current_page": 1, "last_page": 1, "total": len(listed)},
        }
        return self._dated(_answer(200, json.dumps(document).encode()))


def _refusal(act: Act) -> Answer:
    if act is Act.TOO_FAST_PAGE:
        return Answer(429, {"retry-after": "2"}, b"<html>Just a moment...</html>")
    return {
        Act.REFUSE: _error(400, "INVALID_PHONE_NUMBER"),
        Act.NO_CREDITS: _error(402, "INSUFFICIENT_CREDITS"),
        Act.FORBIDDEN: _error(403, "IP_NOT_ALLOWED"),
        Act.TOO_FAST: _error(429, "RATE_LIMIT_EXCEEDED"),
    }[act]


def _answer(status: int, body: bytes) -> Answer:
    return Answer(status, {}, body)


def _error(status: int, code: str) -> Answer:
    return _answer(
        status, json.dumps({"error": {"code": code, "message": "no", "details": {"retry_after": 1}}}).encode()
    )


class Silent:
    """A watcher that agrees, and keeps what it was told."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.lost_records: list[Entry] = []
        self.plan: Plan | None = None
        self.flight: FlightPlan | None = None
        self.pilots: list[tuple[dict[str, int], float | None, int]] = []
        self.goes_on = True

    def reading(self, name: str) -> AbstractContextManager[Callable[[int], None]]:  # noqa: ARG002  (a watcher's signature)
        return nullcontext(lambda _: None)

    def checked(self, sheet: Sheet, checked: Checked) -> None: ...

    def note(self, sentence: str) -> None:
        self.sentences.append(sentence)

    def warn(self, sentence: str) -> None:
        self.sentences.append(sentence)

    def planned(self, flight: FlightPlan, job: Job) -> None:  # noqa: ARG002  (a watcher's signature)
        self.flight, self.plan = flight, flight.plan

    def confirm(self) -> bool:
        return True

    def go_on(self, calls: Mapping[str, int], average: float | None, others: int) -> bool:
        self.pilots.append((dict(calls), average, others))
        return self.goes_on

    def dialing_began(self, calls: int) -> None: ...

    def waiting(self, calls: Mapping[str, int], until: datetime | None) -> None: ...

    def dialing_ended(self) -> None: ...

    def attempted(self, entry: Entry, verdict: Verdict) -> None: ...

    def unrecorded(self, entry: Entry) -> None:
        self.lost_records.append(entry)

    def paused(self, seconds: float, why: str) -> None: ...
