"""A telephone exchange in memory: it remembers whom it rang, does what a script says, and its power can be cut."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from email.utils import format_datetime
from enum import Enum
from typing import Any

from batch_dialer.clock import Clock, SystemClock
from batch_dialer.contacts.validate import Checked
from batch_dialer.job import Job
from batch_dialer.model import Answer, Call, Entry, Lost, Reply, Sheet, Unsent, Verdict
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


_RINGS = {Act.PLACE, Act.LOSE_AFTER, Act.FAIL_AFTER, Act.MUTE, Act.TORN}


class Switchboard:
    """The API, as `pipeline.run` wants it. *rings* is the truth that tests compare with."""

    def __init__(self, script: Iterable[Act] = (), power: Power | None = None, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self.script(script)
        self.power = power or Power()
        self.calls: list[dict[str, Any]] = []
        self.requests: list[Call] = []

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
        return replace(reply, headers=date) if isinstance(reply, Answer) else reply

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
        placed = json.dumps({"success": True, "data": self.calls[-1] if self.calls else {}}).encode()
        match act:
            case Act.PLACE:
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
            case Act.REFUSE:
                return _error(400, "INVALID_PHONE_NUMBER")
            case Act.NO_CREDITS:
                return _error(402, "INSUFFICIENT_CREDITS")
            case Act.TOO_FAST:
                return _error(429, "RATE_LIMIT_EXCEEDED")

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Reply:
        self.power.step()
        assert path.endswith("/calls"), path
        assert params
        document = {"success": True, "data": self.calls, "pagination": {"current_page": 1, "last_page": 1}}
        return self._dated(_answer(200, json.dumps(document).encode()))


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

    def checked(self, sheet: Sheet, checked: Checked) -> None: ...

    def note(self, sentence: str) -> None:
        self.sentences.append(sentence)

    def warn(self, sentence: str) -> None:
        self.sentences.append(sentence)

    def planned(self, plan: Plan, job: Job, rate: float) -> None:  # noqa: ARG002  (a watcher's signature)
        self.plan = plan

    def confirm(self) -> bool:
        return True

    def dialing_began(self) -> None: ...

    def dialing_ended(self) -> None: ...

    def attempted(self, entry: Entry, verdict: Verdict) -> None: ...

    def unrecorded(self, entry: Entry) -> None:
        self.lost_records.append(entry)

    def paused(self, seconds: float, why: str) -> None: ...
