"""Whether calls can be placed as they are meant to be, asked of the API. Nobody is dialed."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from batch_dialer.contacts.validate import Checked
from batch_dialer.dialing.readiness import (
    OF_ALL,
    Finding,
    Level,
    judge_agent,
    judge_campaign,
    judge_limit,
    judge_nameless,
    judge_sheet,
    judge_texts,
    judge_token,
    judge_unread,
)
from batch_dialer.errors import UsageError
from batch_dialer.flows.checking import check_sheet
from batch_dialer.job import Source
from batch_dialer.model import Reply, Target, Via
from batch_dialer.plan.agents import check_agents
from batch_dialer.plan.left_out import without_excluded, without_hidden
from batch_dialer.plan.placeholders import Variables, variables_of_schema, variables_of_sheet
from batch_dialer.plan.planning import Policy
from batch_dialer.schema.schema import Place
from batch_dialer.talkover.agent_facts import ask_about, read_agent, read_campaign
from batch_dialer.talkover.payload import Caller, count_by_target
from batch_dialer.talkover.questions import Getter, Unavailable

_MOST_AGENTS = 20


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is to be asked: of whom the calls go through, which *variables* they have, and whether they are *real*.

    *found* is what is known before the API is asked.
    """

    targets: Sequence[Target]
    variables: Variables | None
    real: bool
    found: tuple[Finding, ...] = ()


def inquire_for_sheet(source: Source, target: Target | None, policy: Policy) -> Inquiry:
    """Return what is to be asked before a sheet is dialed, by its rows; raise `BadSheet` or `UsageError`."""
    sheet, judged = check_sheet(source)
    caller = Caller(target or Target(Via.AGENT, ""))
    seen = without_excluded(without_hidden(judged, policy.hidden))
    check_agents(seen, caller)
    targets = targets_of(seen, caller) or ([target] if target else [])
    found = judge_sheet(sheet.name, seen.rows.height, seen.good)
    return Inquiry(targets, variables_of_sheet(seen.mapping), real=not seen.testing, found=(found,))


def inquire_for_schema(source: Source, target: Target | None) -> Inquiry:
    """Return what is to be asked where there is no sheet, by the schema file if there is one; raise `UsageError`."""
    if target is None:
        remedy = "Give --agent ID or --campaign ID, a schema file that names one, or a sheet whose rows do."
        raise UsageError("No agent or campaign is given.", remedy)
    fields = source.schema.fields if source.schema else ()
    tests = any(field.place is Place.TESTING and field.value is True for field in fields)
    return Inquiry([target], variables_of_schema(source.schema) if source.schema else None, real=not tests)


async def check(inquiry: Inquiry, api: Getter) -> list[Finding]:
    """Return all that is found."""
    asked = await check_targets(inquiry.targets, api, inquiry.variables, real=inquiry.real)
    return [*inquiry.found, *asked]


def targets_of(checked: Checked, caller: Caller) -> Sequence[Target]:
    """Return whom the valid rows of a sheet are called through, the one with most rows first."""
    counts = count_by_target(checked.rows.filter(pl.col("code").is_null()), caller)
    return sorted(counts, key=lambda target: -counts[target])


async def check_targets(
    targets: Sequence[Target], api: Getter, variables: Variables | None, *, real: bool
) -> list[Finding]:
    """Return what there is to say of *targets*, and of the *variables* that their texts ask for, where these are known.

    *real*: whether the calls are to be real ones.
    """
    found: list[Finding] = []
    for target in targets[:_MOST_AGENTS]:
        known = {finding.about for finding in found} & OF_ALL
        found += [finding async for finding in _check(target, api, variables, real=real) if finding.about not in known]
        if any(finding.halt and not finding.halt.of_agent for finding in found):
            break
    if len(targets) > _MOST_AGENTS:
        found.append(Finding("other agents", Level.NOTE, f"{len(targets) - _MOST_AGENTS:,} are not looked at."))
    return found


async def _check(target: Target, api: Getter, variables: Variables | None, *, real: bool) -> AsyncIterator[Finding]:
    reply = await ask_about(api, target)
    for finding in (judge_token(reply), judge_limit(reply)):
        if finding:
            yield finding
            if finding.halt:
                return
    if target.via is Via.AGENT:
        for finding in _judge_agent(reply, target, variables, through=target, real=real):
            yield finding
        return
    try:
        campaign = read_campaign(reply)
    except Unavailable as error:
        yield judge_unread(reply, target, str(error))
        return
    finding = judge_campaign(target, campaign)
    yield finding
    if finding.halt:
        return
    if not campaign.agent_id:
        yield judge_nameless(target)
        return
    agent = Target(Via.AGENT, campaign.agent_id)
    for finding in _judge_agent(await ask_about(api, agent), agent, variables, through=target, real=real):
        yield finding


def _judge_agent(
    reply: Reply, target: Target, variables: Variables | None, *, through: Target, real: bool
) -> list[Finding]:
    """Judge the agent *target*, whose calls go *through* itself or a campaign."""
    try:
        facts = read_agent(reply)
    except Unavailable as error:
        return [judge_unread(reply, target, str(error), of_campaign=through.via is Via.CAMPAIGN)]
    texts = judge_texts(target, facts, variables) if variables else ()
    opening = (through, facts.opening) if facts.opening else None
    return [replace(judge_agent(target, facts, real=real), opening=opening), *texts]
