"""The line in which every request to the API waits for its turn."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from http import HTTPStatus

import anyio

from batch_dialer.clock import Clock
from batch_dialer.dialing.pace import Pace
from batch_dialer.dialing.sent import Turn
from batch_dialer.job import Rate
from batch_dialer.model import Answer, Reply
from batch_dialer.talkover import rate_headers
from batch_dialer.talkover.questions import Getter

SPARED = 10
"""A question that can wait takes its turn once in the time of so many requests."""
_MOST_TRIES = 3
"""How often a question is asked that the API answers with a 429; what is asked again rings nobody."""


_ASKS_FOR_TIME = frozenset({"retry-after", "x-ratelimit-reset"})


class Gate:
    """The line in which everybody waits for the pace."""

    def __init__(self, pace: Pace, clock: Clock) -> None:
        self._pace = pace
        self._clock = clock
        self._line = anyio.Lock(fast_acquire=True)  # who need not wait yields to a cancellation alone
        self._news = anyio.Event()

    @property
    def rate(self) -> float:
        """Requests a second, as of now."""
        return self._pace.rate

    async def turn(self) -> Turn:
        """Return when the next request may leave; `learn` wants to know which it was."""
        async with self._line:
            while wait := self._pace.ask(self._clock.time()):
                async with self._clock.move_on_after(wait):
                    await self._news.wait()
            return self._pace.turn

    def pause(self, seconds: float) -> None:
        """Let nobody go for *seconds*."""
        self._pace.pause(self._clock.time(), seconds)

    def learn(self, turn: Turn, reply: Reply, came: float | None = None) -> None:
        """Follow the limits that the answer to *turn* states; it *came* at that time of the clock, or just now."""
        if isinstance(reply, Answer):
            came = self._clock.time() if came is None else came
            self._pace.learn(turn, rate_headers.quota(reply.headers), came)
            if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
                self._pace.refused(turn, came)
            self._news.set()  # the wait may be another now
            self._news = anyio.Event()


def make_gate(rate: Rate, clock: Clock) -> Gate:
    """Return the gate at which requests leave at *rate*; none has left yet."""
    return Gate(Pace(rate.per_second, adaptive=rate.adaptive, headroom=rate.headroom, burst=rate.burst), clock)


class PacedApi:
    """Questions to the API wait their turn as calls do: they count towards the same limit.

    With *spared_by*, the clock to wait by, they can wait: they take a tenth of the pace at the most.
    """

    def __init__(self, api: Getter, gate: Gate, spared_by: Clock | None = None) -> None:
        self._api = api
        self._gate = gate
        self._spared_by = spared_by

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Reply:
        """Ask for *path* when it is its turn; where that was too fast, again when everybody has waited as asked.

        An answer that asks for no time is left to whoever asked: a question can do without an answer.
        """
        if self._spared_by:
            await self._spared_by.sleep(SPARED / self._gate.rate)
        return await ask_in_turn(self._gate, partial(self._api.get, path, params))


async def ask_in_turn(gate: Gate, ask: Callable[[], Awaitable[Reply]]) -> Reply:
    """Send a request that rings nobody when it is its turn; where that was too fast, again once all have waited."""
    reply = await _ask_once(gate, ask)
    for _ in range(_MOST_TRIES - 1):
        if not isinstance(reply, Answer) or reply.status != HTTPStatus.TOO_MANY_REQUESTS:
            break
        if not reply.headers.keys() & _ASKS_FOR_TIME:
            break
        gate.pause(rate_headers.pause(None, reply.headers))
        reply = await _ask_once(gate, ask)
    return reply


async def _ask_once(gate: Gate, ask: Callable[[], Awaitable[Reply]]) -> Reply:
    turn = await gate.turn()
    reply = await ask()
    gate.learn(turn, reply)
    return reply
