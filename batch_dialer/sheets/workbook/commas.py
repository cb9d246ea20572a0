"""In which columns a comma stands between thousands: where cells that hold numbers are shown with one.

In a text nobody can tell: 1,234 is more than a thousand in some countries and less than two in others.
"""


class Commas:
    """The columns of a worksheet (0 for A) whose cells show commas; they are noted one by one."""

    def __init__(self) -> None:
        self._numbers: set[int] = set()
        self._texts: dict[int, int] = {}

    def note(self, row: int, column: int, *, is_number: bool) -> None:
        """Take note that what the cell shows has a comma, and whether the cell holds a number."""
        if is_number:
            self._numbers.add(column)
        else:
            self._texts[column] = max(row, self._texts.get(column, 0))

    @property
    def grouped(self) -> dict[int, int]:
        """Each column with a comma in a number, and the last row with one in a text, 0 for none: as a grid has them."""
        return {column: self._texts.get(column, 0) for column in self._numbers}
