"""The calls of the second model: who may be called through, what was really placed, and how a call goes on.

A call ages by true time: setting the server's clock does not age it.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

ACTIVE = frozenset({"initiated", "ringing", "answered"})
WAITING = frozenset({"queued", "scheduled"})


@dataclass(frozen=True, slots=True)
class Agent:
    """A voice agent as `GET /agents/{id}` shows it; each text of `trainings` is one training's instructions."""

    id: str
    name: str = "Second agent"
    label: str = "second"
    current_status: str = "published"
    direction: str = "outbound"
    is_sandbox: bool = False
    initial_message: str = "Hello {{first_name}}"
    trainings: tuple[str, ...] = ("Ask about {{topic}}.",)


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as `GET /campaigns/{id}` shows it; `forbidden` makes it answer 403 FORBIDDEN to this token."""

    id: str
    agent_id: str
    name: str = "Second campaign"
    status: str = "active"
    timezone: str = "UTC"
    forbidden: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How calls go on, in seconds since the phone began to ring.

    `outcomes` maps a number to the status that its calls end with, or to an active one, which they then keep.
    `dial_after` is how long a campaign call stays queued; None: it is dialed only by `SecondApi.dial_queued`.
    """

    ringing_after: float = 1.0
    answered_after: float = 3.0
    completed_after: float = 20.0
    dial_after: float | None = None
    outcomes: Mapping[str, str] = field(default_factory=dict)

    def status_at(self, number: str, age: float) -> str:
        """Return the status of a call to *number* that began *age* seconds ago (negative: it is still delayed)."""
        outcome = self.outcomes.get(number, "completed")
        steps = [("initiated", float("-inf"))]
        if outcome == "failed":
            steps += [(outcome, self.ringing_after)]
        elif outcome != "initiated":
            steps += [("ringing", self.ringing_after)]
        if outcome in {"completed", "answered"}:
            steps += [("answered", self.answered_after), (outcome, self.completed_after)]
        elif outcome in {"busy", "no-answer"}:
            steps += [(outcome, self.answered_after)]
        return [name for name, begins in steps if age >= begins][-1]


@dataclass(frozen=True, slots=True)
class Call:
    """One call that the server knows.

    `accepted_at` and `starts_at` are true time, `created_at` is by the server's clock. `starts_at` is when the phone
    rings; None while a campaign call waits. `fixed_status` is set for calls that do not go on by themselves, and
    `ours` for calls that a client's request placed. `dialed_id` is the other ID that a campaign call may be listed by.
    """

    to: str
    accepted_at: datetime
    created_at: datetime
    starts_at: datetime | None
    agent_id: str
    campaign_id: str | None = None
    direction: str = "outbound"
    is_testing: bool = False
    payload: Mapping[str, object] = field(default_factory=dict)
    context: Mapping[str, object] = field(default_factory=dict)
    fixed_status: str | None = None
    ours: bool = False
    order: int = 0
    id: str = ""
    sid: str = ""
    dialed_id: str = ""

    def status(self, now: datetime, progress: Progress) -> str:
        """Return the status at the true time *now*."""
        if self.fixed_status is not None:
            return self.fixed_status
        if self.starts_at is None:
            return "queued"
        return progress.status_at(self.to, (now - self.starts_at).total_seconds())


@dataclass(frozen=True, slots=True)
class Ring:
    """A phone call that a client's request really placed; exactly one of agent and campaign is set.

    `true_time` is when the server accepted it; `rings_at` is when the phone rings, later by `delay_seconds`, and None
    as long as the campaign has not dialed.
    """

    call_id: str
    number: str
    agent_id: str | None
    campaign_id: str | None
    is_testing: bool
    payload: Mapping[str, object]
    context: Mapping[str, object]
    true_time: datetime
    rings_at: datetime | None


class CallBook:
    """All calls, in the order in which the server accepted them. Its owner locks."""

    def __init__(self, seed: int) -> None:
        """Begin with no calls; the IDs follow from *seed* and the order alone."""
        self._seed = seed
        self._calls: dict[str, Call] = {}

    def enter(self, call: Call) -> Call:
        """Add *call*; return it with its order and its IDs."""
        order = max((known.order for known in self._calls.values()), default=0) + 1
        draw = random.Random(f"{self._seed}/{order}")  # noqa: S311  (repeatable IDs are wanted, not secret ones)
        prefix = "cc" if call.campaign_id else "call"
        entered = replace(
            call,
            order=order,
            id=f"{prefix}_{draw.getrandbits(48):012x}",
            sid=f"CA{draw.getrandbits(64):016x}",
            dialed_id=f"call_{draw.getrandbits(48):012x}",
        )
        self._calls[entered.id] = entered
        return entered

    def all(self) -> tuple[Call, ...]:
        return tuple(self._calls.values())

    def replace_all(self, calls: tuple[Call, ...]) -> None:
        """Have *calls* and no others, as `all` returned them."""
        self._calls = {call.id: call for call in calls}

    def find(self, name: str) -> Call | None:
        """Return the call with this ID or SID."""
        return next((call for call in self._calls.values() if name in {call.id, call.sid, call.dialed_id}), None)

    def end(self, call: Call) -> None:
        """Hang up: the call is completed from now on."""
        self._calls[call.id] = replace(call, fixed_status="completed")

    def dial(self, call: Call, at: datetime) -> None:
        """Have the phone of a queued campaign call ring at the true time *at*."""
        self._calls[call.id] = replace(call, starts_at=at, fixed_status=None)

    def dial_due(self, now: datetime, progress: Progress) -> None:
        """Dial the queued campaign calls that have waited long enough."""
        if progress.dial_after is None:
            return
        wait = timedelta(seconds=progress.dial_after)
        for call in self.all():
            if call.starts_at is None and call.accepted_at + wait <= now:
                self.dial(call, call.accepted_at + wait)

    def rings(self) -> tuple[Ring, ...]:
        """Return what clients really placed, in order."""
        return tuple(_ring(call) for call in self._calls.values() if call.ours)


def _ring(call: Call) -> Ring:
    return Ring(
        call_id=call.id,
        number=call.to,
        agent_id=None if call.campaign_id else call.agent_id,
        campaign_id=call.campaign_id,
        is_testing=call.is_testing,
        payload=call.payload,
        context=call.context,
        true_time=call.accepted_at,
        rings_at=call.starts_at,
    )
