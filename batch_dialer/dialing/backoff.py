"""How long to wait before a request that never left is tried again."""

import random

_FIRST = 1.0
_LONGEST = 60.0


def backoff(tries: int) -> float:
    """Return the seconds to wait after *tries* requests that never left: exponential with full jitter, at most 60."""
    most = min(_FIRST * 2.0 ** (tries - 1), _LONGEST)
    return random.uniform(0, most)  # noqa: S311  (it spreads load, it keeps no secret)
