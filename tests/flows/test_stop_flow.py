"""Hanging up a job's calls: which are asked for, in how many requests, and that no other job's ever is."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from makers import SetClock, entry, job, lines, on_jumping_clock
from switchboard import Silent

from batch_dialer import disk
from batch_dialer.dialing.hang_up import Fate, Stopped
from batch_dialer.entry import Entry
from batch_dialer.errors import ResultsInUse, UsageError
from batch_dialer.flows import stop_run
from batch_dialer.flows.stop import stop_results
from batch_dialer.job import Rate
from batch_dialer.ledger.history import to_lines
from batch_dialer.ledger.lock import lock_path, lock_results
from batch_dialer.ledger.results import write_results
from batch_dialer.model import Answer, Lost, Reply, Target, Unsent, Via
from batch_dialer.talkover.payload import Caller
from batch_dialer.words import Status

_NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
_ACTIVE = {"initiated", "ringing", "answered"}


def _at(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _row(index: int, before: timedelta = timedelta(minutes=1), **changes: Any) -> Entry:
    to = f"+1415556{index:04d}"
    base: dict[str, Any] = {
        "row": index + 2, "call_id": f"call_{index}", "to": to, "key": f"tel:{to}", "sent_at": _at(_NOW - before),
    }  # fmt: skip
    return entry(**(base | changes))


class Agency:
    """The calls of agents, newest first, a page of *size* at a time. *lists*, *answers*: what is said instead."""

    def __init__(self, statuses: Mapping[str, str], *, size: int = 2, **says: Any) -> None:
        self.statuses = dict(statuses)
        self.agent_of: dict[str, str] = {}
        self.numbers: dict[str, str] = {}
        self._size = size
        self._says = says
        self.asked: list[str] = []

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Reply:
        self.asked.append(path)
        if path.startswith("/campaigns/"):
            return self._answer({"data": {"agent_id": "agent_1"}})
        if "lists" in self._says:
            reply: Reply = self._says["lists"]
            return reply
        agent_id, page = path.split("/")[2], int((params or {})["page"])
        found = [each for each in self.statuses if self.agent_of.get(each, "agent_1") == agent_id]
        sought = str((params or {}).get("search", ""))
        found = [each for each in found if sought in self._number(each)]
        items = [
            {
                "id": each,
                "to": self._number(each),
                "status": self.statuses[each],
                "created_at": _at(_NOW),
                "duration": 7,
            }
            for each in found[(page - 1) * self._size : page * self._size]
        ]
        says = {"current_page": page, "last_page": max(1, -(-len(found) // self._size)), "total": len(found)}
        return self._answer({"data": items, "pagination": says})

    async def end_call(self, agent_id: str, call_id: str) -> Reply:
        self.asked.append(f"end {call_id}")
        if replies := self._says.get("answers"):
            reply: Reply = replies.pop(0)
            return reply
        if self.agent_of.get(call_id, "agent_1") != agent_id or call_id not in self.statuses:
            return Answer(404, {}, b'{"success":false,"message":"Call not found for this agent"}')
        if self.statuses[call_id] not in _ACTIVE:
            return Answer(409, {}, b'{"success":false,"code":"CALL_NOT_ACTIVE"}')
        self.statuses[call_id] = "completed"
        return self._answer({"data": {"id": call_id, "status": "completed"}})

    @property
    def ended(self) -> list[str]:
        return [asked.removeprefix("end ") for asked in self.asked if asked.startswith("end ")]

    def _number(self, call_id: str) -> str:
        return self.numbers.get(call_id) or f"+1415556{int(call_id.split('_')[1]):04d}"

    def _answer(self, document: object) -> Answer:
        return Answer(200, {}, json.dumps(document).encode())


def _stop(folder: Path, entries: list[Entry], api: Agency, *, agrees: bool = True) -> tuple[Stopped, list[str]]:
    folder.mkdir(exist_ok=True)
    place = job(folder / "s.csv").ledger
    write_results(place.results, to_lines(entries))
    watcher = Silent()

    def confirm(question: str) -> bool:
        watcher.sentences.append(question)
        return agrees

    stopped: Stopped = on_jumping_clock(
        stop_results,
        place,
        api,
        Caller(Target(Via.AGENT, "")),
        Rate(10_000),
        timedelta(minutes=15),
        watcher,
        confirm,
        SetClock(_NOW),
    )
    return stopped, watcher.sentences


def _fates(stopped: Stopped) -> dict[Fate, list[str]]:
    return {fate: [each.call_id for each in stopped.of(fate)] for fate in Fate if stopped.of(fate)}


def _known(folder: Path) -> list[tuple[str, str]]:
    return [(line["status"], line["error_message"][:7]) for line in lines(folder / "s.results.csv")]


def test_what_the_list_shows_as_under_way_is_hung_up_and_no_call_of_another_job(tmp_path: Path) -> None:
    """The other job's call is to the same number, through the same agent."""
    api = Agency({"other_0": "answered", "call_0": "answered", "call_1": "busy", "call_2": "ringing"}, size=100)
    stopped, said = _stop(tmp_path, [_row(0), _row(1), _row(2)], api)
    assert {Fate.HUNG_UP: ["call_0", "call_2"]} == _fates(stopped)
    assert (1, 0) == (stopped.ended_before, stopped.exit)
    assert "answered" == api.statuses["other_0"]
    first, *ended, last = api.asked
    assert ["end call_0", "end call_2"] == sorted(ended), "and of each is asked once"
    assert first == last == "/agents/agent_1/calls", "before, and for how they ended"
    assert [("completed", "Hung up"), ("busy", ""), ("completed", "Hung up")] == _known(tmp_path)
    assert {"7"} == {line["duration_seconds"] for line in lines(tmp_path / "s.results.csv")}
    assert said == ["Hang up those of 3 calls of this job that are under way?"]


