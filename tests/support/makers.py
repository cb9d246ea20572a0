"""The smallest good one of everything, each argument optional."""

import csv
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
from switchboard import Silent, Switchboard

from batch_dialer.clock import Clock, SystemClock
from batch_dialer.dialing.taken_ids import TakenIds
from batch_dialer.dialing.verdict import judge
from batch_dialer.entry import Entry, History
from batch_dialer.flows.run import run
from batch_dialer.job import Job, Rate, Source
from batch_dialer.ledger.belonging import default_path
from batch_dialer.ledger.history import to_lines
from batch_dialer.ledger.ledger import Ledger
from batch_dialer.ledger.tally import Tally
from batch_dialer.model import Call, Reply, Target, Verdict, Via
from batch_dialer.plan.planning import Policy
from batch_dialer.sandbox.settings import Settings
from batch_dialer.talkover.payload import Caller
from batch_dialer.words import CALL_EXISTS, Status

AGENT = Target(Via.AGENT, "agent_1")
CLOCK = SystemClock()
UNHURRIED = Settings(limit=None, speed=0.01)
"""A sandbox without a limit, in which a busy machine still finds every call as it was placed."""


def number(index: int) -> str:
    """Return a number that is reserved for fiction; up to 1,200 of them."""
    area = (212, 213, 214, 215, 216, 217, 218, 219, 312, 313, 314, 315)[index // 100]
    return f"+1{area}55501{index % 100:02d}"


def write_csv(path: Path, rows: Iterable[Sequence[object]], header: Sequence[str] = ("Name", "Phone")) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def contacts(path: Path, count: int) -> Path:
    """Write a sheet of *count* people, a number each."""
    return write_csv(path, ((f"Person {n}", number(n)) for n in range(count)))


def lines(path: Path) -> list[dict[str, str]]:
    """Read a results file as any script would."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, strict=True))


def job(sheet: Path, **changes: Any) -> Job:
    base: dict[str, Any] = {
        "source": Source(sheet, None, None, "UTC"),
        "ledger": Ledger(default_path(sheet), "the switchboard", testing=False),
        "caller": Caller(AGENT),
        "policy": Policy(),
        "rate": Rate(100_000),
        "concurrency": 3,
        "settle_after": timedelta(minutes=15),
        "any_hour": True,
    }
    return Job(**(base | changes))


def dial(
    sheet: Path, board: Switchboard, watcher: Silent | None = None, clock: Clock | None = None, **changes: Any
) -> Tally:
    """Run the whole pipeline against *board*, waiting for nobody; *clock* tells the time of day."""
    tally: Tally = on_jumping_clock(run, job(sheet, **changes), board, watcher or Silent(), clock or CLOCK)
    return tally


def on_jumping_clock(function: Callable[..., Any], *arguments: Any) -> Any:
    """Run *function* on trio with a clock that jumps to the next thing to do, so that no test sleeps.

    It does not jump while a thread is at work, as the disk may be slow: nobody's time is over because of that.
    """
    import trio  # noqa: PLC0415  (only where it is wanted)
    from trio.testing import MockClock, wait_all_tasks_blocked  # noqa: PLC0415  (as above)

    clock = MockClock()

    async def jump() -> None:
        threads = trio.to_thread.current_default_thread_limiter()
        while True:
            await wait_all_tasks_blocked(0.001)
            left = trio.lowlevel.current_statistics().seconds_to_next_deadline
            if not threads.borrowed_tokens and 0 < left < float("inf"):
                clock.jump(left)

    async def run() -> Any:
        trio.lowlevel.spawn_system_task(jump)
        return await function(*arguments)

    return anyio.run(run, backend="trio", backend_options={"clock": clock})


class SetClock(SystemClock):
    """A clock whose time of day a test sets. It measures and waits as the machine's does, or the one that jumps."""

    def __init__(self, now: datetime) -> None:
        self.moment = now

    def now(self) -> datetime:
        return self.moment


def history(*entries: Entry) -> History:
    return History(to_lines(entries))


def call(**changes: Any) -> Call:
    base: dict[str, Any] = {
        "row": 2, "id": "", "key": "tel:+14155550101", "to": "+14155550101", "payload": {"name": "Ann"}, "context": {},
        "delay_seconds": 0, "is_testing": False, "target": AGENT, "attempt": 1, "fingerprint": "f0",
    }  # fmt: skip
    return Call(**(base | changes))


def verdict_on(
    reply: Reply, via: Via = Via.AGENT, tries: int = 1, taken: TakenIds | None = None, **changes: Any
) -> Verdict:
    """Judge *reply* as the answer to `call()`."""
    asked = call(target=Target(via, "agent_1"), **changes)
    return judge(reply, asked, tries, taken or TakenIds())


def entry(**changes: Any) -> Entry:
    base: dict[str, Any] = {
        "row": 2, "id": "", "to": "+14155550101", "status": Status.INITIATED, "call_id": "call_1", "error_code": "",
        "error_message": "", "http_status": 200, "attempts": 1, "agent_id": "agent_1",
        "sent_at": "2026-11-22T10:00:00.000+00:00", "created_at": "2026-11-22T10:00:01Z", "key": "tel:+14155550101",
        "delay_seconds": 0, "fingerprint": "f0",
    }  # fmt: skip
    made = base | changes
    return Entry(**({"calls": int(made["status"] in CALL_EXISTS)} | made))
