"""`run`, as a person or cron would start it: real files, the sandbox on a socket, and a process where that counts."""

import json
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from harness import run, run_here, start
from makers import UNHURRIED, contacts, lines, number, write_csv

from batch_dialer.sandbox import faults
from batch_dialer.sandbox.scripts import InTurn
from batch_dialer.sandbox.serve import Sandbox

_FAST = ("--rate", "1000/s", "--yes")


@pytest.fixture(name="api")
def _api() -> Iterator[Sandbox]:
    with Sandbox(replace(UNHURRIED, slow_seconds=1.0)) as sandbox:
        yield sandbox


def _dial(
    sheet: Path, api: Sandbox, *more: object, expect: int = 0, agent: str = "agent_1", hurried: bool = False
) -> list[dict[str, str]]:
    through = () if "--campaign" in more else ("--agent", agent)
    words = ("run", sheet, *through, "--base-url", api.base_url, *_FAST, *more)
    run_here(*words, cwd=sheet.parent, expect=expect, hurried=hurried)
    return lines(sheet.with_name(f"{sheet.stem}.results.csv"))


def _through(api: Sandbox) -> tuple[str, ...]:
    return ("--agent", "agent_1", "--base-url", api.base_url)


def _wait_for(condition: object, seconds: float = 20.0) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


def test_a_burst_dials_a_small_job_at_once(tmp_path: Path, api: Sandbox) -> None:
    """At an even pace it would take most of a minute; it is given a third of one. The agent is looked at first."""
    sheet = contacts(tmp_path / "small.csv", 5)

    dialed = _dial(sheet, api, "--rate", "6/min", "--burst", "6", "--max-duration", "20s", "--not-called-within", "0")

    assert all(line["call_id"] for line in dialed)


def test_a_thousand_rows_give_a_thousand_ids_in_the_sheets_order_and_a_second_run_dials_nobody(
    tmp_path: Path, api: Sandbox
) -> None:
    sheet = contacts(tmp_path / "big.csv", 1000)
    run("run", sheet, *_through(api), *_FAST, "--concurrency", "40", cwd=tmp_path)

    first = lines(tmp_path / "big.results.csv")

    assert [number(n) for n in range(1000)] == [line["to"] for line in first]
    assert [str(row) for row in range(2, 1002)] == [line["row"] for line in first]
    owners = {call.id: call.to for call in api.exchange.calls}
    assert all(owners[line["call_id"]] == line["to"] for line in first)

    assert first == _dial(sheet, api)
    assert len(api.exchange.rings) == 1000


@pytest.mark.parametrize(
    ("phone", "status", "code", "exit_status"),
    [
        ("+14155550190", "initiated", "", 0),
        ("+14155550193", "refused", "INVALID_PHONE_NUMBER", 1),
        ("+14155550194", "deferred", "INSUFFICIENT_CREDITS", 4),
        ("+14155550195", "initiated", "", 0),
        ("+14155550196", "initiated", "", 0),
        ("+14155550197", "initiated", "", 0),
        ("+14155550198", "initiated", "", 0),
        ("+14155550199", "unknown", "CONNECTION_LOST", 1),
    ],
)
def test_each_number_with_a_fixed_behaviour_ends_as_it_should(
    tmp_path: Path, api: Sandbox, phone: str, status: str, code: str, exit_status: int
) -> None:
    sheet = write_csv(tmp_path / "one.csv", [("Ann", phone)])

    (line,) = _dial(sheet, api, expect=exit_status)

    assert (status, code) == (line["status"], line["error_code"])


def test_a_lost_answer_is_found_in_the_list_by_the_next_run(tmp_path: Path, api: Sandbox) -> None:
    sheet = write_csv(tmp_path / "one.csv", [("Ann", "+14155550197"), ("Bob", number(1))])
    api.exchange.listing_lag_seconds = 3600
    assert ["unknown", "initiated"] == [line["status"] for line in _dial(sheet, api, expect=1)]

    api.exchange.listing_lag_seconds = 0
    again = _dial(sheet, api)

    assert [call.id for call in api.exchange.calls] == [line["call_id"] for line in again]
    assert 2 == len(api.exchange.rings)


