"""All that a person asked for, settled and checked: what the pipeline works from."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from batch_dialer.dialing.pace import Pace
from batch_dialer.plan.planning import Policy
from batch_dialer.schema.schema import Schema
from batch_dialer.talkover.payload import Caller

SANDBOX = "the sandbox"
"""What `Job.through` says of a run that rings nobody: the sandbox's address differs from run to run."""


@dataclass(frozen=True, slots=True)
class Source:
    """The sheet, and how it is to be understood. *zone* (IANA): where times without an offset are meant.

    *encoding* and *header_row* are what a person says of the file, *region* whose numbers have no country code; None
    where that is left to the file and the schema.
    """

    path: Path
    worksheet: str | None
    schema: Schema | None
    zone: str
    encoding: str | None = None
    header_row: int | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """The results file with its journal, and what they are bound to.

    *through* is the API's address, or the sandbox; *testing*: whether the calls are tests (None: as they were so far).
    """

    results: Path
    through: str
    testing: bool | None = None

    @property
    def journal(self) -> Path:
        """The journal beside the results file."""
        return self.results.with_name(f"{self.results.name}.journal")


@dataclass(frozen=True, slots=True)
class Job:
    """One run."""

    source: Source
    ledger: Ledger
    caller: Caller
    policy: Policy
    pace: Pace
    concurrency: int = 16
    strict: bool = False
    settle_after: timedelta = timedelta(minutes=15)
    max_duration: timedelta | None = None
