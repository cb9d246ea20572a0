"""Write a marked workbook from the cells alone, all as text: for CSV files and workbooks that cannot be copied."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.utils import get_column_letter

from batch_dialer.model import Sheet, SheetOrigin
from batch_dialer.reports import workbook_writing
from batch_dialer.reports.marking import GOOD, Marking
from batch_dialer.reports.problems_page import add_lines, add_page
from batch_dialer.reports.saving import failing_as_unwritable
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
    book = Workbook(write_only=True)
    with failing_as_unwritable(path):  # such a workbook lies in temporary files until it is saved
        _fill(book, title, said, sheet, marking)
    workbook_writing.write_origin(book, origin)
    workbook_writing.save(book, path)


def _fill(book: Workbook, title: str, said: Sequence[str], sheet: Sheet, marking: Marking) -> None:
    rows: Any = book.create_sheet(_worksheet_name(sheet))
    page, header = add_page(book, title, said)
    add_lines(page, header, marking, sheet, rows.title)
    theirs = [n for n, header in enumerate(sheet.headers) if header not in {VERDICT, ORIGIN}]
    right = get_column_letter(sheet.left + len(theirs) + 1)
    rows.freeze_panes = f"A{sheet.header_row + 1}"
    last = int(sheet.cells["row"][-1]) if sheet.cells.height else sheet.header_row
    rows.auto_filter.ref = f"{get_column_letter(sheet.left + 1)}{sheet.header_row}:{right}{last}"
    for n, place in enumerate(theirs):
        rows.column_dimensions[get_column_letter(sheet.left + n + 1)].width = _column_width(sheet, place)
    rows.column_dimensions[right].width = marking.width
    for line in _make_lines(rows, sheet, theirs, marking):
        rows.append(line)


def _worksheet_name(sheet: Sheet) -> str:
    stem = workbook_writing.xml_safe(sheet.worksheet or Path(sheet.name).stem)
    return "".join("_" if char in "\\*?:/[]'" else char for char in stem)[:31].strip() or "Sheet"


def _column_width(sheet: Sheet, place: int) -> int:
    texts = sheet.cells[f"c{place}"].head(_ROWS_MEASURED).str.len_chars().max()
    longest = max(len(sheet.headers[place]), texts if isinstance(texts, int) else 0)
    return min(max(longest + 3, _NARROWEST), _WIDEST)


Line = list[Cell | None] | Iterator[Cell | None]


def _make_lines(rows: Any, sheet: Sheet, theirs: list[int], marking: Marking) -> Iterator[Line]:  # noqa: ANN401  (the stubs do not know write-only worksheets)
    usual, red, bold = (WriteOnlyCell(rows) for _ in range(3))
    for like in (usual, red, bold):
        like.number_format = workbook_writing.TEXT
    red.fill = workbook_writing.RED
    bold.font = workbook_writing.make_font(bold, bold=True)
    bold.fill = workbook_writing.GREY
    margin: list[Cell | None] = [None] * sheet.left
    yield from [[]] * (sheet.header_row - 1)
    names = (*(sheet.headers[n] for n in theirs), VERDICT)
    yield margin + [workbook_writing.make_text_cell(rows, name, bold) for name in names]
    marks = _group_by_row(marking)
    at = sheet.header_row
    judged = sheet.cells.select("row").join(marking.verdicts, on="row", how="left", maintain_order="left")
    verdicts = judged["verdict"].fill_null("")  # there is none on a row that is hidden or opted out
    for (row, *texts), verdict in zip(sheet.cells.iter_rows(), verdicts, strict=True):
        yield from [[]] * (row - at - 1)
        at = row
        bad = marks.get(row, {})
        if not bad:
            yield _make_good_line(usual, [None] * sheet.left, [texts[n] for n in theirs], verdict)
            continue
        line = margin + [_make_cell(rows, texts[n] or "", bad.get(n), n in bad, (usual, red)) for n in theirs]
        yield [*line, _make_cell(rows, verdict, bad.get(None), verdict != GOOD, (usual, red))]


def _make_good_line(cell: Cell, margin: list[None], texts: list[str | None], verdict: str) -> Iterator[Cell | None]:
    """Yield the same cell object with one text after the other: it is written before the next, and so much faster."""
    yield from margin
    for text in (*texts, verdict):
        workbook_writing.put_text(cell, text or "")
        yield cell


def _group_by_row(marking: Marking) -> dict[int, dict[int | None, str | None]]:
    marks: dict[int, dict[int | None, str | None]] = {}
    for number, (row, place, text) in enumerate(marking.cells.select("row", "place", "comment").iter_rows()):
        marks.setdefault(row, {})[place] = text if number < marking.explained else None
    return marks


def _make_cell(rows: Any, text: str, said: str | None, bad: bool, styles: tuple[Cell, Cell]) -> Cell:  # noqa: ANN401, FBT001  (as above)
    cell = workbook_writing.make_text_cell(rows, text, styles[bad])
    if said:
        cell.comment = workbook_writing.make_comment(said)
    return cell
