"""`check [SHEET]`: what would keep calls from being placed as they are meant to be."""

from collections.abc import Sequence
from pathlib import Path

import anyio
import click

from batch_dialer.clock import Clock, SystemClock
from batch_dialer.commands.options.api import AccessOptions, access_options
from batch_dialer.commands.options.grouping import GroupedCommand, example
from batch_dialer.commands.options.sheet import ReadingOptions, optional_sheet, reading_options
from batch_dialer.commands.options.who import TargetOptions, target_options
from batch_dialer.dialing.readiness import Finding, Level
from batch_dialer.flows.check import Inquiry, check, inquire_for_schema, inquire_for_sheet
from batch_dialer.plan.planning import Policy
from batch_dialer.talkover.api import TalkoverApi
from batch_dialer.talkover.token import Token
from batch_dialer.terminal.interrupts import LeavingAtOnce
from batch_dialer.terminal.tables import framed
from batch_dialer.terminal.text import printable, say, width
from batch_dialer.words import Exit

_LONGEST = 400
_PROBLEMS = (Level.UNFIT, Level.REFUSED)


@click.command(
    cls=GroupedCommand,
    epilog=example(
        "batch-dialer check contacts.xlsx --schema reminder.toml",
        "batch-dialer check --agent agent_123456",
    ),
)
@optional_sheet
@reading_options
@target_options
@access_options
def command(path: Path | None, sheet: ReadingOptions, who: TargetOptions, api: AccessOptions) -> Exit:
    """Ask the API whether calls can be placed: token, agent or campaign, rate limit. Nobody is dialed.

    The placeholders in the agent's texts, such as {{name}}, are compared with the variables that calls have: the
    columns of SHEET, or what the schema file names. `run` looks at the same before it dials.
    """
    source = sheet.source_of(path or Path())
    target = who.target(source.schema)
    with LeavingAtOnce():
        policy = Policy(hidden=sheet.hidden)
        inquiry = inquire_for_sheet(source, target, policy) if path else inquire_for_schema(source, target)
        found = anyio.run(_ask, inquiry, api.address(), api.token(), SystemClock())
    _show(found)
    levels = {finding.level for finding in found}
    return Exit.STOPPED_EARLY if Level.REFUSED in levels else Exit.BAD_SHEET if Level.UNFIT in levels else Exit.DONE


async def _ask(inquiry: Inquiry, address: str, token: Token, clock: Clock) -> list[Finding]:
    async with TalkoverApi(address, token, 1, clock) as api:
        return await check(inquiry, api)


def _show(found: Sequence[Finding]) -> None:
    lines = [
        (
            printable(finding.about, 80),
            "problem" if finding.level in _PROBLEMS else finding.level.value,
            printable(f"{finding.said} {finding.remedy}".strip(), _LONGEST),
        )
        for finding in found
    ]
    named = min(max(len(line[0]) for line in lines), width() // 4)
    room = max(width() - named - len("problem") - 2 * 2, 30)
    say(framed(("what", "", "found, and what to do"), lines, (named, None, room)))
    problems = sum(finding.level in _PROBLEMS for finding in found)
    warnings = sum(finding.level is Level.WARNING for finding in found)
    doubts = f", with {_counted(warnings, 'warning')}" if warnings else ""
    end = f"Not ready: {_counted(problems, 'problem')} to solve first" if problems else f"Ready{doubts}"
    say(f"\n{end}. Nobody was called.")


def _counted(count: int, word: str) -> str:
    return f"1 {word}" if count == 1 else f"{count:,} {word}s"
