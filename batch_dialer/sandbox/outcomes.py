"""How calls end, where a rehearsal asks for shares: so many reached, so many not. Drawn, and the same each time."""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from batch_dialer.words import Status

Course = tuple[tuple[float, Status], ...]
"""The statuses of a call, each with the seconds after dialing at which it begins."""

BUSY: Course = ((0, Status.INITIATED), (2, Status.BUSY))
NO_ANSWER: Course = ((0, Status.INITIATED), (2, Status.RINGING), (32, Status.NO_ANSWER))
FAILED: Course = ((0, Status.INITIATED), (2, Status.FAILED))

_COURSES: Mapping[str, Course | None] = {"reached": None, "no-answer": NO_ANSWER, "busy": BUSY, "failed": FAILED}
_SHARE = re.compile(r"(\S+)\s+([0-9]{1,3}(?:\.[0-9]{1,6})?)\s*%")
_WHOLE = 100
_HANG_UP_AT_ONCE = 0.1  # of those who answer
_SEED = 1


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The share of calls, in percent, that end in each of the ways; the shares add up to 100."""

    shares: Mapping[str, Fraction]

    def draw(self, number: str, nth: int) -> Course:
        """Return the course of the *nth* call to *number*: always the same one."""
        chance = random.Random(f"{_SEED}/{number}/{nth}")  # noqa: S311  (not a secret)
        dealt = chance.random() * _WHOLE
        for word, share in self.shares.items():
            dealt -= float(share)
            if dealt < 0:
                return _COURSES[word] or _answered(chance)
        return _answered(chance)


def parse_outcomes(text: str) -> Outcomes:
    """Parse `reached 55%, no-answer 30%, busy 10%, failed 5%`; a word that is left out has no share.

    Raises `ValueError`, whose text says what is wrong.
    """
    shares: dict[str, Fraction] = {}
    for part in text.split(","):
        found = _SHARE.fullmatch(part.strip())
        if found is None:
            raise ValueError(f'"{part.strip()}" is not a word and a share, as in: busy 10%')
        word, share = found.groups()
        if word not in _COURSES:
            raise ValueError(f'"{word}" is none of {", ".join(_COURSES)}')
        if word in shares:
            raise ValueError(f'"{word}" is there twice')
        shares[word] = Fraction(share)
    if (whole := sum(shares.values())) != _WHOLE:
        raise ValueError(f"the shares add up to {float(whole):g}%, not to 100%")
    return Outcomes(shares)


def _answered(chance: random.Random) -> Course:
    """Return the course of a call that is answered after some rings: a talk, or somebody who hangs up at once."""
    rings = chance.randint(3, 20)
    talks = chance.randint(2, 7) if chance.random() < _HANG_UP_AT_ONCE else chance.randint(20, 180)
    return (
        (0, Status.INITIATED),
        (2, Status.RINGING),
        (2 + rings, Status.ANSWERED),
        (2 + rings + talks, Status.COMPLETED),
    )
