"""What the answers prove of the server's limit: how many requests, over how long, counted how, and what others take.

Law 1: whatever is concluded from an answer is concluded in this file; `pace` alone makes a rate of it.
Law 2: no window is judged shorter than an answer has proved it to be. Slower is safe: what cannot be told from a limit
by the minute is taken for one.

Theory
======

A server counts requests in one of three ways. A *fixed* window gives all back at once when it is over; the next one
begins with the next request, or by the clock. A *sliding* window gives each request back when it is a window old. A
*bucket* gives one back at even intervals until it is full, and may hold fewer than its limit.

Three headers come with each answer. `Limit` is the window's, not the bucket's size. `Remaining` was true when the
request came: at any moment of its trip. `Reset` is the end of a fixed window; when the oldest leaves a sliding one, or
a window from now; when a bucket is full, or has its next: in whole seconds of a clock of whole ones, so up to two late.
Nothing says how long the window is, nor in which way it counts. What follows:

1. Level = the requests we have sent + those that remain. Others only lower it. So what it rises by has come back.
2. A window is at least as long as a reset is away. One further away disproves all that was concluded before.
3. What is used includes all that is ours. Where more of ours left within the window as judged than are used, some came
   back before they should. How they did tells the kind, and each kind sets a bound to its length:
   - all at once: fixed. From the last request of one window to a later window's first answer, whole windows passed.
   - bit by bit, after several had been counted and none had come back: sliding. The latest of ours that no longer
     counts is a window old.
   - bit by bit from the beginning: a bucket. What came back is what it refills in that time, at the least.
4. A bucket that is nearly full looks like a window of a second: little is used, and the reset is next to now. Only who
   goes faster can tell. So this alone is tried before it is proved, while much remains, and in steps of which an
   answer comes before much of that has left. A longer reset, or a limit used up while we were silent, refutes it.
5. What is used and not ours, others have taken. But what was used when we came may be a bucket's smaller size: until a
   window has passed it is not held against us.

Requests overtake each other: what those of one trip may have done among themselves proves nothing.
"""

from dataclasses import replace
from enum import Enum

from batch_dialer.dialing.sent import LATE, MARGIN, Answer, Sent, Turn
from batch_dialer.talkover.rate_headers import Quota

MINUTE = 60.0
"""Seconds that a limit is counted over until the answers prove another length: those documented are by the minute."""
_SECOND = 1.0  # the shortest window
_HOUR = 3600.0  # the longest
_FAR = 900.0  # seconds: `rate_headers` tells no reset further away; one that far may be that of an hour
_ROUNDING = 1.0  # seconds that a reset may be told too late, on a clock of whole ones; twice that in an odd window
_FEWEST = 2  # requests that a share of a small limit stands for at least
_CUSHION = 0.02  # of the limit: less than this, and two, proves nothing
_PART = 0.05  # of the limit: less than this, and two, does not count as having come back
_EVENLY = 3.0  # times the even refill: what comes back faster came back at once
_STEP = 4.0  # times as fast, on the way to a window of a second
_STAKE = 0.25  # of what remains: the most that may leave on that way before an answer says that it was the wrong one
_EXHAUSTED = 0.75  # of the limit: used and not ours


class Kind(Enum):
    """How the server counts, as far as is proved."""

    UNKNOWN = "nothing came back yet"
    GRADUAL = "a sliding window or a bucket"
    FIXED = "a fixed window"
    SLIDING = "a sliding window"
    BUCKET = "a bucket"


