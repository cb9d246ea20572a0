"""The texts of cells, put one by one, become the columns of a grid."""

import gc
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager

import polars as pl

from batch_dialer.errors import BadSheet
from batch_dialer.sheets.columns import MAX_COLUMNS, MAX_ROWS, letters
from batch_dialer.sheets.grid import Grid
from batch_dialer.sheets.workbook.cell_marks import merged_note, unreadable_notes

_MAX_AREA = 60_000_000
_MAX_SPARSE_AREA = 20_000_000
_SPARSE = 50  # cells of the rectangle for each that is filled


@contextmanager
def without_collector() -> Iterator[None]:
    """Do without the search for cycles of objects: a reader makes none, and millions of objects that would be searched.

    Reading takes a third of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class CellColumns:
    """The cells of one worksheet; *refusal* makes the error for a clause on what is wrong with the file."""

    def __init__(self, refusal: Callable[[str], BadSheet]) -> None:
        self._refusal = refusal
        self._pieces: list[pl.DataFrame] = []
        self._filled = self._last = self._bottom = self._right = 0
        self._ascends = True
        self._commas: list[pl.DataFrame] = []

    def put(self, cells: pl.DataFrame) -> None:
        """Add *cells*: a frame of `row` (from 1), `column` (from 0), `text`, and whether it `is_number`.

        Those without a text are left out. Raise `BadSheet` if one of the others stands there twice, or too far away.
        """
        cells = cells.drop_nulls("text")
        if cells.is_empty():
            return
        top, bottom, right = cells.select(pl.min("row"), pl.max("row").alias("bottom"), pl.max("column")).row(0)
        self._reach(top, bottom, right)
        self._commas.append(cells.filter(pl.col("text").str.contains(",", literal=True)).drop("text"))
        self._filled += len(cells)
        place = cells["row"].cast(pl.Int64) * MAX_COLUMNS + cells["column"]
        if place[0] <= self._last or not (place.diff() > 0).all():
            self._ascends = False
            self._refuse_twice(cells.select("row", "column"))
        self._last = place[-1]
        self._pieces.append(_by_column(cells))

    def grid(self, worksheet: str, hidden: AbstractSet[int], merged: int) -> Grid:
        """Return the grid of *worksheet*, with its *hidden* rows and how many cells are *merged* over several rows."""
        cells = self._frame()
        notes = merged_note(merged) + unreadable_notes(cells)
        return Grid(cells, notes, worksheet=worksheet, hidden=frozenset(hidden), grouped=self._grouped())

    def _grouped(self) -> dict[int, int]:
        """Return the columns with commas between thousands, as a grid has them: those of numbers that show one.

        In a text nobody can tell: 1,234 is more than a thousand in some countries and less than two in others.
        """
        if not self._commas:
            return {}
        last = pl.col("row").filter(~pl.col("is_number")).max().fill_null(0)
        columns = pl.concat(self._commas).group_by("column").agg(last, pl.any("is_number")).filter("is_number")
        return dict(columns.select("column", "row").iter_rows())

    def _frame(self) -> pl.DataFrame:
        """Return the columns: `row`, and `c0` for A and so on, from the first to the last that has any text."""
        if not self._pieces:
            return pl.DataFrame(schema={"row": pl.UInt32, "c0": pl.String})
        known = pl.concat(self._pieces, how="diagonal")
        if self._bottom * self._right > max(_MAX_SPARSE_AREA, _SPARSE * self._filled):
            raise self._reach_error()
        known = known if self._ascends else self._in_order(known)
        rows, *filled = known.iter_columns()
        texts = {int(column.name): column for column in filled}
        blank = pl.Series(values=[], dtype=pl.String).extend_constant(None, known.height)
        columns = {f"c{place}": texts.get(place, blank) for place in range(min(texts), max(texts) + 1)}
        return pl.DataFrame({"row": rows} | columns)

    def _reach(self, top: int, bottom: int, right: int) -> None:
        """Refuse cells that lie far apart: a few of them take memory for the whole rectangle around them."""
        if not (top > 0 and bottom <= MAX_ROWS and right < MAX_COLUMNS):
            raise self._refusal("it has cells where a worksheet has none")
        self._bottom, self._right = max(self._bottom, bottom), max(self._right, right + 1)
        if self._bottom * self._right > _MAX_AREA:
            raise self._reach_error()

    def _reach_error(self) -> BadSheet:
        return self._refusal(
            f"its cells reach down to row {self._bottom:,} and out to column {letters(self._right - 1)}, perhaps for a"
            " stray one far outside"
        )

    def _in_order(self, cells: pl.DataFrame) -> pl.DataFrame:
        """Return *cells* with rows that stand in several places made one; refuse a cell that two of them have."""
        self._refuse_twice(
            cells.unpivot(index="row", variable_name="column").drop_nulls("value").select("row", "column")
        )
        return cells.group_by("row").agg(pl.exclude("row").drop_nulls().first()).sort("row")

    def _refuse_twice(self, places: pl.DataFrame) -> None:
        twice = places.filter(places.is_duplicated())
        if len(twice):
            row, column = min(twice.iter_rows())
            raise self._refusal(f"it has the cell {letters(int(column))}{row} twice")


def _by_column(cells: pl.DataFrame) -> pl.DataFrame:
    """Return *cells*, none of which stands there twice, as `row` and a column for each place with any text.

    `DataFrame.pivot` does the same, and takes half a minute for two rows that fill a worksheet's width.
    """
    rows, places = (cells[name].unique().sort() for name in ("row", "column"))
    row, column = cells.select(pl.col("row", "column").rank("dense").cast(pl.Int64) - 1)
    which = pl.Series(values=[], dtype=pl.UInt32).extend_constant(None, len(rows) * len(places))
    which = which.scatter(column * len(rows) + row, pl.int_range(len(cells), dtype=pl.UInt32, eager=True))
    texts = cells["text"].gather(which)
    columns = {str(place): texts.slice(n * len(rows), len(rows)) for n, place in enumerate(places)}
    return pl.DataFrame({"row": rows} | columns)
