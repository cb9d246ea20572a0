"""What the API says of an agent and of a campaign (Get Agent, Get Campaign).

What it does not say, or says in another form than the documented one, is "" or None: nothing is concluded from that.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from batch_dialer.model import Reply, Target, Via
from batch_dialer.talkover.questions import Getter, Unavailable, read_document

_FOLDERS = {Via.AGENT: "agents", Via.CAMPAIGN: "campaigns"}


@dataclass(frozen=True, slots=True)
class AgentFacts:
    """An agent. *texts* are what it says first and what it is told to do: placeholders may be in them."""

    name: str
    status: str
    direction: str
    is_sandbox: bool | None
    texts: tuple[str, ...]

    @property
    def opening(self) -> str:
        """What it says first; empty where that is not shown."""
        return self.texts[0] if self.texts else ""


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """A campaign. *agent_id* is the agent that calls for it, *zone* the time zone that it goes by."""

    name: str
    status: str
    agent_id: str
    zone: str


async def ask_about(api: Getter, target: Target) -> Reply:
    """Ask what *target* is."""
    return await api.get(f"/{_FOLDERS[target.via]}/{quote(target.id, safe='')}")


def read_agent(reply: Reply) -> AgentFacts:
    """Return what *reply* says of an agent; raise `Unavailable` where it shows none."""
    record = _record(reply)
    sandbox = record.get("is_sandbox")
    return AgentFacts(
        _text(record, "name"),
        _text(record, "current_status"),
        _text(record, "direction"),
        sandbox if isinstance(sandbox, bool) else None,
        tuple(_texts(record)),
    )


def read_campaign(reply: Reply) -> CampaignFacts:
    """Return what *reply* says of a campaign; raise `Unavailable` where it shows none."""
    record = _record(reply)
    return CampaignFacts(*(_text(record, key) for key in ("name", "status", "agent_id", "timezone")))


def _record(reply: Reply) -> Mapping[str, Any]:
    data = read_document(reply).get("data")
    if not isinstance(data, dict):
        raise Unavailable("the answer has another form than the documented one")
    return data


def _text(record: Mapping[str, Any], key: str) -> str:
    value = record.get(key)
    return value.strip() if isinstance(value, str) else ""


def _texts(record: Mapping[str, Any]) -> Iterator[str]:
    trainings = record.get("trainings")
    told = [each for each in trainings if isinstance(each, dict)] if isinstance(trainings, list) else []
    yield _text(record, "initial_message")
    yield from (_text(each, "instructions") for each in told)
