"""A spreadsheet file becomes a Sheet: text cells, each row with the number that the spreadsheet program shows.

What the file is, is judged by its content and never by its name alone; whatever cannot be read is said in words.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl

from batch_dialer.errors import BadSheet
from batch_dialer.model import Sheet
from batch_dialer.sheets.delimited import TOP_ROWS, Text, read_text
from batch_dialer.sheets.files import SheetFile, read_file
from batch_dialer.sheets.own_marks import VERDICT
from batch_dialer.sheets.workbook.reading import read_old_workbook, read_workbook
from batch_dialer.sheets.workbook.xlsx import Cells

_MAX_WORKBOOK_BYTES = 200 << 20
_WORKBOOK_ENDINGS = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".numbers"})
_TEXT_ENDINGS = frozenset({".csv", ".tsv", ".tab", ".txt"})
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_BLANK = r"^[\s\x1c-\x1f]*$"  # what Python, too, takes for white space
_SAVE_AS = "Open it in a spreadsheet program and save it as an Excel workbook (.xlsx) or as 'CSV UTF-8'."
_UNPACK = "Unpack it, and give the sheet that is inside of it."

# First bytes, after any blanks and in small letters, of what people send as a sheet and is none.
_NOT_SHEETS = (
    (b"%pdf", "a PDF document"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"\x1f\x8b", "a file compressed twice (gzip)"),
    (b"7z\xbc\xaf", "a compressed file (7z)"),
    (b"bzh91ay&sy", "a compressed file (bzip2)"),
    (b"\xfd7zxz", "a compressed file (xz)"),
    (b"(\xb5/\xfd", "a compressed file (zstd)"),
    (b"rar!\x1a", "a compressed file (RAR)"),
    (b"\x89png", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"<!doctype html", "a web page (HTML)"),
    (b"<html", "a web page (HTML)"),
    (b"<head", "a web page (HTML)"),
    (b"<meta", "a web page (HTML)"),
    (b"<style", "a web page (HTML)"),
    (b"<table", "a web page (HTML)"),
    (b"<?xml", "an XML file"),
    (b'{"', "a JSON file"),
    (b"{}", "a JSON file"),
    (b"[{", "a JSON file"),
    (b"[[", "a JSON file"),
    (b'["', "a JSON file"),
)


def read_sheet(
    path: Path,
    worksheet: str | None = None,
    *,
    encoding: str | None = None,
    header_row: int | None = None,
    certain: bool = False,
) -> Sheet:
    """Read the CSV file or workbook at *path* (`-`: standard input).

    *worksheet* is the name or number of one of a workbook's, *encoding* what a text file is in, *header_row* the row
    with the headers, else the first with any text. *certain*: rather refuse a file than guess its encoding.
    """
    file = read_file(path)
    read_cells = _workbook_reader(file)
    if read_cells:
        if encoding is not None:
            raise BadSheet(f"{file.name} is a workbook, which says itself how it is written.", "Leave out --encoding.")
        cells, name, notes, hidden = read_cells(file.data, file.name, worksheet)
        read = Text(cells, notes, {}, _top(cells))
        return replace(_sheet(file.name, read, header_row, hidden), worksheet=name)
    if worksheet is not None:
        raise BadSheet(f"{file.name} is a text file and has no worksheets.", "Leave out --sheet.")
    text = read_text(file.data, file.name, encoding=encoding, certain=certain, header_row=header_row or 1)
    return _sheet(file.name, text, header_row, frozenset())


def _workbook_reader(file: SheetFile) -> Callable[[bytes, str, str | None], Cells] | None:
    """Return what reads a workbook of this kind, None for a text; refuse what is neither or misnamed."""
    data, name, ending = file.data, file.name, file.ending
    if data.startswith((_OLE, *_ZIP)):
        if len(data) > _MAX_WORKBOOK_BYTES:
            raise BadSheet(f"{name} is larger than 200 MB.", "Save the worksheet as 'CSV UTF-8', or split it.")
        if ending in _TEXT_ENDINGS:
            raise BadSheet(
                f"{name} is named like a text file but holds a workbook or an archive.",
                f"If it is an Excel workbook, rename it to {Path(name).stem}.xlsx.",
            )
        if data.startswith(_OLE) and _ENCRYPTED in data:
            raise BadSheet(f"{name} is protected with a password.", "Save a copy of it without a password.")
        return read_old_workbook if data.startswith(_OLE) else read_workbook
    start = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    compact = b"".join(start.split())
    for sign, kind in _NOT_SHEETS:
        if start.startswith(sign) or (sign[:1] in b"{[" and compact.startswith(sign)):
            remedy = _UNPACK if "compressed" in kind else _SAVE_AS
            raise BadSheet(f"{name} is {kind}, not a CSV file or Excel workbook.", remedy)
    if ending in _WORKBOOK_ENDINGS:
        raise BadSheet(
            f"{name} is named like a workbook but holds plain text.",
            f"If it is a CSV file, rename it to {Path(name).stem}.csv; if not, save the workbook again.",
        )
    return None


def _top(cells: pl.DataFrame) -> tuple[tuple[int, tuple[str, ...]], ...]:
    return tuple((row, tuple(text or "" for text in texts)) for row, *texts in cells.head(TOP_ROWS).iter_rows())


def _sheet(name: str, read: Text, told: int | None, hidden: frozenset[int]) -> Sheet:
    """Take the row *told*, or the first with any text, for the header; leave out rows and last columns without any."""
    notes = read.notes
    cells = _without_blank_rows(_blank_as_null(read.cells))
    if told is not None:
        cells = cells.filter(pl.col("row") >= told)
        if cells.is_empty() or cells["row"][0] != told:
            raise BadSheet(f"{name} holds no text in row {told}.", "Give --header-row the row with the headers.")
    shown = set(cells["row"]) if read.ragged or hidden else frozenset[int]()
    if cells.is_empty():
        raise BadSheet(f"{name} holds no text.", "Save the sheet again, with its headers in the first row.")
    header_row = int(cells["row"][0])
    headers = [_header(text) for text in cells.row(0)[1:]]
    left = int(cells.columns[1].removeprefix("c"))
    cells = _without_verdicts(cells[1:], headers)
    filled = [
        bool(header) or text.null_count() < len(text) for header, text in zip(headers, _texts(cells), strict=True)
    ]
    width = max((index for index, has_text in enumerate(filled, start=1) if has_text), default=0)
    cells = pl.DataFrame([cells["row"], *(text.alias(f"c{index}") for index, text in enumerate(_texts(cells)[:width]))])
    if header_row > 1:
        notes += (f"headers in row {header_row}",)
    blanks = int(cells["row"][-1]) - header_row - cells.height if cells.height else 0
    if blanks:
        notes += (f"{blanks:,} blank {'row' if blanks == 1 else 'rows'} left out",)
    return Sheet(
        name=name,
        headers=tuple(headers[:width]),
        cells=cells,
        notes=notes,
        ragged={row: found for row, found in read.ragged.items() if row in shown},
        header_row=header_row,
        left=left,
        hidden=(hidden & shown) - {header_row},
        top=read.top,
    )


def _without_verdicts(cells: pl.DataFrame, headers: list[str]) -> pl.DataFrame:
    """Drop what a marked workbook says of its rows: a row that was emptied since is blank, and not a bad one."""
    ours = [name for name, header in zip(cells.columns[1:], headers, strict=True) if header == VERDICT]
    if not ours:
        return cells
    return _without_blank_rows(cells.with_columns(pl.lit(None, pl.String).alias(name) for name in ours))


def _texts(cells: pl.DataFrame) -> list[pl.Series]:
    return cells.get_columns()[1:]


def _header(text: str | None) -> str:
    return (text or "").strip().strip("\ufeff").strip()


def _blank_as_null(cells: pl.DataFrame) -> pl.DataFrame:
    """Cells of nothing but white space hold no text. Otherwise cells stay as they are, their spaces included."""
    text = pl.col(pl.String)
    # Nearly every column is spared the search: white space is what sorts before "!" or is not ASCII.
    suspect = cells.select(((text < "!") | (text >= "\x7f")).any())
    columns = [column.name for column in suspect.iter_columns() if column.any()]
    return cells.with_columns(pl.when(~pl.col(column).str.contains(_BLANK)).then(pl.col(column)) for column in columns)


def _without_blank_rows(cells: pl.DataFrame) -> pl.DataFrame:
    # A row is blank only if its fullest column says so: mostly there is a column without a gap, and nothing to do.
    if any(text.null_count() == 0 for text in _texts(cells)):
        return cells
    return cells.filter(~pl.all_horizontal(pl.col(pl.String).is_null()))
