"""The rate limit of the second model: when it refuses, and what its headers say.

Not stated in api.md and therefore settable: the kind of window, the dialect of `X-RateLimit-Reset`, and whether the
standard `Retry-After` header comes along. A refused request does not count.
"""

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from second_http import Headers

_UNLIMITED = 1000
"""What the headers name as the limit where nothing is refused."""


@dataclass(frozen=True, slots=True)
class LimitRule:
    """How many requests are let through in each window; `limit` None: nothing is ever refused.

    `fixed` windows begin at the first request after the last window, `clock` windows at whole multiples of
    `window_seconds` since 1970; `sliding` counts the last `window_seconds` at each request. `reset` is the dialect of
    the header: epoch seconds, seconds from now, or an ISO 8601 time, by the server's own clock.
    """

    limit: int | None = None
    window_seconds: float = 60.0
    kind: Literal["fixed", "clock", "sliding"] = "fixed"
    reset: Literal["epoch", "seconds", "iso"] = "epoch"
    retry_after_header: bool = False


@dataclass(frozen=True, slots=True)
class LimitState:
    """How the limit stands for one request; `resets_in` is in seconds from now."""

    allowed: bool
    remaining: int
    resets_in: float

    @property
    def retry_after(self) -> int:
        """Whole seconds to wait, rounded up, at least one."""
        return max(1, math.ceil(self.resets_in))


class Limiter:
    """Counts requests by true time. The rule may be changed while it runs; what was counted stays."""

    def __init__(self, rule: LimitRule) -> None:
        self.rule = rule
        self._hits: list[float] = []
        self._window_start = 0.0

    def hit(self, now: float) -> LimitState:
        """Count one request at *now* (epoch seconds, true time) where it may pass, and say whether it may."""
        allowed = self.look(now).allowed
        if allowed:
            self._hits.append(now)
        return replace(self.look(now), allowed=allowed)

    def look(self, now: float) -> LimitState:
        """Return how the limit stands at *now*, counting nothing."""
        self._forget(now)
        limit = self.rule.limit
        remaining = _UNLIMITED - 1 if limit is None else max(0, limit - len(self._hits))
        return LimitState(limit is None or len(self._hits) < limit, remaining, self._resets_in(now))

    def headers(self, state: LimitState, server_now: datetime) -> Headers:
        """Return the three headers of every answer, and `Retry-After` on a refusal if the rule says so."""
        limit = _UNLIMITED if self.rule.limit is None else self.rule.limit
        at = server_now + timedelta(seconds=state.resets_in)
        reset = {
            "epoch": str(math.ceil(at.timestamp())),
            "seconds": str(math.ceil(state.resets_in)),
            "iso": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }[self.rule.reset]
        headers = (
            ("X-RateLimit-Limit", str(limit)),
            ("X-RateLimit-Remaining", str(state.remaining)),
            ("X-RateLimit-Reset", reset),
        )
        if state.allowed or not self.rule.retry_after_header:
            return headers
        return (*headers, ("Retry-After", str(state.retry_after)))

    def _forget(self, now: float) -> None:
        """Drop what no longer counts, and open a new window when the old one is over."""
        window = self.rule.window_seconds
        if self.rule.kind == "sliding":
            self._hits = [hit for hit in self._hits if hit > now - window]
            return
        if self.rule.kind == "clock":
            start = now - now % window
        else:
            start = self._window_start if now < self._window_start + window else now
        self._window_start = start
        self._hits = [hit for hit in self._hits if hit >= start]

    def _resets_in(self, now: float) -> float:
        """Return the seconds until at least one more request may pass."""
        window = self.rule.window_seconds
        if self.rule.kind == "sliding":
            return self._hits[0] + window - now if self._hits else window
        return self._window_start + window - now
