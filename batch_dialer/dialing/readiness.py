"""Whether calls can be placed through an agent or a campaign, by what the API says of it; whether its texts fit. Pure.

What is documented to keep every call from being placed stops a run before it begins (`Finding.halt`). Whatever is not
documented, or cannot be learned, stops nobody: whoever can call may be unable to look.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus

from batch_dialer.dialing.verdict import REMEDIES, answers_instead, judge_lookup
from batch_dialer.model import Answer, Halt, Outcome, Reply, Target, Via
from batch_dialer.plan.placeholders import Variables, compare
from batch_dialer.talkover import rate_headers
from batch_dialer.talkover.agent_facts import AgentFacts, CampaignFacts
from batch_dialer.words import Status

_INACTIVE = "AGENT_INACTIVE"
_IDLE = "CAMPAIGN_NOT_ACTIVE"
_IDLE_CAMPAIGNS = frozenset({"draft", "paused", "completed", "cancelled"})
_OPTIONS = "(--base-url, TALKOVER_BASE_URL)"
_ADDRESS = f"Check the address {_OPTIONS}."
_NAMED = 8
OF_ALL = frozenset({"token", "rate limit"})
"""What every answer tells of, whatever was asked: one finding says it."""


class Level(Enum):
    """How good it is. `UNFIT`: calls could be placed, and would go wrong. `REFUSED`: no call could be placed."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    UNFIT = "unfit"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of *about*, in a sentence, and what to do about it. *halt*: a run does not begin for that.

    *opening*: what the agent says first, where the answer shows it, and whose calls begin so.
    """

    about: str
    level: Level
    said: str
    remedy: str = ""
    halt: Halt | None = None
    opening: tuple[Target, str] | None = None


def judge_sheet(name: str, rows: int, good: int) -> Finding:
    """Return what there is to say of a sheet with so many *rows* to look at, of which so many are *good*."""
    said = f"{rows:,} {'row' if rows == 1 else 'rows'} to look at, {good:,} can be dialed."
    if good == rows:
        return Finding(name, Level.OK, said)
    return Finding(name, Level.WARNING if good else Level.UNFIT, said, "`batch-dialer validate` shows what is wrong.")


def judge_token(reply: Reply) -> Finding | None:
    """Return what the first answer of all tells of the token; None where the answer is not about it."""
    halt = judge_lookup(reply, Via.AGENT)
    if halt and not halt.of_agent:
        about = "credits" if halt.outcome.http_status == HTTPStatus.PAYMENT_REQUIRED else "token"
        return Finding(about, Level.REFUSED, halt.reason, halt.remedy, halt)
    if isinstance(reply, Answer) and reply.status == HTTPStatus.OK:
        return Finding("token", Level.OK, "The API accepts it.")
    return None


def judge_limit(reply: Reply) -> Finding | None:
    """Return what *reply* tells of the rate limit in force, if anything."""
    quota = rate_headers.quota(reply.headers) if isinstance(reply, Answer) else None
    if quota is None or quota.limit is None:
        return None
    left = "" if quota.remaining is None else f", {quota.remaining:,} of them left now"
    return Finding("rate limit", Level.OK, f"{quota.limit:,} requests a minute{left}.")


def judge_unread(reply: Reply, target: Target, why: str, *, of_campaign: bool = False) -> Finding:
    """Return what it means that *target* could not be looked up, for the reason *why*.

    What the API answers about the agent *of_campaign* stops no call: they go through the campaign.
    """
    halt = judge_lookup(reply, target.via)
    if halt and not of_campaign:
        return Finding(str(target), Level.REFUSED, halt.reason, halt.remedy, halt)
    if not isinstance(reply, Answer):
        return Finding(
            str(target), Level.REFUSED, f"The API cannot be reached: {why}.", f"Check network and address {_OPTIONS}."
        )
    if how := answers_instead(reply):
        said = f"The API's address answered {how} ({reply.status})."
        return Finding(str(target), Level.REFUSED, said, _ADDRESS)
    return _unsure(target, "", f"it could not be looked up ({why}), so it is not known whether it can place calls")


def judge_agent(target: Target, facts: AgentFacts, *, real: bool) -> Finding:
    """Return whether the agent *target* places calls, *real* ones if so."""
    if facts.status == "draft":
        return _refused(target, _INACTIVE, "It is not published: its status is draft.", REMEDIES[_INACTIVE])
    if facts.direction == "inbound":
        return _refused(target, "", "It is an inbound agent, which places no calls.", "Name an outbound agent.")
    if facts.is_sandbox and real:
        remedy = "Name another agent, or make test calls: --testing."
        return _refused(target, "", "It is a sandbox agent, which is not for real calls.", remedy)
    questions = {
        "is published": facts.status == "published",
        "is an outbound agent": facts.direction == "outbound",
        "is a sandbox agent": facts.is_sandbox is not None or not real,
    }
    if unknown := [what for what, known in questions.items() if not known]:
        return _unsure(target, facts.name, f"the API does not say whether it {' and '.join(unknown)}")
    return _good(target, facts.name, f"published, outbound{', a sandbox agent' if facts.is_sandbox else ''}")


def judge_campaign(target: Target, facts: CampaignFacts) -> Finding:
    """Return whether the campaign *target* places calls."""
    if facts.status in _IDLE_CAMPAIGNS:
        return _refused(target, _IDLE, f"It is not active: its status is {facts.status}.", REMEDIES[_IDLE])
    if facts.status != "active":
        return _unsure(target, facts.name, "the API does not say whether it is active")
    zone = f", time zone {facts.zone}" if facts.zone else ""
    return _good(target, facts.name, f"active{zone}")


def judge_nameless(target: Target) -> Finding:
    """Return that the campaign *target* does not say who calls for it."""
    return _unsure(target, "", "it does not name its agent, whose texts cannot be compared")


def judge_texts(target: Target, facts: AgentFacts, variables: Variables) -> Iterator[Finding]:
    """Yield whether the placeholders in the texts of the agent *target* fit the *variables* of the calls."""
    fit = compare(facts.texts, variables)
    if not fit.missing:
        said = f"Calls have them all: {_listed(fit.placeholders)}." if fit.placeholders else "The texts show none."
        yield Finding("placeholders", Level.OK, said)
    elif variables.more:
        said = f"Only a column of the sheet can be {_listed(fit.missing)}, of which the schema file has nothing."
        yield Finding("placeholders", Level.WARNING, said, "Name the sheet, too: check SHEET.")
    else:
        said = f"The texts of {target} ask for {_listed(fit.missing)}, and no call has such a variable."
        remedy = "Add a column or a [payload.NAME] of the schema file, or take it out of the agent's texts."
        yield Finding("placeholders", Level.UNFIT, said, remedy)
    if fit.unused:
        yield Finding("variables", Level.NOTE, f"The texts of {target} do not ask for {_listed(fit.unused)}.")


def _refused(target: Target, code: str, said: str, remedy: str) -> Finding:
    reason = f"No call can be placed through {target}. {said}"
    halt = Halt(Outcome(Status.DEFERRED, "", code, said), reason, remedy, of_agent=target.via is Via.AGENT)
    return Finding(str(target), Level.REFUSED, said, remedy, halt)


def _unsure(target: Target, name: str, what: str) -> Finding:
    return Finding(str(target), Level.WARNING, _sentence(name, what), "Look at it on the pages of the API's vendor.")


def _good(target: Target, name: str, what: str) -> Finding:
    return Finding(str(target), Level.OK, _sentence(name, what))


def _sentence(name: str, what: str) -> str:
    return f'"{name}": {what}.' if name else f"{what[:1].upper()}{what[1:]}."


def _listed(words: Sequence[str]) -> str:
    shown = ", ".join(words[:_NAMED])
    return f"{shown} and {len(words) - _NAMED:,} more" if len(words) > _NAMED else shown
