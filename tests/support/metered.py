"""An API with a rate limit, its network and its other clients, on a clock that jumps: hours of dialing in a second."""

import itertools
import math
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial

import anyio
from makers import CLOCK, call
from switchboard import Silent
from trio.testing import MockClock

from batch_dialer.dialing.dispatch import Dispatch
from batch_dialer.dialing.gate import Gate
from batch_dialer.dialing.pace import Pace
from batch_dialer.entry import Entry
from batch_dialer.model import Answer, Call, Reply
from batch_dialer.sandbox.limiter import Limiter, ResetStyle, WindowKind, limit_headers, make_limiter

_EPOCH = 1_800_000_000.37
"""When a run begins, by the server's clock: never on a whole second."""

_OUT_OF_STEP = 0.013

Headers = Callable[[dict[str, str]], Mapping[str, str]]


@dataclass(frozen=True)
class World:
    """Where a run takes place. *limit* per *seconds*; *latency* and *jitter* in seconds, there and back together.

    *connecting*: seconds that the very first request waits besides, for its connection.
    *others*: requests a second that another client makes, evenly; *before*: how many it made in the *ago* seconds until
    the run begins. *changes*: at which second the limit becomes what. *headers* may withhold or falsify what is said.
    *limiter*: makes another limiter than the sandbox's of that *kind*.
    """

    kind: WindowKind = WindowKind.FIXED
    reset: ResetStyle = ResetStyle.DELTA
    limit: int = 100
    seconds: float = 60.0
    latency: float = 0.05
    jitter: float = 0.0
    connecting: float = 0.0
    others: float = 0.0
    before: int = 0
    ago: float = 0.0
    changes: Mapping[float, int] = field(default_factory=dict)
    headers: Headers = dict
    limiter: Callable[[int, float], Limiter] | None = None


class Metered:
    """The API in *world*. *placed* and *refused* are the moments at which requests of ours came, by its clock.

    *theirs* counts what other clients were allowed.
    """

    def __init__(self, world: World) -> None:
        self.placed: list[float] = []
        self.refused: list[float] = []
        self.theirs = 0
        self._connecting = world.connecting
        self._world = world
        make = world.limiter or partial(make_limiter, world.kind)
        self._limiter: Limiter = make(world.limit, world.seconds)
        self._chance = random.Random(1)  # noqa: S311  (jitter, the same in every run)
        self._others = _others(world)
        self._next = next(self._others, math.inf)

    async def place(self, call: Call) -> Reply:
        connecting, self._connecting = self._connecting, 0.0
        await CLOCK.sleep(connecting + self._trip())
        reply = self._answer(call, CLOCK.time())
        await CLOCK.sleep(self._trip())
        return reply

    def _trip(self) -> float:
        return self._world.latency / 2 + self._chance.random() * self._world.jitter / 2

    def _answer(self, call: Call, now: float) -> Answer:
        self._meanwhile(now)
        turn = self._limiter.take(_EPOCH + now)
        (self.placed if turn.allowed else self.refused).append(now)
        said = limit_headers(turn, self._world.reset, _EPOCH + now)
        date = format_datetime(datetime.fromtimestamp(int(_EPOCH + now), UTC), usegmt=True)
        headers = {"date": date} | dict(self._world.headers(said))
        if turn.allowed:
            return Answer(200, headers, b'{"success": true, "data": {"id": "call_%d"}}' % call.row)
        body = b'{"error": {"code": "RATE_LIMIT_EXCEEDED", "message": "too fast", "details": {}}}'
        return Answer(429, headers, body)

    def _meanwhile(self, now: float) -> None:
        """Let pass what others did until *now*, and what became of the limit."""
        for at, limit in self._world.changes.items():
            if at <= now:
                self._limiter.limit = limit
        while self._next <= now:
            self.theirs += self._limiter.take(_EPOCH + self._next).allowed
            self._next = next(self._others, math.inf)


def _others(world: World) -> Iterator[float]:
    """Give the moments at which others ask: *before* requests until the run begins, and then so many a second."""
    yield from (world.ago * (n / world.before - 1) for n in range(world.before))
    if world.others:
        yield from (_OUT_OF_STEP + n / world.others for n in itertools.count())


class _Nowhere:
    async def write(self, entry: Entry) -> None: ...


def dialed(world: World, pace: Pace, seconds: float = math.inf, *, concurrency: int = 32, rows: int = 10**6) -> Metered:
    """Dial *rows* rows in *world*, for so many *seconds* at the most, and return the API with what it saw."""
    api = Metered(world)
    calls = (call(row=row) for row in range(2, rows + 2))

    async def run() -> None:
        dispatch = Dispatch(api, _Nowhere(), Gate(pace, CLOCK), Silent(), CLOCK)
        async with CLOCK.move_on_after(seconds):
            await dispatch.run(calls, concurrency)
        assert dispatch.halt is None, dispatch.halt

    anyio.run(run, backend="trio", backend_options={"clock": MockClock(autojump_threshold=0)})
    return api