def test_a_row_that_was_not_placed_is_dialed_only_once_that_is_proven(tmp_path: Path) -> None:
    sheet = write_csv(tmp_path / "two.csv", [("Ann", number(0)), ("Bob", number(1))])
    with Sandbox(UNHURRIED, script=InTurn(faults.drop)) as api:
        first = _dial(sheet, api, "--concurrency", "1", expect=1)
        assert ["unknown", "initiated"] == [line["status"] for line in first]
        soon = _dial(sheet, api, expect=1)
        assert ["unknown", "initiated"] == [line["status"] for line in soon], "dialed before the list had settled"

        again = _dial(sheet, api, "--settle-after", "0s", hurried=True)

        assert ["initiated", "initiated"] == [line["status"] for line in again]
        assert sorted([number(0), number(1)]) == sorted(api.exchange.rings)


def test_three_lost_answers_in_a_row_stop_the_run(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "many.csv", 50)
    with Sandbox(UNHURRIED, script=InTurn(*[faults.place_then_drop] * 50)) as api:
        api.exchange.listing_lag_seconds = 3600
        results = _dial(sheet, api, "--concurrency", "1", expect=4, hurried=True)
        assert 3 == len(api.exchange.rings)
    assert {"unknown": 3, "deferred": 47} == {
        status: sum(line["status"] == status for line in results) for status in ("unknown", "deferred")
    }


@pytest.mark.parametrize(
    ("agent", "code"), [("agent_missing", "AGENT_NOT_FOUND"), ("agent_inactive", "AGENT_INACTIVE")]
)
def test_an_agent_that_cannot_call_stops_the_run_and_the_rows_wait(
    tmp_path: Path, api: Sandbox, agent: str, code: str
) -> None:
    sheet = contacts(tmp_path / "some.csv", 20)

    stopped = _dial(sheet, api, agent=agent, expect=4)

    assert code in {line["error_code"] for line in stopped}
    assert {"deferred"} == {line["status"] for line in stopped}
    assert {"initiated"} == {line["status"] for line in _dial(sheet, api)}, "mended, the same command goes on"


def test_a_campaign_is_dialed_by_the_same_flow(tmp_path: Path, api: Sandbox) -> None:
    sheet = contacts(tmp_path / "camp.csv", 5)

    placed = _dial(sheet, api, "--campaign", "campaign_1")

    assert {"queued"} == {line["status"] for line in placed}
    assert {"campaign_1"} == {line["agent_id"] for line in placed}


def test_a_delay_is_never_left_out_unsaid_for_a_campaign(tmp_path: Path, api: Sandbox) -> None:
    sheet = write_csv(tmp_path / "camp.csv", [(number(0), 0), (number(1), 60)], header=("phone", "delay_seconds"))
    campaign = ("--campaign", "campaign_1", "--base-url", api.base_url)
    for more in (("--dry-run",), _FAST):
        said = run_here("run", sheet, *campaign, *more, cwd=tmp_path, expect=2).stderr
        assert "1 row asks for a delay (delay_seconds); the first is row 3" in said
    assert not api.exchange.calls
    assert ["initiated"] * 2 == [line["status"] for line in _dial(sheet, api)]


def test_a_call_that_the_campaign_already_has_is_that_call(tmp_path: Path, api: Sandbox) -> None:
    sheet = contacts(tmp_path / "camp.csv", 1)
    (first,) = _dial(sheet, api, "--campaign", "campaign_1")
    other = contacts(tmp_path / "again.csv", 1)

    (line,) = _dial(other, api, "--campaign", "campaign_1", "--results", "again.results.csv")

    assert (first["call_id"], "DUPLICATE_CALL") == (line["call_id"], line["error_code"])
    assert 1 == len(api.exchange.calls)


