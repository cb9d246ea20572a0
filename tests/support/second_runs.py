"""Runs of the real command against the second model of the API, and what must hold after each of them."""

from collections import Counter
from pathlib import Path

from harness import TOKEN, run_here
from makers import lines
from second_accidents import Accident, html
from second_api import SecondApi
from second_lies import Lies
from second_limit import LimitRule

UNLISTED = Accident(lambda seen: seen.kind == "list", html(503), place=False)
"""No list of calls can be had: what is in doubt after a run stays so."""

Results = dict[str, dict[str, str]]
"""The lines of a results file by number; no sheet here has a number twice."""


def second_api(*accidents: Accident, lies: Lies | None = None, limit: LimitRule | None = None) -> SecondApi:
    """Return a model that takes the token of the command's environment."""
    return SecondApi(*accidents, token=TOKEN, lies=lies or Lies(), limit=limit)


def arguments(sheet: Path, api: SecondApi, *more: str) -> list[str]:
    """Return a command that dials *sheet* as fast as it can; an option in *more* beats the one that stands here.

    Recent calls are not looked up: whoever would be called again must be held back by what is known of the sheet alone.
    """
    target = () if "--campaign" in more else ("--agent", "agent_1")
    pace = ("--rate", "1000/s", "--concurrency", "4", "--not-called-within", "0")
    return ["run", str(sheet), "--base-url", api.base_url, "--yes", "--quiet", *target, *pace, *more]


def dial(sheet: Path, api: SecondApi, *more: str, expect: int | None = 0, hurried: bool = True) -> Results:
    """Run the command to its end, check what must always hold, and return the results."""
    run_here(*arguments(sheet, api, *more), cwd=sheet.parent, expect=expect, hurried=hurried)
    return check(sheet, api)


def check(sheet: Path, api: SecondApi) -> Results:
    """Check that nobody was rung twice, every ID is the ID of a call to its own number, and every ring is on record."""
    rings = Counter(ring.number for ring in api.rings)
    assert [number for number, count in rings.items() if count > 1] == [], "somebody was rung twice"
    assert api.faults == ()
    known = read_results(sheet)
    number_of = {name: call.to for call in api.calls() for name in (call.id, call.dialed_id)}
    wrong = [line["to"] for line in known.values() if line["call_id"] and number_of.get(line["call_id"]) != line["to"]]
    assert wrong == [], "a row has somebody else's call"
    lost = [ring.number for ring in api.rings if not _is_on_record(known[ring.number])]
    assert lost == [], "a ring is not on record"
    return known


def read_results(sheet: Path) -> Results:
    return {line["to"]: line for line in lines(sheet.with_suffix(".results.csv"))}


def check_all_placed(known: Results, api: SecondApi) -> None:
    """Check that every row has the ID of the one call that was placed for it."""
    assert {ring.number: ring.call_id for ring in api.rings} == {to: line["call_id"] for to, line in known.items()}


def _is_on_record(line: dict[str, str]) -> bool:
    return bool(line["call_id"]) or line["status"] in {"unknown", "dialing"}
