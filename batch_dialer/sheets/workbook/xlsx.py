"""Excel workbooks: the worksheet meant, its cells as text as a person sees them, errors included."""

import posixpath
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import fastexcel
import polars as pl

from batch_dialer.sheets.own_marks import is_own, page_of
from batch_dialer.sheets.workbook.cell_text import check_errors, marked, merged_note, numbered, shown
from batch_dialer.sheets.workbook.number_formats import percents
from batch_dialer.sheets.workbook.package import Package
from batch_dialer.sheets.workbook.xlsx_scan import has_cells, scan
from batch_dialer.sheets.worksheets import Worksheet, choose

_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"

Cells = tuple[pl.DataFrame, str, tuple[str, ...], frozenset[int]]
"""Every row of a worksheet, its name, what was understood, and which of its rows are hidden.

The rows are `row` and one column of text for each of the worksheet's, called by its place: `c0` is column A.
"""


def read_excel(package: Package, data: bytes, wanted: str | None) -> Cells:
    """Read the worksheet *wanted*, or the only one with any cells."""
    name = package.name
    sheets = _worksheets(package)
    # Opening reads the shared texts, on another core while the worksheet is looked through here.
    with ThreadPoolExecutor(max_workers=1) as elsewhere:
        opening = elsewhere.submit(_opened, data, package)
        sheet, notes = choose(name, sheets, wanted, lambda sheet: has_cells(package, sheet.part))
        styles = percents(package)
        found = scan(package, sheet.part, styles)
        check_errors(name, found)
        workbook = opening.result()
    cells = shown(_loaded(workbook, sheet, package), found)
    cells = marked(cells, found)
    if found.filled > sum(column.count() for column in cells.iter_columns()):  # was one read over another?
        scan(package, sheet.part, styles, closely=True)
    return numbered(cells), sheet.name, notes + merged_note(found.merged), frozenset(found.hidden_rows)


def relations(package: Package, part: str) -> dict[str, str]:
    """Return which part each worksheet's ID stands for."""
    targets: dict[str, str] = {}

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if tag.endswith("Relationship") and attributes["Type"].endswith("/worksheet"):
            targets[attributes["Id"]] = posixpath.normpath(posixpath.join("/xl", attributes["Target"])).lstrip("/")

    package.parse(part, relation)
    return targets


def _worksheets(package: Package) -> tuple[Worksheet, ...]:
    targets = relations(package, _RELATIONS)
    sheets: list[Worksheet] = []

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "sheet":
            relation_id = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            part = targets.get(relation_id, "")
            if part in package:  # charts have tabs, too
                sheets.append(Worksheet(attributes["name"], part, attributes.get("state", "visible") == "visible"))

    package.parse(_WORKBOOK, sheet)
    ours = _own_pages(package)
    return tuple(replace(sheet, ours=sheet.name in ours) for sheet in sheets)


def _own_pages(package: Package) -> set[str]:
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

    package.parse(_WORKBOOK, start, CharacterDataHandler=text, EndElementHandler=end)
    return pages


def _opened(data: bytes, package: Package) -> fastexcel.ExcelReader:
    package.check_what_opening_reads()
    with _panic_in_words(package):
        return fastexcel.read_excel(data)


def _loaded(workbook: fastexcel.ExcelReader, sheet: Worksheet, package: Package) -> pl.DataFrame:
    with _panic_in_words(package):
        # Without skip_rows=0 the blank rows on top are left out, and every row number is wrong.
        return workbook.load_sheet(sheet.name, header_row=None, skip_rows=0, dtypes="string").to_polars()


@contextmanager
def _panic_in_words(package: Package) -> Iterator[None]:
    try:
        yield
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError):
        raise package.damaged() from None
    except BaseException as fault:
        # What a library in Rust did not foresee arrives as this, which is no Exception.
        if type(fault).__name__ != "PanicException":
            raise
        raise package.damaged() from None
