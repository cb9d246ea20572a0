"""The words that users and their scripts rely on: statuses, error codes, exit statuses and the values of two options.

Each status, code and exit status has a sentence that explains it; a test compares the tables of the manuals with these.
"""

from enum import Enum, IntEnum, StrEnum


class Status(StrEnum):
    """The status of a row in the results. Those in `CALL_EXISTS` are the API's own; the others are this program's."""

    INITIATED = "initiated"
    RINGING = "ringing"
    ANSWERED = "answered"
    COMPLETED = "completed"
    FAILED = "failed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    QUEUED = "queued"
    SCHEDULED = "scheduled"
    REJECTED = "rejected"
    SKIPPED = "skipped"
    REFUSED = "refused"
    DIALING = "dialing"
    UNKNOWN = "unknown"
    DEFERRED = "deferred"


CALL_EXISTS = frozenset(
    {
        Status.INITIATED,
        Status.RINGING,
        Status.ANSWERED,
        Status.COMPLETED,
        Status.FAILED,
        Status.BUSY,
        Status.NO_ANSWER,
        Status.QUEUED,
        Status.SCHEDULED,
    }
)
"""The API's statuses: a row with one of them has a call."""

ENDED = frozenset({Status.COMPLETED, Status.FAILED, Status.BUSY, Status.NO_ANSWER})
"""The API's statuses of a call that is over: they are final."""

UNDER_WAY = CALL_EXISTS - ENDED
"""The API's statuses of a call that is not over yet, or of which it is not known."""

CALL_MAY_EXIST = frozenset({Status.DIALING, Status.UNKNOWN})
"""The statuses of a request that may have left, with no answer that tells whether a call was placed."""

JUDGED = frozenset({Status.REJECTED, Status.SKIPPED, Status.DEFERRED})
"""No call exists, and the next run judges the row afresh."""

NO_CALL = JUDGED | {Status.REFUSED}
"""The statuses of a row that this attempt placed no call for."""

STATUS_MEANINGS = {
    Status.INITIATED: "the call was created",
    Status.RINGING: "the phone is ringing",
    Status.ANSWERED: "the conversation is under way",
    Status.COMPLETED: "the call ended; it does not say that a person was reached",
    Status.FAILED: "the call was placed and failed",
    Status.BUSY: "the line was busy",
    Status.NO_ANSWER: "it rang and nobody answered",
    Status.QUEUED: "the campaign has queued the call",
    Status.SCHEDULED: "the campaign has scheduled the call",
    Status.REJECTED: "the row is not valid; nothing was sent",
    Status.SKIPPED: "deliberately not dialed: the message says why",
    Status.REFUSED: "the API said no; no call exists",
    Status.DIALING: "being sent; when no run is under way, an attempt that was cut short",
    Status.UNKNOWN: "sent, and the answer was lost: a call may exist",
    Status.DEFERRED: "not yet dialed, and no call exists; the next run dials it",
}


class Code(StrEnum):
    """The error codes that this program gives. Codes from the API are written to the results unchanged."""

    INVALID_PHONE_NUMBER = "INVALID_PHONE_NUMBER"
    MISSING_PHONE_NUMBER = "MISSING_PHONE_NUMBER"
    INVALID_VALUE = "INVALID_VALUE"
    MISSING_VALUE = "MISSING_VALUE"
    DUPLICATE_ID = "DUPLICATE_ID"
    DUPLICATE_NUMBER = "DUPLICATE_NUMBER"
    SUPPRESSED = "SUPPRESSED"
    EXCLUDED = "EXCLUDED"
    HIDDEN_ROW = "HIDDEN_ROW"
    RECENTLY_CALLED = "RECENTLY_CALLED"
    NUMBER_CHANGED = "NUMBER_CHANGED"
    EXPIRED = "EXPIRED"
    OUTSIDE_CALLING_HOURS = "OUTSIDE_CALLING_HOURS"
    TIMEOUT = "TIMEOUT"
    CONNECTION_LOST = "CONNECTION_LOST"
    BAD_RESPONSE = "BAD_RESPONSE"
    WRONG_RECIPIENT = "WRONG_RECIPIENT"
    INTERRUPTED = "INTERRUPTED"


CODE_MEANINGS = {
    Code.INVALID_PHONE_NUMBER: "the number cannot be dialed as it is written",
    Code.MISSING_PHONE_NUMBER: "the row has no number",
    Code.INVALID_VALUE: "a cell does not fit its column",
    Code.MISSING_VALUE: "a cell that must be filled is empty",
    Code.DUPLICATE_ID: "another row has the same ID",
    Code.DUPLICATE_NUMBER: "another row has this number and is called instead, or another results file has its call:"
    " see the message",
    Code.SUPPRESSED: "the number is on a list of numbers not to call: the message names the file",
    Code.EXCLUDED: "a column of the sheet says that the row is not to be called: the message names it",
    Code.HIDDEN_ROW: "the row is hidden or filtered out in the sheet",
    Code.RECENTLY_CALLED: "the agent called this number lately, for another results file or from another machine: the"
    " message names the call",
    Code.NUMBER_CHANGED: "the row has a call, but to another number than the sheet has now: the message names both",
    Code.EXPIRED: "the date or time in the row has passed",
    Code.OUTSIDE_CALLING_HOURS: "it is night there, or not within `[calling_hours]`: the message says when to call",
    Code.TIMEOUT: "the API did not answer in time",
    Code.CONNECTION_LOST: "the connection broke, or could not be made",
    Code.BAD_RESPONSE: "the answer cannot be understood",
    Code.WRONG_RECIPIENT: "the API named a call to another number, or the call of another row: the message has its ID",
    Code.INTERRUPTED: "the run was cut short while the call was being sent",
}


class Exit(IntEnum):
    """The exit status of a command."""

    DONE = 0
    SOME_NOT_PLACED = 1
    USAGE = 2
    BAD_SHEET = 3
    STOPPED_EARLY = 4
    IN_USE = 5
    ROWS_LEFT = 6
    BUG = 70
    INTERRUPTED = 130
    TERMINATED = 143


EXIT_MEANINGS = {
    Exit.DONE: "every row is placed or skipped",
    Exit.SOME_NOT_PLACED: "finished, but some rows are rejected, refused or unknown",
    Exit.USAGE: "usage, configuration or missing token; nothing was dialed",
    Exit.BAD_SHEET: "the sheet cannot be used, or `--strict` and it has bad rows; nothing was dialed",
    Exit.STOPPED_EARLY: "stopped early by the API or by too many failures in a row; run again once that is put right",
    Exit.IN_USE: "another run holds this results file",
    Exit.ROWS_LEFT: "stopped on purpose with rows left; run again to go on",
    Exit.BUG: "a bug in the tool; what the journal holds is safe",
    Exit.INTERRUPTED: "interrupted (Ctrl-C); run again to go on",
    Exit.TERMINATED: "terminated; run again to go on",
}


class Hidden(Enum):
    """The values of `--hidden`: what to do with rows that the spreadsheet program hides or filters out."""

    SKIP = "skip"
    DIAL = "dial"


class Retry(Enum):
    """The values of `--retry`: which rows to dial again beyond those that are dialed anyway."""

    REFUSED = "refused"
    UNKNOWN = "unknown"
    CHANGED = "changed"
