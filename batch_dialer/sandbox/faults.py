"""Ways in which an answer can go wrong, each a small ASGI function around the app that would have answered well.

A fault that says *place* lets the app do its work first: the call exists, whatever the client hears of it. Those that
touch the connection itself need a real one, as `serve` makes it; in process they raise ConnectionResetError.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

import anyio
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from batch_dialer.sandbox.wire import hang_up, overhear, piece, transport_of, until_gone

Fault = Callable[[ASGIApp, Scope, Receive, Send], Awaitable[None]]


def faulted(fault: Fault, app: ASGIApp) -> ASGIApp:
    """Return *app* with *fault* around it."""

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
    await overhear(place, scope, receive)
    await hang_up(scope, receive)


async def place_then_reset(place: ASGIApp, scope: Scope, receive: Receive, _send: Send) -> None:
    """Place the call and reset the connection without an answer."""
    await overhear(place, scope, receive)
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
    await until_gone(receive)


async def place_then_stall(place: ASGIApp, scope: Scope, receive: Receive, _send: Send) -> None:
    """Place the call and never answer."""
    await overhear(place, scope, receive)
    await until_gone(receive)


def slow(seconds: float) -> Fault:
    """Place the call and answer *seconds* later."""

    async def fault(place: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        heard = await overhear(place, scope, receive)
        with anyio.move_on_after(seconds):
            await until_gone(receive)
        await heard.say(send)

    return fault


def drip(seconds: float) -> Fault:
    """Place the call and answer one byte at a time, *seconds* apart."""

    async def fault(place: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        heard = await overhear(place, scope, receive)
        await send(heard.start())
        for byte in heard.body:
            await send(piece(bytes([byte]), more=True))
            with anyio.move_on_after(seconds):
                await until_gone(receive)
                return
        await send(piece(b"", more=False))

    return fault


# The answer is another one.


def answering(
    http: int,
    body: object = None,
    *,
    content_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
    placed: bool,
) -> Fault:
    """Answer with *body* (text or bytes as they are, all else as JSON) instead, after placing the call or without."""
    content = body if isinstance(body, str | bytes) else b"" if body is None else json.dumps(body)

    async def fault(place: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        if placed:
            await overhear(place, scope, receive)
        await Response(content, http, headers, content_type)(scope, receive, send)

    return fault


def too_many(retry_after: float = 1) -> Fault:
    """Refuse with 429, whatever the limit says; no call."""
    error = {
        "code": "RATE_LIMIT_EXCEEDED",
        "message": "Rate limit exceeded. Please wait before making more requests.",
        "details": {"retry_after": retry_after},
    }
    return answering(429, {"error": error}, headers={"retry-after": str(retry_after)}, placed=False)


def redirect(location: str, http: int = 307) -> Fault:
    """Send the client elsewhere; no call."""
    return answering(http, headers={"location": location}, placed=False)


async def place_in_old_shape(place: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Place the call and answer in the flat shape of the vendor's tutorial."""
    heard = await overhear(place, scope, receive)
    if heard.status != HTTPStatus.OK:
        await heard.say(send)
        return
    data = json.loads(heard.body)["data"]
    flat = {"call_id": data.pop("id"), **data}
    await Response(json.dumps(flat), media_type="application/json")(scope, receive, send)


def naming(**instead: object) -> Fault:
    """Place the call and answer well, but for what *instead* says of it (`to`, `id`): somebody else's call."""

    async def fault(place: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        heard = await overhear(place, scope, receive)
        document = json.loads(heard.body)
        for shape in document.keys() & {"data", "campaign_call"}:
            document[shape] |= instead
        await Response(json.dumps(document), heard.status, media_type="application/json")(scope, receive, send)

    return fault


def quoting_the_token(http: int, code: str, write: Callable[[str], str] = str) -> Fault:
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

place_then_500 = answering(500, _SERVER_ERROR, placed=True)
place_then_html = answering(502, _HTML, content_type="text/html", placed=True)
place_then_nothing_known = answering(200, {"ok": True}, placed=True)
unavailable = answering(503, _HTML, content_type="text/html", placed=False)


# The answer is not whole, or no end of it.


def broken_off(share: float = 1.0) -> Fault:
    """Place the call, announce 100 bytes more than the answer has, send *share* of it, and close the connection."""

    async def fault(place: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        heard = await overhear(place, scope, receive)
        await send(heard.start(length=len(heard.body) + 100))
        await send(piece(heard.body[: int(len(heard.body) * share)], more=True))
        await hang_up(scope, receive)

    return fault


def huge(megabytes: int) -> Fault:
    """Place the call and answer well, but for padding of so many megabytes at the end."""

    async def fault(place: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        heard = await overhear(place, scope, receive)
        head, tail = heard.body[:-1] + b',"padding":"', b'"}'
        await send(heard.start(length=len(head) + (megabytes << 20) + len(tail)))
        await send(piece(head, more=True))
        for _ in range(megabytes):
            await send(piece(b"x" * (1 << 20), more=True))
        await send(piece(tail, more=False))

    return fault


def raw(data: bytes, *, placed: bool) -> Fault:
    """Write *data* on the connection, whether or not it is HTTP, and close it."""

    async def fault(place: ASGIApp, scope: Scope, receive: Receive, _send: Send) -> None:
        if placed:
            await overhear(place, scope, receive)
        transport_of(scope).write(data)
        await hang_up(scope, receive)

    return fault
