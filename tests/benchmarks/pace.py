"""How much of the permitted rate is used, and how often the API said 429, with nothing left to others (`--headroom 0`).

Limits by the minute are simulated: the real dispatch on a clock that jumps, asking the sandbox's own limiter. 100 a
second is the real command and the real sandbox over sockets, and so is whoever is alone with `--long`, for an
hour and a half. A line is the worst of the three forms of `Reset`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import people
from dialed import UNASKED
from measure import Bench, Line, check, dialer, elsewhere

from batch_dialer.sandbox.limiter import ResetStyle, WindowKind
from batch_dialer.sandbox.settings import Settings

if TYPE_CHECKING:
    from metered import Metered

MINUTE = 60.0
_LIMITS = ((100, MINUTE), (1_000, MINUTE), (100, 1.0))
_WINDOWS = {MINUTE: 5, 1.0: 8}  # how many of them a job takes
_LATENCY = 0.05
_SHARE = 0.99
_LONG = 5  # windows in which others take a part, or the limit changes after two
_THEIRS = 0.4  # of the limit


@dataclass(frozen=True, slots=True)
class Limit:
    """So many *requests* in so many *seconds*, counted in one of the ways that the vendor's pages leave open."""

    requests: int
    seconds: float
    window: WindowKind
    reset: ResetStyle


@dataclass(frozen=True, slots=True)
class Used:
    """What came of it: the *share* of the limit that was used, by whomever; and how many of our calls had a 429."""

    share: float
    refused: int


def measure(bench: Bench) -> Iterator[Line]:
    for requests, seconds in _LIMITS:
        real = bench.long or seconds < MINUTE
        calls = requests * (2 if bench.quick else _WINDOWS[seconds])
        sheet = people.csv_sheet(bench.folder, calls)
        for window in WindowKind:
            limits = [Limit(requests, seconds, window, reset) for reset in ResetStyle]
            used = [
                elsewhere(dialed, sheet, calls, each) if real else elsewhere(simulated, calls, each) for each in limits
            ]
            what = f"{requests:,} a {'minute' if seconds == MINUTE else 'second'}, {window.value} window"
            yield _line(what if real else f"{what}, simulated", used)
    requests = 100 if bench.quick else 1_000
    for happens, others, becomes in (
        (f"another client asks for {_THEIRS:.0%}", _THEIRS, requests),
        ("halved after two windows", 0, requests // 2),
        ("doubled after two windows", 0, requests * 2),
    ):
        for window in WindowKind:
            limits = [Limit(requests, MINUTE, window, reset) for reset in ResetStyle]
            used = [elsewhere(among_others, each, others, becomes) for each in limits]
            yield _line(f"{requests:,} a minute, {window.value} window, simulated, {happens}", used)


def _line(what: str, used: list[Used]) -> Line:
    share = min(each.share for each in used)
    refused = max(each.refused for each in used)
    measured = f"{share:.1%} of the limit, {refused:,} answered 429"
    return Line(what, measured, "", f"≥ {_SHARE:.0%}, none", share >= _SHARE and not refused)


def _used(calls: int, placed: list[float], asked: int, limit: Limit) -> Used:
    check("calls under a limit", calls, len(placed))
    rate = (len(placed) - 1) / (max(placed) - min(placed))
    return Used(rate * limit.seconds / limit.requests, asked - len(placed))


def dialed(sheet: Path, calls: int, limit: Limit) -> Used:
    """Run the whole command against the sandbox."""
    from batch_dialer.sandbox.serve import Sandbox  # noqa: PLC0415  (it is large: see measure.py)

    for left in sheet.parent.glob(f"{sheet.stem}.results.csv*"):
        left.unlink()
    settings = Settings(limit.requests, limit.seconds, limit.window, limit.reset)
    with Sandbox(settings) as sandbox:
        where = ("--schema", people.schema(sheet.parent), "--base-url", sandbox.base_url)
        dialer("run", sheet, *where, "--headroom", 0, "--yes", "--quiet", *UNASKED, cwd=sheet.parent)
        check("people called under a limit", calls, len(set(sandbox.exchange.rings)))
        return _used(calls, [call.created_at for call in sandbox.exchange.calls], len(sandbox.app.seen), limit)


def simulated(calls: int, limit: Limit) -> Used:
    """Run the dispatch on a clock that jumps to the next thing to do."""
    api = _metered(limit, concurrency=16, rows=calls)
    return _used(calls, api.placed, len(api.placed) + len(api.refused), limit)


def among_others(limit: Limit, others: float, becomes: int) -> Used:
    """Simulate some windows in which others ask for a share of the limit, or it *becomes* another after two."""
    api = _metered(limit, others, becomes, seconds=_LONG * limit.seconds, concurrency=64)
    permitted = 2 * limit.requests + (_LONG - 2) * becomes
    return Used((len(api.placed) + api.theirs) / permitted, len(api.refused))


def _metered(limit: Limit, others: float = 0.0, becomes: int | None = None, **how: Any) -> "Metered":
    from metered import World  # noqa: PLC0415  (as above)
    from metered import dialed as dialed_in  # noqa: PLC0415  (as above)

    from batch_dialer.dialing.pace import STANDARD_PLAN, Pace  # noqa: PLC0415  (as above)

    world = World(
        limit.window, limit.reset, limit.requests, limit.seconds, _LATENCY,
        others=others * limit.requests / limit.seconds,
        changes={} if becomes is None else {2 * limit.seconds: becomes},
    )  # fmt: skip
    return dialed_in(world, Pace(STANDARD_PLAN, adaptive=True, headroom=0), **how)
