"""Choose the fault for each request. A script is a callable that gets a request and returns its fault, or None.

The scripts here give faults only to requests for a call.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from batch_dialer.sandbox.faults import Fault


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """A request that has passed the rate limit and the token check."""

    method: str
    path: str
    body: bytes

    @property
    def places_a_call(self) -> bool:
        """Whether the request asks for a call."""
        return self.method == "POST" and self.path.endswith("/call")

    @property
    def to(self) -> str:
        """The number to call; "" where the body has none."""
        try:
            return str(json.loads(self.body)["to"])
        except (ValueError, LookupError, TypeError):
            return ""


Script = Callable[[ReceivedRequest], Fault | None]


class InTurn:
    """Gives *faults* in order, one to each request for a call. None, and the end of the list, stand for no fault."""

    def __init__(self, *faults: Fault | None) -> None:
        self._left = iter(faults)

    def __call__(self, request: ReceivedRequest) -> Fault | None:
        """Name the fault that this request meets."""
        return next(self._left, None) if request.places_a_call else None


class ByNumber:
    """Gives each number its own faults in order, whatever the order of requests for different numbers."""

    def __init__(self, faults: Mapping[str, Iterable[Fault | None]]) -> None:
        self._left = {number: iter(each) for number, each in faults.items()}

    def __call__(self, request: ReceivedRequest) -> Fault | None:
        """Name the fault that this request meets."""
        return next(self._left.get(request.to, iter(())), None) if request.places_a_call else None


class AtRandom:
    """Gives each fault with the probability (0 to 1) in *chances*, and otherwise none.

    With the same seed, the nth request for a number gets the same fault, whatever the order of requests. Raises
    `ValueError` where the probabilities add up to more than 1.
    """

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
