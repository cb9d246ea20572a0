"""The telephone exchange: every call it placed, and how each goes on as time passes.

Nothing is ever removed from `calls`: a safety test compares it with what the dialer says.
No clock in here either: time is a callable, so that a test may own it.
"""

import secrets
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from batch_dialer.sandbox.numbers import Behaviour, behaviour_of
from batch_dialer.words import Status

Clock = Callable[[], float]
"""The moment, in seconds since the epoch."""

ACTIVE = frozenset({Status.INITIATED, Status.RINGING, Status.ANSWERED})
WAITING = frozenset({Status.QUEUED, Status.SCHEDULED})

QUEUE_SECONDS = 5.0
SCHEDULE_SECONDS = 3600.0
CAMPAIGN_AGENT = "agent_sandbox"

Course = tuple[tuple[float, Status], ...]

_ORDINARY_COURSE: Course = ((0, Status.INITIATED), (2, Status.RINGING), (6, Status.ANSWERED), (36, Status.COMPLETED))
_COURSE_BY_BEHAVIOUR: Mapping[Behaviour, Course] = {
    Behaviour.BUSY: ((0, Status.INITIATED), (2, Status.BUSY)),
    Behaviour.NO_ANSWER: ((0, Status.INITIATED), (2, Status.RINGING), (32, Status.NO_ANSWER)),
    Behaviour.FAILED: ((0, Status.INITIATED), (2, Status.FAILED)),
}


@dataclass(frozen=True, slots=True)
class Order:
    """A call that somebody asks for: through an agent, or through a campaign and that campaign's agent."""

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
    """A call that exists. *sid* is another name for it, as the vendor's lists have one."""

    id: str
    sid: str
    order: Order
    created_at: float

    @property
    def to(self) -> str:
        """The number rung."""
        return self.order.to

    @property
    def wait_seconds(self) -> float:
        """Seconds from its creation until it is dialed."""
        queue = {Status.QUEUED: QUEUE_SECONDS, Status.SCHEDULED: SCHEDULE_SECONDS}
        return queue.get(self.order.first, 0.0) + self.order.delay_seconds


@dataclass(frozen=True, slots=True)
class State:
    """How a call stands at a moment: its status, since when, and for how many seconds it has been talked."""

    status: Status
    since: float
    duration: int


@dataclass(frozen=True, slots=True)
class Query:
    """Which calls to list; what is None does not matter. *search* is a part of a number or of a SID."""

    agent_id: str | None = None
    status: str | None = None
    direction: str | None = None
    date_from: date | None = None
    date_to: date | None = None
    search: str | None = None


class Exchange:
    """Places calls and remembers them. *speed* 60 makes a minute of a call's life pass in a second."""

    def __init__(self, clock: Clock = time.time, *, speed: float = 1.0, listing_lag_seconds: float = 0.0) -> None:
        if speed <= 0:
            raise ValueError("speed must be more than 0")
        self.clock = clock
        self.speed = speed
        self.listing_lag_seconds = listing_lag_seconds
        self.calls: list[PlacedCall] = []
        # A sandbox that is restarted must not hand out an ID that an older results file already holds.
        self._series = secrets.token_hex(4)
        self._by_id: dict[str, PlacedCall] = {}
        self._by_number: defaultdict[str, list[PlacedCall]] = defaultdict(list)
        self._by_agent: defaultdict[str, list[PlacedCall]] = defaultdict(list)
        self._ended: dict[str, float] = {}
        self._told_to_wait: set[str] = set()

    def __repr__(self) -> str:
        return f"<Exchange: {len(self.calls)} calls to {len(self._by_number)} numbers>"

    @property
    def rings(self) -> list[str]:
        """Every number that was rung, in order, as often as it was: the truth that safety tests compare with."""
        return [call.to for call in self.calls]

    def place(self, order: Order) -> PlacedCall:
        """Place a call. The only way in which a phone rings here."""
        name = f"sandbox_{self._series}_{len(self.calls) + 1:06d}"
        call = PlacedCall(f"call_{name}", f"sid_{name}", order, self.clock())
        self.calls.append(call)
        self._by_id[call.id] = call
        self._by_number[order.to].append(call)
        self._by_agent[order.agent_id].append(call)
        return call

    def find(self, call_id: str) -> PlacedCall | None:
        """Return the call of that ID."""
        return self._by_id.get(call_id)

    def state(self, call: PlacedCall) -> State:
        """Return how *call* stands now."""
        ended = self._ended.get(call.id)
        moment = self.clock() if ended is None else ended
        elapsed = (moment - call.created_at) * self.speed - call.wait_seconds
        course = _COURSE_BY_BEHAVIOUR.get(behaviour_of(call.to), _ORDINARY_COURSE)
        step = bisect_right(course, elapsed, key=lambda each: each[0]) - 1
        begun, status = course[step] if step >= 0 else (-call.wait_seconds, call.order.first)
        answered = next((at for at, name in course if name is Status.ANSWERED), elapsed)
        duration = int(max(0.0, min(elapsed, course[-1][0]) - answered))
        if ended is not None:
            return State(Status.COMPLETED, ended, duration)
        return State(status, call.created_at + (call.wait_seconds + begun) / self.speed, duration)

    def end(self, call: PlacedCall) -> bool:
        """Hang up; False where the call is not active."""
        if self.state(call).status not in ACTIVE:
            return False
        self._ended[call.id] = self.clock()
        return True

    def find_active(self, agent_id: str, number: str) -> list[PlacedCall]:
        """Return the calls between an agent and a number that are under way."""
        calls = [call for call in self._by_number.get(number, ()) if call.order.agent_id == agent_id]
        return [call for call in calls if self.state(call).status in ACTIVE]

    def find_duplicate(self, campaign_id: str, number: str) -> PlacedCall | None:
        """Return the campaign's call to that number that is still queued or active."""
        for call in reversed(self._by_number.get(number, [])):
            if call.order.campaign_id == campaign_id and self.state(call).status in ACTIVE | WAITING:
                return call
        return None

    def record_wait(self, number: str) -> bool:
        """Say True the first time that a number is asked about, and False from then on."""
        first_time = number not in self._told_to_wait
        self._told_to_wait.add(number)
        return first_time

    def list_calls(self, query: Query) -> list[PlacedCall]:
        """Return the calls that *query* asks for, newest first. What a campaign still queues is not yet among them."""
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
