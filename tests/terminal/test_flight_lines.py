"""What the plan says of times and places is short, and true."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from makers import AGENT, job
from zones import machine_in

from batch_dialer.job import Rate
from batch_dialer.ledger.ledger import SANDBOX, Ledger
from batch_dialer.model import Rows
from batch_dialer.plan.flight_plan import FlightPlan, draw_up
from batch_dialer.plan.forecast import Spacing
from batch_dialer.plan.planning import Plan, Policy
from batch_dialer.plan.redial import Redial
from batch_dialer.plan.timetable import Hours
from batch_dialer.talkover.payload import Caller
from batch_dialer.terminal.flight_lines import duration, forecast, more_words, opening_lines, zone_lines
from batch_dialer.words import Status

_NOW = datetime(2026, 11, 25, 22, 30, tzinfo=UTC)
_RATE = Rate(1.5)
_NUMBERS = ("+493012345678", "+442079460000", "+61281234567", "+819012345678", "+551131234567", "+34912345678")


@pytest.fixture(autouse=True)
def _zone() -> Iterator[None]:
    """Set this machine's clock an hour ahead of UTC."""
    with machine_in("CET-1"):
        yield


def _flight(
    calls: int, rate: Rate = _RATE, ends: datetime | None = None, opening: str = "", **changes: Any
) -> FlightPlan:
    numbers = changes.pop("numbers", _NUMBERS[:1])
    dial = pl.DataFrame(
        {
            "row": pl.Series(range(2, calls + 2), dtype=pl.UInt32),
            "id": [""] * calls,
            "key": [str(n) for n in range(calls)],
            "to": [numbers[n % len(numbers)] for n in range(calls)],
            "payload.customer_name": [None if n == 1 else "Ann" * (1 + (n == 2)) for n in range(calls)],
        }
    )
    plan = Plan(Rows(dial), Rows(dial), 0)
    spacing, hours = Spacing(rate.per_second, rate.burst), Hours(_NOW, ends)
    return draw_up(plan, Policy(**changes), Caller(AGENT), spacing, hours, {AGENT: opening} if opening else {})


@pytest.mark.parametrize(
    ("calls", "rate", "changes", "said"),
    [
        pytest.param(
            601, Rate(1.5), {}, "at 90 a minute: first ring at 23:30, last at 23:36, about 7 min", id="asked for"
        ),
        pytest.param(
            601, Rate(1.5, adaptive=True), {},
            "at 90 a minute: first ring at 23:30, last at 23:36, about 7 min; sooner if the API allows more", id="auto",
        ),
        pytest.param(
            601, Rate(15, adaptive=True), {"ledger": Ledger(Path("r.csv"), SANDBOX)},
            "at 900 a minute: all ring at 23:30", id="the sandbox's, which is known",
        ),
        pytest.param(
            8101, Rate(1.5), {}, "at 90 a minute: first ring at 23:30, last at Thu 26 Nov 01:00, about 1.5 h",
            id="the next day",
        ),
        pytest.param(1, Rate(1.5), {}, "at 90 a minute: it rings at 23:30", id="one"),
        pytest.param(
            601, Rate(1.5), {"max_duration": timedelta(minutes=2)},
            "at 90 a minute: first ring at 23:30, last at 23:31, about 2 min; for 421 there is no time left"
            " (--max-duration ends it at 23:32)",
            id="the time that was given",
        ),
        pytest.param(
            2, Rate(0.025), {"until": _NOW + timedelta(seconds=30)},
            "at 1.5 a minute: it rings at 23:30; for 1 there is no time left (--until ends it at 23:30)", id="until",
        ),
    ],
)  # fmt: skip
def test_the_times_are_told_by_the_clock_of_this_machine(
    calls: int, rate: Rate, changes: dict[str, Any], said: str
) -> None:
    ends = changes.get("until") or (_NOW + changes["max_duration"] if "max_duration" in changes else None)
    shown = forecast(_flight(calls, rate, ends), job(Path("s.csv"), rate=rate, **changes))
    assert said == shown


def test_the_zones_are_two_lines_and_by_their_clocks() -> None:
    assert "" == zone_lines(_flight(10), 80)
    flight = _flight(600, numbers=_NUMBERS)
    assert (
        "Tokyo 100 (07:30-07:36), Sydney 100 (09:30-09:36), Berlin 100 (23:30-23:36), London 100 (22:30-22:36)"
        in zone_lines(flight, None)
    )
    shown = zone_lines(flight, 80).splitlines()
    assert len(shown) <= 2
    assert all(len(line) <= 80 for line in shown)
    assert " more" in shown[-1]


def test_the_opening_line_has_the_longest_values_and_tells_what_is_empty() -> None:
    opening = "Hello {{ Customer Name }}, about {topic}"
    assert [
        'First words to row 4: "Hello AnnAnn, about {topic}"',
        "Row 4 has no value there for {topic}.",
    ] == opening_lines(_flight(4, opening=opening).examples)
    assert ["longest", "empty", "another"] == [
        next(word for word in ("longest", "empty", "another") if word in example.why)
        for example in _flight(4, opening=opening).examples
    ]
    (_, empty, _) = _flight(4, opening="Hello {{customer_name}}").examples
    assert (3, ("{{customer_name}}",)) == (empty.row, empty.missing)
    assert [] == opening_lines(_flight(4).examples)


def test_what_redialing_may_add_is_told() -> None:
    assert "" == more_words(_flight(10))
    redial = Redial(frozenset({Status.BUSY}), after=timedelta(hours=1))
    assert "Redialing may add up to 20 more, from Thu 26 Nov 00:30 on." == more_words(_flight(10, redial=redial))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "1 s"), (89, "89 s"), (90, "2 min"), (3600, "60 min"), (5400, "1.5 h"), (86_400, "24.0 h")],
)
def test_a_duration_is_said_as_a_person_says_it(seconds: float, said: str) -> None:
    assert said == duration(seconds)
