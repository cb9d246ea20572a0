"""The time of a rehearsal in seconds, and who waits for which moment of it. It passes when it is told to."""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import RLock


@dataclass(order=True, slots=True)
class Waiter:
    """Somebody who is woken at *moment*. *holds_back*: it holds back the answer to a request that is under way."""

    moment: float
    number: int
    wake: Callable[[], None] = field(compare=False)
    holds_back: bool = field(compare=False)
    waits: bool = field(compare=False, default=True)


class Timeline:
    """Time that never passes a moment for which somebody waits before that one was woken. Any thread may use it."""

    def __init__(self) -> None:
        self._now = 0.0
        self._waiters: list[Waiter] = []
        self._numbers = itertools.count()
        self._under_way = 0
        self._changes = 0
        self._lock = RLock()

    @property
    def now(self) -> float:
        """Seconds since the beginning."""
        return self._now

    @property
    def changes(self) -> int:
        """How often anybody has begun or ceased to wait, or a request to be under way."""
        return self._changes

    @property
    def is_busy(self) -> bool:
        """Whether a request is under way whose answer nobody holds back."""
        return self._under_way > 0

    @property
    def until_next(self) -> float | None:
        """Seconds until the earliest moment that somebody waits for; None where nobody waits."""
        with self._lock:
            while self._waiters and not self._waiters[0].waits:
                heapq.heappop(self._waiters)
            return self._waiters[0].moment - self._now if self._waiters else None

    def begin_request(self) -> None:
        """Count a request as under way."""
        with self._lock:
            self._under_way += 1
            self._changes += 1

    def end_request(self) -> None:
        """Count a request as over."""
        with self._lock:
            self._under_way -= 1
            self._changes += 1

    def wait(self, seconds: float, wake: Callable[[], None], *, holds_back: bool = False) -> Waiter:
        """Have *wake* called when so many *seconds* have passed, unless the waiter is dismissed before."""
        with self._lock:
            waiter = Waiter(self._now + max(seconds, 0.0), next(self._numbers), wake, holds_back)
            heapq.heappush(self._waiters, waiter)
            self._under_way -= holds_back
            self._changes += 1
            return waiter

    def dismiss(self, waiter: Waiter) -> None:
        """Wait no more; a waiter that was woken may be dismissed as well."""
        with self._lock:
            self._under_way += waiter.holds_back and waiter.waits
            self._changes += waiter.waits
            waiter.waits = False

    def advance(self, seconds: float) -> bool:
        """Let so many *seconds* pass, or fewer, up to the earliest moment that somebody waits for; then wake who does.

        Returns whether anybody was woken. A request whose answer was held back is under way again at once, not only
        when whoever held it back gets to run.
        """
        with self._lock:
            nobody = self.until_next is None
            if nobody or self._now + seconds < self._waiters[0].moment:
                self._now += seconds
                return False
            moment = self._now = self._waiters[0].moment
            while self._waiters and self._waiters[0].moment <= moment:
                waiter = heapq.heappop(self._waiters)
                if waiter.waits:
                    self.dismiss(waiter)
                    waiter.wake()
            return True
