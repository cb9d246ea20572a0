"""Write the worksheet `Problems` of a marked workbook: a summary at the top, and a line for each fault below it."""

from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.hyperlink import Hyperlink

from batch_dialer.model import Sheet
from batch_dialer.reports import workbook_writing
from batch_dialer.reports.marking import MOST_LINES, Marking
from batch_dialer.sheets.columns import letters

PAGE_NAME = "Problems"
_WIDTHS = {"row": 8, "column": 20, "value": 26, "code": 25, "what is wrong": 40, "what to do": 58}
_WRAPPED_FROM = 5
_LINE_HEIGHT = 15
_FITS = 1.15  # characters for each unit of width, which is the width of a digit
_CENTRED = Alignment(horizontal="center", vertical="top")


def add_page(book: Workbook, title: str, said: Sequence[str]) -> tuple[Any, int]:
    """Add the page as the first worksheet: *title*, the sentences *said*, a header. Return it and the header's row."""
    name = workbook_writing.find_free_name(book, PAGE_NAME)
    page: Any = book.create_sheet(name, 0)
    workbook_writing.mark_as_own(book, name, "problems")
    header = len(said) + 3
    page.freeze_panes = f"A{header + 1}"
    page.page_setup.orientation = "landscape"
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.page_setup.fitToHeight = 0
    page.print_title_rows = f"{header}:{header}"
    for number, width in enumerate(_WIDTHS.values(), start=1):
        page.column_dimensions[get_column_letter(number)].width = width
    top = workbook_writing.make_text_cell(page, title)
    top.font = workbook_writing.make_font(top, bold=True, sz=14)
    page.append([top])
    for sentence in said:
        page.append([workbook_writing.make_text_cell(page, sentence)])
    page.append([])
    like = WriteOnlyCell(page)
    like.font = workbook_writing.make_font(like, bold=True)
    like.fill = workbook_writing.GREY
    page.append([workbook_writing.make_text_cell(page, word, like) for word in _WIDTHS])
    return page, header


def add_lines(page: Any, header: int, marking: Marking, sheet: Sheet, name: str) -> None:  # noqa: ANN401  (as above)
    """Add a line for each fault below the row *header*; its first cell links to the bad cell on worksheet *name*."""
    lines = marking.lines.head(MOST_LINES).select("row", "column", "value", "code", "why", "remedy", "place")
    if not lines.height:
        return
    page.auto_filter.ref = f"A{header}:{get_column_letter(len(_WIDTHS))}{header + lines.height}"
    styles = _make_styles(page)
    link = workbook_writing.make_font(styles[0], color="FF0563C1", underline="single")
    target = quote_sheetname(name)
    linked = min(marking.explained, lines.height)
    for number, (row, *texts, place) in enumerate(lines.iter_rows()):
        first = WriteOnlyCell(page, value=row)
        first.row = header + 1 + number
        if number < linked:
            corner = letters(sheet.left + (place or 0))
            first.hyperlink = Hyperlink(ref=first.coordinate, location=f"{target}!{corner}{row}")
            first.font = link
        first.alignment = _CENTRED
        page.row_dimensions[first.row].height = _row_height(texts)
        page.append([first, *_make_text_cells(page, texts, styles)])


def _make_text_cells(page: Any, texts: Iterable[str], styles: Sequence[Cell]) -> list[Cell]:  # noqa: ANN401  (as above)
    return [workbook_writing.make_text_cell(page, text, like) for text, like in zip(texts, styles, strict=True)]


def _row_height(texts: Sequence[str]) -> float:
    """Return the height, in points, of a row of wrapped text: not every program computes it by itself."""
    wrapped = zip(texts[_WRAPPED_FROM - 2 :], list(_WIDTHS.values())[_WRAPPED_FROM - 1 :], strict=True)
    return _LINE_HEIGHT * max(1 + int(len(text) / width / _FITS) for text, width in wrapped)


def _make_styles(page: Any) -> list[Cell]:  # noqa: ANN401  (as above)
    styles = []
    for number in range(2, len(_WIDTHS) + 1):
        like = WriteOnlyCell(page)
        like.number_format = workbook_writing.TEXT
        like.alignment = workbook_writing.WRAPPED if number >= _WRAPPED_FROM else workbook_writing.TOP
        styles.append(like)
    return styles
