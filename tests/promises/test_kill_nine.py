"""The real process, SIGKILL at random moments, and the sandbox's own list of rings as the witness.

The long form: `BATCH_DIALER_KILLS=500 python -m pytest tests/promises/test_kill_nine.py`.
"""

import os
import random
import time
from collections import Counter
from pathlib import Path

from harness import run_here, start
from makers import contacts, lines

from batch_dialer.sandbox import faults
from batch_dialer.sandbox.scripts import AtRandom
from batch_dialer.sandbox.serve import Sandbox
from batch_dialer.sandbox.settings import Settings

_KILLS = int(os.environ.get("BATCH_DIALER_KILLS", "8"))
_PEOPLE = 300
_SEED = int(os.environ.get("BATCH_DIALER_SEED", "1"))


def test_nobody_is_rung_twice_and_no_id_is_lost_over_any_number_of_kills(tmp_path: Path) -> None:
    """Each campaign is killed again and again until it is through; then every ring has its ID in the results."""
    moments = random.Random(_SEED)  # noqa: S311  (moments, no secrets)
    kills = campaign = 0
    while kills < _KILLS:
        campaign += 1
        folder = tmp_path / str(campaign)
        folder.mkdir()
        kills += _campaign(folder, moments, _KILLS - kills)
    print(f"{kills} kills in {campaign} campaigns of {_PEOPLE} people; 0 double dials, 0 lost IDs")


def _campaign(folder: Path, moments: random.Random, most: int) -> int:
    sheet = contacts(folder / "sheet.csv", _PEOPLE)
    script = AtRandom(_SEED, {faults.place_then_drop: 0.01, faults.drop: 0.01, faults.unavailable: 0.005})
    with Sandbox(Settings(limit=None), script=script) as sandbox:
        arguments = (
            "run", sheet, "--agent", "agent_1", "--base-url", sandbox.base_url, "--yes", "--rate", "40/s",
            "--settle-after", "1s", "--concurrency", "8", "--not-called-within", "0",
        )  # fmt: skip
        kills = 0
        while kills < most:
            process = start(*arguments, cwd=folder, hurried=True)
            time.sleep(moments.uniform(0.6, 3.0))
            process.kill()
            process.communicate()
            _check(sandbox, folder, finished=False)
            if process.returncode != -9:
                break
            kills += 1
        endings: list[int] = []
        while 0 not in endings:
            assert len(endings) < 20, "the campaign never came to its end"
            endings.append(run_here(*arguments, cwd=folder, expect=None, hurried=True).returncode)
            _check(sandbox, folder, finished=True)
        assert Counter(sandbox.exchange.rings).total() == _PEOPLE
        run_here(*arguments, cwd=folder, hurried=True)
        assert Counter(sandbox.exchange.rings).total() == _PEOPLE, "a finished campaign dialed somebody"
    return kills


def _check(sandbox: Sandbox, folder: Path, *, finished: bool) -> None:
    rings = Counter(sandbox.exchange.rings)
    assert [number for number, count in rings.items() if count > 1] == [], "somebody was rung twice"
    results = folder / "sheet.results.csv"
    known = {line["to"]: line for line in lines(results)} if results.exists() else {}
    by_id = {call.id: call.to for call in sandbox.exchange.calls}
    for number, line in known.items():
        assert not line["call_id"] or by_id[line["call_id"]] == number, "a row has somebody else's call"
    if finished:
        for number in rings:
            assert known[number]["call_id"] or known[number]["status"] == "unknown", "a ring is not on record"