def test_whoever_another_sheet_has_called_is_not_called_by_this_one(tmp_path: Path, api: Sandbox) -> None:
    (tmp_path / "elsewhere").mkdir()
    _dial(contacts(tmp_path / "elsewhere" / "monday.csv", 3), api)
    sheet = contacts(tmp_path / "copy.csv", 5)
    shown = run_here("run", sheet, *_through(api), "--dry-run", cwd=tmp_path).stderr
    skipped = _dial(sheet, api)

    assert "A dry run does not ask the API who was called in the last 12 h" in shown
    assert ["RECENTLY_CALLED"] * 3 + [""] * 2 == [line["error_code"] for line in skipped]
    first = {call.order.to: call.id for call in api.exchange.calls[:3]}
    assert all(first[line["to"]] in line["error_message"] for line in skipped[:3])
    assert 5 == len(set(api.exchange.rings)) == len(api.exchange.rings)
    assert ["initiated"] * 5 == [line["status"] for line in _dial(sheet, api, "--not-called-within", "0")]
    assert 8 == len(api.exchange.rings)


@pytest.mark.parametrize(
    ("within", "words"),
    [
        ("", "has an empty value"),
        ("soon", "is not a duration"),
        ("12", "is not a duration"),
        ("400d", "than a year"),
    ],
)
def test_a_time_within_which_nobody_was_called_is_a_duration(tmp_path: Path, within: str, words: str) -> None:
    sheet = contacts(tmp_path / "some.csv", 1)
    arguments = ("--agent", "a", "--yes", "--not-called-within", within)
    assert words in run_here("run", sheet, *arguments, cwd=tmp_path, expect=2).stderr


def test_limit_dials_so_many_and_says_that_rows_are_left(tmp_path: Path, api: Sandbox) -> None:
    sheet = contacts(tmp_path / "some.csv", 5)

    part = _dial(sheet, api, "--limit", "2", expect=6)

    assert ["initiated", "initiated", "deferred", "deferred", "deferred"] == [line["status"] for line in part]
    assert {"initiated"} == {line["status"] for line in _dial(sheet, api)}
    assert 5 == len(set(api.exchange.rings)) == len(api.exchange.rings)


def test_max_duration_stops_and_says_that_rows_are_left(tmp_path: Path, api: Sandbox) -> None:
    sheet = contacts(tmp_path / "some.csv", 50)
    run_here(
        "run", sheet, *_through(api), "--yes", "--rate", "20/s", "--max-duration", "1s",
        cwd=tmp_path, expect=6,
    )  # fmt: skip
    assert 0 < len(api.exchange.rings) < 50


def test_strict_dials_nobody_where_a_row_is_bad(tmp_path: Path, api: Sandbox) -> None:
    sheet = write_csv(tmp_path / "bad.csv", [("Ann", number(0)), ("Bob", "12")])
    run_here("run", sheet, "--agent", "a", "--base-url", api.base_url, "--yes", "--strict", cwd=tmp_path, expect=3)
    assert [] == api.app.seen


@pytest.mark.parametrize("column", [False, True])
def test_test_calls_are_never_mixed_with_real_ones(tmp_path: Path, api: Sandbox, *, column: bool) -> None:
    sheet, named = tmp_path / "some.csv", ("--results", "some.results.csv")
    sheet.write_text(f"phone,{'is_testing' if column else 'name'}\n{number(0)},yes\n{number(1)},yes\n")
    _dial(sheet, api, *named, *(() if column else ("--testing",)))
    assert [True, True] == [call.order.is_testing for call in api.exchange.calls]

    sheet.write_text(f"phone,name\n{number(2)},yes\n")
    refused = run_here("run", sheet, *_through(api), *named, *_FAST, cwd=tmp_path, expect=2)
    assert "as tests" in refused.stderr
    assert 2 == len(api.exchange.rings)


@pytest.mark.parametrize("column", [False, True])
def test_test_calls_have_a_results_file_of_their_own(tmp_path: Path, api: Sandbox, *, column: bool) -> None:
    sheet = tmp_path / "some.csv"
    sheet.write_text(f"phone,{'is_testing' if column else 'name'}\n{number(0)},yes\n")
    word = () if column else ("--testing",)
    said = run_here("run", sheet, *_through(api), *_FAST, *word, cwd=tmp_path).stdout
    assert f"Results: {tmp_path / 'some.testing.results.csv'}" in said
    assert ["initiated"] == [line["status"] for line in lines(tmp_path / "some.testing.results.csv")]

    sheet.write_text(f"phone,name\n{number(0)},yes\n")
    assert ["RECENTLY_CALLED"] == [line["error_code"] for line in _dial(sheet, api)], (
        "the API's list has no word of tests"
    )
    _dial(sheet, api, "--not-called-within", "0")
    assert [True, False] == [call.order.is_testing for call in api.exchange.calls], "a test is no call to the person"


