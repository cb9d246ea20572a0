"""`stop`: the real command beside a real run, with the exchange as the witness of which calls go on."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from harness import command, run_here, start
from makers import UNHURRIED, contacts, lines, number
from terminals import AtTerminal

from batch_dialer.sandbox.exchange import ACTIVE, Order, PlacedCall
from batch_dialer.sandbox.serve import Sandbox

_SETTINGS = replace(UNHURRIED, limit=6000)


@pytest.fixture(name="api")
def _api() -> Iterator[Sandbox]:
    with Sandbox(_SETTINGS) as sandbox:
        yield sandbox


def _through(api: Sandbox) -> tuple[str, ...]:
    return ("--agent", "agent_1", "--base-url", api.base_url, "--not-called-within", "0", "--yes")


def _active(api: Sandbox) -> list[PlacedCall]:
    return [call for call in api.exchange.calls if api.exchange.state(call).status in ACTIVE]


def _dial(folder: Path, api: Sandbox, people: int = 3) -> Path:
    run_here("run", contacts(folder / "some.csv", people), *_through(api), "--rate", "1000/s", cwd=folder)
    return folder / "some.results.csv"


def _wait_for(happened: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.01)


def _run_under_way(folder: Path, api: Sandbox) -> "subprocess.Popen[str]":
    """Start a run that takes long, and return once some of its calls are placed."""
    process = start("run", contacts(folder / "some.csv", 900), *_through(api), "--rate", "20/s", cwd=folder)
    _wait_for(lambda: len(_active(api)) >= 8)
    return process


def test_the_run_is_stopped_and_its_calls_hung_up_and_no_other_job_s(tmp_path: Path, api: Sandbox) -> None:
    """The other job calls through the same agent, and one of its calls is to a number of this sheet."""
    others = [api.exchange.place(Order(to, "agent_1")) for to in (number(0), "+12125559999")]
    with _run_under_way(tmp_path, api) as process:
        ended = next(call for call in api.exchange.calls if call not in others)
        api.exchange.end(ended)
        said = run_here("stop", "some.results.csv", "--base-url", api.base_url, "--yes", cwd=tmp_path)
        process.communicate(timeout=30)

    assert 143 == process.returncode
    assert f"Stopping the run that is under way (process {process.pid})" in said.stderr
    assert "The run has stopped." in said.stderr
    assert others == _active(api)
    known = lines(tmp_path / "some.results.csv")
    ours = {call.id: call.to for call in api.exchange.calls if call not in others}
    assert ours == {line["call_id"]: line["to"] for line in known if line["call_id"]}, "every call is on record"
    assert {"completed", "deferred"} == {line["status"] for line in known}, "and how each ended"
    hung_up = {line["call_id"] for line in known if line["error_message"].startswith("Hung up by `stop`")}
    assert ours.keys() - {ended.id} == hung_up == {each for each in ours if f"{each}: hung up" in said.stdout}
    assert "hung up" in said.stdout.splitlines()[-3]
    assert "had ended by themselves" in said.stdout.splitlines()[-2]

    run_here("run", "some.csv", *_through(api), "--rate", "1000/s", "--limit", "5", cwd=tmp_path, expect=6)
    called = [call.to for call in api.exchange.calls if call not in others]
    assert len(ours) + 5 == len(set(called)) == len(called), "whoever was hung up on was called again"


def test_a_run_of_other_calls_than_it_is_asked_about_goes_on(tmp_path: Path, api: Sandbox) -> None:
    with _run_under_way(tmp_path, api) as process, Sandbox(_SETTINGS) as other:
        said = run_here("stop", "some.results.csv", "--base-url", other.base_url, "--yes", cwd=tmp_path, expect=2)
        assert "made through" in said.stderr
        placed = len(api.exchange.rings)
        _wait_for(lambda: len(api.exchange.rings) > placed)
        process.terminate()
        process.communicate(timeout=30)
    assert [] == other.app.seen


def test_it_asks_at_a_terminal_and_then_ends_every_call_of_the_job(tmp_path: Path, api: Sandbox) -> None:
    results = _dial(tmp_path, api)
    asked = command("stop", results, "--base-url", api.base_url)
    for typed, status, active in (("n\n", 2, 3), ("y\n", 0, 0)):
        with AtTerminal(asked, tmp_path) as terminal:
            terminal.wait_for("Hang up those of 3 calls of this job that are under way? [y/N]: ")
            terminal.type(typed)
            assert status == terminal.end()
        assert active == len(_active(api))
        assert ("No call was hung up." in terminal.said) is bool(active)


def test_where_nobody_can_be_asked_it_needs_to_be_told_and_answers_a_program(tmp_path: Path, api: Sandbox) -> None:
    results = _dial(tmp_path, api)
    results.unlink()  # the journal alone is enough
    asked = ("stop", results, "--base-url", api.base_url, "--log-format", "json")
    said = run_here(*asked, cwd=tmp_path, expect=2)
    assert "Calls are hung up only after you agree" in said.stderr
    assert 3 == len(_active(api))

    told = json.loads(run_here(*asked, "--yes", cwd=tmp_path).stdout)
    calls = sorted((int(line["row"]), line["call_id"]) for line in lines(results))
    assert calls == [(each["row"], each["call_id"]) for each in told["hung_up"]]
    assert (0, [], [], []) == tuple(told[name] for name in ("exit", "ended", "left", "waiting"))
    assert [] == _active(api)


def test_queued_calls_of_a_campaign_are_named(tmp_path: Path, api: Sandbox) -> None:
    campaign = ("--campaign", "campaign_1", "--base-url", api.base_url, "--yes", "--rate", "1000/s")
    run_here("run", contacts(tmp_path / "some.csv", 2), *campaign, cwd=tmp_path)
    said = run_here("stop", "some.results.csv", "--base-url", api.base_url, "--yes", cwd=tmp_path, expect=1)
    assert 2 == said.stdout.count(": waits in the campaign campaign_1")
    assert "cancel or pause it in Talkover" in said.stdout


def test_what_is_no_results_file_is_said_to_be_none(tmp_path: Path, api: Sandbox) -> None:
    said = run_here("stop", "none.csv", "--base-url", api.base_url, "--yes", cwd=tmp_path, expect=2)
    assert "There is no results file none.csv." in said.stderr
    assert [] == list(tmp_path.iterdir())
