"""What flows through the program, in the order in which it flows. Frozen data, no behaviour that decides.

file -> Sheet -> Contacts -> Plan -> Call -> Reply -> Verdict -> Entry -> results file
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import NewType

import polars as pl

from batch_dialer.words import Exit, Status

JsonScalar = str | int | bool

DEADLINE = 90.0
"""Seconds after which a request is given up. So long the API may be at work on it, and may still place the call."""

Rows = NewType("Rows", pl.DataFrame)
"""A line for every row of the sheet, in its order: `row`, `id`, `to` and what else is known of it by then."""
Problems = NewType("Problems", pl.DataFrame)
"""A line for every fault of a sheet, with the columns of `PROBLEM_SCHEMA`."""
PROBLEM_SCHEMA: Mapping[str, type[pl.DataType]] = {
    "row": pl.UInt32,
    **dict.fromkeys(("column", "value", "code", "why", "remedy"), pl.String),
}
"""`column` is empty where the whole row is meant; *why* completes the sentence "COLUMN …"."""


@dataclass(frozen=True, slots=True)
class SheetOrigin:
    """What a copy that `validate` made says of itself: the *sheet* that it was made from, and that sheet's *results*.

    Both are paths relative to the folder of the copy, with `/`; *sheet* is empty where that was standard input. *found*
    has the names of those of the sheet's results files that were there. *results* is empty where the copy does not say.
    """

    sheet: str
    results: str
    found: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as its people see it: every cell is text, and every row has the number the spreadsheet program shows.

    *cells* has a column `row` (the number shown) and then one column of text for each header, named `c0`, `c1`, …
    by its place; an empty cell is null. Rows without any text are not in it. *notes* says what was understood of the
    file (its delimiter, its encoding, the worksheet), for the person to check. *ragged* names the rows that have more
    or fewer fields than the header, with the number found: their cells stand as far as they go, and may be shifted.
    *worksheet*, *header_row* and *left* (0 for column A) say where in the file `c0` lies.
    *hidden* are the rows that the spreadsheet program does not show, by hand or by a filter. *top* has the first rows
    as they stand, with their numbers, to look for a header that is not where it was looked for. *origin* is None unless
    the file is a copy that `validate` made. *grouped* are the places of the columns in which a comma is known to stand
    between thousands, because the cells hold numbers. *unended*: whether the last row of a text has no line end.
    """

    name: str
    headers: tuple[str, ...]
    cells: pl.DataFrame
    notes: tuple[str, ...] = ()
    ragged: Mapping[int, int] = field(default_factory=dict)
    worksheet: str = ""
    header_row: int = 1
    left: int = 0
    hidden: frozenset[int] = frozenset()
    top: tuple[tuple[int, tuple[str, ...]], ...] = ()
    origin: SheetOrigin | None = None
    grouped: frozenset[int] = frozenset()
    unended: bool = False

    @property
    def last_row(self) -> int:
        """The number of the last row, that of the header where there is none below it."""
        return int(self.cells["row"][-1]) if self.cells.height else self.header_row


class Via(Enum):
    """Who places the calls: an agent directly, or a campaign."""

    AGENT = "agent"
    CAMPAIGN = "campaign"


@dataclass(frozen=True, slots=True)
class Target:
    """The agent or the campaign that calls are placed through."""

    via: Via
    id: str

    def __str__(self) -> str:
        return f"{self.via.value} {self.id}"


@dataclass(frozen=True, slots=True)
class Call:
    """One row, ready to be dialed. *attempt* counts from 1 over the row's whole life; *delay_seconds* is 0 to 3600.

    *calls* and *earlier_calls* say what was placed for the row before, as in an `Entry`. *doubt_since*: when an attempt
    began of which it is still not known what became (ISO 8601, UTC; empty where there is none), and *doubt_seconds* by
    how much its call may have been delayed. *rehearsed*: whether it is a test, or goes to the sandbox.
    *zone*: where the sheet says that the phone is (IANA); empty where it does not.
    """

    row: int
    id: str
    key: str
    to: str
    payload: Mapping[str, JsonScalar]
    context: Mapping[str, JsonScalar]
    delay_seconds: int
    is_testing: bool
    target: Target
    attempt: int
    fingerprint: str
    expires: datetime | None = None
    allow_duplicates: bool = False
    calls: int = 0
    earlier_calls: str = ""
    doubt_since: str = ""
    doubt_seconds: int = 0
    rehearsed: bool = False
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response arrived. *body* is its first 64 KiB; *whole* is false where the response broke off."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Unsent:
    """Provably not one byte of the request left. *hopeless* where trying again cannot help (a bad certificate)."""

    reason: str
    hopeless: bool = False


@dataclass(frozen=True, slots=True)
class Lost:
    """The request may have left, and no response came: the phone may have rung."""

    reason: str
    timed_out: bool = False


Reply = Answer | Unsent | Lost


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt, in the words of the results file. *created_at* is the API's own text."""

    status: Status
    call_id: str = ""
    error_code: str = ""
    error_message: str = ""
    http_status: int | None = None
    created_at: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """The last word on this row for this run. *wait*: the seconds that everybody waits then; None: nobody does."""

    outcome: Outcome
    wait: float | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """Certainly not placed; the row goes again when all have waited *after* seconds (None: it backs off)."""

    outcome: Outcome
    after: float | None


@dataclass(frozen=True, slots=True)
class Halt:
    """Nor can another row be placed: the run stops, for *reason*; *remedy* says what to do before the next one.

    *of_agent*: only calls through the same agent cannot be placed, so that rows of other agents are dialed.
    *explainable*: answers were lost; if the API's list tells what became of all of them, the run need not stop.
    """

    outcome: Outcome
    reason: str
    remedy: str
    of_agent: bool = False
    explainable: bool = False


Verdict = Settled | Again | Halt


@dataclass(frozen=True, slots=True)
class ListedCall:
    """A call as the API lists it. *to* is the API's own text; what cannot be read is None.

    *duration*: the seconds that were talked. *updated_at*: when the API last changed what it says of the call.
    """

    id: str
    to: str
    status: str
    created_at: datetime | None
    outbound: bool = True
    duration: int | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of an agent's list at the moment *at*. *clock_ahead*: how far the server's clock is ahead of ours.

    *gap*: why calls may be missing from it; empty where it is complete.
    """

    calls: Sequence[ListedCall]
    at: datetime
    clock_ahead: timedelta = timedelta()
    gap: str = ""


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a run ended with rows left, with the exit status that says so, and what to do."""

    exit: Exit
    reason: str
    remedy: str