def test_dry_run_shows_the_requests_and_sends_nothing(tmp_path: Path, api: Sandbox) -> None:
    sheet = contacts(tmp_path / "some.csv", 5)
    shown = run_here("run", sheet, *_through(api), "--dry-run", cwd=tmp_path)
    assert f"POST {api.base_url}/agents/agent_1/call" in shown.stdout
    body = '{"to":"+12125550100","payload":{"name":"Person 0"},"context":{},"delay_seconds":0,"is_testing":false}'
    assert body in shown.stdout
    assert [] == api.app.seen
    assert ["some.csv"] == sorted(path.name for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "changes", "words"),
    [
        (("--agent", "agent_1"), {"TALKOVER_TOKEN": ""}, "There is no API token"),
        ((), {}, "No agent or campaign is given"),
        (("--agent", "../../admin"), {}, "The agent ID '../../admin' is not valid"),
        (("--agent", "a", "--campaign", "b"), {}, "--agent and --campaign are both given"),
        (("--agent", "a", "--base-url", "http://api.example.com/v1"), {}, "unencrypted"),
        (("--agent", "a", "--rate", "fast"), {}, "is not a rate"),
        (("--agent", "a", "--max-duration", "soon"), {}, "is not a duration"),
        (("--agent", "a", "--schema", "none.toml"), {}, "cannot be read"),
        (("--agent", "a", "--results", "some.csv"), {}, "the sheet itself"),
        (("--agent", "a", "--results", "{nobody}.csv"), {}, "has something in braces"),
        (("--agent", "a", "--concurrency", "0"), {}, "--concurrency"),
        (("--agent", "a", "--token-file", "none"), {}, "cannot be read"),
        (("--agent", "a"), {"TALKOVER_TOKEN": "talq_\u00e4"}, "This is not a valid API token"),
    ],
)
def test_what_a_person_can_get_wrong_is_said_in_words(
    tmp_path: Path, arguments: tuple[str, ...], changes: dict[str, str], words: str
) -> None:
    contacts(tmp_path / "some.csv", 1)
    said = run_here(
        "run", "some.csv", "--yes", *arguments,
        cwd=tmp_path, expect=2, hurried=False, any_hour=True, clock=None, **changes,
    )  # fmt: skip
    assert words in said.stderr


def test_a_second_run_at_the_same_time_dials_nobody(tmp_path: Path, api: Sandbox) -> None:
    sheet = contacts(tmp_path / "some.csv", 100)
    arguments = ("run", sheet, *_through(api), "--yes", "--rate", "10/s")
    with start(*arguments, cwd=tmp_path) as first:
        _wait_for(lambda: api.exchange.rings)
        refused = run_here(*arguments, cwd=tmp_path, expect=5)
        assert "Another run" in refused.stderr
        first.send_signal(signal.SIGTERM)
        first.communicate(timeout=30)
    assert len(set(api.exchange.rings)) == len(api.exchange.rings)


@pytest.mark.parametrize(("number_", "exit_status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_the_dialing_and_the_next_run_goes_on(
    tmp_path: Path, api: Sandbox, number_: signal.Signals, exit_status: int
) -> None:
    sheet = contacts(tmp_path / "some.csv", 100)
    arguments = ("run", sheet, *_through(api), "--yes", "--rate", "20/s")
    with start(*arguments, cwd=tmp_path) as process:
        _wait_for(lambda: len(api.exchange.rings) >= 3)
        process.send_signal(number_)
        out, err = process.communicate(timeout=30)

    assert exit_status == process.returncode, out + err
    stopped = lines(tmp_path / "some.results.csv")
    assert {"initiated", "deferred"} == {line["status"] for line in stopped}
    assert len(api.exchange.rings) == sum(line["status"] == "initiated" for line in stopped)

    _dial(sheet, api)
    assert 100 == len(set(api.exchange.rings)) == len(api.exchange.rings)


def test_a_second_signal_leaves_at_once_and_the_call_under_way_is_found_later(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "one.csv", 1)
    with Sandbox(UNHURRIED, script=InTurn(faults.place_then_stall)) as api:
        with start("run", sheet, *_through(api), "--yes", cwd=tmp_path) as process:
            _wait_for(lambda: api.exchange.rings)
            process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            assert process.poll() is None, "the call under way was given up"
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=10)
        assert 143 == process.returncode
        (line,) = _dial(sheet, api)
        assert (api.exchange.calls[0].id, 1) == (line["call_id"], len(api.exchange.rings))


