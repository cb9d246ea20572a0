"""A results file that nobody has touched is not read again: its journal says as much. A touched one is."""

from pathlib import Path

import polars as pl
import pytest
from makers import contacts, dial, job, lines, number, write_csv
from switchboard import Act, Switchboard

from batch_dialer.clock import SystemClock
from batch_dialer.ledger.opening import SheetRows, read_ledger
from batch_dialer.model import Rows
from batch_dialer.plan.planning import Policy

_ROWS = [("Ann", number(0)), ("Bad", "12"), ("Ann again", number(0)), *((f"P{n}", number(n)) for n in range(1, 6))]


@pytest.mark.parametrize("script", [[], list(Act)], ids=["all goes well", "much goes wrong"])
def test_law_the_journal_says_all_that_the_results_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: list[Act]
) -> None:
    sheet = write_csv(tmp_path / "s.csv", _ROWS)
    nobody = SheetRows(Rows(pl.DataFrame()), "agent_1")
    for limit in (2, 1, None):
        dial(sheet, Switchboard(script), policy=Policy(limit=limit))
        read = read_ledger(job(sheet).ledger, SystemClock()).history.sort("key")
        with monkeypatch.context() as patch:
            patch.setattr("batch_dialer.ledger.opening.read_results", None)
            unread = read_ledger(job(sheet).ledger, SystemClock(), nobody).history.sort("key")
        assert read.equals(unread)
        assert (read["status"] == "skipped").any(), "a word that no attempt gave"


def test_a_call_that_a_person_adds_to_the_results_is_a_call(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "s.csv", 3)
    results = tmp_path / "s.results.csv"
    dial(sheet, Switchboard(), policy=Policy(limit=1))
    known = pl.read_csv(results, infer_schema=False)
    by_hand = pl.when(pl.col("to") == number(1)).then(pl.lit("call_by_hand")).otherwise("call_id").alias("call_id")
    known.with_columns(by_hand).write_csv(results)
    board = Switchboard()
    dial(sheet, board)
    assert [number(2)] == list(board.rings)
    assert "call_by_hand" == lines(results)[1]["call_id"]


def test_a_deleted_results_file_is_written_anew(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "s.csv", 3)
    dial(sheet, Switchboard())
    (tmp_path / "s.results.csv").unlink()
    board = Switchboard()
    dial(sheet, board)
    assert [] == list(board.rings)
    assert ["initiated"] * 3 == [line["status"] for line in lines(tmp_path / "s.results.csv")]


def test_the_line_of_a_bad_row_stays_when_the_row_is_gone(tmp_path: Path) -> None:
    """It was never an attempt: the journal knows it from the end of its run."""
    sheet = write_csv(tmp_path / "s.csv", [("C-1", number(1)), ("C-2", "12")], header=("id", "phone"))
    dial(sheet, Switchboard())
    write_csv(sheet, [("C-1", number(1))], header=("id", "phone"))
    for _ in range(2):
        dial(sheet, Switchboard())
        assert ["initiated", "rejected"] == [line["status"] for line in lines(tmp_path / "s.results.csv")]
