"""The reader of Excel workbooks (.xlsx, .xlsm)."""

from collections.abc import Sequence

from batch_dialer.sheets.files import SheetFile
from batch_dialer.sheets.grid import Grid
from batch_dialer.sheets.workbook.cell_columns import CellColumns, without_collector
from batch_dialer.sheets.workbook.cell_marks import merged_note, unreadable_notes
from batch_dialer.sheets.workbook.commas import Commas
from batch_dialer.sheets.workbook.number_formats import read_formats
from batch_dialer.sheets.workbook.part_stream import PartStream
from batch_dialer.sheets.workbook.xlsx_book import read_book
from batch_dialer.sheets.workbook.xlsx_rows import RowParser
from batch_dialer.sheets.workbook.xlsx_texts import CellTexts, holds_anything, read_shared
from batch_dialer.sheets.worksheets import Worksheet

_SHORTEST_TEXT = len("<si/>")
_ROWS_BETWEEN_REPORTS = 1_000
_TEXTS_BETWEEN_REPORTS = 10_000


class XlsxReader:
    """A `Reader` of .xlsx and .xlsm."""

    def __init__(self, file: SheetFile) -> None:
        self._progress = file.progress
        self._package = file.package
        self._book = read_book(self._package)

    def worksheets(self) -> Sequence[Worksheet]:
        """Return the worksheets in the order of their tabs, those of charts left out."""
        return self._book.worksheets

    def has_cells(self, worksheet: Worksheet) -> bool:
        """Whether any cell of *worksheet* holds anything."""
        with self._package.damage_as_error():
            return any(holds_anything(cell) for row in self._parser(worksheet).rows() for _, _, cell in row)

    def cells(self, worksheet: Worksheet) -> Grid:
        """Read *worksheet*; raise `BadSheet` where it is damaged or unsafe."""
        columns, commas = CellColumns(self._package.unsafe_error), Commas()
        with self._package.damage_as_error(), without_collector():
            put, show, parser = columns.put, self._texts().show, self._parser(worksheet)
            for count, cells in enumerate(parser.rows()):
                if not count % _ROWS_BETWEEN_REPORTS:
                    self._progress(count)
                for row, column, cell in cells:
                    text = show(cell)
                    if text is not None:
                        put(row, column, text)
                        if "," in text:
                            commas.note(row, column, is_number=cell.get("t", "n") == "n")
        frame = columns.frame()
        return Grid(
            frame,
            notes=merged_note(parser.merged) + unreadable_notes(frame),
            worksheet=worksheet.name,
            hidden=frozenset(parser.hidden),
            grouped=commas.grouped,
        )

    def _parser(self, worksheet: Worksheet) -> RowParser:
        return RowParser(PartStream(self._package, worksheet.part, "row"))

    def _texts(self) -> CellTexts:
        codes = read_formats(self._package, self._book.styles)
        return CellTexts(self._shared(), codes, from_1904=self._book.from_1904)

    def _shared(self) -> list[str]:
        package, part = self._package, self._book.strings
        if part not in package:
            return []
        stream = PartStream(package, part, "si")
        if int(stream.root.get("uniqueCount", "0")) > package.size(part) // _SHORTEST_TEXT:
            raise package.unsafe_error("it claims to hold far more texts than it does")
        texts: list[str] = []
        for text in read_shared(stream):
            if not len(texts) % _TEXTS_BETWEEN_REPORTS:
                self._progress(0)
            texts.append(text)
        return texts
