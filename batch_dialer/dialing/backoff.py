"""How long to wait before a request that never left is tried again."""

from tenacity import RetryCallState, wait_random_exponential

_BACKOFF = wait_random_exponential(multiplier=1, max=60)


def backoff(tries: int) -> float:
    """Return the seconds to wait after *tries* attempts of which nothing left: exponential, full jitter, at most 60."""
    state = RetryCallState(retry_object=None, fn=None, args=(), kwargs={})  # type: ignore[arg-type]  # only counted
    state.attempt_number = tries
    return _BACKOFF(state)