def test_nothing_is_done_unless_it_is_agreed_to(tmp_path: Path) -> None:
    api = Agency({"call_0": "answered"})
    with pytest.raises(UsageError, match="No call was hung up"):
        _stop(tmp_path, [_row(0)], api, agrees=False)
    assert [] == api.asked


def test_where_nothing_can_be_under_way_nobody_is_asked_anything(tmp_path: Path) -> None:
    api = Agency({})
    ended = [_row(0, status=Status.COMPLETED), _row(1, before=timedelta(hours=26)), _row(2, call_id="", calls=0)]
    stopped, said = _stop(tmp_path, [*ended[:2], _row(2, status=Status.DEFERRED, call_id="", calls=0)], api)
    assert ([], [], 0) == (said, api.asked, stopped.exit)


def test_a_few_calls_are_asked_for_rather_than_a_list_of_many_pages(tmp_path: Path) -> None:
    """And whichever is the shorter way is taken anew with each page."""
    listed = {f"other_{n}": "completed" for n in range(40)} | {"call_0": "answered", "call_1": "completed"}
    api = Agency(listed)
    stopped, _ = _stop(tmp_path, [_row(0), _row(1)], api)
    assert {Fate.HUNG_UP: ["call_0"], Fate.ENDED: ["call_1"]} == _fates(stopped)
    assert Counter({"/agents/agent_1/calls": 1 + 5, "end call_0": 1, "end call_1": 1}) == Counter(api.asked)
    assert [("initiated", "Hung up"), ("initiated", "")] == _known(tmp_path), "how they ended is left to `track`"


def test_a_single_call_is_hung_up_at_once(tmp_path: Path) -> None:
    api = Agency({"call_0": "answered"})
    _stop(tmp_path, [_row(0)], api)
    assert ["end call_0", "/agents/agent_1/calls"] == api.asked


@pytest.mark.parametrize(
    "lists", [Lost("no answer"), Unsent("no connection"), Answer(500, {}, b""), Answer(200, {}, b'{"data":[]}')]
)
def test_where_the_list_cannot_be_had_each_call_is_asked_for(tmp_path: Path, lists: Reply) -> None:
    api = Agency({"call_0": "answered", "call_1": "busy", "other_0": "answered"}, lists=lists)
    stopped, _ = _stop(tmp_path, [_row(0), _row(1)], api)
    assert {Fate.HUNG_UP: ["call_0"], Fate.ENDED: ["call_1"]} == _fates(stopped)
    assert "answered" == api.statuses["other_0"]


def test_a_list_that_lags_hides_no_call(tmp_path: Path) -> None:
    api = Agency({"call_0": "answered", "call_1": "ringing", "call_2": "ringing"}, size=100)
    api.agent_of["call_2"] = "agent_2"  # so that the list of agent_1 does not have it
    stopped, _ = _stop(tmp_path, [_row(0), _row(1), _row(2)], api)
    assert {Fate.HUNG_UP: ["call_0", "call_1"], Fate.LEFT: ["call_2"]} == _fates(stopped)
    assert 1 == stopped.exit


def test_a_call_that_is_listed_with_another_number_is_not_touched(tmp_path: Path) -> None:
    api = Agency({"call_0": "answered", "call_1": "answered"}, size=100)
    api.numbers["call_0"] = "+12125550199"
    stopped, _ = _stop(tmp_path, [_row(0), _row(1)], api)
    assert {Fate.HUNG_UP: ["call_1"], Fate.LEFT: ["call_0"]} == _fates(stopped)
    assert ["call_1"] == api.ended


def test_rows_with_agents_of_their_own_are_asked_of_these(tmp_path: Path) -> None:
    api = Agency({"call_0": "answered", "call_1": "answered"})
    api.agent_of["call_1"] = "agent_2"
    stopped, _ = _stop(tmp_path, [_row(0), _row(1, agent_id="agent_2")], api)
    assert {Fate.HUNG_UP: ["call_0", "call_1"]} == _fates(stopped)


