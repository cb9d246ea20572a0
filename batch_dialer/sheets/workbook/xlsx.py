"""The reader of Excel workbooks (.xlsx, .xlsm): fastexcel reads them, and `xlsx_scan` finds what it leaves out."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import fastexcel
import polars as pl

from batch_dialer.sheets.files import SheetFile
from batch_dialer.sheets.grid import Grid
from batch_dialer.sheets.own_marks import is_own, page_of
from batch_dialer.sheets.workbook.cell_text import as_displayed, check_errors, merged_note, number_rows, put_marks
from batch_dialer.sheets.workbook.number_formats import read_percents
from batch_dialer.sheets.workbook.package import Package
from batch_dialer.sheets.workbook.relations import worksheet_parts
from batch_dialer.sheets.workbook.xlsx_scan import has_cells, scan
from batch_dialer.sheets.worksheets import Worksheet

WORKBOOK = "xl/workbook.xml"
"""The part that every .xlsx has."""
_RELATIONS = "xl/_rels/workbook.xml.rels"


class XlsxReader:
    """A `Reader` of .xlsx and .xlsm."""

    def __init__(self, file: SheetFile) -> None:
        self._data, self._package = file.data, file.package
        self._sheets = _read_worksheets(self._package)

    def worksheets(self) -> Sequence[Worksheet]:
        """Return the worksheets in the order of their tabs, those of charts left out."""
        return self._sheets

    def has_cells(self, worksheet: Worksheet) -> bool:
        """Whether any cell of *worksheet* holds anything."""
        return has_cells(self._package, worksheet.part)

    def cells(self, worksheet: Worksheet) -> Grid:
        """Read *worksheet*; raise `BadSheet` where it is damaged or unsafe, or shows an error of an unknown name."""
        package = self._package
        # Opening reads the shared texts, which takes long: another core does it while the worksheet is searched here.
        with ThreadPoolExecutor(max_workers=1) as elsewhere:
            opening = elsewhere.submit(_open, self._data, package)
            styles = read_percents(package)
            found = scan(package, worksheet.part, styles)
            check_errors(package.name, found)
            workbook = opening.result()
        cells = put_marks(as_displayed(_load(workbook, worksheet, package), found), found)
        if found.filled > sum(column.count() for column in cells.iter_columns()):  # has a cell overwritten another?
            scan(package, worksheet.part, styles, closely=True)
        return Grid(
            number_rows(cells),
            notes=merged_note(found.merged),
            worksheet=worksheet.name,
            hidden=frozenset(found.hidden_rows),
        )


def _read_worksheets(package: Package) -> tuple[Worksheet, ...]:
    targets = worksheet_parts(package, _RELATIONS)
    sheets: list[Worksheet] = []

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "sheet":
            relation_id = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            part = targets.get(relation_id, "")
            if part in package:  # a tab may be a chart
                sheets.append(Worksheet(attributes["name"], part, attributes.get("state", "visible") == "visible"))

    package.parse(WORKBOOK, sheet)
    ours = _find_own_pages(package)
    return tuple(replace(sheet, ours=sheet.name in ours) for sheet in sheets)


def _find_own_pages(package: Package) -> set[str]:
    pages: set[str] = set()
    reference: list[str] | None = None

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal reference
        if tag.rpartition(":")[2] == "definedName" and is_own(attributes.get("name", "")):
            reference = []

    def text(piece: str) -> None:
        if reference is not None:
            reference.append(piece)

    def end(_: str) -> None:
        nonlocal reference
        if reference is not None:
            pages.add(page_of("".join(reference)))
        reference = None

    package.parse(WORKBOOK, start, CharacterDataHandler=text, EndElementHandler=end)
    return pages


def _open(data: bytes, package: Package) -> fastexcel.ExcelReader:
    package.check_what_opening_reads()
    with _panic_as_error(package):
        return fastexcel.read_excel(data)


def _load(workbook: fastexcel.ExcelReader, sheet: Worksheet, package: Package) -> pl.DataFrame:
    with _panic_as_error(package):
        # Without skip_rows=0 the blank rows on top are left out, and every row number is wrong.
        return workbook.load_sheet(sheet.name, header_row=None, skip_rows=0, dtypes="string").to_polars()


@contextmanager
def _panic_as_error(package: Package) -> Iterator[None]:
    try:
        yield
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError):
        raise package.damage_error() from None
    except BaseException as fault:
        # A panic of a library in Rust arrives as this, which is no Exception.
        if type(fault).__name__ != "PanicException":
            raise
        raise package.damage_error() from None
