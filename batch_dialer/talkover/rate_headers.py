"""The API's rate-limit headers, in all the dialects they may come in, become a `Quota` and a pause."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_LONGEST_PAUSE = 900.0
_SHORTEST_PAUSE = 1.0
_UNREADABLE_PAUSE = 60.0
_EPOCH_FROM = 1e9  # a count of seconds since 1970 is past this since 2001; a count from now never is
_EPOCH_MS_FROM = 1e11
_MOST_DIGITS = 9  # of a count of requests


@dataclass(frozen=True, slots=True)
class Quota:
    """What the server says of the present window: *limit* and *remaining* requests, *resets_in* seconds."""

    limit: int | None
    remaining: int | None
    resets_in: float | None


def quota(headers: Mapping[str, str]) -> Quota:
    """Read the `X-RateLimit-*` headers (names in lower case)."""
    resets_in = _seconds(headers.get("x-ratelimit-reset"), headers.get("date"))
    return Quota(
        limit=_count(headers.get("x-ratelimit-limit")),
        remaining=_count(headers.get("x-ratelimit-remaining")),
        resets_in=None if resets_in is None else min(resets_in, _LONGEST_PAUSE),
    )


def pause(retry_after: object, headers: Mapping[str, str]) -> float:
    """Return the seconds to wait after a 429: the longest that the body or a header asks for, within reason."""
    date = headers.get("date")
    asked = [
        _seconds(str(retry_after) if isinstance(retry_after, str | int | float) else None, date),
        _seconds(headers.get("retry-after"), date),
    ]
    known = [seconds for seconds in asked if seconds is not None]
    if not known:
        known = [_seconds(headers.get("x-ratelimit-reset"), date) or _UNREADABLE_PAUSE]
    return min(max(*known, _SHORTEST_PAUSE), _LONGEST_PAUSE)


def _count(text: str | None) -> int | None:
    digits = (text or "").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS else None


def _seconds(text: str | None, date: str | None) -> float | None:
    """Read seconds from now, an epoch in seconds or milliseconds, an ISO 8601 time or an HTTP date."""
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        known = moment(text)
        return _from_now(known.timestamp(), date) if known else None
    if not math.isfinite(number) or number < 0:
        return None
    if number >= _EPOCH_FROM:
        return _from_now(number / 1000 if number >= _EPOCH_MS_FROM else number, date)
    return number


def _from_now(epoch: float, date: str | None) -> float | None:
    """Measure from the server's own clock, its `Date` header: ours may be wrong, and then so would be every pause."""
    server = moment(date) if date else None
    return max(0.0, epoch - server.timestamp()) if server else None


def moment(text: str) -> datetime | None:
    """Read an ISO 8601 time or an HTTP date, as an aware moment; None for anything else."""
    try:
        known = datetime.fromisoformat(text.strip())
    except ValueError:
        try:
            known = parsedate_to_datetime(text)
        except (ValueError, OverflowError):  # both come of hostile text
            return None
    return known if known.tzinfo else known.replace(tzinfo=UTC)
