"""The exit statuses of the contract."""

import polars as pl
import pytest

from batch_dialer.ledger.tally import Tally, count
from batch_dialer.model import Ending, Lines
from batch_dialer.words import CALL_EXISTS, Exit, Status

_LIMIT = Ending(Exit.ROWS_LEFT, "The limit is reached.", "Run again.")
_STOPPED = Ending(Exit.STOPPED_EARLY, "No credits.", "Top up.")


@pytest.mark.parametrize("status", [*sorted(CALL_EXISTS), Status.SKIPPED])
def test_zero_when_every_row_is_placed_or_skipped(status: Status) -> None:
    assert 0 == Tally({status: 3}).exit


def test_zero_when_there_was_nothing_to_do() -> None:
    assert 0 == Tally({}).exit
    assert 0 == Tally({Status.REJECTED: 0, Status.DEFERRED: 0}).exit


@pytest.mark.parametrize("status", [Status.REJECTED, Status.REFUSED, Status.UNKNOWN, Status.DIALING])
def test_one_when_some_row_has_no_call(status: Status) -> None:
    assert 1 == Tally({Status.INITIATED: 99, status: 1}).exit


@pytest.mark.parametrize("ending", [Exit.STOPPED_EARLY, Exit.INTERRUPTED, Exit.TERMINATED])
@pytest.mark.parametrize("counts", [{}, {Status.INITIATED: 1}, {Status.UNKNOWN: 1}, {Status.DEFERRED: 1}])
def test_whatever_stopped_the_run_says_so(counts: dict[Status, int], ending: Exit) -> None:
    assert ending == Tally(counts, Ending(ending, "why", "what to do")).exit


def test_the_numbers_that_scripts_know() -> None:
    assert [0, 1, 2, 3, 4, 5, 6, 70, 130, 143] == [exit_.value for exit_ in Exit]


def test_six_when_rows_are_left_on_purpose() -> None:
    assert 6 == Tally({Status.INITIATED: 1, Status.DEFERRED: 1}, _LIMIT).exit
    assert 6 == Tally({Status.REJECTED: 1, Status.DEFERRED: 1}, _LIMIT).exit


def test_a_limit_that_left_nothing_is_no_reason() -> None:
    assert 0 == Tally({Status.INITIATED: 1}, _LIMIT).exit
    assert 1 == Tally({Status.INITIATED: 1, Status.REJECTED: 1}, _LIMIT).exit


def test_a_row_that_was_not_reached_is_never_zero() -> None:
    """It may have expired in the line, while nothing else stopped the run."""
    assert 6 == Tally({Status.INITIATED: 1, Status.DEFERRED: 1}).exit


def test_the_lines_are_counted_by_status() -> None:
    words = [Status.INITIATED, Status.INITIATED, Status.REJECTED]
    tally = count(Lines(pl.DataFrame({"status": [word.value for word in words]})), _STOPPED)

    assert {Status.INITIATED: 2, Status.REJECTED: 1} == tally.counts
    assert _STOPPED == tally.ending


def test_an_empty_sheet_is_counted_too() -> None:
    assert Tally({}) == count(Lines(pl.DataFrame({"status": []}, schema={"status": pl.String})), None)


def test_the_summary_names_every_group_that_is_there_the_calls_first() -> None:
    counts = dict.fromkeys(Status, 1)

    assert [("placed", 9), ("skipped", 1), ("rejected", 1), ("refused", 1), ("unknown", 2), ("left", 1)] == [
        (word, number) for word, number, _ in Tally(counts).lines()
    ]
    assert [("placed", 2)] == [line[:2] for line in Tally({Status.BUSY: 2, Status.REFUSED: 0}).lines()]


@pytest.mark.parametrize("status", Status)
def test_every_status_is_in_one_group(status: Status) -> None:
    assert 1 == sum(number for _, number, _ in Tally({status: 1}).lines())
