"""The reader of OpenDocument spreadsheets (.ods).

A few bytes of this format can stand for a million rows, so what is repeated is counted before it is made.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element

import polars as pl

from batch_dialer.errors import BadSheet
from batch_dialer.sheets.columns import MAX_COLUMNS, MAX_ROWS
from batch_dialer.sheets.files import SheetFile
from batch_dialer.sheets.grid import Grid
from batch_dialer.sheets.own_marks import is_own, page_of
from batch_dialer.sheets.workbook.cell_columns import without_collector
from batch_dialer.sheets.workbook.cell_marks import merged_note
from batch_dialer.sheets.workbook.ods_text import is_number, show, to_count
from batch_dialer.sheets.workbook.package import Package
from batch_dialer.sheets.worksheets import Worksheet

CONTENT = "content.xml"
"""The part that every .ods has."""
_MANIFEST = "META-INF/manifest.xml"
_MAX_CELLS = 20_000_000
_ROWS_BETWEEN_REPORTS = 1_000
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_STYLE_NAME = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}name"
_SHEET, _ROW = f"{_TABLE}table", f"{_TABLE}table-row"
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")


@dataclass(slots=True)
class _Table:
    """The texts of those *rows* of a worksheet that hold any; *row* is the last that was read.

    *numbers* are the columns in which a number has a comma; *texts* are those in which a text has one, with the last
    row of one.
    """

    rows: dict[int, list[str | None]] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    merged: int = 0
    row: int = 0
    numbers: set[int] = field(default_factory=set)
    texts: dict[int, int] = field(default_factory=dict)


class OdsReader:
    """A `Reader` of .ods, which reads every worksheet when it is opened; their parts are their places."""

    def __init__(self, file: SheetFile) -> None:
        self._package = file.package
        if _is_encrypted(file.package):
            raise BadSheet(f"{file.name} is protected with a password.", "Save a copy of it without a password.")
        self._progress = file.progress
        self._tables: list[_Table] = []
        self._worksheets: list[Worksheet] = []
        self._cells = 0
        with self._package.damage_as_error(), without_collector():
            self._read()

    def worksheets(self) -> Sequence[Worksheet]:
        """Return the worksheets in the order of their tabs."""
        return self._worksheets

    def has_cells(self, worksheet: Worksheet) -> bool:
        """Whether any cell of *worksheet* holds anything."""
        return bool(self._tables[int(worksheet.part)].rows)

    def cells(self, worksheet: Worksheet) -> Grid:
        """Return the cells of *worksheet*."""
        table = self._tables[int(worksheet.part)]
        width = max(map(len, table.rows.values()), default=1)
        padded = [line + [None] * (width - len(line)) for line in table.rows.values()]
        cells = pl.DataFrame(padded, schema={f"c{column}": pl.String for column in range(width)}, orient="row")
        return Grid(
            cells.select(pl.Series("row", list(table.rows), dtype=pl.UInt32), pl.all()),
            notes=merged_note(table.merged),
            worksheet=worksheet.name,
            hidden=frozenset(table.hidden),
            grouped={column: table.texts.get(column, 0) for column in table.numbers},
        )

    def _read(self) -> None:
        table = _Table()
        undisplayed: set[str | None] = set()
        own_pages: set[str] = set()
        for around, element in self._package.elements(CONTENT, whole=_ROW):
            tables = sum(outer.tag == _SHEET for outer in around)
            if element.tag == _ROW and tables == 1:
                is_folded = any(outer.get(f"{_TABLE}display") == "false" for outer in around)
                self._add(
                    element, table, is_hidden=is_folded or element.get(f"{_TABLE}visibility", "visible") != "visible"
                )
            elif element.tag == _SHEET and not tables:
                name, style = element.get(f"{_TABLE}name", ""), element.get(f"{_TABLE}style-name")
                self._worksheets.append(Worksheet(name, str(len(self._tables)), style not in undisplayed))
                self._tables.append(table)
                table = _Table()
            elif element.get(f"{_TABLE}display") == "false" and _STYLE_NAME in around[-1].attrib:
                undisplayed.add(around[-1].get(_STYLE_NAME))
            elif is_own(element.get(f"{_TABLE}name", "")):
                where, _, cell = element.get(f"{_TABLE}cell-range-address", "").rpartition(".")
                own_pages.add(page_of(f"{where}!{cell}"))
        self._worksheets = [replace(sheet, ours=sheet.name in own_pages) for sheet in self._worksheets]

    def _add(self, row: Element, table: _Table, *, is_hidden: bool) -> None:
        """Add *row* to *table*, as often as it is repeated, if it shows anything."""
        first, count = table.row + 1, to_count(row, f"{_TABLE}number-rows-repeated")
        table.row += count
        line: list[str | None] = []
        for cell in row:
            if cell.tag not in _CELLS:
                continue
            table.merged += to_count(cell, f"{_TABLE}number-rows-spanned") > 1
            text, columns = show(cell), to_count(cell, f"{_TABLE}number-columns-repeated")
            if len(line) + columns > MAX_COLUMNS and text is not None:
                raise self._package.unsafe_error("it has cells where a worksheet has none")
            places = range(len(line), min(len(line) + columns, MAX_COLUMNS))
            line += [text] * len(places)
            if text is not None and "," in text and is_number(cell):
                table.numbers.update(places)
            elif text is not None and "," in text:
                table.texts.update(dict.fromkeys(places, table.row))
        while line and line[-1] is None:
            line.pop()
        if not line:
            return
        self._cells += count * len(line)
        if table.row > MAX_ROWS or self._cells > _MAX_CELLS:
            raise self._package.unsafe_error("a few of its cells stand for more than a worksheet holds")
        if not table.row % _ROWS_BETWEEN_REPORTS:
            self._progress(table.row)
        rows = range(first, table.row + 1)
        table.rows.update(dict.fromkeys(rows, line))
        table.hidden.update(rows if is_hidden else ())


def _is_encrypted(package: Package) -> bool:
    return _MANIFEST in package and any(
        element.tag.endswith("encryption-data") for _, element in package.elements(_MANIFEST)
    )
