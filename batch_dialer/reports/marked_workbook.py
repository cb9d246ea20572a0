"""Write a copy of a user's workbook in which every bad cell is coloured, has a comment, and is listed on a page."""

import warnings
import zipfile
from collections.abc import Iterator
from copy import copy
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.cell import Cell, MergedCell
from openpyxl.utils import get_column_letter

from batch_dialer.contacts.validate import Checked
from batch_dialer.errors import UsageError
from batch_dialer.model import Sheet, SheetOrigin
from batch_dialer.reports import workbook_writing
from batch_dialer.reports.copy_limits import formulas_sentence, is_safe_to_load, lost_sentence
from batch_dialer.reports.marking import GOOD, Marking, mark, summary_sentences
from batch_dialer.reports.plain_copy import write_plain_copy
from batch_dialer.reports.problems_page import add_page
from batch_dialer.sheets.own_marks import VERDICT, is_own, page_of

_OLD_COMMENT_BELOW = "\n\n— the comment that was here —\n"
_ROWS_BELOW = 1_000  # rows that an earlier marking coloured and that may have been emptied since


def write_marked(path: Path, source: Path, sheet: Sheet, checked: Checked, origin: SheetOrigin) -> None:
    """Write a marked copy of *sheet*, read from the file *source*, to the workbook *path*, which says its *origin*.

    A sheet that is no workbook, or one that openpyxl cannot copy, is written as text alone. Raises `UsageError` where
    *path* cannot be written, or would be a workbook with macros although the sheet has none.
    """
    macros = path.suffix.lower() == ".xlsm"
    if macros and not (sheet.worksheet and source.suffix.lower() == ".xlsm"):
        raise UsageError(f"{path} would be a workbook with macros, and the sheet has none.", "Name it .xlsx.")
    marking = mark(checked)
    said = summary_sentences(checked, marking)
    title = workbook_writing.xml_safe(f"What is wrong in {sheet.name}")
    if not sheet.worksheet:
        write_plain_copy(path, title, said, sheet, marking, origin)
        return
    book = _load(source, macros=macros)
    if book is None:
        said.append("This is a copy of the rows alone, as text: a workbook of this kind or size cannot be copied.")
        write_plain_copy(path, title, said, sheet, marking, origin)
        return
    _remove_pages(book)
    rows = book[sheet.worksheet]
    if VERDICT in sheet.headers:
        _unmark(rows, sheet)
    said += [sentence for sentence in (formulas_sentence(rows), lost_sentence(source, macros=macros)) if sentence]
    _mark_cells(rows, sheet, marking)
    _add_verdicts(rows, sheet, marking)
    _freeze_and_filter(rows, sheet)
    lines = add_page(book, title, said, marking, sheet, sheet.worksheet)
    _open_on_first(book)
    workbook_writing.write_origin(book, origin)
    workbook_writing.save(book, path, [lines])


def _load(source: Path, *, macros: bool) -> Any:  # noqa: ANN401  (the stubs do not know the types of its cells)
    if not is_safe_to_load(source):
        return None
    try:
        # Given a name, it refuses endings that it does not know.
        with warnings.catch_warnings(), source.open("rb") as file:
            warnings.simplefilter("ignore")  # about contents that it cannot keep: `lost_sentence` names them
            return openpyxl.load_workbook(file, rich_text=True, keep_vba=macros)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OSError, SyntaxError, zipfile.BadZipFile):
        return None  # openpyxl refuses some workbooks that the reader of sheets accepts


def _remove_pages(book: Any) -> None:  # noqa: ANN401  (as above)
    """Remove the page of problems of an earlier marking, and the defined name that refers to it."""
    for names in (book.defined_names, *(sheet.defined_names for sheet in book.worksheets)):
        for name in [name for name in names if is_own(name) and name.endswith("problems")]:
            page = page_of(names[name].attr_text or "")
            del names[name]
            if page in book.sheetnames and len(book.worksheets) > 1:
                book.remove(book[page])


