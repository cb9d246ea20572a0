"""The real command under faults of disk, process and server, with the sandbox's own list of rings as the witness.

With BATCH_DIALER_KILLS in the environment it takes the long form: later occurrences of each step, too.
"""

import os
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from failpoints import POINTS, prepared
from harness import command, environment, run_here
from makers import UNHURRIED, contacts, lines, number

from batch_dialer.sandbox import faults
from batch_dialer.sandbox.faults import Fault
from batch_dialer.sandbox.limiter import ResetStyle, WindowKind
from batch_dialer.sandbox.scripts import InTurn
from batch_dialer.sandbox.serve import Sandbox
from batch_dialer.sandbox.settings import Settings

_PEOPLE = 8
_HOUR = 3600.0
_ADMITS = {"initiated", "ringing", "answered", "completed", "unknown", "dialing"}
_FAILPOINTS = Path(__file__).parent.parent / "support" / "failpoints.py"


@pytest.fixture(name="api")
def _api() -> Iterator[Sandbox]:
    with Sandbox(UNHURRIED) as sandbox:
        yield sandbox


def _arguments(sheet: Path, api: Sandbox, *more: str) -> list[str]:
    """Recent calls are not looked up: what is known of the sheet alone must keep everybody from a second call."""
    through = ["--agent", "agent_1", "--base-url", api.base_url, "--yes", "--settle-after", "0s", "--concurrency", "2"]
    return ["run", str(sheet), *through, "--not-called-within", "0", "--any-hour", *(more or ("--rate", "200/s"))]


def _rate(point: str) -> tuple[str, str]:
    """Return a rate at which the results file grows by lines, too, where that is what fails."""
    return "--rate", "5/s" if "results" in point or "replace" in point else "100/s"


def _check(sheet: Path, api: Sandbox, *, ended: bool) -> None:
    rings = Counter(api.exchange.rings)
    assert [phone for phone, count in rings.items() if count > 1] == [], "somebody was rung twice"
    results = sheet.with_name("sheet.results.csv")
    if not results.exists():
        assert not ended
        return
    known = {line["to"]: line for line in lines(results)}
    by_id = {call.id: call.to for call in api.exchange.calls}
    assert all(by_id[line["call_id"]] == phone for phone, line in known.items() if line["call_id"])
    if ended:
        assert [number(n) for n in range(_PEOPLE)] == list(known), "a row has no line"
        denied = {phone: known[phone]["status"] for phone in rings if known[phone]["status"] not in _ADMITS}
        assert denied == {}, "a ring is not on record"


def _all_called(sheet: Path) -> bool:
    results = sheet.with_name("sheet.results.csv")
    known = lines(results) if results.exists() else []
    return len(known) == _PEOPLE and {"initiated"} == {line["status"] for line in known}


def _finish(sheet: Path, api: Sandbox) -> None:
    """Run until nothing is left but what cannot be proven: the last call of all has none behind it."""
    for _ in range(3):
        if _all_called(sheet):
            break
        run_here(*_arguments(sheet, api), cwd=sheet.parent, expect=None, hurried=True)
        _check(sheet, api, ended=True)
    _check(sheet, api, ended=True)
    known = lines(sheet.with_name("sheet.results.csv"))
    assert sum(line["status"] != "initiated" for line in known) <= 2, known


