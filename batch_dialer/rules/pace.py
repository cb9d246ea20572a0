"""When the next request may leave. Time comes in as a number of seconds; nobody waits here.

Evenly spaced and without bursts: a bucket that starts full would break the documented limit in its first window. One
stored moment is all the state that spacing needs (GCRA, ITU-T I.371).
"""

from batch_dialer.rules.limits import Quota

STANDARD_PLAN = 100 / 60
"""Requests a second on the Standard plan (the vendor's rate limits page: 100 a minute), until the headers say more."""
_WINDOW = 60.0
_SLOWEST = 0.1  # of the plan: others use the token too, but we do not stop for them while anything remains


class Pace:
    """At most *rate* requests a second, evenly spaced; *adaptive* follows the server's quota, less *headroom* (0-1)."""

    __slots__ = ("_adaptive", "_headroom", "_next", "_rate")

    def __init__(self, rate: float, *, adaptive: bool = False, headroom: float = 0.0) -> None:
        self._adaptive = adaptive
        self._headroom = headroom
        self._rate = rate * (1 - headroom) if adaptive else rate
        self._next = 0.0

    def __repr__(self) -> str:
        return f"<Pace {self._rate * 60:.1f}/min{' adaptive' if self._adaptive else ''}>"

    @property
    def rate(self) -> float:
        """Requests a second, as of now."""
        return self._rate

    def ask(self, now: float) -> float:
        """Return 0 and take the turn, or the seconds to wait before asking again."""
        if now < self._next:
            return self._next - now
        self._next = now + 1 / self._rate
        return 0.0

    def pause(self, now: float, seconds: float) -> None:
        """Let nobody go for *seconds*, not even those who were told a shorter wait."""
        self._next = max(self._next, now + seconds)

    def learn(self, quota: Quota, now: float) -> None:
        """Follow what the server says of its limit; called with every response."""
        if not self._adaptive or not quota.limit:
            return
        plan = quota.limit * (1 - self._headroom) / _WINDOW
        reserve = quota.limit * self._headroom
        if quota.remaining is None or quota.remaining > reserve:
            self._rate = plan
        elif quota.remaining > 0:
            self._rate = plan * max(_SLOWEST, quota.remaining / reserve)
        elif quota.resets_in is not None:
            self.pause(now, quota.resets_in)
