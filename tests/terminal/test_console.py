"""What a person is told of a run, by terminal, log and program: no number unasked, nothing that a terminal obeys."""

import io
import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from makers import SetClock, contacts, entry, job, number, on_jumping_clock, write_csv
from switchboard import Act, Switchboard

from batch_dialer.flows.run import preview, run
from batch_dialer.ledger.ledger import SANDBOX, Ledger
from batch_dialer.ledger.tally import Tally
from batch_dialer.model import Again, Ending, Outcome, Settled
from batch_dialer.terminal.console import Console
from batch_dialer.words import Exit, Status

_CLOCK = SetClock(datetime(2026, 11, 22, 12, 0, 5, tzinfo=UTC))
_PLACED = "2 calls to place through agent agent_1, at 6,000,000 a minute"
_LOCAL = f"{_CLOCK.now().astimezone():%H:%M}"
_AT = "2026-11-22 12:00:05Z "
_EVIL = "\x1b]0;owned\x07\x1b[2J\u202eEve\r\n"


class Stopwatch(SetClock):
    """A clock at a second that the test sets, outside of any event loop."""

    def __init__(self) -> None:
        super().__init__(_CLOCK.now())
        self.seconds = 0.0

    def time(self) -> float:
        return self.seconds


def _console(*, quiet: bool = False, verbose: bool = False, as_json: bool = False, asks: bool = False) -> Console:
    return Console(Stopwatch(), quiet=quiet, verbose=verbose, as_json=as_json, asks=asks)


def _dialed(console: Console, sheet: Path, acts: Iterable[Act] = ()) -> Tally:
    """Run the whole of it with *console* as its watcher, its closing summary included."""
    asked = job(sheet, concurrency=1)
    tally: Tally = on_jumping_clock(run, asked, Switchboard(acts, clock=_CLOCK), console, _CLOCK)
    console.ended(tally, asked.ledger.results)
    return tally


