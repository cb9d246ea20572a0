"""The dispatch: on disk before the phone can ring and again after, so many at a time, stopped between attempts only."""

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from dispatching import NOON, Exchange, Notebook, Witness, dispatched, numbered_calls
from makers import CLOCK, SetClock, call, number, on_jumping_clock
from switchboard import Act

from batch_dialer import disk
from batch_dialer.dialing.dispatch import Dispatch
from batch_dialer.dialing.gate import make_gate
from batch_dialer.entry import ENTRY_SCHEMA, Entry, History
from batch_dialer.job import Rate
from batch_dialer.ledger.journal import Journal, read_journal
from batch_dialer.ledger.origins import Origin
from batch_dialer.model import Answer, Call, Outcome, Reply, Target, Verdict, Via
from batch_dialer.words import Status


@pytest.mark.parametrize("concurrency", [1, 3, 20])
def test_so_many_are_under_way_as_were_asked_for_and_no_more(concurrency: int) -> None:
    api = Exchange()
    assert dispatched(api, numbered_calls(10), concurrency=concurrency) is None
    assert min(concurrency, 10) == api.most
    assert sorted(call.row for call in api.requests) == list(range(2, 12)), "each once"


class Disk:
    """What of a file would survive a power cut now: the bytes that its last sync covered."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._path = path
        self._safe = 0
        self._sync: Callable[[int], None] = disk.sync
        monkeypatch.setattr(disk, "sync", self._remember)

    def _remember(self, descriptor: int) -> None:
        size = os.fstat(descriptor).st_size
        self._sync(descriptor)
        self._safe = size

    def word_on(self, key: str) -> tuple[str, ...]:
        """Return the status and the call's ID that would be found after a power cut."""
        copy = self._path.with_name("after the power cut")
        copy.write_bytes(self._path.read_bytes()[: self._safe])
        row = read_journal(copy).history.filter(pl.col("key") == key).select("status", "call_id").rows()
        return tuple(row[0]) if row else ()


