"""The two files in which the calls of a job are kept, and what they are bound to."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

SANDBOX = "the sandbox"
"""What `Job.through` says of a run that rings nobody: the sandbox's address differs from run to run."""


class Kind(Enum):
    """The kinds of calls that never share a results file, each with what the names of its results files end in."""

    REAL = ".results.csv"
    TESTING = ".testing.results.csv"
    SANDBOX = ".sandbox.results.csv"


@dataclass(frozen=True, slots=True)
class Ledger:
    """The results file with its journal, and what they are bound to.

    *through* is the API's address, or the sandbox; *testing*: whether the calls are tests (None: as they were so far).
    *named*: whether a person named the results file. Otherwise it is the one that belongs to the sheet.
    """

    results: Path
    through: str
    testing: bool | None = None
    named: bool = True

    @property
    def kind(self) -> Kind:
        """Whom its calls reach."""
        return Kind.SANDBOX if self.through == SANDBOX else Kind.TESTING if self.testing else Kind.REAL

    @property
    def journal(self) -> Path:
        """The journal beside the results file."""
        return self.results.with_name(f"{self.results.name}.journal")
