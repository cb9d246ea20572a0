"""A spreadsheet file becomes a Sheet: text cells, each row with the number that the spreadsheet program shows.

What the file is, is judged by its content and never by its name alone; whatever cannot be read is said in words.
"""

import difflib
import stat
from dataclasses import replace
from pathlib import Path

import polars as pl

from batch_dialer.edges.csv_sheet import read_text
from batch_dialer.edges.excel_sheet import read_workbook
from batch_dialer.errors import BadSheet
from batch_dialer.model import Sheet
from batch_dialer.rules.mapping import VERDICT

_MAX_TEXT_BYTES = 1 << 30
_MAX_WORKBOOK_BYTES = 200 << 20
_WORKBOOK_ENDINGS = frozenset({".xlsx", ".xlsm"})
_OTHER_WORKBOOK_ENDINGS = frozenset({".xls", ".xlsb", ".ods", ".numbers"})
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_BLANK = r"^[\s\x1c-\x1f]*$"  # what Python, too, takes for white space
_SAVE_AS = "Open it in a spreadsheet program and save it as an Excel workbook (.xlsx) or as 'CSV UTF-8'."

# First bytes, after any blanks and in small letters, of what people send as a sheet and is none.
_NOT_SHEETS = (
    (b"%pdf", "a PDF document"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"\x1f\x8b", "a compressed file (gzip)"),
    (b"7z\xbc\xaf", "a compressed file (7z)"),
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


def read_sheet(path: Path, worksheet: str | None = None) -> Sheet:
    """Read the CSV file or Excel workbook at *path*; *worksheet* is the name or number of one of the workbook's."""
    data = _bytes_of(path)
    if _is_workbook(data, path):
        cells, name, notes = read_workbook(data, path.name, worksheet)
        return replace(_sheet(path.name, cells, notes, ragged={}), worksheet=name)
    if worksheet is not None:
        raise BadSheet(f"{path.name} is a text file and has no worksheets.", "Leave out --sheet.")
    return _sheet(path.name, *read_text(data, path.name))


def _bytes_of(path: Path) -> bytes:
    try:
        status = path.stat()
        # Reading a pipe or a device could wait for ever, and a sheet must be there to be read again.
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "a pipe or a device"
            raise BadSheet(f"{path} is {kind}, not a file.", "Name the CSV file or Excel workbook to dial.")
        if status.st_size > _MAX_TEXT_BYTES:
            raise BadSheet(f"{path.name} is larger than 1 GB.", "Split it into several files.")
        return path.read_bytes()
    except FileNotFoundError:
        raise BadSheet(f"There is no file {path}.", _nearest_file(path)) from None
    except PermissionError:
        raise BadSheet(
            f"{path} may not be read by your user.", "Ask for permission to read it, or copy it to a folder of yours."
        ) from None
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or str(fault)
        raise BadSheet(f"{path} cannot be read: {reason}.", "Check the name and the disk, and try again.") from None


def _nearest_file(path: Path) -> str:
    try:
        near = difflib.get_close_matches(path.name, [other.name for other in path.parent.iterdir()], n=1)
    except OSError:
        near = []
    return f'Did you mean "{near[0]}"?' if near else "Check the name and the folder."


def _is_workbook(data: bytes, path: Path) -> bool:
    """Whether *data* is a zip, as workbooks are, rather than text; refused in words if it is neither or misnamed."""
    name, ending = path.name, path.suffix.lower()
    if not data:
        raise BadSheet(f"{name} is empty.", "Save the sheet again, with its headers in the first row.")
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise BadSheet(f"{name} is protected with a password.", "Save a copy of it without a password.")
        raise BadSheet(f"{name} is in the old Excel format (.xls).", _SAVE_AS)
    if data.startswith(_ZIP):
        if len(data) > _MAX_WORKBOOK_BYTES:
            raise BadSheet(f"{name} is larger than 200 MB.", "Save the worksheet as 'CSV UTF-8', or split it.")
        if ending not in _WORKBOOK_ENDINGS and ending not in _OTHER_WORKBOOK_ENDINGS:
            raise BadSheet(
                f"{name} is named like a text file but holds a workbook or an archive.",
                f"If it is an Excel workbook, rename it to {path.stem}.xlsx.",
            )
        return True
    start = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    compact = b"".join(start.split())
    for sign, kind in _NOT_SHEETS:
        if start.startswith(sign) or (sign[:1] in b"{[" and compact.startswith(sign)):
            raise BadSheet(f"{name} is {kind}, not a CSV file or Excel workbook.", _SAVE_AS)
    if ending in _WORKBOOK_ENDINGS or ending in _OTHER_WORKBOOK_ENDINGS:
        raise BadSheet(
            f"{name} is named like a workbook but holds plain text.",
            f"If it is a CSV file, rename it to {path.stem}.csv; if not, save the workbook again.",
        )
    return False


def _sheet(name: str, cells: pl.DataFrame, notes: tuple[str, ...], ragged: dict[int, int]) -> Sheet:
    """Take the first row with any text for the header, and leave out rows and trailing columns without any."""
    cells = _without_blank_rows(_blank_as_null(cells))
    shown = set(cells["row"]) if ragged else ()
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
        ragged={row: found for row, found in ragged.items() if row in shown},
        header_row=header_row,
        left=left,
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
