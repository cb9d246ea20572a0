"""The ways to end before anything is dialed.

DialerError                 nothing was dialed
├── UsageError       2      the command, the configuration, the token or the results file is wrong
├── BadSheet         3      the sheet cannot be used
└── ResultsInUse     5      another run holds the results file

Only these leave a command as an exception. Inside a run a wire fault is a `Reply` and a refusal a `Verdict`. What a
room raises for its own use (`Unavailable` by the list of calls, `LostError` by the lock, `UnwrittenError` and
`DamagedError` by the journal) is named in the docstring of whatever raises it, and ends in the room or in the flow that
asked. Any other exception is a bug; the attempts that it cuts short stay `dialing` on disk, which is the truth.
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
