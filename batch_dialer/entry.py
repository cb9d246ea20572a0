"""What is known of a row: an entry, and the tables of entries that the journal, the results file and the plan go by."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import NewType, Self

import polars as pl

from batch_dialer.model import Call, Outcome
from batch_dialer.words import CALL_EXISTS, Status


@dataclass(frozen=True, slots=True)
class Entry:
    """All that is known of a row: one line of the journal and, as the last of its key, of the results file.

    *sent_at* is when the last attempt began (ISO 8601, UTC); *attempts* counts requests that may have left or were
    about to; *fingerprint* names the request's content, so that a changed row is told from the same one. *calls* is how
    many calls were placed for the row; *earlier_calls* has those before the one in *call_id*, oldest first, as
    `ID status` joined by `; `. *duration_seconds* and *updated_at* are what the API said once the call had ended.
    *testing*: whether the row's calls are rehearsed.
    """

    row: int
    id: str
    to: str
    status: Status
    call_id: str
    error_code: str
    error_message: str
    http_status: int | None
    attempts: int
    agent_id: str
    sent_at: str
    created_at: str
    key: str
    delay_seconds: int
    fingerprint: str
    calls: int = 0
    earlier_calls: str = ""
    duration_seconds: int | None = None
    updated_at: str = ""
    testing: bool = False

    @classmethod
    def of(cls, call: Call, outcome: Outcome, sent_at: datetime) -> Self:
        """Return what is to be written of *call*, whose attempt began at *sent_at* and had this *outcome* so far."""
        return cls(
            row=call.row,
            id=call.id,
            to=call.to,
            status=outcome.status,
            call_id=outcome.call_id,
            error_code=outcome.error_code,
            error_message=outcome.error_message,
            http_status=outcome.http_status,
            attempts=call.attempt,
            agent_id=call.target.id,
            sent_at=sent_at.isoformat(timespec="milliseconds"),
            created_at=outcome.created_at,
            key=call.key,
            delay_seconds=call.delay_seconds,
            fingerprint=call.fingerprint,
            calls=call.calls + (outcome.status in CALL_EXISTS),
            earlier_calls=call.earlier_calls,
            testing=call.rehearsed,
        )

    def facts(self) -> dict[str, str | int | bool | None]:
        """Return the fields by their names, in the order of the results file's columns."""
        return {name: getattr(self, name) for name in self.__slots__}


_COLUMN_TYPES: Mapping[object, type[pl.DataType]] = {int: pl.Int64, int | None: pl.Int64, bool: pl.Boolean}
ENTRY_SCHEMA: Mapping[str, type[pl.DataType]] = {
    known.name: _COLUMN_TYPES.get(known.type, pl.String) for known in fields(Entry)
}
"""The columns of the results file and of the journal, in their order: an `Entry` in each line."""

Lines = NewType("Lines", pl.DataFrame)
"""Entries, a line each with the columns of `ENTRY_SCHEMA`, in an order that means something."""
History = NewType("History", pl.DataFrame)
"""Entries, a line each with the columns of `ENTRY_SCHEMA`, and one line for each key: the last word on it."""
OtherCalls = NewType("OtherCalls", pl.DataFrame)
"""A line for each number that has a call, or may have one, in another results file: `to`, `file` and `call_id`."""
