"""2,000 rows by the whole command, from the Enter key to the prompt, beside what people would pick instead."""

import importlib.util
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import people
from dialed import ours, script
from measure import Bench, Line, Usage, at_least, command, in_turn
from server import Server, serving

_ROWS = 2_000


def _parallel(sheet: Path, rows: int, server: Server) -> Usage:
    """64 curls at a time."""
    data = """'{"to":"'{Phone}'","payload":{"name":"'{Name}'","amount":"'{Amount}'","due":"'{Due}'"}}'"""
    headers = "-H 'Authorization: Bearer talq_rehearsal' -H 'Content-Type: application/json'"
    curl = f"curl -s {headers} -d {data} {server.base_url}/agents/agent_1/call"
    usage = command(
        "parallel", "--will-cite", "-j", 64, "--header", ":", "--colsep", ",", curl, "::::", sheet, cwd=sheet.parent
    )
    return replace(usage, found=server.rate("GNU parallel + curl", rows))


def _newman(sheet: Path, rows: int, server: Server) -> Usage:
    """Postman's own runner, without its report: one call after another. It takes the `+` off a number in a CSV file."""
    body = {"to": "+{{Phone}}", "payload": {"name": "{{Name}}", "amount": "{{Amount}}", "due": "{{Due}}"}}
    headers = {"Authorization": "Bearer talq_rehearsal", "Content-Type": "application/json"}
    request = {
        "method": "POST",
        "url": f"{server.base_url}/agents/agent_1/call",
        "header": [{"key": key, "value": value} for key, value in headers.items()],
        "body": {"mode": "raw", "raw": json.dumps(body)},
    }
    schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
    collection = {"info": {"name": "calls", "schema": schema}, "item": [{"name": "call", "request": request}]}
    path = sheet.with_name("collection.json")
    path.write_text(json.dumps(collection), encoding="utf-8")
    usage = command("newman", "run", path, "-d", sheet, "--silent", cwd=sheet.parent)
    return replace(usage, found=server.rate("newman", rows))


@dataclass(frozen=True, slots=True)
class Contender:
    """What is run beside us, *times* over; *goals*: how many times as fast we want to be, by latency in ms."""

    name: str
    needs: str
    run: Callable[[Path, int, Server], Usage]
    times: int
    goals: dict[int, int]

    def is_here(self) -> bool:
        """Return whether the program or module is installed."""
        return bool(shutil.which(self.needs) or importlib.util.find_spec(self.needs))


CONTENDERS = (
    Contender("newman", "newman", _newman, 1, {0: 8, 50: 30}),
    Contender("GNU parallel + curl", "parallel", _parallel, 1, {0: 8}),
    Contender("requests, 64 threads", "requests", partial(script, "requests"), 3, {}),
    Contender("aiohttp + uvloop", "aiohttp", partial(script, "aiohttp"), 3, {}),
)


def measure(bench: Bench) -> Iterator[Line]:
    for latency in (0, 50):
        with serving(latency) as server:
            yield from _beside(bench, latency, server)


def _beside(bench: Bench, latency: int, server: Server) -> Iterator[Line]:
    rows = bench.size(_ROWS)
    sheet = people.csv_sheet(bench.folder, rows)
    taken: dict[str, Usage] = {}
    for times in (3, 1):  # what takes a minute is run once
        runs = {c.name: partial(c.run, sheet, rows, server) for c in CONTENDERS if c.times == times and c.is_here()}
        mine = {"ours": partial(ours, sheet, rows, server)} if times > 1 else {}
        taken |= in_turn(mine | runs, bench.times(times))
    seconds = taken["ours"].seconds
    what = f"{rows:,} rows, answered in {latency} ms"
    measured = f"{seconds:.1f} s ({rows / seconds:,.0f} rows/s)"
    for contender in CONTENDERS:
        goal = contender.goals.get(latency)
        if contender.name in taken:
            other = taken[contender.name].seconds
            yield at_least(what, measured, other / seconds, goal, f"{contender.name} ({rows / other:,.0f} rows/s)")
        else:
            yield Line(what, measured, f"{contender.name}: not installed", f"≥ {goal} x" if goal else "")
