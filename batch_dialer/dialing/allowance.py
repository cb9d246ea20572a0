"""What the server's rate-limit headers allow: how fast, and when not at all. Time comes in as a number of seconds.

A limit may be counted in fixed windows (all comes back at the reset), in a sliding window or in a bucket (it comes back
bit by bit), and the headers do not say which. While we are alone it does not matter: requests that are spaced evenly
over a window keep any of them. What remains, and how it comes back, matters where others use the same token, where the
limit changes, and where windows are so short that the network's jitter counts.
"""

from collections import deque
from dataclasses import dataclass

from batch_dialer.talkover.rate_headers import Quota

MINUTE = 60.0
"""Seconds that the documented limits are counted over, until the headers prove less."""
_SECOND = 1.0
_MARGIN = 0.005  # of the limit: a minute's requests may arrive 0.3 s closer together than they left
_WIDEST_MARGIN = 0.1
_JITTER = 0.01  # more of it after a 429 ...
_FORGOTTEN = 100  # ... which so many windows without one take back
_ROUNDING = 1.0  # seconds that a reset may be told too late, beyond its window: whole seconds, on a clock of whole ones
_SLOWEST = 0.1  # of the plan: others use the token too, but we do not stop for them while anything remains
_CUSHION = 0.02  # of the limit: what we do not count on where others take from it unseen
_FEWEST = 2  # requests that a share of a small limit stands for at least
_STEP = 4.0  # times as fast, on the way to a short window
_STAKE = 0.25  # of what remains: the most that may leave on that way before an answer says that it was the wrong one
_LATE = 0.05  # seconds that a request may have come late: whatever its answer took beyond that was not the network
_AGEING = 0.002  # of a window, in each: so much is added to the quickest trip, lest it be one of long ago
_EVENLY = 3.0  # times the even refill: what comes back faster came back at once


@dataclass(frozen=True, slots=True)
class Turn:
    """The *number*-th request, which left at *at*; *own* is how many of ours the present window then held."""

    number: int
    at: float
    own: int


@dataclass(frozen=True, slots=True)
class _Known:
    """What the latest request that was answered was told: what remained then, and when all or more of it is back."""

    number: int
    remaining: int
    resets_at: float


