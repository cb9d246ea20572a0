"""Each call leaves when the plan says, or the plan says why not. Held to what the dispatch asks, call by call."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_dialer.plan.calling_hours import USUAL, next_opening, why_outside, windows
from batch_dialer.plan.forecast import Spacing
from batch_dialer.plan.places import find_places
from batch_dialer.plan.timetable import Hours, Miss, make_timetable
from batch_dialer.schema.schema import CallingHours

_NUMBERS = ("+493012345678", "+61281234567", "+551131234567", "+56961234567", "+819012345678")
_BEGIN = datetime(2026, 10, 24, tzinfo=UTC)
"""The day before clocks are set in Germany; the one in which they are in New York is a week later."""

_hours = st.builds(
    CallingHours,
    start=st.sampled_from([0, 8 * 60, 9 * 60 + 30]),
    end=st.sampled_from([12 * 60, 21 * 60, 24 * 60]),
    days=st.sets(st.integers(0, 6), min_size=1).map(frozenset),
)
_rows = st.lists(
    st.tuples(st.sampled_from(_NUMBERS), st.sampled_from([0, 0, 600, 3600]), st.none() | st.integers(0, 100)),
    max_size=30,
)


def _frame(rows: Sequence[tuple[str, int, int | None]]) -> pl.DataFrame:
    columns = {
        "row": pl.Series(range(2, len(rows) + 2), dtype=pl.UInt32),
        "to": pl.Series([to for to, _, _ in rows], dtype=pl.String),
        "delay_seconds": pl.Series([delay for _, delay, _ in rows], dtype=pl.Int64),
        "expires": pl.Series(
            [None if expires is None else _BEGIN + timedelta(hours=expires) for _, _, expires in rows],
            dtype=pl.Datetime("us", "UTC"),
        ),
    }
    return pl.DataFrame(columns)


@given(
    rows=_rows,
    kept=_hours | st.none(),
    start=st.integers(0, 40),
    rate=st.sampled_from([1 / 7200, 1 / 600, 0.5]),
    last=st.integers(1, 60),
    waits=st.booleans(),
)
def test_every_row_leaves_within_its_hours_or_is_told_why_not(
    rows: list[tuple[str, int, int | None]],
    kept: CallingHours | None,
    start: int,
    rate: float,
    last: int,
    *,
    waits: bool,
) -> None:
    begins = _BEGIN + timedelta(hours=start, minutes=17, seconds=3)
    ends = begins + timedelta(hours=last)
    frame = _frame(rows)
    table = make_timetable(frame, find_places(frame), Spacing(rate), Hours(begins, ends, kept, waits=waits))

    assert list(range(2, len(rows) + 2)) == sorted(table["row"])
    leaves = []
    for row, at, rings, miss in table.select("row", "leaves", "rings", "miss").iter_rows():
        to, delay, expires = rows[row - 2]
        assert (at is None) == (rings is None) == (miss is not None)
        if at is None:
            continue
        leaves.append(at)
        assert begins <= at < ends
        assert rings == at + timedelta(seconds=delay)
        assert expires is None or rings < _BEGIN + timedelta(hours=expires)
        assert kept is None or not why_outside(kept, to, "", at, delay)
    gaps = [later - earlier for earlier, later in itertools.pairwise(leaves)]
    assert all(gap >= timedelta(seconds=1 / rate) - timedelta(milliseconds=1) for gap in gaps)


@given(_rows, _hours, st.integers(0, 40), st.sampled_from([1 / 7200, 1 / 600, 0.5]))
def test_without_an_end_nobody_is_missed_who_is_in_the_hours_when_it_is_the_turn(
    rows: list[tuple[str, int, int | None]], kept: CallingHours, start: int, rate: float
) -> None:
    """As the dispatch does it: the n-th row has its turn whether or not those before it were called."""
    begins = _BEGIN + timedelta(hours=start, minutes=17)
    frame = _frame([(to, delay, None) for to, delay, _ in rows])
    table = make_timetable(frame, find_places(frame), Spacing(rate), Hours(begins, None, kept))
    turns = [begins + timedelta(seconds=n / rate) for n in range(len(rows))]
    closed = [
        row
        for row, ((to, delay, _), at) in enumerate(zip(rows, turns, strict=True), start=2)
        if why_outside(kept, to, "", at, delay)
    ]
    assert closed == table.filter(pl.col("miss") == Miss.HOURS.name)["row"].to_list()


@pytest.mark.parametrize("number", [*_NUMBERS, "+12125550100"])
def test_the_windows_of_a_phone_are_the_minutes_in_which_it_may_ring(number: str) -> None:
    """Three days in one of which clocks are set; also those of hours that last all day on some days of the week."""
    frame = _frame([(number, 0, None)])
    (zones,) = find_places(frame).zones
    until = _BEGIN + timedelta(days=3)
    for kept in (USUAL, CallingHours(start=0, end=1440, days=frozenset({0, 2, 6})), CallingHours(end=22 * 60)):
        spells = windows(kept, zones, _BEGIN, until)
        moments = [_BEGIN + timedelta(minutes=15 * n) for n in range(3 * 96)]
        said = [any(opens <= at < closes for opens, closes in spells) for at in moments]
        assert said == [not why_outside(kept, number, "", at) for at in moments]


def test_who_waits_is_called_when_the_hours_begin_and_others_are_not_kept_waiting() -> None:
    kept = CallingHours()
    begins = datetime(2026, 11, 30, 19, 30, tzinfo=UTC)  # half past eight in Berlin, which closes at nine
    frame = _frame([("+493012345678", 0, None)] * 40 + [("+12125550100", 0, None)] * 20)
    table = make_timetable(frame, find_places(frame), Spacing(1 / 60), Hours(begins, None, kept, waits=True))
    assert table["miss"].null_count() == 60
    late = table.filter(pl.col("row").is_between(32, 41))["leaves"]
    opens = next_opening(kept, ("Europe/Berlin",), begins + timedelta(hours=2))
    assert [opens + timedelta(minutes=n) for n in range(10)] == late.to_list()  # type: ignore[operator]  # it opens
    assert timedelta(minutes=40) == table.filter(pl.col("row") == 42)["leaves"][0] - begins


def test_a_row_that_may_not_ring_yet_waits_for_its_hours() -> None:
    frame = _frame([("+493012345678", 0, None), ("+12125550100", 0, None)])
    begins = datetime(2026, 11, 30, 9, tzinfo=UTC)
    frame = frame.with_columns(opens=pl.Series([None, begins + timedelta(hours=9)], dtype=pl.Datetime("us", "UTC")))
    table = make_timetable(frame, find_places(frame), Spacing(1), Hours(begins, None, USUAL, waits=True))
    assert [begins, begins + timedelta(hours=9)] == table["leaves"].to_list()
