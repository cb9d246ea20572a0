"""Write a marked workbook from the cells alone, all as text: for CSV files and workbooks that cannot be copied."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter

from batch_dialer.model import Sheet, SheetOrigin
from batch_dialer.reports import workbook_writing
from batch_dialer.reports.many_rows import ManyRows, text_cell
from batch_dialer.reports.marking import GOOD, Marking
from batch_dialer.reports.problems_page import add_page
from batch_dialer.sheets.own_marks import ORIGIN, VERDICT

_NARROWEST, _WIDEST = 10, 40
_ROWS_MEASURED = 200


def write_plain_copy(
    path: Path, title: str, said: Sequence[str], sheet: Sheet, marking: Marking, origin: SheetOrigin
) -> None:
    """Write the rows of *sheet*, under the same row numbers, and the page of problems to the workbook *path*.

    *title* and *said* are the heading and the sentences of that page; *origin* becomes a document property. Raises
    `UsageError` where *path* cannot be written.
    """
    book = Workbook()
    rows: Any = book.active
    rows.title = _worksheet_name(sheet)
    theirs = [place for place, header in enumerate(sheet.headers) if header not in {VERDICT, ORIGIN}]
    columns = {place: get_column_letter(sheet.left + n) for n, place in enumerate([*theirs, None], start=1)}
    _lay_out(rows, sheet, marking, columns)
    _add_comments(rows, marking, columns)
    many = ManyRows(rows, *_compose_rows(rows, sheet, marking, columns))
    workbook_writing.write_origin(book, origin)
    workbook_writing.save(book, path, [many, add_page(book, title, said, marking, sheet, rows.title)])


def _worksheet_name(sheet: Sheet) -> str:
    stem = workbook_writing.xml_safe(sheet.worksheet or Path(sheet.name).stem)
    return "".join("_" if char in "\\*?:/[]'" else char for char in stem)[:31].strip() or "Sheet"


Columns = dict[int | None, str]
"""The letters of each column of theirs, by its place, and of that of the verdicts, by None."""


def _lay_out(rows: Any, sheet: Sheet, marking: Marking, columns: Columns) -> None:  # noqa: ANN401  (the stubs do not know its attributes)
    first, last = sheet.header_row, sheet.last_row
    left, right = next(iter(columns.values())), columns[None]
    rows.freeze_panes = f"A{first + 1}"
    rows.auto_filter.ref = f"{left}{first}:{right}{last}"
    for place, letters in columns.items():
        width = marking.width if place is None else _column_width(sheet, place)
        rows.column_dimensions[letters].width = width
    for corner in (f"{left}{first}", f"{right}{last}"):  # from these openpyxl knows how far the rows reach
        rows[corner].number_format = workbook_writing.TEXT


def _column_width(sheet: Sheet, place: int) -> int:
    texts = sheet.cells[f"c{place}"].head(_ROWS_MEASURED).str.len_chars().max()
    longest = max(len(sheet.headers[place]), texts if isinstance(texts, int) else 0)
    return min(max(longest + 3, _NARROWEST), _WIDEST)


def _add_comments(rows: Any, marking: Marking, columns: Columns) -> None:  # noqa: ANN401  (as above)
    for row, place, text in marking.cells.head(marking.explained).select("row", "place", "comment").iter_rows():
        rows[f"{columns[place]}{row}"].comment = workbook_writing.make_comment(text)


def _compose_rows(
    rows: Any,  # noqa: ANN401  (as above)
    sheet: Sheet,
    marking: Marking,
    columns: Columns,
) -> tuple[pl.DataFrame, list[pl.Expr]]:
    """Return the header and the rows, and the XML of their cells."""
    usual, red, bold = (WriteOnlyCell(rows) for _ in range(3))
    for like in (usual, red, bold):
        like.number_format = workbook_writing.TEXT
    red.fill = workbook_writing.RED
    bold.font = workbook_writing.make_font(bold, bold=True)
    bold.fill = workbook_writing.GREY
    # There is no verdict on a row that is hidden or opted out.
    judged = sheet.cells.join(marking.verdicts, on="row", how="left", maintain_order="left")
    header = {f"c{place}": header for place, header in enumerate(sheet.headers)} | {"verdict": VERDICT}
    lines = pl.concat([pl.DataFrame(header | {"row": sheet.header_row}, schema=judged.schema), judged])
    lines = lines.with_columns(workbook_writing.xml_safe_texts(text) for text in lines.select(pl.col(pl.String)))
    cells = []
    for place, letters in columns.items():
        name = "verdict" if place is None else f"c{place}"
        bad = marking.cells.filter(pl.col("place").eq_missing(place))["row"]
        is_bad = pl.col("row").is_in(bad.implode()) | (pl.lit(place is None) & (pl.col(name) != GOOD))
        is_header = pl.col("row") == sheet.header_row
        style = pl.when(is_header).then(bold.style_id).when(is_bad).then(red.style_id).otherwise(usual.style_id)
        cells.append(text_cell(letters, pl.col(name), style))
    return lines, cells
