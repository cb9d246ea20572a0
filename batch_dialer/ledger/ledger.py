"""The two files in which the calls of a job are kept, and what they are bound to."""

from dataclasses import dataclass
from pathlib import Path

SANDBOX = "the sandbox"
"""What `Job.through` says of a run that rings nobody: the sandbox's address differs from run to run."""


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