def test_an_attempt_is_durable_before_its_request_and_its_outcome_before_anybody_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a real journal, of which the disk keeps what was synced and nothing more."""
    platter = Disk(tmp_path / "j", monkeypatch)
    before: list[tuple[str, ...]] = []
    told: list[tuple[str, ...]] = []

    class Prober(Exchange):
        async def place(self, call: Call) -> Reply:
            before.append(platter.word_on(call.key))
            return await super().place(call)

    class Follower(Witness):
        def attempted(self, entry: Entry, verdict: Verdict) -> None:
            super().attempted(entry, verdict)
            told.append((entry.call_id, *platter.word_on(entry.key)))

    nothing = History(pl.DataFrame(schema=ENTRY_SCHEMA))
    journal = Journal(tmp_path / "j", Origin("the exchange", testing=False), nothing, SetClock(NOON))
    api = Prober()
    dispatched(api, numbered_calls(6), journal, Follower())
    journal.close()

    assert [("dialing", "")] * 6 == before
    assert sorted((name, "initiated", name) for name in api.ids) == sorted(told)


def test_a_halt_stops_the_others_between_attempts_and_never_in_one() -> None:
    """The second row of three that are under way stops the run; the slower third is heard to its end."""
    api = Exchange({3: [Act.NO_CREDITS]}, seconds={2: 9, 3: 1, 4: 5})
    record, watcher = Notebook(), Witness()
    halt = dispatched(api, numbered_calls(10), record, watcher)

    assert halt is not None
    assert "INSUFFICIENT_CREDITS" == halt.outcome.error_code
    assert [2, 3, 4] == sorted(call.row for call in api.requests)
    assert [Status.DIALING, Status.INITIATED] == [status for status, _ in record.of(2)]
    assert [Status.DIALING, Status.DEFERRED] == [status for status, _ in record.of(3)]
    assert [Status.DIALING, Status.INITIATED] == [status for status, _ in record.of(4)]
    assert 3 == len(watcher.verdicts)


def test_the_first_reason_to_stop_is_the_one_that_is_told() -> None:
    api = Exchange({2: [Act.NO_CREDITS]}, seconds={2: 1, 3: 5})
    halt = dispatched(api, numbered_calls(2), Notebook(fails_at=4))  # the outcome of row 3 cannot be written

    assert halt is not None
    assert "INSUFFICIENT_CREDITS" == halt.outcome.error_code


def test_what_cannot_be_written_before_the_request_is_not_sent() -> None:
    api, watcher = Exchange(), Witness()
    halt = dispatched(api, numbered_calls(5), Notebook(fails_at=1), watcher, concurrency=1)

    assert halt is not None
    assert Outcome(Status.DEFERRED) == halt.outcome
    assert os.strerror(errno.ENOSPC) in halt.reason
    assert ([], [], []) == (api.requests, watcher.verdicts, watcher.lost_records)


def test_an_outcome_that_cannot_be_written_is_handed_over_and_nobody_else_is_called() -> None:
    api, record, watcher = Exchange(), Notebook(fails_at=2), Witness()
    halt = dispatched(api, numbered_calls(5), record, watcher, concurrency=1)

    assert halt is not None
    assert os.strerror(errno.ENOSPC) in halt.reason
    assert {number(2): 1} == api.rings
    assert [("call_1", Status.INITIATED)] == [(entry.call_id, entry.status) for entry in watcher.lost_records]
    assert [(Status.DIALING, 1)] == record.of(2), "the truth, as far as the disk knows it"
    assert [] == watcher.verdicts


def test_cancelled_during_requests_each_is_heard_to_its_end_and_written_down() -> None:
    api, record = Exchange(seconds=dict.fromkeys(range(12), 10.0)), Notebook()
    assert dispatched(api, numbered_calls(10), record, seconds=3) is None

    assert [2, 3, 4] == sorted(call.row for call in api.requests)
    assert [[(Status.DIALING, 1), (Status.INITIATED, 1)]] * 3 == [record.of(row) for row in (2, 3, 4)]


def test_a_bug_in_a_request_leaves_its_row_in_doubt() -> None:
    class Broken(Exchange):
        async def place(self, call: Call) -> Reply:
            await super().place(call)
            raise ZeroDivisionError

    record = Notebook()
    with pytest.raises(ExceptionGroup, match="nursery"):
        dispatched(Broken(), numbered_calls(1), record)
    assert [(Status.DIALING, 1)] == record.of(2)


_KNOWN, _UNKNOWN = Target(Via.AGENT, "agent_7"), Target(Via.AGENT, "agent_8")


class OneAgent(Exchange):
    """An exchange that does not know the agent `_UNKNOWN`, and says so after *wait* seconds."""

    wait = 0.5

    async def place(self, call: Call) -> Reply:
        if call.target != _UNKNOWN:
            return await super().place(call)
        self.requests.append(call)
        await CLOCK.sleep(self.wait)
        return Answer(404, {}, b'{"error": {"code": "AGENT_NOT_FOUND", "message": "Voice agent not found"}}')


def _two_agents(api: OneAgent, record: Notebook, *, concurrency: int, targets: int, last: int = 9) -> Dispatch:
    """Dispatch rows 2 to *last*, whose even ones are called by `_UNKNOWN`."""
    planned = [call(row=n, to=number(n), key=f"tel:{number(n)}") for n in range(2, last + 1)]
    each = (replace(one, target=_KNOWN if one.row % 2 else _UNKNOWN) for one in planned)

    async def run() -> Dispatch:
        dispatch = Dispatch(api, record, make_gate(Rate(100_000), CLOCK), Witness(), SetClock(NOON))
        dispatch.targets = targets
        await dispatch.run(each, concurrency)
        return dispatch

    dispatch: Dispatch = on_jumping_clock(run)
    return dispatch


@pytest.mark.parametrize("concurrency", [1, 2, 5])
def test_an_agent_that_is_unknown_holds_back_its_own_calls_alone(concurrency: int) -> None:
    api, record = OneAgent(), Notebook()
    dispatch = _two_agents(api, record, concurrency=concurrency, targets=2)

    assert dispatch.halt is None
    assert ["AGENT_NOT_FOUND"] == [dispatch.held[_UNKNOWN].outcome.error_code]
    assert {number(row): 1 for row in (3, 5, 7, 9)} == api.rings
    asked = [one.row for one in api.requests if one.target == _UNKNOWN]
    assert len(asked) <= (concurrency + 1) // 2, "no more than were under way together"
    assert [(Status.DIALING, 1), (Status.DEFERRED, 1)] == record.of(2)
    assert all([] == record.of(row) for row in (4, 6, 8) if row not in asked)


def test_who_waits_at_the_gate_for_an_agent_that_is_held_back_is_not_sent() -> None:
    """Row 4 is told to wait, and before its turn comes again the answer to row 2 holds its agent back."""

    class Slow(OneAgent):
        wait = 5.0

        async def place(self, call: Call) -> Reply:
            if call.row == 4:
                self.requests.append(call)
                return Answer(429, {"retry-after": "30"}, b'{"error": {"code": "RATE_LIMIT_EXCEEDED"}}')
            return await super().place(call)

    api, record = Slow(), Notebook()
    _two_agents(api, record, concurrency=3, targets=2, last=4)
    assert [2, 3, 4] == sorted(one.row for one in api.requests)
    assert [(Status.DIALING, 1), (Status.DEFERRED, 1)] == record.of(4)


def test_where_every_agent_is_held_back_the_run_stops() -> None:
    dispatch = _two_agents(OneAgent(), Notebook(), concurrency=1, targets=1)
    assert dispatch.halt == dispatch.held[_UNKNOWN]
