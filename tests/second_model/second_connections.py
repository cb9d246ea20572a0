"""Connections of the second model: choose the accident, get the answer, and put it on the wire, whole or broken.

Nothing that a client does can raise out of here: one that is killed in the middle ends its own connection only.
"""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from second_accidents import Accident, Cached, Raw, Refusal, Reply, Swapped
from second_errors import Problem, area_of, error_answer
from second_http import Answer, BadRequestError, Request, json_answer, read_request
from second_lies import Delivery
from second_routes import true_answer
from second_send import deliver
from second_state import State


@dataclass(slots=True)
class _Swap:
    """A call that waits for another one to exchange answers with."""

    own: Answer
    other: asyncio.Future[Answer]


@dataclass(slots=True)
class Connections:
    """Serves connections; everything here runs on the server's own event loop."""

    state: State
    _swaps: dict[int, _Swap] = field(default_factory=dict)
    _late: set[asyncio.Task[Answer]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until either side ends it."""
        idle: float | None = None
        try:
            while True:
                request = await asyncio.wait_for(read_request(reader), idle)
                if request is None:
                    break
                answer, delivery = await self._answer(request)
                if not await deliver(reader, writer, answer, delivery) or request.wants_close:
                    break
                idle = self._idle_seconds(delivery)
        except asyncio.CancelledError:
            # The server stops: no waiting for a client that does not read. Not raised again, because asyncio would log
            # a cancelled connection as an error, and this is the last thing that its task does.
            writer.transport.abort()
        except (BadRequestError, OSError, TimeoutError):
            pass  # a broken, vanished or slow client
        except Exception as fault:  # noqa: BLE001  (a test's own predicate may fail: kept for the test to see)
            self.state.faults.append(fault)
        finally:
            with suppress(OSError):
                writer.close()

    def _idle_seconds(self, delivery: Delivery) -> float | None:
        """Return how long the connection may be idle now; None: as long as it likes."""
        if delivery.drop_after_ms is None:
            return None
        with self.state.lock:
            return self.state.draw.uniform(*delivery.drop_after_ms) / 1000

    async def _answer(self, request: Request) -> tuple[Answer | None, Delivery]:
        """Return the answer to send (None: nothing of it will be sent) and how to send it."""
        accident = self.state.choose(self.state.note(request))
        delivery = self.state.lies.delivery
        if accident is None:
            return true_answer(self.state, request), delivery
        delivery = accident.delivery or delivery
        truth = await self._place(request, accident, awaited=not delivery.says_nothing)
        if delivery.says_nothing:
            return None, delivery
        if accident.reply is None:
            return truth, delivery
        return await self._reply(request, accident.reply, truth), delivery

    async def _place(self, request: Request, accident: Accident, *, awaited: bool) -> Answer | None:
        """Let the request take effect now, later or never; return None where there is no true answer (yet)."""
        if not accident.place:
            with self.state.lock:  # it still counts against the rate limit
                self.state.limiter.hit(self.state.true_now().timestamp())
            return None
        if accident.place_after <= 0:
            return true_answer(self.state, request)
        task = asyncio.create_task(self._place_later(request, accident.place_after))
        self._late.add(task)
        task.add_done_callback(self._late.discard)
        needs_truth = not isinstance(accident.reply, Refusal | Raw)
        return await asyncio.shield(task) if awaited and needs_truth else None

    async def _place_later(self, request: Request, seconds: float) -> Answer:
        await asyncio.sleep(seconds)
        return true_answer(self.state, request)

    async def _reply(self, request: Request, reply: Reply, truth: Answer | None) -> Answer:
        """Return the answer that an accident gives in place of *truth*, which is None only for Raw and Refusal."""
        if isinstance(reply, Raw):
            return Answer(reply.status, reply.body, reply.content_type, reply.headers)
        if isinstance(reply, Refusal):
            return self._refusal(request, reply)
        assert truth is not None
        if isinstance(reply, Cached):
            return self._earlier_answer(truth)
        return await self._swapped(reply, truth) if isinstance(reply, Swapped) else _edited(truth, reply.fields)

    def _refusal(self, request: Request, refusal: Refusal) -> Answer:
        """Return a JSON error as the accident words it, with the headers that the API's own answers carry."""
        problem = Problem(
            refusal.code,
            refusal.status,
            refusal.message and refusal.message.replace("{token}", request.token),
            refusal.details,
            refusal.errors,
            shape=refusal.shape,
        )
        state = self.state
        with state.lock:
            answer = error_answer(problem, state.lies, area_of(request))
            limit = state.limiter.look(state.true_now().timestamp())
            return replace(answer, headers=state.usual_headers(limit))

    def _earlier_answer(self, truth: Answer) -> Answer:
        with self.state.lock:
            earlier = [answer for answer in self.state.good_answers if answer is not truth]
        return earlier[-1] if earlier else truth

    async def _swapped(self, reply: Swapped, truth: Answer) -> Answer:
        """Exchange answers with another call of the same accident; keep one's own where none comes in time."""
        waiting = self._swaps.pop(id(reply), None)
        if waiting is not None and not waiting.other.done():
            waiting.other.set_result(truth)
            return waiting.own
        swap = _Swap(truth, asyncio.get_running_loop().create_future())
        self._swaps[id(reply)] = swap
        try:
            return await asyncio.wait_for(swap.other, reply.wait)
        except TimeoutError:
            self._swaps.pop(id(reply), None)
            return truth


def _edited(truth: Answer, fields: Mapping[str, object]) -> Answer:
    """Return *truth* with fields of its call replaced; an answer that is no success stays as it is."""
    if truth.status >= 300:
        return truth
    body = json.loads(truth.body)
    inner = body.get("data", body)
    inner.get("campaign_call", inner).update(fields)
    return replace(truth, body=json_answer(truth.status, body).body)
