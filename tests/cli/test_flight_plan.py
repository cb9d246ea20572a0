"""The plan is what the run then does, to the minute; its page shows it all, and a dry run sends nothing."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from harness import run_here
from makers import SetClock, lines, write_csv

_NOON = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)
_SCHEMA = """unmapped = "payload"
[to]
column = "Phone"
[calling_hours]
from = "08:00"
to = "16:20"
"""


def _sheet(folder: Path, count: int) -> Path:
    """Write a sheet of people in Berlin, where it is an hour later than in London, and in London."""
    (folder / "s.toml").write_text(_SCHEMA)
    numbers = ("+49301234{:04d}", "+4420794{:05d}")
    rows = [("Ann", numbers[n % 2].format(60_000 + n if n % 2 else n)) for n in range(count)]
    return write_csv(folder / "some.csv", rows)


def _plan(log: str) -> Any:
    events = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    (plan,) = [event for event in events if event["event"] == "plan"]
    return plan


def test_a_sheet_is_called_when_the_plan_says(tmp_path: Path) -> None:
    """Berlin closes while it goes on: the plan says who has no time left, and so it is."""
    sheet = _sheet(tmp_path, 220)
    asked = ("run", sheet, "--schema", "s.toml", "--sandbox", "--rate", "10/min", "--log-format", "json")
    clock = SetClock(_NOON)
    before = _plan(
        run_here(*asked, "--dry-run", "--report", "plan.html", cwd=tmp_path, clock=clock, any_hour=False).stderr
    )
    assert [] == list(tmp_path.glob("*.results.csv*"))
    done = run_here(*asked, "--speed", "1000", cwd=tmp_path, clock=clock, any_hour=False, expect=6)
    plan = _plan(done.stderr)

    results = lines(tmp_path / "some.sandbox.results.csv")
    for told in (before, plan):
        for zone, prefix in (("Europe/Berlin", "+49"), ("Europe/London", "+44")):
            called = [line["sent_at"] for line in results if line["to"].startswith(prefix) and line["sent_at"]]
            sent = sorted(map(datetime.fromisoformat, called))
            foretold = told["zones"][zone]
            assert abs(len(sent) - foretold["calls"]) <= 5
            for at, word in ((sent[0], "first_ring"), (sent[-1], "last_ring")):
                assert abs(at - datetime.fromisoformat(foretold[word])) < timedelta(minutes=1)
    page = (tmp_path / "plan.html").read_text()
    assert all(words in page for words in ("220 rows in all", "Europe/Berlin", "16:00", "Outside calling hours when"))


def test_what_is_in_the_sheet_stays_text_on_the_page(tmp_path: Path) -> None:
    sheet = write_csv(tmp_path / "a<b>.csv", [("<script>alert(1)</script>&", "+12125550100"), ("", "+12125550101")])
    run_here("run", sheet, "--agent", "a", "--dry-run", "--report", "plan.html", cwd=tmp_path)
    page = (tmp_path / "plan.html").read_text()
    for text in ("<script", "a<b>"):
        assert text not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;" in page
    assert "Row 3: an empty value" in page
    assert [] == re.findall(r"(?:src|href)=\"(?!#)", page), "it needs no other file"
    assert ["a<b>.csv", "plan.html"] == sorted(path.name for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--report", "plan.html"), "--report is given without --dry-run"),
        (("--dry-run", "--report", "plan.xlsx"), "does not end in .html"),
        (("--dry-run", "--report", "nowhere/plan.html"), "cannot be written"),
    ],
)
def test_a_report_that_cannot_be_is_refused(tmp_path: Path, more: tuple[str, ...], said: str) -> None:
    sheet = write_csv(tmp_path / "some.csv", [("Ann", "+12125550100")])
    assert said in run_here("run", sheet, "--agent", "a", "--yes", *more, cwd=tmp_path, expect=2).stderr
