"""The numbers with a fixed behaviour. A call to any other number rings, is answered and ends.

All are reserved for fiction in North America (area code 415, 555-0100 to 555-0199): valid, and in use by nobody.
tests/README.md and `batch-dialer sandbox --help` show this table.
"""

from dataclasses import dataclass
from enum import Enum


class Behaviour(Enum):
    """How the sandbox treats a call to a number."""

    ORDINARY = "ordinary"
    BUSY = "busy"
    NO_ANSWER = "no answer"
    FAILED = "failed"
    REFUSED = "refused"
    NO_CREDITS = "no credits"
    WAIT_ONCE = "wait once"
    PLACED_THEN_500 = "placed, then 500"
    PLACED_THEN_DROPPED = "placed, then dropped"
    SLOW = "slow"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class SpecialNumber:
    """A number with a fixed behaviour, and the *sentence* that describes it to people."""

    number: str
    behaviour: Behaviour
    sentence: str


SPECIAL_NUMBERS = (
    SpecialNumber("+14155550190", Behaviour.BUSY, "the line is busy"),
    SpecialNumber("+14155550191", Behaviour.NO_ANSWER, "it rings and nobody answers"),
    SpecialNumber("+14155550192", Behaviour.FAILED, "the call is placed and fails"),
    SpecialNumber("+14155550193", Behaviour.REFUSED, "refused as an invalid number; no call"),
    SpecialNumber("+14155550194", Behaviour.NO_CREDITS, "refused for lack of credits (402); no call"),
    SpecialNumber("+14155550195", Behaviour.WAIT_ONCE, "told to wait the first time (429), placed the second"),
    SpecialNumber("+14155550196", Behaviour.PLACED_THEN_500, "the call is placed, but the answer is a 500"),
    SpecialNumber(
        "+14155550197", Behaviour.PLACED_THEN_DROPPED, "the call is placed, and the connection drops unanswered"
    ),
    SpecialNumber("+14155550198", Behaviour.SLOW, "the call is placed, and the answer takes some seconds"),
    SpecialNumber("+14155550199", Behaviour.DROPPED, "the connection drops unanswered; no call"),
)

_BEHAVIOURS = {special.number: special.behaviour for special in SPECIAL_NUMBERS}


def behaviour_of(number: str) -> Behaviour:
    """Return how the sandbox treats a call to *number*."""
    return _BEHAVIOURS.get(number, Behaviour.ORDINARY)
