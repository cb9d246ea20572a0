"""The texts of cells, put one by one, become the columns of a grid."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import polars as pl

from batch_dialer.errors import BadSheet
from batch_dialer.sheets.columns import letters
from batch_dialer.sheets.workbook.extent import Extent

_ROWS_AT_A_TIME = 50_000  # a column of polars takes less memory than a list


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
        self._extent = Extent(refusal)
        self._pieces: list[pl.DataFrame] = []
        self._rows: list[int] = []
        self._columns: dict[int, list[str | None]] = {}
        self._row = self._height = self._right = 0
        self._ascends = True

    def put(self, row: int, column: int, text: str) -> None:
        """Add the cell in *row* (from 1) and *column* (from 0); raise `BadSheet` if it stands there twice, or too far.

        Cells of one row are best put together, and rows in their order.
        """
        if row != self._row:
            self._begin(row)
        cells = self._columns.get(column)
        if cells is None:
            cells = self._columns[column] = []
            self._extent.reach(row, column)
        missing = self._height - len(cells)
        if missing < 0:
            raise self._twice_error(row, column)
        if missing:
            cells.extend([None] * missing)
        cells.append(text)

    def frame(self) -> pl.DataFrame:
        """Return the columns: `row`, and `c0` for A and so on, from the first to the last that has any text."""
        self._flush()
        if not self._pieces:
            return pl.DataFrame(schema={"row": pl.UInt32, "c0": pl.String})
        known = pl.concat(self._pieces, how="diagonal")
        places = sorted(int(name.removeprefix("c")) for name in known.columns[1:])
        self._extent.check(sum(known[name].count() for name in known.columns[1:]))
        known = known if self._ascends else self._in_order(known)
        blank = pl.Series(values=[], dtype=pl.String).extend_constant(None, known.height)
        names = [f"c{place}" for place in range(places[0], places[-1] + 1)]
        given = {name: known[name] for name in known.columns}
        return pl.DataFrame({"row": known["row"]} | {name: given.get(name, blank) for name in names})

    def _begin(self, row: int) -> None:
        if len(self._rows) >= _ROWS_AT_A_TIME:
            self._flush()
        self._ascends &= row > self._row
        self._row, self._height = row, len(self._rows)
        self._rows.append(row)
        self._extent.reach(row, 0)

    def _flush(self) -> None:
        if not self._rows:
            return
        for cells in self._columns.values():
            cells.extend([None] * (len(self._rows) - len(cells)))
        columns = {f"c{place}": pl.Series(cells, dtype=pl.String) for place, cells in self._columns.items() if cells}
        self._pieces.append(pl.DataFrame({"row": pl.Series(self._rows, dtype=pl.UInt32)} | columns))
        self._rows, self._row = [], 0 if not self._ascends else self._row
        self._columns = {place: [] for place in self._columns}

    def _in_order(self, cells: pl.DataFrame) -> pl.DataFrame:
        """Return *cells* with rows that stand in several places made one; refuse a cell that two of them have."""
        texts = pl.exclude("row")
        counts = cells.group_by("row").agg(texts.count())
        for name in cells.columns[1:]:
            twice = counts["row"].filter(counts[name] > 1)
            if len(twice):
                raise self._twice_error(int(twice.min() or 0), int(name.removeprefix("c")))  # type: ignore[arg-type]
        return cells.group_by("row").agg(texts.drop_nulls().first()).sort("row")

    def _twice_error(self, row: int, column: int) -> BadSheet:
        return self._refusal(f"it has the cell {letters(column)}{row} twice")
