"""Our own requests: when each left, and what one was told. Time comes in as a number of seconds."""

from collections import deque
from dataclasses import dataclass

LATE = 0.05
"""Seconds that a request may have come late: whatever its answer took beyond that was not the network."""
MARGIN = 0.005
"""Of a window: requests may arrive so much closer together than they left."""
_PROMPT = 0.0025  # seconds that an answer may take longer than the quickest one, and its request still came at once
_AGEING = 0.002  # of a window, in each: so much is added to the quickest trip, lest it be one of long ago


@dataclass(frozen=True, slots=True)
class Turn:
    """The *number*-th request, which left at *at*; *own* is how many of ours the present window then held."""

    number: int
    at: float
    own: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What the *number*-th request, which left at *left*, was told at *came*: *remaining*, and when there is more.

    *own* is how many of ours the window held with it; *late* is how many later ones had left when the answer came.
    """

    number: int
    remaining: int
    own: int
    left: float
    came: float
    late: int = 0
    resets_at: float = 0.0

    @property
    def level(self) -> int:
        """The requests that we had sent, and those that remained."""
        return self.number + self.remaining


class Sent:
    """The moments at which our requests left, those of the present window alone. *last* is the latest one's turn.

    *quickest* is the shortest time from a request to its answer, in seconds; 0 before there is one.
    """

    __slots__ = ("_left", "last", "quickest")

    def __init__(self) -> None:
        self._left: deque[float] = deque()
        self.last = Turn(0, 0.0, 0)
        self.quickest = 0.0

    def __len__(self) -> int:
        return len(self._left)

    def add(self, now: float, window: float) -> None:
        """Count a request that leaves *now*."""
        self._left.append(now)
        self.forget(now, window)
        self.last = Turn(self.last.number + 1, now, len(self._left))

    def forget(self, now: float, window: float) -> None:
        """Drop those that no *window* which holds *now* can count."""
        while self._left and self._left[0] <= now - window * (1 + MARGIN):
            self._left.popleft()

    def clear(self) -> None:
        """Drop them all: there is a new window."""
        self._left.clear()

    def left(self, number: int) -> float | None:
        """Return when the *number*-th left; None where that is forgotten, or was before the first."""
        place = len(self._left) - 1 - (self.last.number - number)
        return self._left[place] if 0 <= place < len(self._left) else None

    def between(self, since: float, until: float) -> int:
        """Return how many left after *since* and until then."""
        count = 0
        for left in reversed(self._left):  # the latest first: an answer asks for those of its own trip
            if left <= since:
                break
            count += left <= until
        return count

    def date(self, turn: Turn, now: float, interval: float) -> None:
        """Count the request of *turn*, answered *now*, from when it may have come: *interval* seconds are between two.

        It came late where its answer took longer than the quickest one does. The one that takes its place when a window
        has passed may be the quicker by as much.
        """
        trip = now - turn.at
        late = min(trip - self.quickest, LATE) - _PROMPT
        self.quickest = min(trip, self.quickest + interval * _AGEING) if self.quickest else trip
        place = self.last.number - turn.number + 1  # from the end
        if late > 0 and place <= len(self._left):
            self._left[-place] += late
