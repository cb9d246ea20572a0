"""The options of a rehearsal, and from when on it goes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from makers import SetClock, contacts, dial
from switchboard import Switchboard

from batch_dialer.clock import Clock, SystemClock
from batch_dialer.commands.line import SandboxLine
from batch_dialer.commands.options.rehearsal import RehearsalOptions
from batch_dialer.errors import UsageError
from batch_dialer.ledger.ledger import SANDBOX, Ledger
from batch_dialer.rehearsal_clock import RehearsalClock
from batch_dialer.sandbox.call_log import CallLog
from batch_dialer.sandbox.exchange import Exchange, Order
from batch_dialer.sandbox.outcomes import Outcomes, parse_outcomes
from batch_dialer.talkover.token import Token

_NINE = datetime(2026, 11, 29, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("speed", "outcomes", "named"),
    [(60.0, None, "--speed"), (None, parse_outcomes("busy 100%"), "--outcomes")],
)
def test_what_only_the_sandbox_can_do_is_refused_without_it(
    speed: float | None, outcomes: Outcomes | None, named: str
) -> None:
    with pytest.raises(UsageError, match=f"{named} is given without --sandbox"):
        RehearsalOptions(dry_run=False, report=None, sandbox=False, testing=False, speed=speed, outcomes=outcomes)


def _ledger(folder: Path) -> Ledger:
    return Ledger(folder / "some.results.csv", SANDBOX)


def _called(folder: Path, at: datetime) -> None:
    CallLog(folder / "some.results.csv.calls").add(Exchange(at.timestamp).place(Order("+12125550100", "agent_1")))


def _locate(folder: Path, clock: Clock) -> None:
    ledger = _ledger(folder)
    SandboxLine("http://localhost", Token("talq_sandbox"), ledger.results, Exchange(), clock).located(ledger)


def test_a_rehearsal_at_speed_goes_on_from_the_latest_that_the_one_before_wrote(tmp_path: Path) -> None:
    """The latest call, or an attempt that placed none; the present where both are past."""
    clock = RehearsalClock(60, _NINE)
    _locate(tmp_path, clock)
    assert _NINE == clock.now()
    _called(tmp_path, _NINE - timedelta(days=1))
    _locate(tmp_path, clock)
    assert _NINE == clock.now()
    _called(tmp_path, _NINE + timedelta(hours=5))
    _locate(tmp_path, clock)
    assert _NINE + timedelta(hours=5) == clock.now()
    later = _NINE + timedelta(hours=8)
    sheet = contacts(tmp_path / "some.csv", 1)
    dial(sheet, Switchboard(), clock=SetClock(later), ledger=_ledger(tmp_path))
    _locate(tmp_path, clock)
    assert later == clock.now()


def test_who_goes_on_without_speed_after_a_rehearsal_at_speed_is_told_why_that_cannot_be(tmp_path: Path) -> None:
    """Its calls would be in the future, and in no list."""
    _called(tmp_path, _NINE)
    _locate(tmp_path, SetClock(_NINE + timedelta(seconds=1)))
    with pytest.raises(UsageError, match="rehearsed with --speed, until 2026-11-29 09:00Z") as caught:
        _locate(tmp_path, SetClock(_NINE - timedelta(seconds=1)))
    assert "Give --speed again" in caught.value.remedy


def test_without_speed_the_clock_is_the_machines() -> None:
    options = RehearsalOptions(dry_run=False, report=None, sandbox=True, testing=False, speed=None, outcomes=None)
    assert isinstance(options.clock(), SystemClock)
