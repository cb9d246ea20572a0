"""How calls are hung up: each by its own ID, so that nobody else's is, and what the answer means.

To ask twice for the same call does no harm: what cannot be told is asked again.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from http import HTTPStatus
from typing import Protocol

import anyio

from batch_dialer.dialing.backoff import backoff
from batch_dialer.dialing.gate import Gate, ask_in_turn
from batch_dialer.dialing.verdict import ABOUT_THE_JOB
from batch_dialer.entry import Entry
from batch_dialer.model import Answer, Ending, Lost, Reply
from batch_dialer.talkover import evidence
from batch_dialer.words import Exit

MOST = 16
"""How many calls are being hung up at one time."""
_MOST_TRIES = 3


class Ender(Protocol):
    """Whatever can ask the API to hang up."""

    async def end_call(self, agent_id: str, call_id: str) -> Reply:
        """Ask once to hang up the call *call_id* of the agent."""
        ...


class Fate(Enum):
    """What became of a call that was to be hung up."""

    HUNG_UP = "hung up"
    ENDED = "had ended by itself"
    LEFT = "could not be hung up"


@dataclass(frozen=True, slots=True)
class Hangup:
    """The call *call_id* of the row *entry*, which was to be hung up, and *why* it could not be."""

    entry: Entry
    call_id: str
    fate: Fate
    why: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """Nor will the API hang up another call: *why*, and what to do."""

    why: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """It is not known whether the call goes on; *why*. *taken*: whether the API may have taken the request."""

    why: str
    taken: bool = True


@dataclass(frozen=True, slots=True)
class Stopped:
    """How it ended: each call that was to be hung up, and what else of the job may be under way.

    *ended_before*: how many calls the API's list had as ended. *waiting*: the rows whose calls wait in a campaign.
    *doubts*: how
    many rows are in doubt, so that a call may be under way whose ID is not known. *written*: as in a `Tally`.
    """

    hangups: Sequence[Hangup] = ()
    ended_before: int = 0
    waiting: Sequence[Entry] = ()
    doubts: int = 0
    ending: Ending | None = None
    written: bool = True

    def of(self, fate: Fate) -> list[Hangup]:
        """Return those with this fate, in the order of their rows."""
        return sorted((each for each in self.hangups if each.fate is fate), key=lambda each: each.entry.row)

    @property
    def exit(self) -> Exit:
        """The exit status: done only where nothing of the job can be under way."""
        if self.ending:
            return self.ending.exit
        all_ended = self.written and not (self.of(Fate.LEFT) or self.waiting or self.doubts)
        return Exit.DONE if all_ended else Exit.SOME_NOT_PLACED


def judge_hangup(reply: Reply, *, asked_before: bool) -> tuple[Fate, str] | Refused | Unclear:
    """Return what the *reply* to End Call means: what became of the call, and why it could not be hung up.

    *asked_before*: an earlier answer was lost, so that a call that is not active any more was hung up by us.
    """
    if not isinstance(reply, Answer):
        return Unclear(f"{reply.reason[:1].upper()}{reply.reason[1:]}.", taken=isinstance(reply, Lost))
    said = evidence.read(reply.body)
    code = said.code or f"HTTP_{reply.status}"
    words = f"{code}: {evidence.without_numbers(said.message)}" if said.message else code
    if reply.status in ABOUT_THE_JOB:
        return Refused(f"The API refused to hang up ({words}).", ABOUT_THE_JOB[reply.status])
    if reply.status == HTTPStatus.CONFLICT:
        return Fate.HUNG_UP if asked_before else Fate.ENDED, ""
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS or reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unclear(f"The API answered {words}.", taken=reply.status != HTTPStatus.TOO_MANY_REQUESTS)
    if HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
        return (Fate.HUNG_UP, "") if said.is_json else Unclear("The answer is not JSON.")
    return Fate.LEFT, f"The API did not hang up ({words})."


@dataclass(slots=True)
class HangingUp:
    """Hangs up calls, many at a time; *written* is given each that was, at once."""

    api: Ender
    gate: Gate
    written: Callable[[Hangup], Awaitable[None]]
    hangups: list[Hangup] = field(default_factory=list)
    ending: Ending | None = None
    _line: anyio.Semaphore = field(default_factory=lambda: anyio.Semaphore(MOST))

    async def end(self, agent_id: str, entry: Entry, call_id: str) -> None:
        """Hang up the call *call_id* of the row *entry*."""
        async with self._line:
            fate, why = await self._end(agent_id, call_id)
        hangup = Hangup(entry, call_id, fate, why)
        self.hangups.append(hangup)
        if fate is Fate.HUNG_UP:
            await self.written(hangup)

    async def _end(self, agent_id: str, call_id: str) -> tuple[Fate, str]:
        unclear: Unclear | None = None
        asked_before = False
        for tries in range(_MOST_TRIES):
            if self.ending:
                break
            if unclear:
                self.gate.pause(backoff(tries))
            reply = await ask_in_turn(self.gate, partial(self.api.end_call, agent_id, call_id))
            match judge_hangup(reply, asked_before=asked_before):
                case Refused(why, remedy):
                    self.ending = Ending(Exit.STOPPED_EARLY, why, remedy)
                    return Fate.LEFT, why
                case Unclear() as unclear:
                    asked_before |= unclear.taken
                case found:
                    return found
        if unclear and not asked_before and not self.ending:
            remedy = "Check the network and the address, then run the same command again."
            self.ending = Ending(Exit.STOPPED_EARLY, f"The API takes no requests: {unclear.why}", remedy)
        return Fate.LEFT, unclear.why if unclear else "The API was not asked any more."
