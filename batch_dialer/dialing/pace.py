"""When the next request may leave. Time comes in as a number of seconds; nobody waits here.

Evenly spaced: a bucket that starts full would break the documented limit in its first window. Spacing is GCRA (ITU-T
I.371) twice over, one stored moment each: on the average the rate, where a wake-up that came late is made up for; and a
quarter more than that at the most, so that making up is no burst.

What the server permits is judged by `allowance`; this file makes a rate of it: the limit over its window, less the
headroom, or a margin for the network's jitter; less what others take; in proportion to what remains, where that is less
than should be left to them; and less after a 429, which each answer takes back a little.
"""

from batch_dialer.dialing.allowance import MINUTE, Allowance, Kind
from batch_dialer.dialing.sent import Turn
from batch_dialer.talkover.rate_headers import Quota

STANDARD_PLAN = 100 / 60
"""Requests a second on the Standard plan (the vendor's rate limits page: 100 a minute), until the headers say more."""
SLACK = 0.1
"""Seconds that a pace which was asked for may fall behind and still make up for."""
PEAK = 1.25
"""How many times the rate requests leave while lost time is made up for."""
WAKE = 0.005
"""Seconds by which the machine may wake a sleeper late, so that several leave at once: the most of a burst."""
_MARGIN = 0.005  # of the limit: a minute's requests may arrive 0.3 s closer together than they left
_WIDEST_MARGIN = 0.1
_JITTER = 0.01  # more of it after a 429 ...
_FORGOTTEN = 100  # ... which so many windows without one take back
_SLOWEST = 0.1  # of the plan: others use the token too, but we do not stop for them while anything remains


class Pace:
    """At most *rate* requests a second, evenly spaced; *adaptive* follows the server's limit, less *headroom* (0-1).

    The first *burst* requests need not be spaced: they leave ahead of the even pace, by a minute's worth at the most,
    and the next one when all of them would have left evenly.
    """

    __slots__ = (
        "_adaptive", "_allowance", "_burst", "_due", "_ease", "_eased", "_headroom", "_margin", "_paused", "_peak",
        "_rate",
    )  # fmt: skip

    def __init__(self, rate: float, *, adaptive: bool = False, headroom: float = 0.0, burst: int = 1) -> None:
        self._allowance = Allowance(rate * MINUTE)
        self._adaptive = adaptive
        self._headroom = headroom
        self._burst = burst
        self._due: float | None = None  # when the next one leaves on the average
        self._peak = self._paused = float("-inf")
        self._ease = 1.0  # of the rate: less after a 429
        self._margin = _MARGIN
        self._eased = 0  # a 429 to this request or an earlier one says nothing new
        self._rate = self._permitted() if adaptive else rate

    def __repr__(self) -> str:
        return f"<Pace {self._rate * 60:.1f}/min{' adaptive' if self._adaptive else ''}>"

    @property
    def rate(self) -> float:
        """Requests a second, as of now."""
        return self._rate

    @property
    def turn(self) -> Turn:
        """The turn that was taken last."""
        return self._allowance.sent.last

    def ask(self, now: float) -> float:
        """Return 0 and take the turn, or the seconds to wait before asking again: sooner, if an answer comes."""
        wait = max(self._paused - now, self._wait(now))
        if wait > 0:
            return wait
        self._due = max(now if self._due is None else self._due, now - self._slack()) + 1 / self._rate
        self._peak = max(self._peak, now - WAKE) + 1 / (PEAK * self._rate)
        self._allowance.take(now)
        return 0.0

    def pause(self, now: float, seconds: float) -> None:
        """Let nobody go for *seconds*, not even those who were told a shorter wait."""
        self._paused = max(self._paused, now + seconds)

    def learn(self, turn: Turn, quota: Quota, now: float) -> None:
        """Follow what the answer to *turn* says of the limit."""
        if not self._adaptive or not quota.limit:
            return
        limit, window = self._allowance.limit, self._allowance.window
        self._allowance.learn(turn, quota, now)
        if self._allowance.limit != limit:
            self._eased = self.turn.number  # a 429 of those under way says nothing of the new limit's rate
        self._ease = min(1.0, self._ease + 1 / quota.limit)
        self._margin = max(_MARGIN, self._margin - _JITTER / _FORGOTTEN / quota.limit)
        self._follow(now)
        if self._allowance.window < window and self._due is not None:
            self._due = min(self._due, self._allowance.owed(self._rate))

    def refused(self, turn: Turn, now: float) -> None:
        """Go slower after *turn* was answered with a 429, once for all that were under way; answers take it back.

        At half the rate; in a short window it may be but the network's jitter, and takes a little more margin.
        """
        if not self._adaptive or turn.number <= self._eased:
            return
        self._eased = self.turn.number
        if self._allowance.others or self._allowance.window >= MINUTE:
            self._ease = max(_SLOWEST, self._ease / 2)
        else:
            self._margin = min(_WIDEST_MARGIN, self._margin + _JITTER)
        self._follow(now)

    def _wait(self, now: float) -> float:
        due = 0.0 if self._due is None else max(self._due, self._peak) - now
        ahead = due > 0 and self.turn.number < self._burst and due < self._allowance.window
        return due if due > 0 and not ahead else self._allowance.hold(now, ahead=ahead)

    def _slack(self) -> float:
        """Seconds by which requests may fall behind and still be made up for; no more leave in a window for that."""
        if not self._adaptive:
            return SLACK
        window = self._allowance.window
        if self._allowance.kind is Kind.FIXED and self._allowance.shared:  # the reset may have been told late
            return min(2.0, window / 4)
        return min(0.5, window / 2)

    def _permitted(self) -> float:
        """Return the requests a second that the limit leaves: less the headroom, and less what others take of it."""
        allowed, latest = self._allowance, self._allowance.latest
        slowest = allowed.limit * _SLOWEST
        ours, reserve = allowed.limit, allowed.limit * self._headroom
        if allowed.kind is Kind.BUCKET or (allowed.others and allowed.kind is not Kind.FIXED):
            ours -= allowed.others if reserve == 0 else 0
            reserve = max(reserve, allowed.cushion) + (latest.late if latest else 0)
        if latest and latest.remaining < reserve:
            ours *= latest.remaining / reserve
        return max(ours, slowest) * (1 - max(self._headroom, self._margin)) / allowed.window * self._ease

    def _follow(self, now: float) -> None:
        """Take over the rate that is permitted now; what was waited for at the old one is waited for at the new one."""
        rate = self._permitted()
        if self._due is not None and self._due > now:
            self._due = now + (self._due - now) * self._rate / rate
            self._peak = min(self._peak, self._due)
        self._rate = rate
