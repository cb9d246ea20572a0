"""The telephone exchange: every placed call, and its status as time passes.

No call is ever removed from `calls`: tests compare it with what the dialer reports. The clock is a parameter, so that a
test can set the time.
"""

import secrets
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from batch_dialer.sandbox.numbers import Behaviour, behaviour_of
from batch_dialer.sandbox.outcomes import BUSY, FAILED, NO_ANSWER, Course, Outcomes
from batch_dialer.words import Status

Clock = Callable[[], float]
"""Returns the current time, in seconds since the epoch."""

ACTIVE = frozenset({Status.INITIATED, Status.RINGING, Status.ANSWERED})
WAITING = frozenset({Status.QUEUED, Status.SCHEDULED})

QUEUE_SECONDS = 5.0
SCHEDULE_SECONDS = 3600.0
CAMPAIGN_AGENT = "agent_sandbox"

_ORDINARY_COURSE: Course = ((0, Status.INITIATED), (2, Status.RINGING), (6, Status.ANSWERED), (36, Status.COMPLETED))
_COURSE_BY_BEHAVIOUR: Mapping[Behaviour, Course] = {
    Behaviour.BUSY: BUSY,
    Behaviour.NO_ANSWER: NO_ANSWER,
    Behaviour.FAILED: FAILED,
}


@dataclass(frozen=True, slots=True)
class Order:
    """A call that is asked for, through an agent or through a campaign. *first* is the status that it begins with."""

    to: str
    agent_id: str
    campaign_id: str = ""
    payload: Mapping[str, object] = field(default_factory=dict)
    context: Mapping[str, object] = field(default_factory=dict)
    delay_seconds: int = 0
    is_testing: bool = False
    first: Status = Status.INITIATED


@dataclass(frozen=True, slots=True)
class PlacedCall:
    """A placed call. *sid* is a second ID, shown in lists; *created_at* is in seconds since the epoch.

    *course* is how it goes, where that was drawn; else it goes as its number has it.
    """

    id: str
    sid: str
    order: Order
    created_at: float
    course: Course = ()

    @property
    def to(self) -> str:
        """The number that is called."""
        return self.order.to

    @property
    def wait_seconds(self) -> float:
        """Seconds from its creation until it is dialed, at speed 1."""
        queue = {Status.QUEUED: QUEUE_SECONDS, Status.SCHEDULED: SCHEDULE_SECONDS}
        return queue.get(self.order.first, 0.0) + self.order.delay_seconds


@dataclass(frozen=True, slots=True)
class State:
    """A call's status at one moment, *since* when it has it, and the *duration* of the conversation in seconds."""

    status: Status
    since: float
    duration: int


@dataclass(frozen=True, slots=True)
class Query:
    """Which calls to list; None matches every call. *search* is a part of the number or the SID; dates are UTC."""

    agent_id: str | None = None
    status: str | None = None
    direction: str | None = None
    date_from: date | None = None
    date_to: date | None = None
    search: str | None = None


