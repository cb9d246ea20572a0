"""Make up texts that a pattern of the schema may match, for the example row of a starter sheet.

The pattern is in the syntax of Rust, and rstr reads that of Python: the caller checks that a text matches.
"""

import re
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeVar, cast

from rstr import Rstr

if TYPE_CHECKING:
    from _typeshed import SupportsLenAndGetItem

_Way = TypeVar("_Way")
_READ_BEST = {"A", "a", "1"}
_NOT_UNDERSTOOD = (re.error, KeyError, IndexError, TypeError, ValueError, OverflowError, RecursionError)


def example_texts(pattern: str) -> Iterator[str]:
    """Yield at most seven texts that *pattern* may match, the shortest first; none if it is not understood."""
    for more in (0, 1, 2, 4, 8, 16, 32):
        try:
            with warnings.catch_warnings(action="ignore"):  # what Python may read otherwise one day
                yield Rstr(cast("Any", _Plainest(more))).xeger(pattern)
        except _NOT_UNDERSTOOD:
            return


class _Plainest:
    """In place of chance, what a person would write: the first letter or digit, and *more* repeats than are needed."""

    def __init__(self, more: int) -> None:
        self._more = more

    def choice(self, seq: "SupportsLenAndGetItem[_Way]") -> _Way:
        """Return the first of the ways that a pattern has, or of the characters the one that reads best."""
        return min((seq[n] for n in range(len(seq))), key=_plainness)

    def randint(self, a: int, b: int) -> int:
        """Return how often a part of the pattern is repeated, which may be *a* to *b* times."""
        return min(a + self._more, b)

    def shuffle(self, x: list[str]) -> None:
        """Leave *x* in its order."""


def _plainness(way: object) -> tuple[bool, bool, bool, str]:
    text = way if isinstance(way, str) else ""
    return text not in _READ_BEST, not text.isalnum(), not text.isascii(), text
