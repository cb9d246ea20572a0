"""Accidents: what happens to single requests of the second model, chosen by a predicate.

An accident has three independent parts: whether and when the request takes effect (`place`, `place_after`), what the
answer says (`reply`), and how it gets over the wire (`delivery`). Of several, the first whose predicate holds happens.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from second_http import Headers
from second_lies import Delivery, ErrorShape

Kind = Literal["call", "list", "other"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a request when accidents are chosen; the counts begin at 1 and include this request.

    `nth` counts the requests of the same kind, `nth_to_number` the attempts to call the same `number` (0 where the
    request is no call).
    """

    kind: Kind
    nth: int
    number: str | None
    nth_to_number: int


Predicate = Callable[[Seen], bool]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A JSON error. Without `status` it has the documented one of `code`; without `code` the error carries none.

    `{token}` in `message` becomes the token that the request was sent with.
    """

    code: str | None = None
    status: int | None = None
    message: str | None = None
    details: Mapping[str, object] = field(default_factory=dict)
    errors: Mapping[str, list[str]] = field(default_factory=dict)
    shape: ErrorShape | None = None


@dataclass(frozen=True, slots=True)
class Raw:
    """An answer of a machine in front of the API, byte by byte, without rate-limit headers."""

    status: int
    body: bytes = b""
    content_type: str | None = "text/html"
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Cached:
    """The answer to the last call that was placed before this one, sent again; the truth where there is none."""


@dataclass(frozen=True, slots=True)
class Edited:
    """The true answer with some fields of its call replaced, e.g. `{"to": "+14155550199"}`."""

    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Swapped:
    """Two calls get each other's answers: the first waits up to `wait` seconds for the second to come."""

    wait: float = 1.0


Reply = Refusal | Raw | Cached | Edited | Swapped


@dataclass(frozen=True, slots=True)
class Accident:
    """One accident. `reply` None is the truth, and `delivery` None is the one of `Lies`.

    With `place_after` the request takes effect that many seconds later, whatever the client does meanwhile. The
    true answer then waits for it; any other reply, silence and a cut before the first byte do not.
    It happens at most `times` times.
    """

    when: Predicate
    reply: Reply | None = None
    place: bool = True
    place_after: float = 0.0
    delivery: Delivery | None = None
    times: int | None = None

    def __post_init__(self) -> None:
        """Refuse an accident that leaves nothing to send."""
        silent = self.delivery is not None and self.delivery.says_nothing
        if not self.place and not silent and not isinstance(self.reply, Refusal | Raw):
            raise ValueError("A request that takes no effect has no true answer: give a Refusal or Raw, or say nothing")


def html(status: int) -> Raw:
    """Return the page that a proxy shows for *status*."""
    page = f"<!DOCTYPE html><html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"
    return Raw(status, page.encode(), "text/html; charset=utf-8")


def empty(status: int, *, retry_after: str | None = None) -> Raw:
    """Return an answer without a body, with a `Retry-After` header if given."""
    return Raw(status, b"", None, () if retry_after is None else (("Retry-After", retry_after),))


def nth_call(*wanted: int) -> Predicate:
    """Hold for these attempts to call, counted over all numbers."""
    return lambda seen: seen.kind == "call" and seen.nth in wanted


def from_call(first: int) -> Predicate:
    """Hold for this attempt to call and all later ones."""
    return lambda seen: seen.kind == "call" and seen.nth >= first


def nth_list(*wanted: int) -> Predicate:
    """Hold for these requests for a page of a list."""
    return lambda seen: seen.kind == "list" and seen.nth in wanted


def any_call(seen: Seen) -> bool:
    """Hold for every attempt to call."""
    return seen.kind == "call"


def to_number(number: str, *attempts: int) -> Predicate:
    """Hold for these attempts to call *number*, or for all of them where none is named."""
    return lambda seen: seen.number == number and (not attempts or seen.nth_to_number in attempts)
