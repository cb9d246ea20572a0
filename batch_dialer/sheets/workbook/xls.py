"""The reader of old Excel workbooks (.xls), by xlrd."""

import io
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import polars as pl
import xlrd
from xlrd.biffh import XLRDError
from xlrd.compdoc import CompDocError
from xlrd.sheet import Sheet

from batch_dialer.errors import BadSheet
from batch_dialer.sheets.files import SheetFile
from batch_dialer.sheets.grid import Grid
from batch_dialer.sheets.workbook.cell_columns import CellColumns, without_collector
from batch_dialer.sheets.workbook.cell_marks import error_text
from batch_dialer.sheets.workbook.child_reader import is_large, read_in_child
from batch_dialer.sheets.workbook.display import Display
from batch_dialer.sheets.worksheets import Worksheet

_ROWS_BETWEEN_REPORTS = 1_000
_NUMBERS = frozenset({xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE})
_CELLS = {"row": pl.UInt32, "column": pl.UInt16, "text": pl.String, "is_number": pl.Boolean}
_DAMAGED = (
    *(XLRDError, CompDocError, struct.error, LookupError, ValueError, TypeError, AttributeError),
    *(ArithmeticError, AssertionError, EOFError, MemoryError, OSError, NotImplementedError, RecursionError),
)
"""What xlrd raises for a damaged file, most of it by accident."""


class XlsReader:
    """A `Reader` of .xls; the parts of its worksheets are their places."""

    def __init__(self, file: SheetFile) -> None:
        self._file = file
        with self._damage_as_error():
            self._book = xlrd.open_workbook(
                file_contents=file.data, formatting_info=True, on_demand=True, logfile=io.StringIO()
            )

    def worksheets(self) -> Sequence[Worksheet]:
        """Return the worksheets in the order of their tabs."""
        # Private: the public way reads every worksheet.
        shown = self._book._sheet_visibility  # type: ignore[attr-defined]  # noqa: SLF001
        names = self._book.sheet_names()
        return [Worksheet(name, str(place), visible=not shown[place]) for place, name in enumerate(names)]

    def has_cells(self, worksheet: Worksheet) -> bool:
        """Whether any cell of *worksheet* holds anything."""
        return any(True for _ in self._texts(self._sheet(worksheet)))

    def cells(self, worksheet: Worksheet) -> Grid:
        """Read *worksheet*, of a large file in a child process; raise `BadSheet` where it is damaged or unsafe."""
        return read_in_child("xls", self._file, worksheet) if is_large(self._file) else self.read(worksheet)

    def read(self, worksheet: Worksheet) -> Grid:
        """Read *worksheet* here."""
        sheet = self._sheet(worksheet)
        columns = CellColumns(self._unsafe_error)
        with self._damage_as_error(), without_collector():
            columns.put(pl.DataFrame(self._texts(sheet), schema=_CELLS, orient="row"))
        hidden = {row + 1 for row in range(sheet.nrows) if _is_hidden(sheet, row)}
        merged = sum(bottom - top > 1 for top, bottom, _, _ in sheet.merged_cells)
        return columns.grid(worksheet.name, hidden, merged)

    def _sheet(self, worksheet: Worksheet) -> Sheet:
        with self._damage_as_error():
            return self._book.sheet_by_index(int(worksheet.part))

    def _texts(self, sheet: Sheet) -> Iterator[tuple[int, int, str, bool]]:
        """Yield row, column and text of each cell that shows anything, and whether it holds a number."""
        displays = self._displays()
        for row in range(sheet.nrows):
            if not row % _ROWS_BETWEEN_REPORTS:
                self._file.progress(row)
            for column, kind in enumerate(sheet.row_types(row)):
                if kind in {xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK}:
                    continue
                display = displays[sheet.cell_xf_index(row, column)]
                text = _show(kind, sheet.cell_value(row, column), display)
                if text is not None:
                    yield row + 1, column, text, kind in _NUMBERS

    def _displays(self) -> list[Display]:
        """Return the number format of each style, in their order."""
        formats = self._book.format_map
        codes = [formats[style.format_key].format_str for style in self._book.xf_list]
        known = {code: Display(code, from_1904=self._book.datemode == 1) for code in set(codes)}
        return [known[code] for code in codes]

    @contextmanager
    def _damage_as_error(self) -> Iterator[None]:
        try:
            yield
        except _DAMAGED as fault:
            raise self._error(str(fault)) from None

    def _error(self, fault: str) -> BadSheet:
        if "encrypted" in fault:
            return BadSheet(f"{self._file.name} is protected with a password.", "Save a copy of it without a password.")
        if "workbook stream" in fault:
            return BadSheet(
                f"{self._file.name} is an Office document, but not an Excel workbook.",
                "Save it as an Excel workbook (.xlsx) or as 'CSV UTF-8'.",
            )
        return BadSheet(
            f"{self._file.name} is damaged or incomplete, and cannot be read as an Excel workbook (.xls).",
            "Open it in a spreadsheet program and save it as an Excel workbook (.xlsx).",
        )

    def _unsafe_error(self, why: str) -> BadSheet:
        return BadSheet(f"{self._file.name} cannot be read safely: {why}.", "Save it as an Excel workbook (.xlsx).")


def _show(kind: int, value: str | float, display: Display) -> str | None:
    if isinstance(value, str):
        return display.text(value) or None
    match kind:
        case xlrd.XL_CELL_BOOLEAN:
            return "TRUE" if value else "FALSE"
        case xlrd.XL_CELL_ERROR:
            return error_text(xlrd.error_text_from_code.get(int(value), ""))
        case _:
            return display.number(value)


def _is_hidden(sheet: Sheet, row: int) -> bool:
    """Whether *row*, from 0, is hidden: by itself, or as all rows that say nothing of themselves."""
    known = sheet.rowinfo_map.get(row)
    return bool(sheet.default_row_hidden if known is None else known.hidden)
