"""The check with which a run begins: what would keep its calls from being placed as they are meant to be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from batch_dialer.contacts.validate import Checked
from batch_dialer.dialing import session
from batch_dialer.dialing.held import held_words
from batch_dialer.dialing.readiness import Finding, Level
from batch_dialer.entry import Lines
from batch_dialer.errors import BadSheet
from batch_dialer.flows.check import check_targets, targets_of
from batch_dialer.job import Job
from batch_dialer.ledger.opening import OpenLedger
from batch_dialer.ledger.results_lines import results_lines
from batch_dialer.ledger.tally import Tally, count
from batch_dialer.model import Ending, Halt, Target
from batch_dialer.plan.left_out import without_excluded, without_hidden
from batch_dialer.plan.placeholders import variables_of_sheet
from batch_dialer.plan.planning import make_plan
from batch_dialer.talkover.payload import count_by_target
from batch_dialer.talkover.questions import Getter
from batch_dialer.words import Exit

MOST_REQUESTS = 2


@dataclass(frozen=True, slots=True)
class FirstLook:
    """Why the run cannot place a call, if so; and what its agents say first, as far as that is shown."""

    halt: Halt | None = None
    openings: Mapping[Target, str] = field(default_factory=dict)


async def check_first(job: Job, checked: Checked, api: Getter, watcher: session.Watcher) -> FirstLook:
    """Return whether the API says that the run cannot place a call; tell what else is found, in at most two requests.

    Of several agents, those with most rows are looked at, and one that places no calls is told of: its rows are held
    back when they are dialed. Raises `BadSheet` where --strict is given and no call has what an agent's texts ask for.
    """
    caller = job.caller
    seen = without_excluded(without_hidden(checked, job.policy.hidden))
    targets = targets_of(seen, caller)
    variables = None if caller.sandbox else variables_of_sheet(checked.mapping)
    real = not (caller.testing or caller.sandbox)
    found = await check_targets(targets[:MOST_REQUESTS], api, variables, real=real)
    for finding in found:
        if finding.halt and (not finding.halt.of_agent or len(targets) == 1):
            return FirstLook(finding.halt)
    for finding in found:
        _tell(finding, watcher, strict=job.strict)
    openings = {} if caller.sandbox else dict(finding.opening for finding in found if finding.opening)
    return FirstLook(openings=openings)


def end_refused(job: Job, checked: Checked, ledger: OpenLedger, halt: Halt, now: datetime) -> Tally:
    """End a run in which nobody is dialed, since no call can be placed: whoever is due waits for the next one."""
    plan = make_plan(checked, ledger.history(), job.policy, job.caller, now)
    targets = count_by_target(plan.dial, job.caller)
    held = held_words(plan.dial, job.caller, dict.fromkeys(targets, halt), {})
    lines = results_lines(plan.rows, ledger.history(), halt.reason, held, testing=ledger.rehearsed)
    written = ledger.finish(lines, of_sheet=True)
    ending = Ending(Exit.STOPPED_EARLY, halt.reason, halt.remedy) if plan.dial.height else None
    return count(Lines(lines.head(plan.rows.height)), ending, written=written)


def _tell(finding: Finding, watcher: session.Watcher, *, strict: bool) -> None:
    """Tell what of a finding a person has to know who starts a run; what is good needs no word."""
    match finding.level:
        case Level.OK:
            return
        case Level.NOTE:
            watcher.note(finding.said)
        case Level.UNFIT if strict:
            raise BadSheet(f"{finding.said} --strict asks that there are none.", finding.remedy)
        case Level.UNFIT:
            watcher.warn(f"{finding.said} {finding.remedy}")
        case Level.WARNING | Level.REFUSED:
            about = f"{finding.about[:1].upper()}{finding.about[1:]}"
            watcher.warn(f"{about}: {finding.said} {finding.remedy} The run goes on.")
