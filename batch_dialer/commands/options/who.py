"""The options that say who calls, and who is called."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import click

from batch_dialer.commands.options.grouping import Body, Heading, gathered, option
from batch_dialer.commands.options.suppress import suppress
from batch_dialer.commands.settings import read_duration_or_zero, read_target
from batch_dialer.model import Target
from batch_dialer.schema.schema import Schema
from batch_dialer.words import Retry

_agent = option(Heading.WHO, "--agent", metavar="ID", help="The agent that calls. Overrides the schema file.")
_campaign = option(
    Heading.WHO,
    "--campaign",
    metavar="ID",
    help="The campaign that calls, instead of an agent. Overrides the schema file.",
)
_allow_duplicates = option(
    Heading.WHO,
    "--allow-duplicates",
    is_flag=True,
    help="Dial a number once for each row that has it, instead of only once.",
)
_retry = option(
    Heading.WHO,
    "--retry",
    read=lambda words: frozenset(map(Retry, words)),
    multiple=True,
    type=click.Choice([word.value for word in Retry]),
    help="Also dial rows that were refused, are unknown (a phone may ring a second time), or whose number changed since"
    " their call. May be given several times.",
)
_only = option(
    Heading.WHO,
    "--only",
    read=frozenset,
    multiple=True,
    metavar="ID",
    help="Dial only the row with this ID, its new number if that changed since its call. May be given several times.",
)
_not_called_within = option(
    Heading.WHO,
    "--not-called-within",
    read=partial(read_duration_or_zero, option="--not-called-within"),
    default="12h",
    show_default=True,
    metavar="12h",
    help="Skip a number that the agent called within this time for another results file or from another machine."
    " 0 turns this off; it is off in rehearsals.",
)
_any_hour = option(
    Heading.WHO,
    "--any-hour",
    is_flag=True,
    help="Call at any hour, also at night. Otherwise from 8:00 to 21:00 where the phone is, or in the hours that the"
    " schema file gives.",
)
_strict = option(Heading.WHO, "--strict", is_flag=True, help="Dial nobody if any row is not valid.")


@dataclass(frozen=True, slots=True)
class TargetOptions:
    """The agent or the campaign that calls, as it is given."""

    agent: str | None
    campaign: str | None

    def target(self, schema: Schema | None) -> Target | None:
        """Return whom the calls go through, or None where nothing says it; raise `UsageError`."""
        return read_target(self.agent, self.campaign, schema)


@dataclass(frozen=True, slots=True)
class WhoOptions(TargetOptions):
    """What decides who is called, too. *suppress*: the lists not to call."""

    suppress: tuple[Path, ...]
    allow_duplicates: bool
    retry: frozenset[Retry]
    only: frozenset[str]
    not_called_within: timedelta
    any_hour: bool
    strict: bool


def target_options(body: Body) -> Body:
    """Add the options that name who calls; *body* is given them as `who`."""
    return gathered(body, "who", TargetOptions, (_agent, _campaign))


def who_options(body: Body) -> Body:
    """Add the options of this group; *body* is given them as `who`."""
    added = (_agent, _campaign, suppress, _allow_duplicates, _retry, _only, _not_called_within, _any_hour, _strict)
    return gathered(body, "who", WhoOptions, added)
