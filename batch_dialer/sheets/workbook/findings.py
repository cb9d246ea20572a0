"""What fastexcel would leave out of a worksheet or show differently, as the search before it finds it."""

from dataclasses import dataclass, field

from batch_dialer.sheets.workbook.extent import MAX_COLUMNS

UNCALCULATED = "#UNCALCULATED!"
"""Stands in a cell whose formula was never calculated."""


@dataclass(slots=True)
class Findings:
    """Cells by row (from 1) and column (from 0); *left* is the first column that fastexcel reads.

    *marks* are the texts of errors and of formulas that were never calculated. *booleans* are columns with truth
    values. *percents* has the decimals of each cell that shows a percentage. *merged* counts the cells that reach over
    several rows, *filled* those with a value or a mark, each as often as the file has it.
    """

    left: int = MAX_COLUMNS
    marks: dict[tuple[int, int], str] = field(default_factory=dict)
    booleans: set[int] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    percents: dict[tuple[int, int], int] = field(default_factory=dict)
    merged: int = 0
    filled: int = 0

    @property
    def has_cells(self) -> bool:
        """Whether any cell that fastexcel reads was found."""
        return self.left < MAX_COLUMNS