def test_a_campaigns_calls_are_hung_up_once_they_are_listed_and_the_others_named(tmp_path: Path) -> None:
    api = Agency({"call_0": "answered"}, size=100)
    rows = [_row(n, status=Status.QUEUED, agent_id="campaign_1") for n in range(2)]
    stopped, _ = _stop(tmp_path, rows, api)
    assert ["call_0"] == api.ended
    assert [rows[1].call_id] == [each.call_id for each in stopped.waiting]
    assert 1 == stopped.exit


def test_a_lost_answer_is_found_first_and_what_is_not_found_is_said(tmp_path: Path) -> None:
    """Nobody waits for a proof that no call was placed."""
    api = Agency({"call_0": "answered", "call_1": "answered"}, size=100)
    lost: dict[str, Any] = {"status": Status.UNKNOWN, "call_id": "", "calls": 0, "sent_at": _at(_NOW)}
    stopped, said = _stop(tmp_path, [_row(0), _row(1, **lost), _row(2, before=timedelta(hours=1), **lost)], api)
    assert {Fate.HUNG_UP: ["call_0", "call_1"]} == _fates(stopped)
    assert (1, 1) == (stopped.doubts, stopped.exit)
    assert not [sentence for sentence in said if "once more" in sentence]
    assert ["completed", "completed", "unknown"] == [status for status, _ in _known(tmp_path)]


def test_a_call_before_the_last_one_of_its_row_is_hung_up_too(tmp_path: Path) -> None:
    """As where the number was corrected while the first call was under way."""
    api = Agency({"call_7": "answered", "call_0": "ringing"}, size=100)
    stopped, _ = _stop(tmp_path, [_row(0, calls=2, earlier_calls="call_9 completed; call_7 initiated")], api)
    assert {Fate.HUNG_UP: ["call_0", "call_7"]} == {fate: sorted(ids) for fate, ids in _fates(stopped).items()}
    assert "call_9 completed; call_7 completed" == lines(tmp_path / "s.results.csv")[0]["earlier_calls"]


def test_what_cannot_be_told_is_asked_again_and_then_left(tmp_path: Path) -> None:
    api = Agency({"call_0": "answered"}, answers=[Lost("no answer"), Answer(502, {}, b"")])
    stopped, _ = _stop(tmp_path, [_row(0)], api)
    assert {Fate.HUNG_UP: ["call_0"]} == _fates(stopped)
    api = Agency({"call_0": "answered"}, answers=[Lost("no answer")] * 3)
    stopped, _ = _stop(tmp_path / "again", [_row(0)], api)
    assert {Fate.LEFT: ["call_0"]} == _fates(stopped)
    assert 1 == stopped.exit


@pytest.mark.parametrize("reply", [Answer(401, {}, b""), Unsent("no connection")])
def test_an_api_that_says_no_or_is_away_is_asked_no_further(tmp_path: Path, reply: Reply) -> None:
    rows = [_row(n) for n in range(100)]
    api = Agency({row.call_id: "answered" for row in rows}, size=100, answers=[reply] * 1000)
    stopped, _ = _stop(tmp_path, rows, api)
    assert 100 == len(stopped.of(Fate.LEFT))
    assert 4 == stopped.exit
    assert len(api.ended) <= 16 * 3


def test_a_disk_that_takes_nothing_keeps_no_call_from_being_hung_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int, data: bytes) -> None:
        raise OSError(28, f"No space left on device for {len(data)} bytes")

    monkeypatch.setattr(disk, "write_whole", full)
    api = Agency({"call_0": "answered", "call_1": "answered"}, size=100)
    stopped, said = _stop(tmp_path, [_row(0), _row(1)], api)
    assert {Fate.HUNG_UP: ["call_0", "call_1"]} == _fates(stopped)
    assert 1 == stopped.exit
    assert 1 == sum("cannot be written down: No space left" in sentence for sentence in said)


_HOLD = """
import pathlib, signal, sys
from batch_dialer.ledger.lock import lock_results
signal.signal(signal.SIGTERM, signal.SIG_IGN)
with lock_results(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_run_that_does_not_end_is_told_once_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stop_run, "PATIENCE", 0.3)
    api = Agency({"call_0": "answered"})
    arguments = [sys.executable, "-c", _HOLD, str(tmp_path / "s.results.csv")]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert "held\n" == holder.stdout.readline()
        with pytest.raises(ResultsInUse, match=rf"\(process {holder.pid}\) was told to stop, and has not ended"):
            _stop(tmp_path, [_row(0)], api)
        assert holder.poll() is None
        holder.kill()
    assert [] == api.asked


@pytest.mark.parametrize(("note", "words"), [("", "cannot be told from here"), ("7 dialer-2\n", "machine dialer-2")])
def test_a_holder_that_cannot_be_told_is_let_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, note: str, words: str
) -> None:
    monkeypatch.setattr(stop_run, "TO_BE_NAMED", 0.2)
    api = Agency({"call_0": "answered"})
    results = tmp_path / "s.results.csv"
    with lock_results(results):
        lock_path(results).write_text(note)
        with pytest.raises(ResultsInUse, match=words) as refusal:
            _stop(tmp_path, [_row(0)], api)
    assert 5 == refusal.value.exit
    assert [] == api.asked
