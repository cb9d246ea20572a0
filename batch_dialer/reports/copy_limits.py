"""The limits of openpyxl, which copies a user's workbook: it loses some contents and cannot load every file safely."""

import re
import zipfile
from pathlib import Path
from typing import Any

from batch_dialer.sheets.columns import column_of
from batch_dialer.sheets.workbook.package import DAMAGED
from batch_dialer.sheets.workbook.xlsx_book import WORKBOOK

_MOST_XML = 24 << 20  # copied in some ten seconds
_STRICT = b"http://purl.oclc.org/ooxml/"
_MOST_AREA_CELLS = 1_000_000
# openpyxl makes a cell for each place of such an area, and a short file can have many that cover the worksheet.
_AREA = re.compile(
    rb"""<(?:\w+:)?(?:mergeCell|hyperlink)\b[^>]*?\bref=["']\$?([A-Za-z]+)\$?(\d+):\$?([A-Za-z]+)\$?(\d+)"""
)

_LOST_PARTS = (
    ("xl/charts/", "charts"),
    ("xl/chartsheets/", "worksheets that are charts"),
    ("xl/media/", "pictures"),
    ("xl/drawings/drawing", "shapes"),
    ("xl/diagrams/", "diagrams"),
    ("xl/ctrlProps/", "buttons"),
    ("xl/activeX/", "controls"),
    ("xl/embeddings/", "embedded documents"),
    ("xl/slicers/", "slicers"),
    ("xl/threadedComments/", "answers to comments"),
)
_MACROS = "xl/vbaProject.bin"


def is_safe_to_load(source: Path) -> bool:
    """Return whether openpyxl can load the workbook *source* within bounded time and memory.

    False if it is damaged, or of a format that openpyxl does not know.
    """
    try:
        with zipfile.ZipFile(source) as package:
            sizes = {part.filename: part.file_size for part in package.infolist()}
            # openpyxl finds no cells in the strict form of the format, and nothing at all in other formats.
            if _STRICT in package.read(WORKBOOK):
                return False
            sheets = [name for name in sizes if name.startswith("xl/worksheets/") and name.endswith(".xml")]
            if sum(size for name, size in sizes.items() if name.endswith(".xml")) > _MOST_XML:
                return False
            return sum(_count_area_cells(package.read(name)) for name in sheets) <= _MOST_AREA_CELLS
    except DAMAGED:
        return False


def _count_area_cells(xml: bytes) -> int:
    return sum(
        (column_of(right.decode()) - column_of(left.decode()) + 1) * (int(bottom) - int(top) + 1)
        for left, top, right, bottom in _AREA.findall(xml)
    )


def lost_sentence(source: Path, *, macros: bool) -> str:
    """Return a sentence on what the copy of *source* may lack, "" for nothing. *macros*: whether these are kept."""
    with zipfile.ZipFile(source) as package:
        parts = package.namelist()
    lost = [word for start, word in _LOST_PARTS if any(part.startswith(start) for part in parts)]
    if len(lost) > 1 and "shapes" in lost:  # every chart and picture is in a drawing
        lost.remove("shapes")
    if _MACROS in parts and not macros:
        lost.append("its macros (name the report .xlsm to keep them)")
    if not lost:
        return ""
    named = ", ".join(lost)
    return f"In this copy, these may be missing or look different: {named}. Your own workbook has everything as it was."


def formulas_sentence(rows: Any) -> str:  # noqa: ANN401  (the stubs do not know the cells)
    """Return a sentence on what to do with formulas, which are not calculated in the copy; "" where there are none."""
    if not any(cell.data_type == "f" for cell in rows._cells.values()):  # noqa: SLF001  (the public way makes cells)
        return ""
    return (
        "This workbook has formulas: open it in a spreadsheet program and save it there before you check or dial it,"
        " so that they are calculated."
    )
