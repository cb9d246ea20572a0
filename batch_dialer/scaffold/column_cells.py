"""A column of a sheet, as a proposal looks at it."""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column of the sheet: *cells* are trimmed, null where empty; *good* are those that are filled and no error."""

    header: str
    cells: pl.Series
    good: pl.Series

    @property
    def filled(self) -> bool:
        """Whether there are rows, and every one has a value in this column."""
        return bool(len(self.cells)) and not self.cells.null_count()