def test_the_results_file_alone_is_enough_to_go_on_from(tmp_path: Path, api: Sandbox) -> None:
    sheet = contacts(tmp_path / "some.csv", 10)
    _dial(sheet, api, "--limit", "4", expect=6)
    (tmp_path / "some.results.csv.journal").unlink()
    assert {"initiated"} == {line["status"] for line in _dial(sheet, api)}
    assert 10 == len(set(api.exchange.rings)) == len(api.exchange.rings)


def test_the_journal_alone_is_enough_to_go_on_from(tmp_path: Path, api: Sandbox) -> None:
    sheet = contacts(tmp_path / "some.csv", 10)
    _dial(sheet, api, "--limit", "4", expect=6)
    (tmp_path / "some.results.csv").unlink()
    assert {"initiated"} == {line["status"] for line in _dial(sheet, api)}
    assert 10 == len(set(api.exchange.rings)) == len(api.exchange.rings)


def test_a_run_cut_short_whose_journal_is_gone_dials_nobody_without_proof(tmp_path: Path, api: Sandbox) -> None:
    sheet = contacts(tmp_path / "some.csv", 40)
    arguments = ("run", sheet, *_through(api), "--yes", "--rate", "20/s")
    with start(*arguments, cwd=tmp_path) as process:
        _wait_for(lambda: len(api.exchange.rings) >= 10)
        process.kill()
        process.communicate()
    (tmp_path / "some.results.csv.journal").unlink()
    rung = len(api.exchange.rings)

    again = _dial(sheet, api, expect=1)

    assert rung == len(api.exchange.rings)
    assert rung == sum(line["status"] == "initiated" for line in again), "the list knows who was called"
    assert 40 - rung == sum(line["status"] == "unknown" for line in again)


def test_while_it_runs_the_results_file_is_a_whole_csv_seconds_behind(tmp_path: Path, api: Sandbox) -> None:
    sheet = contacts(tmp_path / "some.csv", 60)
    results = tmp_path / "some.results.csv"
    with start("run", sheet, *_through(api), "--yes", "--rate", "20/s", cwd=tmp_path) as process:
        seen = 0
        while process.poll() is None:
            known = lines(results) if results.exists() else []
            assert all(None not in line.values() and None not in line for line in known), "a line is not whole"
            assert len(known) >= seen, "a line has gone"
            seen = max(seen, len(known)) if process.poll() is None else 0
            time.sleep(0.02)
        process.communicate()
    assert 60 == len(lines(results))


def test_the_log_can_be_read_by_a_program(tmp_path: Path, api: Sandbox) -> None:
    sheet = contacts(tmp_path / "some.csv", 3)
    said = run_here("run", sheet, *_through(api), *_FAST, "--log-format", "json", cwd=tmp_path)
    events = [json.loads(line)["event"] for line in said.stderr.splitlines()]
    assert ["sheet", "plan"] == events
    assert {"initiated": 3} == json.loads(said.stdout)["counts"]


def test_files_are_for_this_user_alone(tmp_path: Path, api: Sandbox) -> None:
    sheet = contacts(tmp_path / "some.csv", 1)
    _dial(sheet, api)
    assert {0o600} == {path.stat().st_mode & 0o777 for path in tmp_path.glob("some.results*")}


