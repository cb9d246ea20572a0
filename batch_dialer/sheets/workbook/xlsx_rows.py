"""The rows of an .xlsx worksheet, by openpyxl's streaming parser."""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

# Private, and the only way to values, formats, errors and hidden rows in one pass: tests/sheets/test_xlsx_rows.py
# tells when a new openpyxl has it no more.
from openpyxl.worksheet._reader import MERGE_TAG, ROW_TAG, WorkSheetParser

from batch_dialer.sheets.workbook.extent import MAX_COLUMNS, MAX_ROWS
from batch_dialer.sheets.workbook.part_stream import PartStream

_TRUE = ("1", "true")


Cell = tuple[int, int, "Element[str]"]
"""The row of a cell (from 1), its column (from 0), and its XML."""


class RowParser(WorkSheetParser):
    """Reads the worksheet *source*: iterate over `rows`, then see what it found.

    *hidden* are the numbers of the hidden rows, *merged* counts the cells over several rows.
    """

    def __init__(self, source: PartStream) -> None:
        super().__init__(source, [])
        self.source: PartStream = source
        self.hidden: set[int] = set()
        self.merged = 0
        self._known: dict[str, int] = {}

    def rows(self) -> Iterator[list[Cell]]:
        """Yield the cells of each row.

        Unlike `parse`, it passes over all else, which does not matter here and may be invalid: print settings, rules.
        """
        for _, element in self.source.elements():
            if element.tag == ROW_TAG:
                _, cells = self.parse_row(element)
                yield cells
                element.clear()
            elif element.tag == MERGE_TAG:
                self.merged = sum(_spans_rows(area.get("ref", "")) for area in element)
                element.clear()

    def parse_row(self, row: Any) -> tuple[int, list[Any]]:  # noqa: ANN401  (the stubs know other cells)
        """Return the number and the cells of a row; note it if it is hidden."""
        number, cells = super().parse_row(row)
        attributes = self.row_dimensions.pop(str(number), None)
        if attributes and _is_hidden(attributes):
            self.hidden.add(number)
        return number, cells

    def parse_cell(self, element: Any) -> Any:  # noqa: ANN401  (as above)
        """Return the cell with its place, which may be in another row than where it stands."""
        reference = element.get("r")
        if reference is None:
            self.col_counter += 1
            return self.row_counter, self.col_counter - 1, element
        name = reference.rstrip("0123456789")
        digits = reference[len(name) :]
        column = self._known.get(name)
        if column is None:
            column = self._known[name] = _to_column(name)
        if not digits or len(digits) > len(str(MAX_ROWS)):
            raise ValueError(reference)
        self.col_counter = column + 1
        return int(digits), column, element


def _to_column(name: str) -> int:
    """Return the column that letters name, from 0; raise `ValueError` where they name none."""
    if not (name.isascii() and name.isalpha() and len(name) <= len(str(MAX_COLUMNS)) - 2):
        raise ValueError(name)
    number = 0
    for letter in name.upper():
        number = number * 26 + ord(letter) - ord("@")
    return number - 1


def _spans_rows(area: str) -> bool:
    first, _, last = area.partition(":")
    return bool(last) and first.lstrip("$ABCDEFGHIJKLMNOPQRSTUVWXYZ") != last.lstrip("$ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def _is_hidden(row: dict[str, str]) -> bool:
    """Whether a row with these attributes is hidden, or has a height of 0, which looks the same."""
    if row.get("hidden") in _TRUE:
        return True
    try:
        # A height that is not the user's is ignored: the spreadsheet program finds one.
        return row.get("customHeight") in _TRUE and float(row.get("ht", "1")) == 0
    except ValueError:
        return False