class Allowance:
    """The *limit* as the answers describe it, in requests a *window* of so many seconds, and its *kind*."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.window = MINUTE
        self.kind = Kind.UNKNOWN
        self.sent = Sent()
        self.latest: Answer | None = None  # the one to the latest request that was answered
        self._low: Answer | None = None  # the latest one before something came back
        self._back = Answer(1, 0, 1, 0.0, 0.0)  # the one that told of it, the last time; at first, the first request
        self._before = 0.0  # what was used, and not ours, when we came
        self._oldest = 0.0  # seconds: the oldest that the latest request to have left a sliding window has been
        self._turned: float | None = None  # when a fixed window's last request left, at the latest
        self._stepped = float("-inf")  # since when requests leave at the latest step's pace

    @property
    def cushion(self) -> float:
        """So many requests prove nothing."""
        return _FEWEST + self.limit * _CUSHION

    @property
    def others(self) -> float:
        """How many requests of the present window others took, as far as that is proved; never of a bucket (law 5)."""
        taken = self._missing() - self._before
        return taken if taken > self.cushion and self.kind is not Kind.BUCKET else 0.0

    @property
    def shared(self) -> bool:
        """Whether others took of the present window, or had before we came."""
        return self._missing() > self.cushion

    def owed(self, rate: float) -> float:
        """Return when the next would leave, had those of the present window left evenly; only after one has left."""
        first = self.sent.left(self.sent.last.number - len(self.sent) + 1)
        return min(self._back.came, self.sent.last.at if first is None else first) + len(self.sent) / rate

    def take(self, now: float) -> None:
        """Count a request that leaves *now*."""
        self.sent.add(now, self.window)
        if self.sent.last.number == 1:
            self._back = replace(self._back, left=now, came=now)

    def hold(self, now: float, *, ahead: bool) -> float:
        """Return the seconds to wait, unless an answer says more, because nothing remains; 0 where something may.

        Never are more of ours in a window than the limit. What others leave is waited for where it comes back at once;
        what comes back bit by bit is not: the rate sees to it. *ahead* of an even pace, all counts.
        """
        latest, until = self.latest, now
        if latest is None:
            return 0.0
        if self.kind is Kind.FIXED or ahead or (self.kind is Kind.UNKNOWN and self.shared):
            unheard = self.sent.last.number - latest.number
            theirs = unheard + 1 if self.shared else 0  # they may be as quick as we are
            until = latest.resets_at if latest.remaining <= unheard + theirs else now
        self.sent.forget(now, self.window)
        if self.kind is not Kind.BUCKET and latest.remaining < self.limit / 2:  # else a bucket was full
            left = self.sent.left(self.sent.last.number - int(self.limit) + 1)
            until = until if left is None else max(until, left + self.window * (1 + MARGIN))
        return max(0.0, until - now)

    def learn(self, turn: Turn, quota: Quota, now: float) -> None:
        """Follow what the answer to *turn* says; answers may come late and out of order."""
        if not quota.limit:
            return
        self.sent.date(turn, now, self.window / self.limit)
        if quota.limit != self.limit:
            self.limit, self.latest = float(quota.limit), None
            if self.kind is Kind.FIXED:
                self.sent.clear()  # by then there is a new window, or what remains of this one is told
        if quota.remaining is None or (self.latest and turn.number < self.latest.number):
            return
        answer = Answer(turn.number, quota.remaining, turn.own, turn.at, now, self.sent.last.number - turn.number)
        if quota.resets_in is not None:
            self._judge_reset(answer, quota.resets_in)
        if self._judge_level(answer, quota.resets_in):
            self._low = self._back = answer
        own = answer.number - self._back.number + 1 if self.kind is Kind.FIXED else answer.own
        first = not self.latest
        self.latest = replace(answer, own=own, resets_at=self._resets_at(answer, quota.resets_in))
        if turn.own < turn.number:
            self._before = 0.0
        elif first:
            self._before = max(0.0, self._missing())

    def _begin_again(self, answer: Answer, told: float) -> None:
        """Forget what was concluded of the window: it is a minute long, or as long as was *told*."""
        self.window, self.kind, self._stepped = max(MINUTE, _whole(told)), Kind.UNKNOWN, float("inf")
        self._low, self._back, self._turned, self._oldest = None, answer, None, 0.0

    def _missing(self) -> float:
        """Return how many are used and not ours; below 0 where more of ours left than are used."""
        return self.limit - self.latest.remaining - self.latest.own if self.latest else 0.0

    def _resets_at(self, answer: Answer, told: float | None) -> float:
        away = self.window if told is None else told
        resets_at = answer.came + away
        if away <= self.window + _ROUNDING and (self.window > _SECOND or self.kind is not Kind.UNKNOWN):
            # The window was open when that request came; the one that leaves a window later comes when it is over.
            # Not so in the first second of all, which may be the last one of a minute.
            resets_at = min(resets_at, answer.left + self.window * (1 + MARGIN))
        if self.latest and self._back.number != answer.number and answer.left < self.latest.resets_at:
            resets_at = min(resets_at, self.latest.resets_at)
        return resets_at

    def _judge_reset(self, answer: Answer, told: float) -> None:
        """Take a window of a second for proposed where no reset is further away; and refute what one disproves."""
        tried = self.window < MINUTE and self.kind in (Kind.UNKNOWN, Kind.BUCKET)
        if told > _SECOND + _ROUNDING:
            self._stepped = float("inf")
        silent = tried and self.limit - answer.remaining - answer.own > _EXHAUSTED * self.limit
        if told > self.window + _ROUNDING * (1 if self.kind is Kind.UNKNOWN else 2) or silent:
            self._begin_again(answer, told)
        elif told >= _SECOND and answer.remaining >= self.limit / 2 and answer.left >= self._stepped:
            self._stepped = answer.came
            unheard = self.limit * (answer.came - answer.left)  # at 1 s, would leave before an answer can tell
            self._shorten(min(self.window / _STEP, unheard / (answer.remaining * _STAKE)))

    def _judge_level(self, answer: Answer, told: float | None) -> bool:
        """Return whether a part of the limit came back; see from how it did what kind it is, and how long a window."""
        low, latest = self._low, self.latest
        if low is None or latest is None or answer.level <= low.level:
            self._low = answer
            return False
        if self.kind is Kind.BUCKET:
            return self._refill(answer, low)
        trip = answer.came - answer.left
        near = self.sent.between(answer.left - trip, answer.came) - 1
        part, used = _FEWEST + self.limit * _PART + near, self.limit - answer.remaining
        if self._at_once(answer, latest, part, near):
            self.kind = Kind.FIXED
            self._roll(answer.came, latest.left, told)
            return True
        overtaken = self.sent.between(answer.left - trip, answer.left)  # with itself: one more, for the jitter
        older = self.sent.left(answer.number - overtaken - int(used))
        if older is not None:
            self._oldest = max(self._oldest, answer.came - self.sent.quickest - older + LATE)
        if answer.level - low.level < part:
            return False
        proof = self.cushion + max(near, self.limit * trip / self.window)
        if self.kind is not Kind.SLIDING and answer.own - used > proof:
            self.kind = Kind.SLIDING if self.sent.between(self._back.came, low.left) > _FEWEST else Kind.BUCKET
        elif used > self.limit / 4 and self.kind in (Kind.UNKNOWN, Kind.FIXED):  # else all is back, as after any pause
            self.kind = Kind.GRADUAL
        if self.kind is Kind.SLIDING and self._oldest:
            self._shorten(self._oldest)
        self._oldest = 0.0
        return True

    def _at_once(self, answer: Answer, latest: Answer, part: float, near: int) -> bool:
        """Whether all that was used came back since the *latest* answer."""
        leap = answer.level - latest.level
        since = answer.number - latest.number + near
        whole = leap >= part and self.limit - answer.remaining <= since + max(_FEWEST, leap / 4)
        even = (answer.came - latest.came) * self.limit / self.window
        return whole and (self.kind is Kind.FIXED or leap > _EVENLY * even)

    def _roll(self, came: float, left: float, told: float | None) -> None:
        """See how long a fixed window is: *left* was the last of one, and in the next an answer *came*."""
        if self._turned is None:
            self._turned = left
            most = self.window if told is None else _whole(told) + _ROUNDING
        else:
            passed = came - self._turned
            most = passed / max(1, round(passed / self.window))
        self._shorten(most)

    def _refill(self, answer: Answer, low: Answer) -> bool:
        """See how fast a bucket refills: at least so; and no faster, where it has run empty in spite of that."""
        back = answer.level - low.level
        if back > 1:
            self._shorten(self.limit * (answer.came - self.sent.quickest + LATE - low.left) / (back - 1))
        if not answer.remaining:
            self.window = max(self.window, self.limit * (answer.left - low.came) / (back + 1))
        return back >= self.limit / 4

    def _shorten(self, most: float) -> None:
        self.window = max(_SECOND, min(self.window, most))


def _whole(told: float) -> float:
    """Return the seconds until a reset: of one that is far, no more is known than that it is."""
    return told if told < _FAR else _HOUR
