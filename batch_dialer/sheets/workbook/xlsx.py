"""The reader of Excel workbooks (.xlsx, .xlsm)."""

from collections.abc import Sequence

import polars as pl

from batch_dialer.sheets.files import SheetFile
from batch_dialer.sheets.grid import Grid
from batch_dialer.sheets.workbook.cell_columns import CellColumns, without_collector
from batch_dialer.sheets.workbook.child_reader import is_large, read_in_child
from batch_dialer.sheets.workbook.number_formats import read_formats
from batch_dialer.sheets.workbook.part_stream import MAIN, PartStream
from batch_dialer.sheets.workbook.xlsx_book import read_book
from batch_dialer.sheets.workbook.xlsx_rows import FORMULA, RowReader
from batch_dialer.sheets.workbook.xlsx_texts import CellTexts, read_shared
from batch_dialer.sheets.worksheets import Worksheet

_SHORTEST_TEXT = len("<si/>")


class XlsxReader:
    """A `Reader` of .xlsx and .xlsm."""

    def __init__(self, file: SheetFile) -> None:
        self._file = file
        self._package = file.package
        self._book = read_book(self._package)

    def worksheets(self) -> Sequence[Worksheet]:
        """Return the worksheets in the order of their tabs, those of charts left out."""
        return self._book.worksheets

    def has_cells(self, worksheet: Worksheet) -> bool:
        """Whether any cell of *worksheet* holds anything."""
        with self._package.damage_as_error():
            return any(_hold_anything(cells) for cells in self._rows(worksheet).cells())

    def cells(self, worksheet: Worksheet) -> Grid:
        """Read *worksheet*, of a large file in a child process; raise `BadSheet` where it is damaged or unsafe."""
        return read_in_child("xlsx", self._file, worksheet) if is_large(self._file) else self.read(worksheet)

    def read(self, worksheet: Worksheet) -> Grid:
        """Read *worksheet* here."""
        columns = CellColumns(self._package.unsafe_error)
        with self._package.damage_as_error(), without_collector():
            texts, rows = self._texts(), self._rows(worksheet)
            for cells in rows.cells():
                columns.put(texts.show(cells))
                self._file.progress(rows.count)
        return columns.grid(worksheet.name, rows.hidden, rows.merged)

    def _rows(self, worksheet: Worksheet) -> RowReader:
        return RowReader(PartStream(self._package, worksheet.part, "row", f"{MAIN}sheetData"))

    def _texts(self) -> CellTexts:
        codes = read_formats(self._package, self._book.styles)
        return CellTexts(self._read_shared(), codes, from_1904=self._book.from_1904)

    def _read_shared(self) -> pl.Series:
        package, part = self._package, self._book.strings
        texts = [pl.Series(dtype=pl.String)]
        if part in package:
            stream = PartStream(package, part, "si")
            if int(stream.root.get("uniqueCount", "0")) > package.size(part) // _SHORTEST_TEXT:
                raise package.unsafe_error("it claims to hold far more texts than it does")
            for found in read_shared(stream):
                self._file.progress(0)
                texts.append(found)
        return pl.concat(texts)


def _hold_anything(cells: pl.DataFrame) -> bool:
    return bool(((cells["value"] != "") | (cells["kind"] == FORMULA)).any())
