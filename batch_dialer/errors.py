"""The ways to end before anything is dialed.

DialerError                 nothing was dialed
├── UsageError       2      the command, the configuration, the token or the results file is wrong
├── BadSheet         3      the sheet cannot be used
└── ResultsInUse     5      another run holds the results file

Nothing else crosses a module as an exception. Inside a run a wire fault is a `Reply` and a refusal a `Verdict`; an
exception that escapes is a bug, and the attempts it cut short stay `dialing` on disk, which is the truth.
"""

from typing import ClassVar

from batch_dialer.words import Exit


class DialerError(Exception):
    """Nothing was dialed. *what* says what is wrong and where, *remedy* what to do about it."""

    exit: ClassVar[Exit]

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


class UsageError(DialerError):
    """The command, the configuration, the token or the results file is wrong."""

    exit = Exit.USAGE


class BadSheet(DialerError):  # noqa: N818  (the sheet is bad; "BadSheetError" says no more)
    """The sheet cannot be used."""

    exit = Exit.BAD_SHEET


class ResultsInUse(DialerError):  # noqa: N818  (as above)
    """Another run holds the results file."""

    exit = Exit.IN_USE