def _events(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def _with_a_bad_row(folder: Path) -> Path:
    return write_csv(folder / "people.csv", [("Ann", number(0)), ("Bob", number(1)), ("Cy", "12")])


def test_a_log_says_what_was_understood_what_is_wrong_and_what_will_be_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _dialed(_console(), _with_a_bad_row(tmp_path))
    out, err = capsys.readouterr()
    assert [
        f"{_AT}people.csv: 3 rows, comma-separated",
        f'{_AT}  column "Phone"  ->  to',
        f"{_AT}  prompt variables: name",
        f"{_AT}  to call now  2",
        f"{_AT}  not valid    1  `batch-dialer validate` shows why",
        f"{_AT}{_PLACED}: all ring at {_LOCAL}.",
        f"{_AT}Exit status 1: 2 placed, 1 rejected.",
    ] == err.splitlines()
    assert [
        "placed    2  have a call",
        "rejected  1  not valid; correct the sheet and run again",
        f"Results: {tmp_path / 'people.results.csv'}",
    ] == out.splitlines()


def test_quiet_is_the_closing_summary_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _dialed(_console(quiet=True), _with_a_bad_row(tmp_path))
    out, err = capsys.readouterr()
    assert "" == err
    assert out.startswith("placed    2")


def test_quiet_still_says_what_a_person_has_to_know(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    console = _console(quiet=True)
    console.note("not this")
    console.warn("The results file was changed.")
    console.unrecorded(entry(call_id="call_7"))
    _dialed(console, contacts(tmp_path / "s.csv", 2), [Act.NO_CREDITS])
    warning, lost, reason, remedy = capsys.readouterr().err.splitlines()
    assert f"{_AT}The results file was changed." == warning
    assert entry(call_id="call_7").facts() == json.loads(lost.removeprefix("BATCH_DIALER_RECORD "))
    assert reason.startswith(_AT)
    assert "INSUFFICIENT_CREDITS" in reason
    assert remedy.startswith(f"{_AT}Top up")


def test_json_is_an_object_a_line_each_with_its_moment_and_the_counts_on_standard_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _dialed(_console(as_json=True), _with_a_bad_row(tmp_path), [Act.PLACE, Act.NO_CREDITS])
    out, err = capsys.readouterr()
    said = _events(err)
    assert ["sheet", "problems", "plan", "ending"] == [line["event"] for line in said]
    assert {"2026-11-22T12:00:05+00:00"} == {line["at"] for line in said}
    assert [(3, 2), 1, 2] == [(said[0]["rows"], said[0]["good"]), said[1]["rows"], said[2]["calls"]]
    assert {"to_call_now": 2, "not_valid": 1} == said[2]["account"]
    [summary] = _events(out)
    assert {"initiated": 1, "deferred": 1, "rejected": 1} == summary["counts"]
    assert Exit.STOPPED_EARLY == summary["exit"]


@pytest.mark.parametrize("as_json", [False, True])
def test_no_number_and_no_value_of_a_cell_is_said_unless_verbose(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, as_json: bool
) -> None:
    """Whatever the API does: a call, a refusal, a lost answer, a wait, a stop."""
    acts = [Act.PLACE, Act.REFUSE, Act.LOSE_AFTER, Act.TOO_FAST, Act.UNREACHABLE, Act.MUTE, Act.NO_CREDITS]
    sheet = contacts(tmp_path / "s.csv", 8)
    for _ in range(2):  # the second run asks what became of those in doubt, too
        _dialed(_console(as_json=as_json), sheet, acts)
    said = "".join(capsys.readouterr())
    assert "in doubt" in said
    assert [] == [n for n in range(8) if number(n)[2:] in said or f"Person {n}" in said]


def test_verbose_names_each_attempt_with_its_row_its_number_and_its_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _dialed(_console(verbose=True), contacts(tmp_path / "s.csv", 2), [Act.PLACE, Act.REFUSE])
    said = capsys.readouterr().err
    assert f"row 2 {number(0)}: initiated call_1\n" in said
    assert f"row 3 {number(1)}: refused INVALID_PHONE_NUMBER\n" in said


@pytest.mark.parametrize("as_json", [False, True])
def test_nothing_that_a_terminal_would_obey_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, as_json: bool
) -> None:
    """Not of the sheet's name, a header, a cell, or what the API or the disk said."""
    console = _console(verbose=True, as_json=as_json)
    name = _EVIL.replace("/", "").strip()
    sheet = write_csv(tmp_path / f"{name}.csv", [(_EVIL, number(0)), (_EVIL, "12")], (f"na{_EVIL}me", "phone"))
    tally = _dialed(console, sheet)
    console.note(_EVIL)
    console.warn(_EVIL)
    console.paused(5, _EVIL)
    console.ended(Tally(tally.counts, Ending(Exit.STOPPED_EARLY, _EVIL, "Run again.")), tmp_path / "r.csv")
    said = "".join(capsys.readouterr())
    assert [] == [char for char in said if not char.isprintable() and char != "\n"]
    assert "Eve" in said


def test_the_same_wait_is_said_once_however_many_wait(capsys: pytest.CaptureFixture[str]) -> None:
    console = _console()
    for _ in range(5):
        console.paused(30, "Too fast")
    assert [f"{_AT}Waiting 30 s: Too fast"] == capsys.readouterr().err.splitlines()


def test_without_a_terminal_the_progress_is_a_line_every_half_minute(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A call every ten seconds; one that goes again is no progress."""
    stopwatch = Stopwatch()
    console = Console(stopwatch, quiet=False, verbose=False, as_json=False, asks=False)
    preview(job(contacts(tmp_path / "s.csv", 9)), console, _CLOCK)
    console.dialing_began(9)
    capsys.readouterr()
    for _ in range(6):
        stopwatch.seconds += 10
        console.attempted(entry(status=Status.DEFERRED), Again(Outcome(Status.DEFERRED), None))
        console.attempted(entry(), Settled(Outcome(Status.INITIATED)))
    assert [
        f"{_AT}3 of 9: 3 placed, 0 refused, 0 unknown; 6 a minute, 60 s left",
        f"{_AT}6 of 9: 6 placed, 0 refused, 0 unknown; 6 a minute, 30 s left",
    ] == capsys.readouterr().err.splitlines()


class Terminal(io.StringIO):
    """A terminal at which *typed* was typed."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "yes"), [("y\n", True), ("n\n", False), ("\n", False), ("what\nyes\n", True)])
def test_on_a_terminal_the_question_names_how_many_and_no_answer_is_a_no(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str, *, yes: bool
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    monkeypatch.setattr(sys, "stderr", Terminal())
    console = _console(asks=True)
    preview(job(contacts(tmp_path / "s.csv", 3)), console, _CLOCK)
    assert yes == console.confirm()
    assert isinstance(sys.stderr, Terminal)
    assert "Place 3 calls now? [y/N]: " in sys.stderr.getvalue()


def test_yes_and_an_empty_plan_are_not_asked_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(sys, "stderr", Terminal())
    agreed, idle = _console(asks=False), _console(asks=True)
    preview(job(contacts(tmp_path / "s.csv", 3)), agreed, _CLOCK)
    preview(job(contacts(tmp_path / "none.csv", 0)), idle, _CLOCK)
    assert agreed.confirm()
    assert idle.confirm()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"ledger": Ledger(Path("r.csv"), SANDBOX)}, "agent_1 in the sandbox, where no phone rings,"),
        ({"ledger": Ledger(Path("r.csv"), "https://api.example")}, "agent_1, at"),
    ],
)
def test_the_plan_says_whether_phones_ring(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], says: str
) -> None:
    preview(job(contacts(tmp_path / "s.csv", 1), **changes), _console(), _CLOCK)
    assert says in capsys.readouterr().err


def test_a_reader_who_is_gone_stops_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Gone())
    monkeypatch.setattr(sys, "stdout", Gone())
    assert {Status.INITIATED: 2} == _dialed(_console(verbose=True), contacts(tmp_path / "s.csv", 2)).counts
