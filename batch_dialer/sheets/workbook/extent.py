"""How far the cells of a worksheet reach: a few that lie far apart take memory for the whole rectangle around them."""

from collections.abc import Callable

from batch_dialer.errors import BadSheet
from batch_dialer.sheets.columns import letters

MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
_MAX_AREA = 60_000_000
_MAX_SPARSE_AREA = 20_000_000
_SPARSE = 50  # cells of the rectangle for each that is filled


class Extent:
    """How far the cells reach, in rows and columns.

    The methods raise what *refusal* returns for a clause, where the rectangle takes too much memory.
    """

    def __init__(self, refusal: Callable[[str], BadSheet]) -> None:
        self._refusal = refusal
        self._bottom = self._right = 0

    def reach(self, row: int, column: int) -> None:
        """Take note that cells reach to *row*, from 1, and *column*, from 0."""
        if not (0 < row <= MAX_ROWS and column < MAX_COLUMNS):
            raise self._refusal("it has cells where a worksheet has none")
        self._bottom, self._right = max(self._bottom, row), max(self._right, column + 1)
        if self._bottom * self._right > _MAX_AREA:
            raise self._reach_error()

    def check(self, filled: int) -> None:
        """Refuse a large rectangle in which only *filled* cells hold anything; call it after the last cell."""
        area = self._bottom * self._right
        if area > _MAX_SPARSE_AREA and area > _SPARSE * filled:
            raise self._reach_error()

    def _reach_error(self) -> BadSheet:
        return self._refusal(
            f"its cells reach down to row {self._bottom:,} and out to column {letters(self._right - 1)}, perhaps for a"
            " stray one far outside"
        )
