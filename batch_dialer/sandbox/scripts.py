"""Which request meets which fault. A script is any callable that is asked about each request and may name a fault.

The scripts here concern themselves with requests that place calls, and leave all others alone.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from batch_dialer.sandbox.faults import Fault


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """A request that passed the rate limit and the token check."""

    method: str
    path: str
    body: bytes

    @property
    def places_a_call(self) -> bool:
        """Whether it asks for a call."""
        return self.method == "POST" and self.path.endswith("/call")

    @property
    def to(self) -> str:
        """The number it asks to be called, or nothing where the body cannot be read."""
        try:
            return str(json.loads(self.body)["to"])
        except (ValueError, LookupError, TypeError):
            return ""


Script = Callable[[ReceivedRequest], Fault | None]


class InTurn:
    """The faults in order, one for each request for a call. None is for one that goes well, as do all after."""

    def __init__(self, *faults: Fault | None) -> None:
        self._left = iter(faults)

    def __call__(self, request: ReceivedRequest) -> Fault | None:
        """Name the fault that this request meets."""
        return next(self._left, None) if request.places_a_call else None


class ByNumber:
    """For each number its own faults in order, so that it does not matter which of many requests comes first."""

    def __init__(self, faults: Mapping[str, Iterable[Fault | None]]) -> None:
        self._left = {number: iter(each) for number, each in faults.items()}

    def __call__(self, request: ReceivedRequest) -> Fault | None:
        """Name the fault that this request meets."""
        return next(self._left.get(request.to, iter(())), None) if request.places_a_call else None


class AtRandom:
    """Each fault with its probability. The same seed deals a number's nth request the same fault, in whatever order."""

    def __init__(self, seed: int, chances: Mapping[Fault, float]) -> None:
        if sum(chances.values()) > 1:
            raise ValueError("the chances add up to more than 1")
        self._seed = seed
        self._chances = chances
        self._asked: Counter[str] = Counter()

    def __call__(self, request: ReceivedRequest) -> Fault | None:
        """Name the fault that this request meets."""
        if not request.places_a_call:
            return None
        number = request.to
        self._asked[number] += 1
        dealt = random.Random(f"{self._seed}/{number}/{self._asked[number]}").random()  # noqa: S311  (not a secret)
        for fault, chance in self._chances.items():
            dealt -= chance
            if dealt < 0:
                return fault
        return None
