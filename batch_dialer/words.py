"""Every word that others rely on, once: statuses, error codes and exit statuses, each with the sentence people read.

A test holds the tables of the manuals to these sentences.
"""

from enum import Enum, IntEnum, StrEnum


class Status(StrEnum):
    """What is known of a row. The first nine are the API's words for a call that exists; the rest are ours."""

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


CALL_EXISTS = frozenset(list(Status)[:9])
CALL_MAY_EXIST = frozenset({Status.DIALING, Status.UNKNOWN})
JUDGED = frozenset({Status.REJECTED, Status.SKIPPED, Status.DEFERRED})
"""No call exists, and the next run judges the row afresh."""

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
    """The error codes that are ours to give. The API's own are passed on as they are."""

    INVALID_PHONE_NUMBER = "INVALID_PHONE_NUMBER"
    MISSING_PHONE_NUMBER = "MISSING_PHONE_NUMBER"
    INVALID_VALUE = "INVALID_VALUE"
    MISSING_VALUE = "MISSING_VALUE"
    DUPLICATE_ID = "DUPLICATE_ID"
    DUPLICATE_NUMBER = "DUPLICATE_NUMBER"
    SUPPRESSED = "SUPPRESSED"
    HIDDEN_ROW = "HIDDEN_ROW"
    EXPIRED = "EXPIRED"
    TIMEOUT = "TIMEOUT"
    CONNECTION_LOST = "CONNECTION_LOST"
    BAD_RESPONSE = "BAD_RESPONSE"
    INTERRUPTED = "INTERRUPTED"


CODE_MEANINGS = {
    Code.INVALID_PHONE_NUMBER: "the number cannot be dialed as it stands",
    Code.MISSING_PHONE_NUMBER: "the row has no number",
    Code.INVALID_VALUE: "a cell does not fit its column",
    Code.MISSING_VALUE: "a cell that must be filled is empty",
    Code.DUPLICATE_ID: "another row has the same ID",
    Code.DUPLICATE_NUMBER: "another row stands for this number: the message names it",
    Code.SUPPRESSED: "the number is on a list of numbers not to call: the message names the file",
    Code.HIDDEN_ROW: "the row is hidden or filtered out in the sheet",
    Code.EXPIRED: "the row's time has passed",
    Code.TIMEOUT: "the API did not answer in time",
    Code.CONNECTION_LOST: "the connection broke, or could not be made",
    Code.BAD_RESPONSE: "the answer cannot be understood",
    Code.INTERRUPTED: "the run was cut short while the call was being sent",
}


class Exit(IntEnum):
    """How a command ended, for scripts."""

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
    Exit.STOPPED_EARLY: "stopped early by the API or by too many failures in a row; run again once mended",
    Exit.IN_USE: "another run holds this results file",
    Exit.ROWS_LEFT: "stopped on purpose with rows left; run again to go on",
    Exit.BUG: "a bug in the tool; what the journal holds is safe",
    Exit.INTERRUPTED: "interrupted (Ctrl-C); run again to go on",
    Exit.TERMINATED: "terminated; run again to go on",
}


class Hidden(Enum):
    """What `--hidden` says of rows that the spreadsheet program does not show."""

    SKIP = "skip"
    DIAL = "dial"


class Retry(Enum):
    """What `--retry` asks to be dialed again."""

    REFUSED = "refused"
    UNKNOWN = "unknown"
