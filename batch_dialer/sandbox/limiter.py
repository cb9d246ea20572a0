"""The rate limit. The vendor documents neither the kind of window nor the format of `Reset`, so there are several.

The time is a parameter, in seconds since the epoch.
"""

import math
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Protocol, assert_never


class WindowKind(Enum):
    """The kinds of window in which requests are counted."""

    FIXED = "fixed"
    SLIDING = "sliding"
    BUCKET = "bucket"


class ResetStyle(Enum):
    """The formats of `X-RateLimit-Reset`: seconds since the epoch, seconds from now, or ISO 8601."""

    EPOCH = "epoch"
    DELTA = "delta"
    ISO = "iso"


@dataclass(frozen=True, slots=True)
class LimitDecision:
    """Whether one request is allowed, and the state of the limit after it. Times are seconds since the epoch."""

    allowed: bool
    limit: int
    remaining: int
    reset_at: float
    retry_at: float

    def retry_after(self, now: float) -> int:
        """Return the whole seconds from *now* to the next allowed request, at least one."""
        return max(1, math.ceil(self.retry_at - now))


class Limiter(Protocol):
    """Counts requests. *limit* may be changed at any time; requests that were counted stay counted."""

    limit: int

    def take(self, now: float) -> LimitDecision:
        """Count a request made at *now*, if the limit has room for it."""


class FixedWindow:
    """Allows *limit* requests in each window of *seconds*; the first request after a window opens the next."""

    def __init__(self, limit: int, seconds: float) -> None:
        self.limit = limit
        self._seconds = seconds
        self._ends = -math.inf
        self._taken = 0

    def take(self, now: float) -> LimitDecision:
        """Count a request made at *now*, if the limit has room for it."""
        if now >= self._ends:
            self._ends = now + self._seconds
            self._taken = 0
        allowed = self._taken < self.limit
        self._taken += allowed
        return LimitDecision(
            allowed, self.limit, max(0, self.limit - self._taken), reset_at=self._ends, retry_at=self._ends
        )


class SlidingWindow:
    """Allows *limit* requests within any *seconds*."""

    def __init__(self, limit: int, seconds: float) -> None:
        self.limit = limit
        self._seconds = seconds
        self._taken: deque[float] = deque()

    def take(self, now: float) -> LimitDecision:
        """Count a request made at *now*, if the limit has room for it."""
        while self._taken and self._taken[0] <= now - self._seconds:
            self._taken.popleft()
        allowed = len(self._taken) < self.limit
        if allowed:
            self._taken.append(now)
        room_at = (self._taken[0] if self._taken else now) + self._seconds
        return LimitDecision(
            allowed, self.limit, max(0, self.limit - len(self._taken)), reset_at=room_at, retry_at=room_at
        )


class TokenBucket:
    """Allows a burst of *limit* requests, and refills evenly within *seconds*; `Reset` is when it is full again."""

    def __init__(self, limit: int, seconds: float) -> None:
        self.limit = limit
        self._seconds = seconds
        self._tokens = float(limit)
        self._at = -math.inf

    def take(self, now: float) -> LimitDecision:
        """Count a request made at *now*, if the limit has room for it."""
        rate = self.limit / self._seconds
        self._tokens = min(float(self.limit), self._tokens + max(0.0, now - self._at) * rate)
        self._at = now
        allowed = self._tokens >= 1
        self._tokens -= allowed
        return LimitDecision(
            allowed,
            self.limit,
            int(self._tokens),
            reset_at=now + (self.limit - self._tokens) / rate,
            retry_at=now + max(0.0, 1 - self._tokens) / rate,
        )


def make_limiter(kind: WindowKind, limit: int, seconds: float) -> Limiter:
    """Return a limiter of *kind* that allows *limit* requests per *seconds*."""
    match kind:
        case WindowKind.FIXED:
            return FixedWindow(limit, seconds)
        case WindowKind.SLIDING:
            return SlidingWindow(limit, seconds)
        case WindowKind.BUCKET:
            return TokenBucket(limit, seconds)
        case _:
            assert_never(kind)


def limit_headers(decision: LimitDecision, style: ResetStyle, now: float) -> dict[str, str]:
    """Return the rate-limit headers of an answer; `Retry-After` only where the request is not allowed."""
    headers = {
        "x-ratelimit-limit": str(decision.limit),
        "x-ratelimit-remaining": str(decision.remaining),
        "x-ratelimit-reset": _format_reset(decision.reset_at, style, now),
    }
    if not decision.allowed:
        headers["retry-after"] = str(decision.retry_after(now))
    return headers


def _format_reset(reset_at: float, style: ResetStyle, now: float) -> str:
    match style:
        case ResetStyle.EPOCH:
            return str(math.ceil(reset_at))
        case ResetStyle.DELTA:
            return str(max(0, math.ceil(reset_at - now)))
        case ResetStyle.ISO:
            return f"{datetime.fromtimestamp(math.ceil(reset_at), UTC):%Y-%m-%dT%H:%M:%SZ}"
        case _:
            assert_never(style)
