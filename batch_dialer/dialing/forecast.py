"""How long the calls of a plan take to be placed. Pure."""

from batch_dialer.dialing.allowance import MINUTE


def seconds_to_place(calls: int, per_second: float, burst: int = 1) -> float:
    """Return the seconds from the first of *calls* to the last, at *per_second*, the first *burst* of them unspaced.

    Those that leave ahead are no more than a minute ahead of the even pace: so many leave at once each minute. All
    others wait until the even pace is reached.
    """
    evenly = max(calls - 1, 0) / per_second
    return evenly // MINUTE * MINUTE if calls <= burst else evenly


def calls_within(seconds: float, per_second: float) -> int:
    """Return how many calls are placed in *seconds* at an even pace of *per_second*."""
    return int(seconds * per_second) + 1 if seconds > 0 else 0
