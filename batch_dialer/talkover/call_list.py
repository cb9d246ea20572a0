"""The API's own list of an agent's calls, read whole. It is asked once for all rows, not once for each."""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from urllib.parse import quote

from batch_dialer.clock import Clock
from batch_dialer.model import Answer, ListedCall, Reading, Reply
from batch_dialer.talkover.rate_headers import moment

_PER_PAGE = 100
_MOST_PAGES = 1000
_MOST_PASSES = 4


class Getter(Protocol):
    """Whatever can ask the API for something."""

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Reply:
        """Ask for *path*."""
        ...


class Unavailable(Exception):  # noqa: N818  (the list is unavailable; it is no error of ours)
    """The list can't be had now, or not whole; its text says why."""


async def read_calls(api: Getter, agent_id: str, since: date, clock: Clock) -> Reading:
    """Return all calls of the agent from the day before *since*; raise `Unavailable`.

    Pages shift while calls arrive, so they are read until a whole pass shows nothing new. A day more is asked for,
    because the time zone of `date_from` is not documented.
    """
    params: dict[str, str | int] = {"date_from": str(since - timedelta(days=1)), "per_page": _PER_PAGE}
    path = f"/agents/{quote(agent_id, safe='')}/calls"
    found: dict[str, ListedCall] = {}
    ahead = timedelta()
    for _ in range(_MOST_PASSES):
        before = len(found)
        last, page = 1, 1
        while page <= last:
            document, ahead = await _page(api, path, params | {"page": page}, clock)
            found |= {call.id: call for call in map(_listed, document["data"]) if call}
            last = document["last"]
            page += 1
        if last == 1 or len(found) == before:
            return Reading(tuple(found.values()), clock.now(), ahead)
    raise Unavailable("the list changed with every reading")


async def campaign_agent(api: Getter, campaign_id: str) -> str:
    """Return the ID of the campaign's agent (Get Campaign: `data.agent_id`); raise `Unavailable`."""
    document = _document(await api.get(f"/campaigns/{quote(campaign_id, safe='')}"))
    data = document.get("data")
    agent_id = data.get("agent_id") if isinstance(data, dict) else None
    if not isinstance(agent_id, str) or not agent_id:
        raise Unavailable("the campaign does not name its agent")
    return agent_id


async def _page(
    api: Getter, path: str, params: Mapping[str, str | int], clock: Clock
) -> tuple[dict[str, Any], timedelta]:
    reply = await api.get(path, params)
    document = _document(reply)
    here = clock.now()
    items = document.get("data")
    pagination = document.get("pagination")
    last = pagination.get("last_page") if isinstance(pagination, dict) else None
    if not isinstance(items, list) or not isinstance(last, int) or last > _MOST_PAGES:
        raise Unavailable("the list has another form than the documented one")
    return {"data": items, "last": last}, (_date(reply) or here) - here


def _document(reply: Reply) -> dict[str, Any]:
    if not isinstance(reply, Answer):
        raise Unavailable(reply.reason)
    if reply.status != 200 or not reply.whole:  # noqa: PLR2004  (HTTP's own)
        raise Unavailable(f"the API answered {reply.status}")
    try:
        document = json.loads(reply.body)
    except (ValueError, RecursionError):
        raise Unavailable("the answer is not JSON") from None
    if not isinstance(document, dict):
        raise Unavailable("the answer has another form than the documented one")
    return document


def _date(reply: Reply) -> datetime | None:
    return moment(reply.headers.get("date", "")) if isinstance(reply, Answer) else None


def _listed(item: object) -> ListedCall | None:
    if not isinstance(item, dict) or not isinstance(item.get("id"), str | int):
        return None
    direction = item.get("direction")
    return ListedCall(
        id=str(item["id"]),
        to=_number(item.get("to")),
        status=str(item.get("status", "")),
        created_at=moment(str(item.get("created_at"))),
        outbound=direction != "inbound",
    )


def _number(text: object) -> str:
    """The list may write a number without its +, or with spaces; it is the same number."""
    return "+" + "".join(char for char in str(text) if char.isdigit())