class Allowance:
    """The limit as the answers describe it, less *headroom* (0-1) of it; *rate* requests a second until one does."""

    __slots__ = ("_base", "_base_at", "_ease", "_eased", "_fixed", "_headroom", "_known", "_late", "_limit", "_log",
                 "_long", "_margin", "_number", "_opened", "_others", "_quickest", "_since", "_stepped",
                 "window")  # fmt: skip

    def __init__(self, rate: float, headroom: float) -> None:
        self._headroom = headroom
        self._limit = rate * MINUTE
        self.window = MINUTE
        self._number = 0
        self._log: deque[float] = deque()  # when ours left, in the present window
        self._since = 0.0  # when the first did: the log may have been dated from when it came
        self._known: _Known | None = None
        self._late = 0  # of our requests that had left when the latest answer came, how many it knew nothing of
        self._fixed: bool | None = None  # None: not known yet
        self._opened = 1  # the request that opened a fixed window
        self._quickest = 0.0  # seconds from a turn to its answer; 0: none has come
        self._others = 0  # what others took of the present window
        self._long = False
        self._stepped = float("-inf")
        self._base = self._base_at = 0.0
        self._ease = 1.0
        self._eased = 0
        self._margin = _MARGIN

    @property
    def rate(self) -> float:
        """Requests a second: the limit less the headroom, and less than that where others have used most of it."""
        ours, reserve = self._limit, self._limit * self._headroom
        if self._others and not self._fixed:
            ours -= min(self._others, self._limit * (1 - _SLOWEST)) if reserve == 0 else 0
            reserve = max(reserve, self._limit * _CUSHION, _FEWEST) + self._late
        plan = ours * (1 - max(self._headroom, self._margin)) / self.window * self._ease
        if self._known is None or self._known.remaining >= reserve:
            return plan
        return plan * max(_SLOWEST, self._known.remaining / reserve)

    @property
    def slack(self) -> float:
        """Seconds by which requests may fall behind and still be made up for: `hold` sees that none is too many."""
        if self._fixed and self._others:  # we waited for a reset that may have been told late
            return min(2.0, self.window / 4)
        return min(0.5, self.window / 2)

    def owed(self, now: float) -> float:
        """Return when the next would leave, had ours in the present window left evenly; *now* where there are none."""
        return self._since + len(self._log) / self.rate if self._log else now

    def take(self, now: float) -> Turn:
        """Count a request that leaves *now*."""
        self._number += 1
        if not self._log:
            self._since = now
        self._log.append(now)
        self._forget(now)
        return Turn(self._number, now, len(self._log))

    def hold(self, now: float, *, ahead: bool) -> float:
        """Return the seconds to wait, unless an answer says more, because nothing remains; 0 where something may.

        Never are more of ours in a window than the limit. What others leave is waited for where it comes back at once;
        what comes back bit by bit is not: the rate sees to it. *ahead* of an even pace, all counts.
        """
        known = self._known
        if known is None:
            return 0.0
        unheard, until = self._number - known.number, now
        if self._fixed or ahead or (self._fixed is None and self._others):
            theirs = unheard + 1 if self._others else 0  # they may be as quick as we are
            until = known.resets_at if known.remaining <= unheard + theirs else now
        self._forget(now)
        most = int(self._limit)
        if known.remaining < most / 2 and len(self._log) >= most:  # else a bucket was full
            until = max(until, self._log[-most] + self.window * (1 + self._margin))
        return max(0.0, until - now)

    def learn(self, turn: Turn, quota: Quota, now: float) -> None:
        """Follow what the answer to *turn* says; answers may come late and out of order."""
        if not quota.limit:
            return
        self._date(turn, now)
        if quota.limit != self._limit:
            self._limit, self._known = float(quota.limit), None
            self._eased = self._number  # a 429 of those under way is the new limit's: it says nothing of the new rate
            if self._fixed:
                self._log.clear()  # by then there is a new window, or what remains of this one is told
        self._ease = min(1.0, self._ease + 1 / self._limit)
        self._margin = max(_MARGIN, self._margin - _JITTER / _FORGOTTEN / self._limit)
        if quota.remaining is None or (self._known and turn.number < self._known.number):
            return
        self._judge_window(turn, quota, now)
        back = self._judge_kind(turn.number, quota.remaining, now)
        if back:
            self._opened = turn.number
        own = turn.number - self._opened + 1 if self._fixed else turn.own
        others = quota.limit - quota.remaining - own
        self._others = others if others > _FEWEST + self._limit * _CUSHION else 0
        resets_in = self.window if quota.resets_in is None else quota.resets_in
        resets_at = now + resets_in
        if resets_in <= self.window + _ROUNDING and (self.window > _SECOND or self._fixed is not None):
            # The window was open when that request came; the one that leaves a window later comes when it is over.
            # Not so in the first second of all, which may be the last one of a minute.
            resets_at = min(resets_at, turn.at + self.window * (1 + self._margin))
        if self._known and not back and turn.at < self._known.resets_at:
            resets_at = min(resets_at, self._known.resets_at)
        self._known = _Known(turn.number, quota.remaining, resets_at)
        self._late = self._number - turn.number

    def refused(self, turn: Turn) -> None:
        """Go slower after a 429, once for all that were under way; each answer takes some of it back.

        At half the rate, unless it was but the network's jitter: that takes a little more margin.
        """
        if turn.number <= self._eased:
            return
        self._eased = self._number
        if self._others or self.window > _SECOND:
            self._ease = max(_SLOWEST, self._ease / 2)
        else:
            self._margin = min(_WIDEST_MARGIN, self._margin + _JITTER)

    def _date(self, turn: Turn, now: float) -> None:
        """Count the request from when it may have come, where its answer took longer than the quickest one does.

        The one that takes its place when a window has passed may be the quicker by as much. The first of all has a
        connection to wait for, and nothing yet to be compared with.
        """
        trip = now - turn.at
        late = min(trip - self._quickest, _LATE) - _SECOND * self._margin / 2
        self._quickest = min(trip, self._quickest + self.window * _AGEING / self._limit) if self._quickest else trip
        place = self._number - turn.number + 1  # from the end
        if late > 0 and place <= len(self._log):
            self._log[-place] += late

    def _forget(self, now: float) -> None:
        while self._log and self._log[0] <= now - self.window * (1 + self._margin):
            self._log.popleft()

    def _judge_window(self, turn: Turn, quota: Quota, now: float) -> None:
        """A window is at least as long as its reset is away. One that never is more than a second may be a second long.

        A bucket that is nearly full looks the same: so we get there while much remains, in steps where much of it would
        leave before an answer can tell, and are back at once.
        """
        if quota.resets_in is None or quota.resets_in < _SECOND:
            return
        if quota.resets_in > _SECOND + _ROUNDING:
            self._long, self.window = True, MINUTE
            return
        remaining = quota.remaining or 0
        if remaining >= self._limit / 2 and not self._long and turn.at >= self._stepped:
            self._stepped = now
            unheard = self._limit * (now - turn.at)  # that would leave within a second, until an answer can tell
            self.window = max(_SECOND, min(self.window / _STEP, unheard / (remaining * _STAKE)))

    def _judge_kind(self, number: int, remaining: int, now: float) -> bool:
        """Return whether a part of the limit came back, and see from how fast it did whether windows are fixed.

        What remains and all that we sent together do not rise while nothing comes back.
        """
        level = number + remaining
        if self._known is None or level <= self._base:
            self._base, self._base_at = level, now
            return False
        back = level - self._base
        if back < _FEWEST + self._limit / 20 + self._late:  # answers that overtook each other look like this, too
            return False
        if back > _EVENLY * (now - self._base_at) * self._limit / self.window:
            self._fixed = True
        elif self._limit - remaining > self._limit / 4:  # else all came back, as it does in any window after a pause
            self._fixed = False
        self._base, self._base_at = level, now
        return True
