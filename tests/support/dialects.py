"""Limits that the sandbox does not have, and what else `X-RateLimit-Reset` may mean: what does a pace make of each?"""

import math
from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from typing import Any

from batch_dialer.sandbox.limiter import FixedWindow, Limiter, SlidingWindow, TokenBucket

_BEGUN = 0.4  # of a window by the clock, when a run begins


class AlignedWindow(FixedWindow):
    """A fixed window that begins by the server's clock, whoever asks: a run begins within one."""

    def take(self, now: float) -> Any:
        if now >= self._ends:
            self._ends = (math.floor(now / self._seconds + _BEGUN) + 1 - _BEGUN) * self._seconds
            self._taken = 0
        return super().take(now)


class Telling:
    """A *limiter* that says another *limit*, and of its reset what *told* makes of the seconds until then."""

    def __init__(self, limiter: Limiter, limit: int, told: Callable[[float], float]) -> None:
        self.limit = limit
        self._limiter = limiter
        self._told = told

    def take(self, now: float) -> Any:
        decision = self._limiter.take(now)
        return replace(decision, limit=self.limit, reset_at=now + self._told(decision.reset_at - now))


def _until_full(seconds: float) -> float:
    return seconds


def _until_next(every: float) -> Callable[[float], float]:
    """Make, of the seconds until a bucket is full, those until its next request: there is one *every* so many."""
    return lambda full: math.fmod(full, every) or min(full, every)


class Dialect(Enum):
    """How a limit is counted, and what its reset tells."""

    FIXED = "fixed, from the first request"
    ALIGNED = "fixed, by the clock"
    SLIDING = "sliding, until the oldest leaves"
    SLIDING_AWAY = "sliding, a window away"
    BUCKET = "bucket, until full"
    BUCKET_NEXT = "bucket, until the next"
    SMALL = "bucket of a tenth, until full"
    SMALL_NEXT = "bucket of a tenth, until the next"

    def limiter(self, limit: int, seconds: float) -> Limiter:
        """Return a limiter that counts so, and allows *limit* requests per *seconds*."""
        every, size = seconds / limit, max(1, limit // 10)
        limiters: dict[Dialect, Limiter] = {
            Dialect.FIXED: FixedWindow(limit, seconds),
            Dialect.ALIGNED: AlignedWindow(limit, seconds),
            Dialect.SLIDING: SlidingWindow(limit, seconds),
            Dialect.SLIDING_AWAY: Telling(SlidingWindow(limit, seconds), limit, lambda _: seconds),
            Dialect.BUCKET: TokenBucket(limit, seconds),
            Dialect.BUCKET_NEXT: Telling(TokenBucket(limit, seconds), limit, _until_next(every)),
            Dialect.SMALL: Telling(TokenBucket(size, every * size), limit, _until_full),
            Dialect.SMALL_NEXT: Telling(TokenBucket(size, every * size), limit, _until_next(every)),
        }
        return limiters[self]
