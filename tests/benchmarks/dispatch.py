"""Calls a second of the whole command, durable journal and all, beside bare HTTP clients.

The server has a core of its own and so has the client; the rate is the server's count from the first request to the
last, so that neither side's start is in it.
"""

from collections.abc import Iterator
from functools import partial

import people
from contenders import AT_ONCE
from dialed import ours, script
from measure import Bench, Line, at_least, in_turn, pinned
from server import Server, serving

_ROWS = {0: 6_000, 50: 6_000, 200: 3_000}  # by latency in ms
_HTTPX_ROWS = 1_000  # enough to tell, and it may be very slow


def measure(bench: Bench) -> Iterator[Line]:
    for latency, rows in _ROWS.items():
        with serving(latency, core=0) as server, pinned(1):
            yield from _beside(bench, latency, bench.size(rows), server)


def _beside(bench: Bench, latency: int, rows: int, server: Server) -> Iterator[Line]:
    sheet = people.csv_sheet(bench.folder, rows)
    few = min(rows, _HTTPX_ROWS)
    rates = {
        name: usage.found
        for name, usage in in_turn(
            {
                "ours": partial(ours, sheet, rows, server),
                "aiohttp": partial(script, "aiohttp", sheet, rows, server),
                "httpx": partial(script, "httpx", people.csv_sheet(bench.folder, few), few, server),
            },
            bench.times(3),
        ).items()
    }
    what = f"{AT_ONCE} at a time, answered in {latency} ms"
    measured = f"{rates['ours']:,.0f}/s"
    for name, than, goal in (("aiohttp", "aiohttp + uvloop", 0.35), ("httpx", "httpx as it comes", 25)):
        ratio = rates["ours"] / rates[name]
        beside = f"{than} ({rates[name]:,.0f}/s)"
        yield at_least(what, measured, ratio, None if latency else goal, beside)
