"""All that a person asked for, settled and checked: what the pipeline works from."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from batch_dialer.contacts.choice import NO_CHOICE, Choice
from batch_dialer.contacts.own_checks import OwnChecks
from batch_dialer.ledger.ledger import Ledger
from batch_dialer.plan.planning import Policy
from batch_dialer.schema.schema import Schema
from batch_dialer.talkover.payload import Caller


@dataclass(frozen=True, slots=True)
class Source:
    """The sheet, and how it is to be understood. *zone* (IANA): where times without an offset are; empty: unknown.

    *encoding* and *header_row* are what a person says of the file, *region* whose numbers have no country code; None
    where that is left to the file and the schema. *choice* is what a person says of the columns. *keep*: the headers
    of columns that the results show, besides those that the schema names. *checks* are a person's own.
    """

    path: Path
    worksheet: str | None
    schema: Schema | None
    zone: str
    encoding: str | None = None
    header_row: int | None = None
    region: str | None = None
    choice: Choice = NO_CHOICE
    keep: tuple[str, ...] = ()
    checks: OwnChecks | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast to dial: *per_second* requests; *adaptive* follows the API's limit, less *headroom* (0-1) of it.

    The first *burst* requests need not be spaced.
    """

    per_second: float
    adaptive: bool = False
    headroom: float = 0.0
    burst: int = 1


@dataclass(frozen=True, slots=True)
class Job:
    """One run. *not_called_within*: whoever was called from elsewhere so recently is not dialed; 0: that is off.

    *wait*: whether it stays until every call has ended. *reached_after*: who talked for so many seconds was reached.
    *start_at*: before then nobody is called, and after *until* nobody either.
    *any_hour*: whether phones may ring at any hour of the day.
    *pilot*: how many rows are dialed first, to see how their calls go; None: all are dialed at once.
    """

    source: Source
    ledger: Ledger
    caller: Caller
    policy: Policy
    rate: Rate
    concurrency: int = 16
    strict: bool = False
    settle_after: timedelta = timedelta(minutes=15)
    max_duration: timedelta | None = None
    until: datetime | None = None
    start_at: datetime | None = None
    not_called_within: timedelta = timedelta()
    wait: bool = False
    reached_after: float = 0.0
    any_hour: bool = False
    pilot: int | None = None
