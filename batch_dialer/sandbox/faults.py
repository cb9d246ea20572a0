"""Ways in which an answer can go wrong. A fault is an ASGI function that gets the app it stands in for, *place*.

Where a docstring says "place the call", the fault runs the app first, so the call exists whatever the client receives.
The others do not run it: no call. Faults that close or write to the connection need a real one, as `serve` makes it;
in process they raise `ConnectionResetError`.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

import anyio
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from batch_dialer.sandbox.wire import (
    HoldBack,
    body_message,
    capture_answer,
    hang_up,
    hold_back,
    transport_of,
    wait_for_disconnect,
)

Fault = Callable[[ASGIApp, Scope, Receive, Send], Awaitable[None]]


def wrap(fault: Fault, app: ASGIApp) -> ASGIApp:
    """Return an app that answers with *fault* in place of *app*."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await fault(app, scope, receive, send)

    return answer


# The connection goes away.


async def drop(_place: ASGIApp, scope: Scope, receive: Receive, _send: Send) -> None:
    """Close the connection without an answer; no call."""
    await hang_up(scope, receive)


async def reset(_place: ASGIApp, scope: Scope, receive: Receive, _send: Send) -> None:
    """Reset the connection without an answer; no call."""
    await hang_up(scope, receive, gently=False)


async def place_then_drop(place: ASGIApp, scope: Scope, receive: Receive, _send: Send) -> None:
    """Place the call and close the connection without an answer."""
    await capture_answer(place, scope, receive)
    await hang_up(scope, receive)


async def place_then_reset(place: ASGIApp, scope: Scope, receive: Receive, _send: Send) -> None:
    """Place the call and reset the connection without an answer."""
    await capture_answer(place, scope, receive)
    await hang_up(scope, receive, gently=False)