@pytest.mark.parametrize("count", [2, 5] if os.environ.get("BATCH_DIALER_KILLS") else [2])
@pytest.mark.parametrize("point", POINTS)
def test_killed_at_any_step_of_the_protocol_nobody_is_rung_twice(
    tmp_path: Path, api: Sandbox, point: str, count: int
) -> None:
    sheet = contacts(tmp_path / "sheet.csv", _PEOPLE)
    if "replace" in point or "results" in point:
        count = {2: 1, 5: 3}[count]  # there are not so many of them
    arguments = _arguments(sheet, api, *_rate(point))
    killed = subprocess.run(
        [sys.executable, str(_FAILPOINTS), point, str(count), "kill", *arguments],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    reached = killed.returncode == -9
    assert reached or count == 3, killed.stderr  # a short run need not come to a third one
    _check(sheet, api, ended=not reached)
    _finish(sheet, api)


@pytest.mark.parametrize(
    ("point", "count", "error", "exit_status"),
    [
        ("before a line of the journal", 3, "ENOSPC", 4),
        ("before a line of the journal", 4, "ENOSPC", 4),
        ("in the middle of a line of the journal", 3, "ENOSPC", 4),
        ("in the middle of a line of the journal", 4, "EDQUOT", 4),
        ("in the sync of the journal", 3, "EIO", 4),
        ("in the sync of the journal", 4, "EIO", 4),
        ("in the sync of the journal", 1, "EIO", 2),
        ("before a file is replaced", 1, "EACCES", 2),
        ("before a file is replaced", 2, "EBUSY", 0),
        ("before a file is replaced", 3, "EACCES", 1),
        ("in the middle of a line of the results", 1, "ENOSPC", 0),
    ],
)
def test_a_disk_that_fails_stops_the_dialing_or_only_the_results_file(
    tmp_path: Path, api: Sandbox, point: str, count: int, error: str, exit_status: int
) -> None:
    """What the journal cannot hold is not dialed; a results file that cannot be written stops nobody."""
    sheet = contacts(tmp_path / "sheet.csv", _PEOPLE)
    with prepared(point, count, error):
        arguments = _arguments(sheet, api, *_rate(point))
        failed = run_here(*arguments, cwd=tmp_path, expect=exit_status, hurried=True)
    _check(sheet, api, ended=False)
    recorded = failed.stderr.count("BATCH_DIALER_RECORD")
    assert recorded <= 2, "more answers than requests at a time"
    if exit_status == 2:
        assert [] == api.exchange.rings
    _finish(sheet, api)


@pytest.mark.parametrize("seconds", [-86_400, -3_600, 3_600, 86_400])
def test_a_clock_that_jumps_during_the_run_rings_nobody_twice(tmp_path: Path, seconds: int) -> None:
    """The call whose answer was lost behind the jump lies outside its attempt's time, and is no proof of absence."""
    sheet = contacts(tmp_path / "sheet.csv", _PEOPLE)
    script = InTurn(None, None, None, faults.place_then_drop, None)
    with Sandbox(UNHURRIED, script=script) as api:
        with prepared("the clock jumps", 2, str(seconds)):
            run_here(*_arguments(sheet, api), cwd=tmp_path, expect=None, hurried=True)
        assert _PEOPLE == len(api.exchange.rings)
        for _ in range(2):
            run_here(*_arguments(sheet, api), cwd=tmp_path, expect=None, hurried=True)
            _check(sheet, api, ended=True)
        assert _PEOPLE == len(api.exchange.rings)


def test_a_file_size_limit_stops_the_run_in_words(tmp_path: Path, api: Sandbox) -> None:
    sheet = contacts(tmp_path / "sheet.csv", _PEOPLE)
    limited = subprocess.run(
        command(*_arguments(sheet, api), hurried=True),
        cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=60, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2500, 2500)),
    )  # fmt: skip
    assert 4 == limited.returncode, limited.stderr
    assert "cannot be written" in limited.stderr
    assert 0 < len(api.exchange.rings) < _PEOPLE
    _finish(sheet, api)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="only Linux has /proc")
def test_a_place_where_nothing_can_be_written_dials_nobody(tmp_path: Path, api: Sandbox) -> None:
    sheet = contacts(tmp_path / "sheet.csv", _PEOPLE)
    elsewhere = _arguments(sheet, api)
    said = run_here(*elsewhere, "--results", "/proc/sheet.results.csv", cwd=tmp_path, expect=2, hurried=True)
    assert "cannot be written" in said.stderr
    assert [] == api.app.seen