def _unmark(rows: Any, sheet: Sheet) -> None:  # noqa: ANN401  (as above)
    """Remove the colours and comments of an earlier marking, so that corrected cells do not look bad."""
    last = min(rows.max_row, sheet.last_row + _ROWS_BELOW)
    cells = rows.iter_rows(sheet.header_row + 1, last, sheet.left + 1, sheet.left + len(sheet.headers))
    for cell in (cell for row in cells for cell in row if not isinstance(cell, MergedCell)):
        if cell.has_style and cell.fill.fgColor.rgb == workbook_writing.RED.fgColor.rgb:
            cell.fill = copy(openpyxl.styles.PatternFill())
        if cell.comment is not None and cell.comment.author == workbook_writing.AUTHOR:
            theirs = cell.comment.text.partition(_OLD_COMMENT_BELOW)[2]
            cell.comment = openpyxl.comments.Comment(theirs, "") if theirs else None


def _mark_cells(rows: Any, sheet: Sheet, marking: Marking) -> None:  # noqa: ANN401  (as above)
    anchors = {
        (row, column): (merged.min_row, merged.min_col)
        for merged in rows.merged_cells.ranges
        for row in range(merged.min_row, merged.max_row + 1)
        for column in range(merged.min_col, merged.max_col + 1)
    }
    for number, (row, place, text) in enumerate(_cells_to_mark(sheet, marking)):
        at = anchors.get((row, place), (row, place))
        cell = rows.cell(*at)
        cell.fill = workbook_writing.RED
        if number < marking.explained:
            said = text if at == (row, place) else f"Row {row}: {text}"
            cell.comment = _merge_comment(cell, said)


def _merge_comment(cell: Cell, said: str) -> Any:  # noqa: ANN401  (as above)
    old = cell.comment
    if old is None:
        return workbook_writing.make_comment(said)
    if old.author == workbook_writing.AUTHOR:  # of another row in the same merged cell
        return workbook_writing.make_comment(f"{said}\n\n{old.text}")
    return workbook_writing.make_comment(f"{said}{_OLD_COMMENT_BELOW}{old.text}")


def _cells_to_mark(sheet: Sheet, marking: Marking) -> Iterator[tuple[int, int, str]]:
    """Yield row, column (both from 1) and comment of each cell to mark; for a whole row it is that of its verdict."""
    verdict = verdict_column(sheet)
    for row, place, text in marking.cells.select("row", "place", "comment").iter_rows():
        yield row, verdict if place is None else sheet.left + place + 1, text


def verdict_column(sheet: Sheet) -> int:
    """Return the number (1 for A) of the column of verdicts: that of an earlier marking, or the one after the last."""
    known = sheet.headers.index(VERDICT) if VERDICT in sheet.headers else len(sheet.headers)
    return sheet.left + known + 1


def _add_verdicts(rows: Any, sheet: Sheet, marking: Marking) -> None:  # noqa: ANN401  (as above)
    column = verdict_column(sheet)
    rows.column_dimensions[get_column_letter(column)].width = marking.width
    header = rows.cell(sheet.header_row, column)
    if column > 1 and not header.has_style:
        header._style = copy(rows.cell(sheet.header_row, column - 1)._style)  # noqa: SLF001  (the public way copies a format part by part)
    for row, verdict in [(sheet.header_row, VERDICT), *marking.verdicts.iter_rows()]:
        cell = rows.cell(row, column)
        if isinstance(cell, MergedCell):
            continue
        workbook_writing.put_text(cell, verdict)
        cell.number_format = workbook_writing.TEXT
        if row != sheet.header_row and verdict != GOOD:
            cell.fill = workbook_writing.RED


def _freeze_and_filter(rows: Any, sheet: Sheet) -> None:  # noqa: ANN401  (as above)
    """Freeze the header row and add a filter, unless the worksheet has frozen panes or a filter of its own."""
    if not rows.freeze_panes:
        rows.freeze_panes = f"A{sheet.header_row + 1}"
    if not rows.auto_filter.ref and not rows.tables:
        first, last = get_column_letter(sheet.left + 1), get_column_letter(verdict_column(sheet))
        rows.auto_filter.ref = f"{first}{sheet.header_row}:{last}{sheet.last_row}"


def _open_on_first(book: Any) -> None:  # noqa: ANN401  (as above)
    """Make the first worksheet the only selected one: what is typed goes into every selected worksheet."""
    for sheet in book.worksheets:
        sheet.sheet_view.tabSelected = False
    book.active = 0
    book.worksheets[0].sheet_view.tabSelected = True
    for view in book.views:
        view.firstSheet = 0
