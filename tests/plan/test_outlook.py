"""What a run that stays has to wait for."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from makers import entry, history

from batch_dialer.model import Rows
from batch_dialer.plan.outlook import left_for_later, look_ahead
from batch_dialer.plan.planning import Plan
from batch_dialer.words import Exit, Status

_SENT = datetime(2026, 11, 22, 10, tzinfo=UTC)
_NOBODY = Rows(pl.DataFrame())
_QUIET = timedelta(minutes=15)


def _plan(**changes: object) -> Plan:
    return Plan(_NOBODY, _NOBODY, 0, **changes)  # type: ignore[arg-type]  # each test gives what it means


@pytest.mark.parametrize(
    ("status", "minutes", "under_way", "in_doubt"),
    [
        (Status.RINGING, 239, 1, 0),
        (Status.RINGING, 241, 0, 0),  # its end was not told
        (Status.BUSY, 1, 0, 0),
        (Status.UNKNOWN, 1, 0, 1),
        (Status.DIALING, 1, 0, 1),
        (Status.UNKNOWN, 29, 0, 1),
        (Status.UNKNOWN, 31, 0, 0),  # what the list could settle by then is settled
        (Status.DEFERRED, 1, 0, 0),
    ],
)
def test_calls_and_doubts_are_waited_for_and_not_without_end(
    status: Status, minutes: int, under_way: int, in_doubt: int
) -> None:
    call_id = "" if status in {Status.UNKNOWN, Status.DIALING, Status.DEFERRED} else "call_1"
    known = history(entry(status=status, call_id=call_id))
    outlook = look_ahead(known, _plan(), _SENT + timedelta(minutes=minutes), _QUIET)
    assert (under_way, in_doubt) == (outlook.under_way, outlook.in_doubt)
    assert (not under_way and not in_doubt) == outlook.is_over
    assert (_SENT + _QUIET if in_doubt else None) == outlook.settled_at


def test_a_delay_is_waited_for_as_well() -> None:
    known = history(entry(delay_seconds=3600, status=Status.RINGING))
    assert 1 == look_ahead(known, _plan(), _SENT + timedelta(hours=4, minutes=30), _QUIET).under_way


def test_who_is_due_later_is_waited_for() -> None:
    due = _SENT + timedelta(hours=2)
    outlook = look_ahead(history(), _plan(later=1, next_due=due), _SENT, _QUIET)
    assert (due, False) == (outlook.next_due, outlook.is_over)


def test_how_a_run_ends_after_which_some_are_to_be_called_again() -> None:
    assert left_for_later(_plan()) is None
    ending = left_for_later(_plan(later=2, next_due=_SENT, under_way=1))
    assert ending
    assert Exit.ROWS_LEFT is ending.exit
    assert "To be called again from 2026-11-22" in ending.reason
    assert "2. Not yet known how the call ends: 1." in ending.reason
