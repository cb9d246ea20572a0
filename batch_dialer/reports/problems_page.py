"""Write the worksheet `Problems` of a marked workbook: a summary at the top, and a line for each fault below it."""

from collections.abc import Sequence
from typing import Any

import polars as pl
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.hyperlink import Hyperlink

from batch_dialer.model import Sheet
from batch_dialer.reports import workbook_writing
from batch_dialer.reports.many_rows import ManyRows, number_cell, text_cell
from batch_dialer.reports.marking import MOST_LINES, Marking
from batch_dialer.sheets.columns import letters

PAGE_NAME = "Problems"
_WIDTHS = {"row": 8, "column": 20, "value": 26, "code": 25, "what is wrong": 40, "what to do": 58}
_TEXTS = {"B": "column", "C": "value", "D": "code", "E": "why", "F": "remedy"}
_WRAPPED = {"why": _WIDTHS["what is wrong"], "remedy": _WIDTHS["what to do"]}
_LINE_HEIGHT = 15
_FITS = 1.15  # characters for each unit of width, which is the width of a digit
_CENTRED = Alignment(horizontal="center", vertical="top")


def add_page(book: Any, title: str, said: Sequence[str], marking: Marking, sheet: Sheet, name: str) -> ManyRows:  # noqa: ANN401  (the stubs do not know its cells)
    """Add the page as the first worksheet of *book*, and return its lines, one for each fault.

    Above them are *title*, the sentences *said* and a header. The first cell of a line links to the bad cell of *sheet*
    on the worksheet *name*.
    """
    page = book.create_sheet(workbook_writing.find_free_name(book, PAGE_NAME), 0)
    workbook_writing.mark_as_own(book, page.title, "problems")
    header = len(said) + 3
    numbers = pl.int_range(header + 1, pl.len() + header + 1).alias("row")
    lines = marking.lines.head(MOST_LINES).rename({"row": "at"})
    texts = map(workbook_writing.xml_safe_texts, lines.select(_TEXTS.values()))
    lines = lines.with_columns(numbers, *texts)
    _lay_out(page, header, lines.height)
    for row, text in enumerate([title, *said], start=1):
        workbook_writing.put_text(page.cell(row, 1), text)
    page["A1"].font = workbook_writing.make_font(page["A1"], bold=True, sz=14)
    target = quote_sheetname(name)
    for at, place, row in lines.head(marking.explained).select("at", "place", "row").iter_rows():
        corner = letters(sheet.left + (place or 0))
        page.cell(row, 1).hyperlink = Hyperlink(ref=f"A{row}", location=f"{target}!{corner}{at}")
    return ManyRows(page, lines, _compose_cells(page, header + marking.explained), _compute_height())


def _lay_out(page: Any, header: int, count: int) -> None:  # noqa: ANN401  (as above)
    page.freeze_panes = f"A{header + 1}"
    page.page_setup.orientation = "landscape"
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.page_setup.fitToHeight = 0
    page.print_title_rows = f"{header}:{header}"
    for number, (word, width) in enumerate(_WIDTHS.items(), start=1):
        page.column_dimensions[get_column_letter(number)].width = width
        cell = page.cell(header, number, word)
        cell.font = workbook_writing.make_font(cell, bold=True)
        cell.fill = workbook_writing.GREY
    if count:
        right = get_column_letter(len(_WIDTHS))
        page.auto_filter.ref = f"A{header}:{right}{header + count}"
        page[f"{right}{header + count}"].alignment = workbook_writing.TOP  # so openpyxl knows how far the lines reach


def _compose_cells(page: Any, last_link: int) -> list[pl.Expr]:  # noqa: ANN401  (as above)
    plain, link, top, wrapped = (WriteOnlyCell(page) for _ in range(4))
    plain.alignment = link.alignment = _CENTRED
    link.font = workbook_writing.make_font(link, color="FF0563C1", underline="single")
    top.number_format = wrapped.number_format = workbook_writing.TEXT
    top.alignment, wrapped.alignment = workbook_writing.TOP, workbook_writing.WRAPPED
    linked = pl.when(pl.col("row") <= last_link).then(link.style_id).otherwise(plain.style_id)
    texts = [
        text_cell(column, pl.col(name), pl.lit((wrapped if name in _WRAPPED else top).style_id))
        for column, name in _TEXTS.items()
    ]
    return [number_cell("A", pl.col("at"), linked), *texts]


def _compute_height() -> pl.Expr:
    """Return the height, in points, of a row of wrapped text: not every program computes it by itself."""
    needed = [
        1 + (pl.col(name).fill_null("").str.len_chars() / width / _FITS).floor() for name, width in _WRAPPED.items()
    ]
    return (_LINE_HEIGHT * pl.max_horizontal(needed)).cast(pl.UInt32)
