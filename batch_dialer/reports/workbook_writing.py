"""What all written workbooks share: cells whose text stays text, marks on our own worksheets, and saving."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED

import polars as pl
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.packaging.core import DocumentProperties
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import quote_sheetname
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.writer.excel import ExcelWriter

from batch_dialer import disk
from batch_dialer.model import SheetOrigin
from batch_dialer.reports.many_rows import ManyRows, RowsArchive
from batch_dialer.reports.saving import failing_as_unwritable
from batch_dialer.sheets.own_marks import ORIGIN, PREFIX, origin_text

AUTHOR = "batch_dialer"
TEXT = "@"
RED = PatternFill("solid", fgColor="FFFFD9D6")
"""A light red that spreadsheet programs do not offer, so that a user's own colour is not taken for a mark."""
GREY = PatternFill("solid", fgColor="FFE7E6E6")
WRAPPED = Alignment(wrap_text=True, vertical="top")
TOP = Alignment(vertical="top")

_MOST_TEXT = 32_767
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # workbooks write characters that XML cannot hold as _x0007_
_MAY_NOT_BE_XML = r"[\x00-\x1f\u{fffe}\u{ffff}]|_x"  # any text that the two patterns above or the one below change
_LINE_END = re.compile("\r\n?")
_COMMENT_WIDTH, _LINE_HEIGHT, _CHARACTERS_A_LINE = 340, 19, 46  # two in pixels, one in characters


def xml_safe(text: str) -> str:
    """Return *text* as a cell can hold it: characters that XML forbids are replaced, and it is cut to 32,767."""
    shown = _NOT_XML.sub("\ufffd", _LINE_END.sub("\n", text))[:_MOST_TEXT]
    return _LOOKS_ESCAPED.sub("_x005F_", shown) if "_x" in shown else shown


def xml_safe_texts(texts: pl.Series) -> pl.Series:
    """Return *texts* as cells can hold them, as `xml_safe` does; empty ones become null."""
    odd = ((texts.str.len_bytes() > _MOST_TEXT) | texts.str.contains(_MAY_NOT_BE_XML)).arg_true()
    if len(odd):
        texts = texts.scatter(odd, pl.Series([xml_safe(text) for text in texts.gather(odd)], dtype=pl.String))
    return texts.set(texts == "", None)


def put_text(cell: Any, text: str) -> None:  # noqa: ANN401  (the stubs do not know that the type can be set)
    """Make *text* the value of *cell*, as text: "=1" does not become a formula, nor "#N/A" an error."""
    cell.value = xml_safe(text) or None
    if text:
        cell.data_type = "s"


def make_font(cell: Cell, **changes: Any) -> Font:  # noqa: ANN401  (any attribute of a font)
    """Return the font of *cell* with *changes*. It has a name: without one, each spreadsheet program takes another."""
    known: dict[str, Any] = {"name": cell.font.name or "Calibri", "sz": cell.font.sz or 11}
    return Font(**known | changes)


def make_comment(text: str) -> Comment:
    """Return a comment that is large enough to show all of *text*."""
    text = xml_safe(text)
    lines = sum(1 + len(line) // _CHARACTERS_A_LINE for line in text.split("\n"))
    return Comment(text, AUTHOR, height=_LINE_HEIGHT * (lines + 1), width=_COMMENT_WIDTH)


def find_free_name(book: Workbook, wanted: str) -> str:
    """Return *wanted*, or *wanted* with a number, as a name that no worksheet of *book* has, case aside."""
    taken = {name.casefold() for name in book.sheetnames}
    names = (wanted, *(f"{wanted} ({number})" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name.casefold() not in taken)


def mark_as_own(book: Workbook, page: str, kind: str) -> None:
    """Give the worksheet *page* a defined name for its *kind*, by which it is recognised and not read as a sheet."""
    name = f"{PREFIX}{kind}"
    book.defined_names[name] = DefinedName(name, attr_text=f"{quote_sheetname(page)}!$A$1")


def write_origin(book: Any, origin: SheetOrigin) -> None:  # noqa: ANN401  (the stubs do not know its properties)
    """Write what the workbook was made from into its document properties."""
    if ORIGIN in book.custom_doc_props.names:
        del book.custom_doc_props[ORIGIN]
    book.custom_doc_props.append(StringProperty(name=ORIGIN, value=origin_text(origin)))


def save(book: Workbook, path: Path, many: Sequence[ManyRows] = ()) -> None:
    """Write the workbook, its worksheets with *many* rows, to *path*, replacing a file as a whole.

    Raise `UsageError` where it cannot be written.
    """
    book.properties.modified = DocumentProperties().modified  # the present moment
    with (
        failing_as_unwritable(path),
        disk.replacing(path) as new,
        os.fdopen(os.dup(new), "wb") as file,
        RowsArchive(file, "w", ZIP_DEFLATED) as archive,  # `book.save` leaves it open where the disk is full
    ):
        archive.many = many
        ExcelWriter(book, archive).save()
