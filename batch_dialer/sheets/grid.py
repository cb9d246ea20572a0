"""What the reader of any format returns: the cells of one worksheet or text file as text."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

TOP_ROWS = 20

FirstRows = tuple[tuple[int, tuple[str, ...]], ...]
"""Rows with their numbers, each as the texts of its cells; an empty cell is an empty text."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The text of every cell, and what was understood of the file.

    *cells* has a column `row` (UInt32, the number that the spreadsheet program shows) and one column of text for each
    column of the sheet, named by its place: `c0` is column A. The first of them need not be `c0`. Rows ascend; blank
    rows may be left out. An empty cell is null or an empty text.
    *notes* are phrases for the person to check, such as the delimiter or the encoding.
    *ragged* maps the rows of a text that have more or fewer fields than the header to the number of their fields.
    *top* has the first rows as each delimiter would cut them; empty where the rows of *cells* are the only way.
    *worksheet* is empty where the format has none. *hidden* are the rows that the spreadsheet program does not show.
    *grouped* has each column (0 for A) in which a number is shown with commas between its thousands, with the last row
    in which a text of that column has a comma, 0 for none. *unended*: whether the last row of a text has no line end.
    """

    cells: pl.DataFrame
    notes: tuple[str, ...] = ()
    ragged: Mapping[int, int] = field(default_factory=dict)
    top: FirstRows = ()
    worksheet: str = ""
    hidden: frozenset[int] = frozenset()
    grouped: Mapping[int, int] = field(default_factory=dict)
    unended: bool = False


def first_rows(cells: pl.DataFrame) -> FirstRows:
    """Return the first `TOP_ROWS` rows of a grid's *cells*."""
    return tuple((row, tuple(text or "" for text in texts)) for row, *texts in cells.head(TOP_ROWS).iter_rows())
