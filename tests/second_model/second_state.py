"""The state of the second model behind one lock: clock, calls, settings, and what has arrived.

The server's thread and the test's thread both use it; whoever reads or writes holds `State.lock`.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from second_accidents import Accident, Kind, Seen
from second_calls import Agent, Call, CallBook, Campaign, Progress
from second_errors import area_of
from second_http import Answer, Headers, Request
from second_lies import Lies
from second_limit import Limiter, LimitState

BASE_PATH = "/api/v1"


def true_utc_now() -> datetime:
    """Return the true time, which is also the client's."""
    return datetime.fromtimestamp(time.time(), UTC)


@dataclass(frozen=True, slots=True)
class Arrived:
    """One complete request as it came in; `path` and `query` are as the client encoded them."""

    method: str
    path: str
    query: str
    body: bytes
    true_time: datetime
    headers: Mapping[str, str]


@dataclass(slots=True)
class State:
    """Everything that the model knows. `credits` counts the calls that are still paid for; None: no end of them."""

    token: str
    seed: int
    agents: dict[str, Agent]
    campaigns: dict[str, Campaign]
    progress: Progress
    lies: Lies
    limiter: Limiter
    clock_ahead: timedelta
    credits: int | None
    true_now: Callable[[], datetime]
    accidents: tuple[Accident, ...] = ()
    book: CallBook = field(init=False)
    draw: random.Random = field(init=False)
    lock: threading.RLock = field(default_factory=threading.RLock)
    requests: list[Arrived] = field(default_factory=list)
    good_answers: list[Answer] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)
    _happened: Counter[int] = field(default_factory=Counter)
    _kinds: Counter[str] = field(default_factory=Counter)
    _attempts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Derive from the seed whatever is drawn."""
        self.book = CallBook(self.seed)
        self.draw = random.Random(self.seed)  # noqa: S311  (repeatable draws are wanted, not secret ones)

    def server_now(self) -> datetime:
        """Return the time by the server's own clock."""
        return self.true_now() + self.clock_ahead

    def dial_due(self) -> None:
        """Dial the queued campaign calls that are due by now."""
        self.book.dial_due(self.true_now(), self.progress)

    def status(self, call: Call) -> str:
        """Return the status of *call* now."""
        return call.status(self.true_now(), self.progress)

    def usual_headers(self, limit: LimitState) -> Headers:
        """Return the headers that every answer of the API itself carries, but `/health`'s."""
        return (*self.limiter.headers(limit, self.server_now()), *self.date_header())

    def date_header(self) -> Headers:
        """Return the `Date` header, by the server's clock."""
        return (("Date", format_datetime(self.server_now(), usegmt=True)),) if self.lies.date_header else ()

    def note(self, request: Request) -> Seen:
        """Record a request; return what accidents may be chosen by."""
        with self.lock:
            self.requests.append(
                Arrived(request.method, request.path, request.query, request.body, self.true_now(), request.headers)
            )
            kind = _kind(request)
            self._kinds[kind] += 1
            number = _number(request) if kind == "call" else None
            if number is not None:
                self._attempts[number] += 1
            return Seen(kind, self._kinds[kind], number, self._attempts[number] if number is not None else 0)

    def choose(self, seen: Seen) -> Accident | None:
        """Return the first accident that is meant for this request and has not happened often enough."""
        with self.lock:
            for index, accident in enumerate(self.accidents):
                spent = accident.times is not None and self._happened[index] >= accident.times
                if not spent and accident.when(seen):
                    self._happened[index] += 1
                    return accident
        return None

    def set_accidents(self, accidents: Iterable[Accident]) -> None:
        """Replace the accidents; none of the new ones counts as having happened."""
        with self.lock:
            self.accidents = tuple(accidents)
            self._happened.clear()

    def add_foreign_call(self) -> None:
        """Add a call by somebody else through the first agent, to a number drawn from the seed."""
        now = self.true_now()
        agent_id = next(iter(self.agents))
        number = f"+1999555{self.draw.randrange(10_000):04d}"
        self.book.enter(Call(number, now, now + self.clock_ahead, now, agent_id))


def _kind(request: Request) -> Kind:
    area = area_of(request)
    if area in {"call", "campaign"}:
        return "call"
    return "list" if area == "list" and request.method == "GET" else "other"


def _number(request: Request) -> str | None:
    """Return the number that the body asks to call, if it is a text."""
    to = (request.json() or {}).get("to")
    return to if isinstance(to, str) else None
