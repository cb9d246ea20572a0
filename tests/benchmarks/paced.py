"""500 calls a second asked for, of a server that takes 50 ms, with the durable journal on."""

import contextlib
import io
import os
import statistics
import time
from collections.abc import Callable, Iterator

import people
from dialed import options_for
from harness import TOKEN
from measure import Bench, Line, fresh
from server import serving

_RATE = 500
_LATENCY_MS = 50
_SHARE = 0.97
_P99_MS = 70


def stopped(*words: str) -> Callable[[], float]:
    """Our whole command with a stopwatch around each request; finds the 99th percentile in milliseconds."""
    import pytest  # noqa: PLC0415  (only the process that is measured loads it)

    from batch_dialer.cli import program  # noqa: PLC0415  (as above)
    from batch_dialer.model import Call, Reply  # noqa: PLC0415  (as above)
    from batch_dialer.talkover.api import TalkoverApi  # noqa: PLC0415  (as above)

    taken: list[float] = []
    place = TalkoverApi.place

    async def timed(api: TalkoverApi, call: Call) -> Reply:
        begun = time.perf_counter()
        reply = await place(api, call)
        taken.append(time.perf_counter() - begun)
        return reply

    def run() -> float:
        with contextlib.redirect_stdout(io.StringIO()):
            program.main(words, standalone_mode=False)
        return statistics.quantiles(taken, n=100)[98] * 1000

    os.environ["TALKOVER_TOKEN"] = TOKEN
    pytest.MonkeyPatch().setattr(TalkoverApi, "place", timed)  # the process ends with it
    return run


def measure(bench: Bench) -> Iterator[Line]:
    calls = bench.size(_RATE * 20)
    sheet = people.csv_sheet(bench.folder, calls)
    with serving(_LATENCY_MS) as server:
        words = (
            "run",
            sheet,
            *options_for(sheet, server),
            "--rate",
            f"{_RATE}/s",
            "--results",
            sheet.with_name("paced.csv"),
        )
        usage = fresh(stopped, *map(str, words))
        share = server.rate("batch_dialer", calls) / _RATE
    what = f"{_RATE}/s asked for, answered in {_LATENCY_MS} ms"
    yield Line(f"{what}: share", f"{share:.1%}", "", f"≥ {_SHARE:.0%}", share >= _SHARE)
    yield Line(
        f"{what}: 99 % of requests within", f"{usage.found:.0f} ms", "", f"≤ {_P99_MS} ms", usage.found <= _P99_MS
    )
