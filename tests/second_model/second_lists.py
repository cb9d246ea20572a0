"""The two lists of calls of the second model, `GET /calls` and `GET /agents/{id}/calls`, truthful or not.

From api.md: the filters, `per_page` (20, at most 100), `page`, the fields of an item, `pagination`, and that
`context` is not returned. Not stated and settable in `ListLies`: the key of the items, the order, in which time zone
dates are read. Not stated and chosen here: `search` looks for a part of what the list writes, and of the IDs.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from urllib.parse import parse_qs

from second_calls import WAITING, Call
from second_errors import Problem, RefusalError
from second_formats import format_number, time_field
from second_http import Answer, JsonObject, Request, json_answer
from second_lies import ListLies
from second_state import State

_MOST_PER_PAGE = 100
_FROM = "+12025550100"


@dataclass(frozen=True, slots=True)
class _Page:
    """The part of a list that an answer shows; `number` begins at 1."""

    number: int
    size: int
    calls: Sequence[Call]
    total: int


def list_answer(state: State, request: Request, agent_id: str | None) -> Answer:
    """Answer a request for a page; *agent_id* None is the list of the whole account."""
    lies = state.lies.lists
    query = {name: values[-1] for name, values in parse_qs(request.query, keep_blank_values=True).items()}
    _refuse_bad(query)
    wanted = {name: value for name, value in query.items() if name not in lies.ignored_filters}
    calls = [call for call in _listed(state) if agent_id in {None, call.agent_id} and _passes(state, call, wanted)]
    page = _page(_ordered(state, calls), query, lies)
    body = _envelope([_item(state, call, with_agent=agent_id is None) for call in page.calls], page, lies)
    for _ in range(lies.arrivals_per_reading):
        state.add_foreign_call()
    return json_answer(200, body)


def listed_number(lies: ListLies, number: str) -> str | None:
    """Return a number as the lists write it."""
    return format_number(number, lies.number_formats.get(number, lies.number_format))


def listed_created_at(call: Call) -> datetime:
    """Return when the list says that the call was created, by the server's clock: when the campaign dialed it."""
    waited = call.starts_at - call.accepted_at if call.campaign_id and call.starts_at else timedelta()
    return call.created_at + waited


def listed_id(state: State, call: Call) -> str:
    """Return the ID by which the list names a call."""
    return call.dialed_id if call.campaign_id and state.lies.lists.dialed_id == "own" else call.id


def _listed(state: State) -> list[Call]:
    """Return the calls that are in lists at all: dialed, and not hidden by `lag` or by their kind."""
    lies = state.lies.lists
    now = state.true_now()
    seen: list[Call] = []
    for call in state.book.all():
        began = call.starts_at if call.campaign_id else call.accepted_at
        hidden = (
            state.status(call) in WAITING
            or (began is not None and lies.lag > 0 and began > now - timedelta(seconds=lies.lag))
            or (lies.delayed_hidden and call.starts_at is not None and call.starts_at > now)
        )
        if not hidden:
            seen.append(call)
    return seen


def _refuse_bad(query: Mapping[str, str]) -> None:
    """Refuse parameters that cannot be read, with a word on each."""
    errors: dict[str, list[str]] = {}
    for name in ("page", "per_page"):
        text = query.get(name, "1")
        if not (text.isascii() and text.isdigit() and int(text) >= 1):
            errors[name] = [f"The {name} must be an integer of at least 1."]
    for name in ("date_from", "date_to"):
        if name in query and _day(query[name]) is None:
            errors[name] = [f"The {name} must be a date in the format YYYY-MM-DD."]
    if query.get("direction", "inbound") not in {"inbound", "outbound"}:
        errors["direction"] = ["The selected direction is invalid."]
    if errors:
        raise RefusalError(Problem("VALIDATION_ERROR", errors=errors))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("YYYY-MM-DD") else None
    except ValueError:
        return None


def _passes(state: State, call: Call, wanted: Mapping[str, str]) -> bool:
    """Return whether a call passes all filters of the query."""
    lies = state.lies.lists
    day = listed_created_at(call).astimezone(timezone(timedelta(hours=lies.date_zone_hours))).date()
    first, last = _day(wanted.get("date_from", "")), _day(wanted.get("date_to", ""))
    return (
        wanted.get("status", "") in {"", state.status(call)}
        and wanted.get("direction", "") in {"", call.direction}
        and wanted.get("agent_id", "") in {"", call.agent_id}
        and not (first is not None and day < first)
        and not (last is not None and day > last)
        and any(
            wanted.get("search", "") in name
            for name in (listed_number(lies, call.to) or "", _FROM, call.sid, listed_id(state, call))
        )
    )


def _ordered(state: State, calls: list[Call]) -> list[Call]:
    """Return the calls in the order of `ListLies`; a shuffle is the same at every reading of the same calls."""
    ordered = sorted(calls, key=lambda call: (listed_created_at(call), call.order))
    if state.lies.lists.order == "newest":
        ordered.reverse()
    elif state.lies.lists.order == "shuffled":
        random.Random(state.seed).shuffle(ordered)  # noqa: S311  (repeatable on purpose)
    return ordered


def _page(calls: Sequence[Call], query: Mapping[str, str], lies: ListLies) -> _Page:
    """Return the page that is asked for, or the one that is given instead."""
    size = min(int(query.get("per_page", "20")), _MOST_PER_PAGE, lies.per_page_cap)
    number = 1 if lies.page_stuck else int(query.get("page", "1"))
    start = (number - 1) * size
    if number > 1:
        start = max(0, start - lies.page_shift)
    return _Page(number, size, calls[start : start + size], len(calls))


def _envelope(items: list[JsonObject], page: _Page, lies: ListLies) -> JsonObject:
    """Put the items and the pagination together."""
    last_page = max(1, math.ceil(page.total / page.size))
    pagination: JsonObject = {
        "current_page": page.number,
        "last_page": last_page if lies.last_page_says is None else lies.last_page_says,
        "per_page": page.size,
        "total": page.total if lies.total_says is None else lies.total_says,
    }
    if lies.items_key == "nested":
        return {"success": True, "data": {"calls": items, "pagination": pagination}}
    return {"success": True, lies.items_key: items, "pagination": pagination}


def _item(state: State, call: Call, *, with_agent: bool) -> JsonObject:
    """Return one call as the list shows it; `context` and `payload` are never there."""
    lies, zone = state.lies.lists, state.lies.zone_hours
    progress, status = state.progress, state.status(call)
    created = listed_created_at(call)
    age = max(0.0, (state.true_now() - (call.starts_at or call.accepted_at)).total_seconds())
    updated = created + timedelta(seconds=min(age, progress.completed_after))
    item: JsonObject = {
        "id": listed_id(state, call),
        "sid": call.sid,
        "to": listed_number(lies, call.to),
        "from": _FROM,
        "is_testing": call.is_testing,
        "direction": call.direction,
        "status": status,
        "duration": int(progress.completed_after - progress.answered_after) if status == "completed" else 0,
        **time_field("created_at", created, lies.time_format, zone),
        **time_field("updated_at", updated, lies.time_format, zone),
    }
    if with_agent:
        agent = state.agents.get(call.agent_id)
        item["agent"] = {"id": call.agent_id, "name": agent.name, "label": agent.label} if agent else None
    return item