_DOUBT = (1, "unknown")
_FOUND = (0, "initiated")
_SERVERS: dict[str, tuple[tuple[Fault | None, ...], tuple[int, str], tuple[int, str]]] = {
    "resets": ((faults.place_then_reset, None), _DOUBT, _FOUND),
    "drops before placing": ((faults.drop, None), _DOUBT, _DOUBT),
    "breaks off": ((faults.break_off(0.3), None), _DOUBT, _FOUND),
    "breaks off behind the ID": ((faults.break_off(1.0), None), _FOUND, _FOUND),
    "answers HTML": ((faults.place_then_html, None), _DOUBT, _FOUND),
    "answers in a wrong shape": ((faults.place_then_nothing_known, None), _DOUBT, _FOUND),
    "answers in the old shape": ((faults.place_in_old_shape, None), _FOUND, _FOUND),
    "redirects": ((faults.redirect("http://127.0.0.1:9/", 307), None), (4, "unknown"), (4, "unknown")),
    "answers with a huge body": ((faults.pad(200), None), _FOUND, _FOUND),
    "fails after placing": ((faults.place_then_500, None), _DOUBT, _FOUND),
    "fails before placing": ((faults.unavailable, None), _DOUBT, _DOUBT),
    "is too fast for": ((faults.too_many(1), None), _FOUND, _FOUND),
    "is slow": ((faults.slow(1.0), None), _FOUND, _FOUND),
}
"""What a server does to the first request; the exit status and the row's word where the list lags; those where not."""


@pytest.mark.parametrize("lags", [True, False], ids=["a list that lags", "an honest list"])
@pytest.mark.parametrize("server", _SERVERS)
def test_whatever_the_server_does_nobody_is_rung_twice(tmp_path: Path, server: str, *, lags: bool) -> None:
    script, without_list, with_list = _SERVERS[server]
    exit_status, status = without_list if lags else with_list
    sheet = contacts(tmp_path / "sheet.csv", _PEOPLE)
    with Sandbox(UNHURRIED, script=InTurn(*script)) as api:
        api.exchange.listing_lag_seconds = _HOUR if lags else 0.0
        run_here(*_arguments(sheet, api), "--concurrency", "1", cwd=tmp_path, expect=exit_status, hurried=True)
        _check(sheet, api, ended=True)
        assert status == lines(tmp_path / "sheet.results.csv")[0]["status"]
        api.exchange.listing_lag_seconds = 0.0
        _finish(sheet, api)


_CLOSING = {
    "which the next request may still reach": [faults.close_after(0.002 + n % 9 / 1000) for n in range(100)],
    "before it answers the next request": [faults.late_then_close(0.02, 0.002 + n % 9 / 1000) for n in range(100)],
}


@pytest.mark.parametrize("concurrency", ["1", "16"])
@pytest.mark.parametrize("closing", _CLOSING)
def test_a_server_that_closes_behind_each_answer_leaves_few_in_doubt(
    tmp_path: Path, closing: str, concurrency: str
) -> None:
    people = 100
    sheet = contacts(tmp_path / "sheet.csv", people)
    with Sandbox(UNHURRIED, script=InTurn(*_CLOSING[closing])) as api:
        api.exchange.listing_lag_seconds = _HOUR  # else the run finds at its end what it lost
        arguments = (*_arguments(sheet, api, "--rate", "1000/s"), "--concurrency", concurrency)
        run_here(*arguments, cwd=tmp_path, expect=None, hurried=True)
        assert {1} == set(Counter(api.exchange.rings).values())
        known = Counter(line["status"] for line in lines(tmp_path / "sheet.results.csv"))
        assert people == known["initiated"] + known["unknown"]
        assert known["unknown"] <= 3


_SOMEBODY_ELSE = {"to": "+12025550199"}


def test_calls_that_are_somebody_else_s_stop_the_run(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "sheet.csv", _PEOPLE)
    with Sandbox(UNHURRIED, script=InTurn(None, *[faults.name_instead(**_SOMEBODY_ELSE)] * 3)) as api:
        api.exchange.listing_lag_seconds = _HOUR
        stopped = run_here(*_arguments(sheet, api), "--concurrency", "1", cwd=tmp_path, expect=4, hurried=True)
        known = lines(tmp_path / "sheet.results.csv")
        assert "3 times in a row" in stopped.stderr
        assert [("unknown", "WRONG_RECIPIENT", "")] * 3 == [
            (line["status"], line["error_code"], line["call_id"]) for line in known[1:4]
        ]
        _check(sheet, api, ended=True)
        api.exchange.listing_lag_seconds = 0.0
        _finish(sheet, api)