def test_no_number_is_printed_unless_asked_for(tmp_path: Path, api: Sandbox) -> None:
    sheet = contacts(tmp_path / "some.csv", 3)
    said = run_here("run", sheet, *_through(api), *_FAST, cwd=tmp_path)
    assert "555" not in (said.stdout + said.stderr).replace(str(tmp_path), "")  # which may have these digits


def test_sandbox_dials_without_an_account(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "some.csv", 5)
    run("run", sheet, "--sandbox", "--yes", cwd=tmp_path, TALKOVER_TOKEN="")
    run_here("run", sheet, "--sandbox", "--yes", cwd=tmp_path, TALKOVER_TOKEN="")
    assert {"initiated"} == {line["status"] for line in lines(tmp_path / "some.sandbox.results.csv")}


def test_rehearsed_calls_never_pass_for_real_ones(tmp_path: Path, api: Sandbox) -> None:
    sheet, named = contacts(tmp_path / "some.csv", 2), ("--results", "some.results.csv")
    run_here("run", sheet, "--sandbox", *named, "--yes", cwd=tmp_path)
    refused = run_here("run", sheet, *_through(api), *named, "--yes", cwd=tmp_path, expect=2)
    assert "through the sandbox" in refused.stderr
    assert [] == api.app.seen


def test_from_the_rehearsal_to_the_real_thing_is_one_word_less(tmp_path: Path, api: Sandbox) -> None:
    sheet = contacts(tmp_path / "some.csv", 2)
    run_here("run", sheet, *_through(api)[:2], "--sandbox", *_FAST, cwd=tmp_path)
    assert [] == api.exchange.rings
    dialed = _dial(sheet, api)
    assert ["initiated", "initiated"] == [line["status"] for line in dialed]


@pytest.mark.parametrize("ending", ["96", "97"])
def test_a_lost_answer_can_be_rehearsed_and_is_found_at_the_end_of_the_run(tmp_path: Path, ending: str) -> None:
    sheet = write_csv(tmp_path / "some.csv", [("Ann", number(0)), ("Eve", f"+141555501{ending}")])
    rehearsal, results = ("run", sheet, "--sandbox", *_FAST), tmp_path / "some.sandbox.results.csv"
    assert "has the call" in run_here(*rehearsal, cwd=tmp_path).stderr
    run_here(*rehearsal, cwd=tmp_path)
    assert lines(results)[1]["call_id"].startswith("call_sandbox_")
    assert 2 == len((tmp_path / f"{results.name}.calls").read_text().splitlines()), "nobody is called twice"
    assert {0o600} == {path.stat().st_mode & 0o777 for path in tmp_path.glob("some.sandbox.results*")}


def test_nobody_listening_to_the_output_stops_no_run(tmp_path: Path, api: Sandbox) -> None:
    sheet = contacts(tmp_path / "some.csv", 30)
    arguments = ("run", sheet, *_through(api), *_FAST, "--verbose")
    with start(*arguments, cwd=tmp_path) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        process.stderr.close()
        process.wait(timeout=60)
    assert 30 == len(api.exchange.rings)
    assert 0 == process.returncode


@pytest.mark.parametrize("name", ["out", "out.xlsx", "{sheet}-{date:%Y-%m-%d}"])
def test_results_are_a_csv_file_by_name(tmp_path: Path, name: str) -> None:
    """A spreadsheet program opens it by its ending; what is no CSV file would be refused there."""
    said = run_here(
        "run", contacts(tmp_path / "s.csv", 1), "--sandbox", "--results", name, cwd=tmp_path, expect=2
    ).stderr
    assert "does not end in .csv" in said
    assert ["s.csv"] == [path.name for path in tmp_path.iterdir()]


def test_results_that_have_another_ending_are_told_to_be_renamed_with_their_journal(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "s.csv", 2)
    run_here("run", sheet, "--sandbox", "--results", "out.csv", cwd=tmp_path)
    for ending in ("", ".journal"):
        (tmp_path / f"out.csv{ending}").rename(tmp_path / f"out{ending}")
    said = run_here("run", sheet, "--sandbox", "--results", "out", cwd=tmp_path, expect=2).stderr
    assert "Rename out as out.csv, out.journal as out.csv.journal, then give --results out.csv." in said
