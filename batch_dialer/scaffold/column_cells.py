"""A column of a sheet, as a proposal looks at it."""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column of the sheet: *cells* are trimmed, null where they hold nothing; *good* are the texts that are no error.

    What stands for nothing, as `nan` does, is among *good*: only text may be that.
    """

    header: str
    cells: pl.Series
    good: pl.Series

    @property
    def filled(self) -> bool:
        """Whether there are rows, and every one has a value in this column."""
        return bool(len(self.cells)) and not self.cells.null_count()
