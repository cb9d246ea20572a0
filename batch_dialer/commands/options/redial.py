"""The options for calling again who was not reached, and for staying until every call has ended."""

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import click

from batch_dialer.commands.options.grouping import Body, Heading, gathered, option
from batch_dialer.commands.settings import read_duration
from batch_dialer.errors import UsageError
from batch_dialer.model import Via
from batch_dialer.plan.redial import Redial
from batch_dialer.talkover.payload import Caller
from batch_dialer.words import Status

_ENDINGS = {status.value: status for status in (Status.BUSY, Status.NO_ANSWER, Status.FAILED)}
_SHORT = re.compile(r"completed\s*<\s*(\d+(?:\.\d+)?\s*[smh])")


@dataclass(frozen=True, slots=True)
class _Missed:
    """What --redial says: the endings, and how short a completed call must be."""

    endings: frozenset[Status]
    shorter_than: float


def _read_redial(text: str) -> _Missed:
    endings, shorter_than = set(), 0.0
    for word in (part.strip().lower() for part in text.split(",")):
        if short := _SHORT.fullmatch(word):
            shorter_than = read_duration(short[1], "--redial").total_seconds()
        elif word in _ENDINGS:
            endings.add(_ENDINGS[word])
        else:
            raise UsageError(
                f"--redial {text!r}: {word!r} is not an ending of a call that can be redialed.",
                "Write a list of busy, no-answer, failed and completed<8s, as in busy,no-answer,completed<8s.",
            )
    return _Missed(frozenset(endings), shorter_than)


def _read_seconds(text: str) -> float:
    return read_duration(text, "--reached-after").total_seconds()


_redial = option(
    Heading.REDIAL,
    "--redial",
    read=_read_redial,
    metavar="busy,no-answer",
    help="Call again whose last call ended so: a list of busy, no-answer, failed and completed<8s, which is a call of"
    " less than 8 seconds. Nobody is called again who was reached.",
)
_redial_after = option(
    Heading.REDIAL,
    "--redial-after",
    read=partial(read_duration, option="--redial-after"),
    metavar="2h",
    help="How long after a call ended the same row may be called again.  [default: 2h]",
)
_max_calls = option(
    Heading.REDIAL,
    "--max-calls",
    type=click.IntRange(min=2),
    metavar="N",
    help="How many calls a row gets at most, the first one counted.  [default: 3]",
)
_wait = option(
    Heading.REDIAL,
    "--wait",
    is_flag=True,
    help="Stay until every call has ended, and call again meanwhile as --redial says.",
)
reached_after = option(
    Heading.REDIAL,
    "--reached-after",
    read=_read_seconds,
    default="0s",
    metavar="8s",
    help="In the summary, count a call as reached only if it was completed in at least this time.",
)


@dataclass(frozen=True, slots=True)
class RedialOptions:
    """Whom to call again and when, whether to stay for it, and who counts as reached (seconds)."""

    redial: _Missed | None
    redial_after: timedelta | None
    max_calls: int | None
    wait: bool
    reached_after: float

    def policy(self, caller: Caller) -> Redial | None:
        """Return who is called again, None for nobody; raise `UsageError` for what cannot be had together."""
        if self.redial is None:
            given = {"--redial-after": self.redial_after, "--max-calls": self.max_calls}
            if name := next((name for name, value in given.items() if value is not None), None):
                raise UsageError(
                    f"{name} is given without --redial.", "Say who is called again: --redial busy,no-answer."
                )
            return None
        if caller.target.via is Via.CAMPAIGN:
            raise UsageError(
                "--redial and a campaign are both given: the campaign itself calls again who was not reached.",
                "Set the retries in the campaign, or call through an agent: --agent ID.",
            )
        default = Redial(self.redial.endings)
        return Redial(
            self.redial.endings,
            self.redial.shorter_than,
            default.after if self.redial_after is None else self.redial_after,
            self.max_calls or default.most_calls,
        )


def redial_options(body: Body) -> Body:
    """Add the options of this group; *body* is given them as `redial`."""
    added = (_redial, _redial_after, _max_calls, _wait, reached_after)
    return gathered(body, "redial", RedialOptions, added)
