"""When the next request may leave. Time comes in as a number of seconds; nobody waits here.

Evenly spaced: a bucket that starts full would break the documented limit in its first window. Spacing is GCRA (ITU-T
I.371) twice over, one stored moment each: on the average the rate, where a wake-up that came late is made up for; and a
quarter more than that at the most, so that making up is no burst.
"""

from batch_dialer.dialing.allowance import MINUTE, Allowance, Turn
from batch_dialer.talkover.rate_headers import Quota

STANDARD_PLAN = 100 / 60
"""Requests a second on the Standard plan (the vendor's rate limits page: 100 a minute), until the headers say more."""
SLACK = 0.1
"""Seconds that a pace which was asked for may fall behind and still make up for."""
PEAK = 1.25
"""How many times the rate requests leave while lost time is made up for."""
WAKE = 0.005
"""Seconds by which the machine may wake a sleeper late, so that several leave at once: the most of a burst."""


class Pace:
    """At most *rate* requests a second, evenly spaced; *adaptive* follows the server's limit, less *headroom* (0-1).

    The first *burst* requests need not be spaced: they leave ahead of the even pace, by a minute's worth at the most,
    and the next one when all of them would have left evenly. *turn* is the turn that was taken last.
    """

    __slots__ = ("_allowance", "_burst", "_due", "_paused", "_peak", "_rate", "turn")

    def __init__(self, rate: float, *, adaptive: bool = False, headroom: float = 0.0, burst: int = 1) -> None:
        self._allowance = Allowance(rate, headroom) if adaptive else None
        self._rate = self._allowance.rate if self._allowance else rate
        self._burst = burst
        self._due: float | None = None  # when the next one leaves on the average
        self._peak = self._paused = float("-inf")
        self.turn = Turn(0, 0.0, 0)

    def __repr__(self) -> str:
        return f"<Pace {self._rate * 60:.1f}/min{' adaptive' if self._allowance else ''}>"

    @property
    def rate(self) -> float:
        """Requests a second, as of now."""
        return self._rate

    def ask(self, now: float) -> float:
        """Return 0 and take the turn, or the seconds to wait before asking again: sooner, if an answer comes."""
        wait = max(self._paused - now, self._wait(now))
        if wait > 0:
            return wait
        slack = self._allowance.slack if self._allowance else SLACK
        self._due = max(now if self._due is None else self._due, now - slack) + 1 / self._rate
        self._peak = max(self._peak, now - WAKE) + 1 / (PEAK * self._rate)
        self.turn = self._allowance.take(now) if self._allowance else Turn(self.turn.number + 1, now, 0)
        return 0.0

    def pause(self, now: float, seconds: float) -> None:
        """Let nobody go for *seconds*, not even those who were told a shorter wait."""
        self._paused = max(self._paused, now + seconds)

    def learn(self, turn: Turn, quota: Quota, now: float) -> None:
        """Follow what the answer to *turn* says of the limit."""
        if self._allowance:
            was = self._allowance.window
            self._allowance.learn(turn, quota, now)
            self._follow(self._allowance.rate, now)
            if self._allowance.window < was and self._due is not None:
                self._due = min(self._due, self._allowance.owed(now))

    def refused(self, turn: Turn, now: float) -> None:
        """Take note that *turn* was answered with a 429."""
        if self._allowance:
            self._allowance.refused(turn)
            self._follow(self._allowance.rate, now)

    def _wait(self, now: float) -> float:
        due = 0.0 if self._due is None else max(self._due, self._peak) - now
        worth = self._allowance.window if self._allowance else MINUTE
        ahead = due > 0 and self.turn.number < self._burst and due < worth
        if due > 0 and not ahead:
            return due
        return self._allowance.hold(now, ahead=ahead) if self._allowance else 0.0

    def _follow(self, rate: float, now: float) -> None:
        """Take over *rate*; what was waited for at the old one is waited for at the new one."""
        if self._due is not None and self._due > now:
            self._due = now + (self._due - now) * self._rate / rate
            self._peak = min(self._peak, self._due)
        self._rate = rate
