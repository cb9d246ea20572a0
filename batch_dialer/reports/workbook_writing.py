"""What all the workbooks that we write have in common: text that stays text, pages that are known again, saving."""

import os
import re
from copy import copy
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import quote_sheetname
from openpyxl.workbook.defined_name import DefinedName

from batch_dialer import disk
from batch_dialer.errors import UsageError
from batch_dialer.sheets.own_marks import PREFIX

AUTHOR = "batch_dialer"
TEXT = "@"
RED = PatternFill("solid", fgColor="FFFFD9D6")
"""A soft red of our own; not the one that spreadsheet programs offer, which may be the user's."""
GREY = PatternFill("solid", fgColor="FFE7E6E6")
WRAPPED = Alignment(wrap_text=True, vertical="top")
TOP = Alignment(vertical="top")

_MOST_TEXT = 32_767
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # how a workbook writes the characters that it cannot hold
_LINE_END = re.compile("\r\n?")
_COMMENT_WIDTH, _LINE_HEIGHT, _CHARACTERS_A_LINE = 340, 19, 46  # in pixels, but for the last


def xml_safe(text: str) -> str:
    """Return *text* as a workbook can hold it: no control characters, no more than fits into a cell."""
    shown = _NOT_XML.sub("\ufffd", _LINE_END.sub("\n", text))[:_MOST_TEXT]
    return _LOOKS_ESCAPED.sub("_x005F_", shown) if "_x" in shown else shown


def put_text(cell: Any, text: str) -> None:  # noqa: ANN401  (the type stubs do not know that the type can be set)
    """Make *text* the cell's value: what begins with = is no formula, and #N/A no error."""
    cell.value = xml_safe(text) or None
    if text:
        cell.data_type = "s"


def make_text_cell(sheet: Any, text: str, like: Cell | None = None) -> Cell:  # noqa: ANN401  (of either kind of worksheet)
    """Return a new cell of text, formatted *like* another."""
    cell = WriteOnlyCell(sheet)
    put_text(cell, text)
    if like is not None:
        cell._style = copy(like._style)  # type: ignore[attr-defined]  # noqa: SLF001  (no public way is half as fast)
    return cell


def make_font(cell: Cell, **changes: Any) -> Font:  # noqa: ANN401  (whatever a font has)
    """Return the workbook's own font, changed; one without a name is another in each spreadsheet program."""
    known: dict[str, Any] = {"name": cell.font.name or "Calibri", "sz": cell.font.sz or 11}
    return Font(**known | changes)


def make_comment(text: str) -> Comment:
    """Return a comment of a size in which all of *text* can be read."""
    text = xml_safe(text)
    lines = sum(1 + len(line) // _CHARACTERS_A_LINE for line in text.split("\n"))
    return Comment(text, AUTHOR, height=_LINE_HEIGHT * (lines + 1), width=_COMMENT_WIDTH)


def find_free_name(book: Workbook, wanted: str) -> str:
    """Return a name for a new worksheet that no other has."""
    taken = {name.casefold() for name in book.sheetnames}
    names = (wanted, *(f"{wanted} ({number})" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name.casefold() not in taken)


def mark_as_own(book: Workbook, page: str, kind: str) -> None:
    """Mark the worksheet *page* as one of ours."""
    name = f"{PREFIX}{kind}"
    book.defined_names[name] = DefinedName(name, attr_text=f"{quote_sheetname(page)}!$A$1")


def save(book: Workbook, path: Path) -> None:
    """Write the workbook whole, or not at all; raise `UsageError`."""
    try:
        with disk.replacing(path) as new, os.fdopen(os.dup(new), "wb") as file:
            book.save(file)
    except OSError as error:
        raise unwritable_error(path, error) from None


def unwritable_error(path: Path, error: OSError) -> UsageError:
    """Say that a file cannot be written."""
    return UsageError(
        f"{path} cannot be written: {error.strerror or error}.", "Close it where it is open, or name another."
    )
