"""Which list has the calls of a row: that of its agent, or of the agent that a campaign calls with."""

from urllib.parse import quote

from batch_dialer.clock import Clock
from batch_dialer.model import Target, Via
from batch_dialer.talkover.call_list import CallList
from batch_dialer.talkover.questions import Getter, Unavailable, read_document


class CallLists:
    """The lists of the calls that go through *target*, or through agents of their own: one for each agent."""

    def __init__(self, api: Getter, target: Target, clock: Clock) -> None:
        self._api = api
        self._target = target
        self._clock = clock
        self._lists: dict[str, CallList] = {}

    def is_campaign(self, target_id: str) -> bool:
        """Return whether *target_id* is a campaign's: its calls are in the list of the agent that it calls with."""
        return self._target == Target(Via.CAMPAIGN, target_id)

    async def of(self, target_id: str) -> CallList:
        """Return the list that has the calls through *target_id*; raise `Unavailable` where a campaign has none."""
        if target_id not in self._lists:
            campaign = self.is_campaign(target_id)
            agent_id = await campaign_agent(self._api, target_id) if campaign else target_id
            self._lists[target_id] = CallList(self._api, agent_id, self._clock)
        return self._lists[target_id]


async def campaign_agent(api: Getter, campaign_id: str) -> str:
    """Return the ID of the campaign's agent (Get Campaign: `data.agent_id`); raise `Unavailable`."""
    data = read_document(await api.get(f"/campaigns/{quote(campaign_id, safe='')}")).get("data")
    agent_id = data.get("agent_id") if isinstance(data, dict) else None
    if not isinstance(agent_id, str) or not agent_id:
        raise Unavailable("the campaign does not name its agent")
    return agent_id