def test_a_token_that_has_expired_refuses_nobody(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "sheet.csv", 40)
    expired = faults.answer_with(401, {"error": {"code": "TOKEN_EXPIRED", "message": "expired"}}, placed=False)
    with Sandbox(UNHURRIED, script=InTurn(*[None] * 5, *[expired] * 40)) as api:
        arguments = (*_arguments(sheet, api, "--rate", "1000/s"), "--concurrency", "16")
        run_here(*arguments, cwd=tmp_path, expect=4, hurried=True)
        known = {line["status"] for line in lines(tmp_path / "sheet.results.csv")}
        assert {"initiated", "deferred"} == known
    with Sandbox(UNHURRIED, exchange=api.exchange, port=int(api.base_url.split(":")[2].split("/")[0])) as mended:
        run_here(*arguments, cwd=tmp_path, hurried=True)
        assert [1] * 40 == list(Counter(mended.exchange.rings).values())


@pytest.mark.parametrize("body", ["<html>Just a moment...</html>", ""])
def test_a_page_of_429_makes_everybody_wait(tmp_path: Path, body: str) -> None:
    sheet = contacts(tmp_path / "sheet.csv", 40)
    page = faults.answer_with(429, body, content_type="text/html", headers={"retry-after": "2"}, placed=False)
    with Sandbox(UNHURRIED, script=InTurn(None, *[page] * 4)) as api:
        arguments = (*_arguments(sheet, api, "--rate", "1000/s"), "--concurrency", "4")
        said = run_here(*arguments, cwd=tmp_path, expect=1, hurried=True)
        known = Counter(line["status"] for line in lines(tmp_path / "sheet.results.csv"))
        assert {"initiated": 36, "unknown": 4} == known
        assert "Waiting 2 s" in said.stderr


def test_a_storm_of_429_stops_the_run_and_costs_nobody_a_call(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "sheet.csv", _PEOPLE)
    with Sandbox(UNHURRIED, script=InTurn(*[faults.too_many(1)] * 40)) as api:
        stopped = run_here(*_arguments(sheet, api), cwd=tmp_path, expect=4, hurried=True)
        assert "rate limit" in stopped.stderr
        assert [] == api.exchange.rings
        assert {"deferred"} == {line["status"] for line in lines(tmp_path / "sheet.results.csv")}


def test_an_api_that_goes_away_and_comes_back_is_waited_for(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "sheet.csv", _PEOPLE)
    with Sandbox(UNHURRIED) as api:
        port = int(api.base_url.split(":")[2].split("/")[0])
    arguments = command(*_arguments(sheet, api), hurried=True)
    with subprocess.Popen(arguments, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        for line in process.stderr:
            if "nothing was sent" in line:
                break
        with Sandbox(UNHURRIED, exchange=api.exchange, port=port) as back:
            process.communicate(timeout=100)
            assert 0 == process.returncode
            assert _PEOPLE == len(set(back.exchange.rings)) == len(back.exchange.rings)


@pytest.mark.parametrize("window", WindowKind)
@pytest.mark.parametrize("reset", ResetStyle)
def test_the_limit_is_kept_to_however_it_is_written(tmp_path: Path, window: WindowKind, reset: ResetStyle) -> None:
    sheet = contacts(tmp_path / "sheet.csv", _PEOPLE)
    with Sandbox(Settings(limit=1200, window=window, reset=reset)) as api:
        run_here(*_arguments(sheet, api, "--rate", "auto"), cwd=tmp_path, hurried=True)
        assert _PEOPLE + 1 == len(api.app.seen), "a question about the agent, and the calls"
        assert _PEOPLE == len(api.exchange.rings)