def close_after(seconds: float) -> Fault:
    """Place the call, answer well, and close the connection so many *seconds* later without having said so."""

    async def fault(place: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        await place(scope, receive, send)
        asyncio.get_running_loop().call_later(seconds, transport_of(scope).close)

    return fault


def late_then_close(late: float, seconds: float) -> Fault:
    """Do the same, but let the request wait for so long that a connection which is closing by then takes it along."""

    async def fault(place: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        await anyio.sleep(late)
        await close_after(seconds)(place, scope, receive, send)

    return fault


# The answer is late.


async def stall(_place: ASGIApp, _scope: Scope, receive: Receive, _send: Send) -> None:
    """Never answer; no call."""
    await wait_for_disconnect(receive)


async def place_then_stall(place: ASGIApp, scope: Scope, receive: Receive, _send: Send) -> None:
    """Place the call and never answer."""
    await capture_answer(place, scope, receive)
    await wait_for_disconnect(receive)


def slow(seconds: float, hold_back: HoldBack = hold_back) -> Fault:
    """Place the call and answer *seconds* later, by the clock of *hold_back*."""

    async def fault(place: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await capture_answer(place, scope, receive)
        async with hold_back(seconds):
            await wait_for_disconnect(receive)
        await answer.send_to(send)

    return fault


def drip(seconds: float) -> Fault:
    """Place the call and answer one byte at a time, *seconds* apart."""

    async def fault(place: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await capture_answer(place, scope, receive)
        await send(answer.head())
        for byte in answer.body:
            await send(body_message(bytes([byte]), more=True))
            with anyio.move_on_after(seconds):
                await wait_for_disconnect(receive)
                return
        await send(body_message(b"", more=False))

    return fault


# The answer is another one.


def answer_with(
    http: int,
    body: object = None,
    *,
    content_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
    placed: bool,
) -> Fault:
    """Answer with *body* (text and bytes as they are, anything else as JSON), after placing the call if *placed*."""
    content = body if isinstance(body, str | bytes) else b"" if body is None else json.dumps(body)

    async def fault(place: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        if placed:
            await capture_answer(place, scope, receive)
        await Response(content, http, headers, content_type)(scope, receive, send)

    return fault


def too_many(retry_after: float = 1) -> Fault:
    """Refuse with 429 and `Retry-After` *retry_after* seconds, whatever the limit; no call."""
    error = {
        "code": "RATE_LIMIT_EXCEEDED",
        "message": "Rate limit exceeded. Please wait before making more requests.",
        "details": {"retry_after": retry_after},
    }
    return answer_with(429, {"error": error}, headers={"retry-after": str(retry_after)}, placed=False)


def redirect(location: str, http: int = 307) -> Fault:
    """Redirect the client to *location*; no call."""
    return answer_with(http, headers={"location": location}, placed=False)


async def place_in_old_shape(place: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Place the call and answer in the flat shape of the vendor's tutorial."""
    answer = await capture_answer(place, scope, receive)
    if answer.status != HTTPStatus.OK:
        await answer.send_to(send)
        return
    data = json.loads(answer.body)["data"]
    flat = {"call_id": data.pop("id"), **data}
    await Response(json.dumps(flat), media_type="application/json")(scope, receive, send)


def name_instead(**instead: object) -> Fault:
    """Place the call and answer well, but for what *instead* says of it (`to`, `id`): somebody else's call."""

    async def fault(place: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        heard = await capture_answer(place, scope, receive)
        document = json.loads(heard.body)
        for shape in document.keys() & {"data", "campaign_call"}:
            document[shape] |= instead
        await Response(json.dumps(document), heard.status, media_type="application/json")(scope, receive, send)

    return fault


def quote_the_token(http: int, code: str, write: Callable[[str], str] = str) -> Fault:
    """Refuse, with the Authorization header in the message, as *write* has it, and in a header; no call."""

    async def fault(_place: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        given = dict(scope["headers"])[b"authorization"].decode()
        error = f'"code":"{code}","message":"You sent {write(given)}","details":{{"retry_after":1}}'
        await Response(f'{{"error":{{{error}}}}}', http, {"x-you-sent": given}, "application/json")(
            scope, receive, send
        )

    return fault


_SERVER_ERROR = {"success": False, "message": "Something went wrong", "code": "SERVER_ERROR"}
_HTML = "<!doctype html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>"

place_then_500 = answer_with(500, _SERVER_ERROR, placed=True)
place_then_html = answer_with(502, _HTML, content_type="text/html", placed=True)
place_then_nothing_known = answer_with(200, {"ok": True}, placed=True)
unavailable = answer_with(503, _HTML, content_type="text/html", placed=False)


# The answer is too short, too long, or not HTTP.


def break_off(share: float = 1.0) -> Fault:
    """Place the call, announce 100 bytes more than the answer has, send *share* (0 to 1) of it, and hang up."""

    async def fault(place: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await capture_answer(place, scope, receive)
        await send(answer.head(length=len(answer.body) + 100))
        await send(body_message(answer.body[: int(len(answer.body) * share)], more=True))
        await hang_up(scope, receive)

    return fault


def pad(megabytes: int) -> Fault:
    """Place the call and answer as usual, with *megabytes* (2**20 bytes each) of padding at the end of the JSON."""

    async def fault(place: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await capture_answer(place, scope, receive)
        head, tail = answer.body[:-1] + b',"padding":"', b'"}'
        await send(answer.head(length=len(head) + (megabytes << 20) + len(tail)))
        await send(body_message(head, more=True))
        for _ in range(megabytes):
            await send(body_message(b"x" * (1 << 20), more=True))
        await send(body_message(tail, more=False))

    return fault


def send_raw(data: bytes, *, placed: bool) -> Fault:
    """Write *data*, which need not be HTTP, to the connection and close it, after placing the call if *placed*."""

    async def fault(place: ASGIApp, scope: Scope, receive: Receive, _send: Send) -> None:
        if placed:
            await capture_answer(place, scope, receive)
        transport_of(scope).write(data)
        await hang_up(scope, receive)

    return fault
