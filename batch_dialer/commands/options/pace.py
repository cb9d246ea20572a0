"""The options that say how fast to dial, and for how long."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial

import click

from batch_dialer.commands.moments import read_moment
from batch_dialer.commands.options.grouping import Body, Heading, gathered, option
from batch_dialer.commands.settings import read_duration, read_rate
from batch_dialer.job import Rate

_rate = option(
    Heading.PACE,
    "--rate",
    read=read_rate,
    default="auto",
    show_default=True,
    metavar="auto|N/s|N/min|N/h",
    help="How fast to dial. With auto, as fast as the API's rate limit allows.",
)
_headroom = option(
    Heading.PACE,
    "--headroom",
    default=10,
    show_default=True,
    type=click.FloatRange(0, 100, max_open=True),
    metavar="PERCENT",
    help="With --rate auto, how much of the rate limit to leave to other users of the token.",
)
_burst = option(
    Heading.PACE,
    "--burst",
    default=1,
    show_default=True,
    type=click.IntRange(min=1),
    metavar="N",
    help="Send the first N requests at once, within one minute's limit; then wait until an even pace is reached.",
)
_concurrency = option(
    Heading.PACE,
    "--concurrency",
    default=16,
    show_default=True,
    type=click.IntRange(1, 500),
    metavar="N",
    help="The most requests that are under way at one time, from 1 to 500.",
)
_limit = option(Heading.PACE, "--limit", type=click.IntRange(min=1), metavar="N", help="Dial at most N rows this time.")
_pilot = option(
    Heading.PACE,
    "--pilot",
    type=click.IntRange(min=1),
    metavar="N",
    help="First dial N rows, spread over the sheet, and wait until these calls have ended; then ask whether to go on.",
)
_max_duration = option(
    Heading.PACE,
    "--max-duration",
    read=partial(read_duration, option="--max-duration"),
    metavar="90m",
    help="Stop dialing after this time, as in 90s, 15m, 2h or 1h30m.",
)

_until = option(
    Heading.PACE,
    "--until",
    read=partial(read_moment, option="--until"),
    metavar="17:30",
    help="Place no call after this time of today, or after 2026-12-01T17:30. With or without an offset such as +01:00.",
)
_start_at = option(
    Heading.PACE,
    "--start-at",
    read=partial(read_moment, option="--start-at"),
    metavar="2026-12-01T09:00",
    help="Wait until then before anybody is called; needs --yes. A time alone is one of today.",
)


@dataclass(frozen=True, slots=True)
class PaceOptions:
    """How fast, when to begin and to stop. *rate*: requests a second, None to follow the API's limit.

    *headroom* is in percent.
    """

    rate: float | None
    headroom: float
    burst: int
    concurrency: int
    limit: int | None
    pilot: int | None
    max_duration: timedelta | None
    until: time | datetime | None
    start_at: time | datetime | None

    def from_limit(self, per_second: float) -> Rate:
        """Return the rate to dial at, where the API's limit is *per_second* until it says otherwise."""
        adaptive = self.rate is None
        return Rate(self.rate or per_second, adaptive=adaptive, headroom=self.headroom / 100, burst=self.burst)


def pace_options(body: Body) -> Body:
    """Add the options of this group; *body* is given them as `pace`."""
    added = (_rate, _headroom, _burst, _concurrency, _limit, _pilot, _max_duration, _until, _start_at)
    return gathered(body, "pace", PaceOptions, added)
