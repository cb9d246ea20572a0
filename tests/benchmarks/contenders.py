"""What people would write instead: `python tests/benchmarks/contenders.py NAME SHEET BASE_URL`.

Each dials the whole sheet, 100 at a time, and writes what it got; none checks, paces, resumes or keeps a journal.
"""

import asyncio
import csv
import sys
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

AT_ONCE = 100
_WHERE = "/agents/agent_1/call"
_HEADERS = {"Authorization": "Bearer talq_rehearsal"}
Body = dict[str, Any]
Row = tuple[str, str]
Post = Callable[[Body], Awaitable[Any]]


def bodies(sheet: Path) -> Iterator[Body]:
    with sheet.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield {"to": row["Phone"], "payload": {"name": row["Name"], "amount": row["Amount"], "due": row["Due"]}}


def write_results(sheet: Path, rows: Iterator[Row]) -> None:
    with sheet.with_suffix(".placed.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


async def at_once(sheet: Path, post: Post) -> None:
    """Call *post* for all rows, at most `AT_ONCE` of them at a time."""
    waiting = bodies(sheet)
    placed: list[Row] = []

    async def work() -> None:
        for body in waiting:
            answer = await post(body)
            placed.append((body["to"], answer["data"]["id"]))

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    write_results(sheet, iter(placed))


def aiohttp(sheet: Path, base_url: str) -> None:
    """Raw aiohttp on uvloop: the fastest that a script comes to without effort."""
    import aiohttp  # noqa: PLC0415  (each contender loads its own alone)
    import uvloop  # noqa: PLC0415  (as above)

    async def dial() -> None:
        connector = aiohttp.TCPConnector(limit=AT_ONCE)
        async with aiohttp.ClientSession(connector=connector, headers=_HEADERS) as session:

            async def post(body: Body) -> Any:
                async with session.post(base_url + _WHERE, json=body) as answer:
                    return await answer.json()

            await at_once(sheet, post)

    uvloop.run(dial())


def httpx(sheet: Path, base_url: str) -> None:
    """One httpx client for all, as it comes: its pool takes 100 connections."""
    import httpx  # noqa: PLC0415  (as above)

    async def dial() -> None:
        async with httpx.AsyncClient(headers=_HEADERS, timeout=60) as client:

            async def post(body: Body) -> Any:
                return (await client.post(base_url + _WHERE, json=body)).json()

            await at_once(sheet, post)

    asyncio.run(dial())


def requests(sheet: Path, base_url: str) -> None:
    """64 threads with a session each."""
    import threading  # noqa: PLC0415  (as above)

    import requests  # noqa: PLC0415  (as above)

    own = threading.local()

    def post(body: Body) -> Row:
        if not hasattr(own, "session"):
            own.session = requests.Session()
        answer = own.session.post(base_url + _WHERE, json=body, headers=_HEADERS).json()
        return body["to"], answer["data"]["id"]

    with ThreadPoolExecutor(64) as pool:
        write_results(sheet, pool.map(post, bodies(sheet)))


if __name__ == "__main__":
    {"aiohttp": aiohttp, "httpx": httpx, "requests": requests}[sys.argv[1]](Path(sys.argv[2]), sys.argv[3])