class Exchange:
    """Places calls and keeps them.

    At *speed* 60, calls go through a minute of their course in a second. A new call is listed after
    *listing_lag_seconds*. How calls end is drawn from *outcomes*, except to a number with a fixed behaviour. Raises
    `ValueError` where *speed* is not above 0.
    """

    def __init__(
        self,
        clock: Clock = time.time,
        *,
        speed: float = 1.0,
        listing_lag_seconds: float = 0.0,
        outcomes: Outcomes | None = None,
    ) -> None:
        if speed <= 0:
            raise ValueError("speed must be more than 0")
        self.clock = clock
        self.speed = speed
        self.listing_lag_seconds = listing_lag_seconds
        self._outcomes = outcomes
        self.calls: list[PlacedCall] = []
        # A restarted sandbox must not repeat an ID that is in an older results file.
        self._series = secrets.token_hex(4)
        self._by_id: dict[str, PlacedCall] = {}
        self._by_number: defaultdict[str, list[PlacedCall]] = defaultdict(list)
        self._by_agent: defaultdict[str, list[PlacedCall]] = defaultdict(list)
        self._ended: dict[str, float] = {}
        self._told_to_wait: set[str] = set()
        self._keep: Callable[[PlacedCall], None] = lambda _: None

    def __repr__(self) -> str:
        return f"<Exchange: {len(self.calls)} calls to {len(self._by_number)} numbers>"

    @property
    def rings(self) -> list[str]:
        """The number of every placed call, in order; a number that was called twice is there twice."""
        return [call.to for call in self.calls]

    def place(self, order: Order) -> PlacedCall:
        """Place a call and return it. Nothing else places calls."""
        name = f"sandbox_{self._series}_{len(self.calls) + 1:06d}"
        call = PlacedCall(f"call_{name}", f"sid_{name}", order, self.clock(), self._draw(order.to))
        self._add(call)
        self._keep(call)
        return call

    def _draw(self, number: str) -> Course:
        if self._outcomes is None or behaviour_of(number) is not Behaviour.ORDINARY:
            return ()
        return self._outcomes.draw(number, len(self._by_number.get(number, ())) + 1)

    def remember(self, calls: Iterable[PlacedCall], keep: Callable[[PlacedCall], None]) -> None:
        """Take *calls* for placed earlier, and hand every call that is placed from now on to *keep*."""
        for call in calls:
            self._add(call)
        self._keep = keep

    def _add(self, call: PlacedCall) -> None:
        self.calls.append(call)
        self._by_id[call.id] = call
        self._by_number[call.to].append(call)
        self._by_agent[call.order.agent_id].append(call)

    def find(self, call_id: str) -> PlacedCall | None:
        """Return the call with that ID, if there is one."""
        return self._by_id.get(call_id)

    def state(self, call: PlacedCall) -> State:
        """Return the state of *call* now."""
        ended = self._ended.get(call.id)
        moment = self.clock() if ended is None else ended
        elapsed = (moment - call.created_at) * self.speed - call.wait_seconds
        course = call.course or _COURSE_BY_BEHAVIOUR.get(behaviour_of(call.to), _ORDINARY_COURSE)
        step = bisect_right(course, elapsed, key=lambda each: each[0]) - 1
        begun, status = course[step] if step >= 0 else (-call.wait_seconds, call.order.first)
        answered = next((at for at, name in course if name is Status.ANSWERED), elapsed)
        duration = int(max(0.0, min(elapsed, course[-1][0]) - answered))
        if ended is not None:
            return State(Status.COMPLETED, ended, duration)
        return State(status, call.created_at + (call.wait_seconds + begun) / self.speed, duration)

    def end(self, call: PlacedCall) -> bool:
        """Hang up and return True; return False where the call is not active."""
        if self.state(call).status not in ACTIVE:
            return False
        self._ended[call.id] = self.clock()
        return True

    def find_active(self, agent_id: str, number: str) -> list[PlacedCall]:
        """Return the active calls from an agent to a number."""
        calls = [call for call in self._by_number.get(number, ()) if call.order.agent_id == agent_id]
        return [call for call in calls if self.state(call).status in ACTIVE]

    def find_duplicate(self, campaign_id: str, number: str) -> PlacedCall | None:
        """Return the campaign's latest call to that number that is queued, scheduled or active, if there is one."""
        for call in reversed(self._by_number.get(number, [])):
            if call.order.campaign_id == campaign_id and self.state(call).status in ACTIVE | WAITING:
                return call
        return None

    def record_wait(self, number: str) -> bool:
        """Note that *number* is told to wait; return whether this is the first time."""
        first_time = number not in self._told_to_wait
        self._told_to_wait.add(number)
        return first_time

    def list_calls(self, query: Query) -> list[PlacedCall]:
        """Return the calls that match *query*, newest first, without those that a campaign has not dialed yet."""
        if query.direction == "inbound":
            return []
        calls: Iterable[PlacedCall] = self.calls if query.agent_id is None else self._by_agent.get(query.agent_id, [])
        shown = self.clock() - self.listing_lag_seconds
        found = [call for call in calls if call.created_at <= shown and self._matches(call, query)]
        found.reverse()
        return found

    def _matches(self, call: PlacedCall, query: Query) -> bool:
        if query.search is not None and query.search not in call.to and query.search not in call.sid:
            return False
        if query.date_from is not None or query.date_to is not None:
            day = datetime.fromtimestamp(call.created_at, UTC).date()
            if day < (query.date_from or day) or day > (query.date_to or day):
                return False
        if query.status is None and not call.order.campaign_id:
            return True
        status = self.state(call).status
        return status not in WAITING and query.status in {None, status}
