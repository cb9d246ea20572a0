"""`track`: how calls ended, through the real command and from the API's list."""

from pathlib import Path

from harness import run_here
from makers import lines, number, write_csv

from batch_dialer.sandbox.outcomes import parse_outcomes
from batch_dialer.sandbox.serve import Sandbox
from batch_dialer.sandbox.settings import Settings

_BUSY = "+14155550190"


def test_it_writes_how_each_call_ended_and_dials_nobody(tmp_path: Path) -> None:
    sheet = write_csv(tmp_path / "some.csv", [("Ann", number(0)), ("Bob", _BUSY)])
    results = tmp_path / "some.results.csv"
    with Sandbox(Settings(limit=None, speed=100_000, outcomes=parse_outcomes("reached 100%"))) as api:
        through = ("--agent", "agent_1", "--base-url", api.base_url, "--yes", "--rate", "1000/s")
        run_here("run", sheet, *through, cwd=tmp_path)
        asked = ("track", results, "--base-url", api.base_url)
        first = run_here(*asked, cwd=tmp_path)
        tracked = lines(results)
        run_here(*asked, cwd=tmp_path)
        assert tracked == lines(results), "what is known stays"
        assert 2 == len(api.exchange.rings)
    assert ["completed", "busy"] == [row["status"] for row in tracked]
    assert "Calls: reached 1, busy 1." in first.stdout


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    assert "There is no results file" in run_here("track", "none.results.csv", cwd=tmp_path, expect=2).stderr
