"""When the calls of a plan leave, by the pace alone. Pure."""

from dataclasses import dataclass
from math import ceil

import polars as pl

_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Spacing:
    """How calls leave: *per_second*, the first *burst* requests unspaced, *ahead* requests before the first call.

    Requests that leave ahead of the even pace are no more than a minute ahead of it: so many leave at once each minute.
    All others wait until the even pace is reached. From the second minute on, a share of the turns goes to *questions*.
    """

    per_second: float
    burst: int = 1
    ahead: int = 0
    questions: float = 0.0

    def seconds(self, calls: int) -> pl.Series:
        """Return the seconds after which each of so many *calls* leaves."""
        request = pl.int_range(self.ahead, self.ahead + calls, eager=True)
        evenly = request / self.per_second
        batch = max(ceil(_MINUTE * self.per_second), 1)
        at_once = request // batch * (batch / self.per_second)
        calls_alone = evenly.clip(upper_bound=_MINUTE)
        among = calls_alone + (evenly - calls_alone) / (1 - self.questions)
        return at_once.zip_with(request < self.burst, among)
