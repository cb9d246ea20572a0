"""Write a starter sheet as a workbook, with formats, drop-downs and notes that prevent common mistakes."""

from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation

from batch_dialer.reports import workbook_writing
from batch_dialer.scaffold.sheet_columns import StarterColumn
from batch_dialer.schema.schema import Type

_LAST_ROW = 1_048_576
_MOST_INLINE = 250
_FORMATS = {
    Type.STRING: "@",
    Type.BOOLEAN: "@",
    Type.INTEGER: "0",
    Type.DECIMAL: "0.00##",
    Type.DATE: "yyyy-mm-dd",
    Type.DATETIME: "yyyy-mm-dd hh:mm",
}
_NARROWEST, _WIDEST = 14, 60
_CHOICES_FROM = 5  # the first column of the notes for choices of drop-downs that are too many to be listed inline


def write_starter(path: Path, columns: tuple[StarterColumn, ...]) -> None:
    """Write a workbook with *columns* to *path*; raise `UsageError` where it cannot be written."""
    book = Workbook()
    rows: Any = book.active
    rows.title = "Contacts"
    notes: Any = book.create_sheet("Notes")
    workbook_writing.mark_as_own(book, "Notes", "notes")
    rows.freeze_panes = "A2"
    for number, column in enumerate(columns, start=1):
        letter = get_column_letter(number)
        _add_column(rows, number, column)
        if column.choices:
            rows.add_data_validation(_make_drop_down(notes, column, f"{letter}2:{letter}{_LAST_ROW}"))
    _add_notes(notes, columns)
    workbook_writing.save(book, path)


def _add_column(rows: Any, number: int, column: StarterColumn) -> None:  # noqa: ANN401  (the stubs know only part of a worksheet)
    form = _FORMATS[column.type]
    dimension = rows.column_dimensions[get_column_letter(number)]
    dimension.width = min(max(len(column.header), len(column.example), _NARROWEST) + 2, _WIDEST)
    dimension.number_format = form
    head = rows.cell(1, number)
    workbook_writing.put_text(head, column.header)
    head.font = workbook_writing.make_font(head, bold=True)
    head.fill = workbook_writing.GREY
    head.number_format = workbook_writing.TEXT
    _fill_example(rows.cell(2, number), column)


def _fill_example(cell: Any, column: StarterColumn) -> None:  # noqa: ANN401  (as above)
    """Put the example into *cell*: numbers and dates as such, so that formats and sums work, anything else as text."""
    if not column.example:
        return
    cell.number_format = _FORMATS[column.type]
    match column.type:
        case Type.DATE | Type.DATETIME:
            cell.value = _parse_example(column)
        case Type.INTEGER | Type.DECIMAL:
            cell.value = float(column.example) if "." in column.example else int(column.example)
        case _:
            workbook_writing.put_text(cell, column.example)
    cell.number_format = _FORMATS[column.type]


def _parse_example(column: StarterColumn) -> datetime:
    forms = [field.format for field in column.fields if field.format]
    for form in (*forms, "%Y-%m-%d %H:%M", "%Y-%m-%d"):
        try:
            return datetime.strptime(column.example, form)  # noqa: DTZ007  (a cell has no time zone)
        except ValueError:
            continue
    raise AssertionError(column.example)


def _make_drop_down(notes: Any, column: StarterColumn, where: str) -> DataValidation:  # noqa: ANN401  (as above)
    listed = ",".join(column.choices)
    inline = len(listed) <= _MOST_INLINE and not any(set(choice) & set(',"') for choice in column.choices)
    source = f'"{listed}"' if inline else _add_choices(notes, column)
    check = DataValidation(type="list", formula1=source, allow_blank=True)
    check.error = "Choose one of the list."
    check.errorTitle = "Not one of the allowed values"
    check.showErrorMessage = True
    check.add(where)
    return check


def _add_choices(notes: Any, column: StarterColumn) -> str:  # noqa: ANN401  (as above)
    """Write the choices beside the notes and return their range; an inline list holds 255 characters and no commas."""
    number = max(notes.max_column + 1, _CHOICES_FROM)
    for row, text in enumerate((column.header, *column.choices), start=1):
        workbook_writing.put_text(notes.cell(row, number), text)
    letter = get_column_letter(number)
    return f"{quote_sheetname(notes.title)}!${letter}$2:${letter}${len(column.choices) + 1}"


def _add_notes(notes: Any, columns: tuple[StarterColumn, ...]) -> None:  # noqa: ANN401  (as above)
    top = (
        ("column", "example", "what goes into it"),
        *((column.header, column.example, ". ".join(column.notes) + ".") for column in columns),
        ("", "", "Row 2 of the sheet is an example: write your own over it. This page is never read."),
    )
    for number, width in enumerate((24, 24, 100), start=1):
        notes.column_dimensions[get_column_letter(number)].width = width
    for row, texts in enumerate(top, start=1):
        for number, text in enumerate(texts, start=1):
            cell = notes.cell(row, number)
            workbook_writing.put_text(cell, text)
            cell.number_format = workbook_writing.TEXT
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if row == 1:
                cell.font = workbook_writing.make_font(cell, bold=True)
                cell.fill = workbook_writing.GREY
        longest = max(len(texts[0]) / 24, len(texts[1]) / 24, len(texts[2]) / 110)
        notes.row_dimensions[row].height = 15 * (1 + int(longest))
    notes.freeze_panes = "A2"
