"""Files that people give in place of a sheet, told by their content, each with what to do about it."""

from batch_dialer.errors import BadSheet
from batch_dialer.sheets.files import SheetFile

WORKBOOK_ENDINGS = frozenset({".numbers", ".xlsb"})
"""The endings of workbooks that cannot be read."""

_SAVE_AS = "Open it in a spreadsheet program and save it as an Excel workbook (.xlsx) or as 'CSV UTF-8'."
_UNPACK = "Unpack it, and give the sheet that is inside of it."

# First bytes, after any blanks and in small letters.
_STARTS = (
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
_PARTS = (
    ("Index/Document.iwa", "a Numbers document"),
    ("xl/workbook.bin", "an Excel binary workbook (.xlsb)"),
    ("word/document.xml", "a Word document"),
    ("ppt/presentation.xml", "a presentation"),
)


def refuse(file: SheetFile) -> None:
    """Raise `BadSheet` if *file* is of a known kind that is no sheet."""
    start = file.data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    compact = b"".join(start.split())
    for sign, kind in _STARTS:
        if start.startswith(sign) or (sign[:1] in b"{[" and compact.startswith(sign)):
            remedy = _UNPACK if "compressed" in kind else _SAVE_AS
            raise BadSheet(f"{file.name} is {kind}, not a CSV file or Excel workbook.", remedy)
    for part, kind in _PARTS:
        if file.is_zip and part in file.package:
            remedy = "Open it in the program that made it and save it as an Excel workbook (.xlsx) or 'CSV UTF-8'."
            raise BadSheet(f"{file.name} is {kind}, not an Excel workbook (.xlsx).", remedy)


def archive_error(name: str) -> BadSheet:
    """Return the error for a zip archive that is of no known format."""
    return BadSheet(
        f"{name} is an archive (zip), not an Excel workbook (.xlsx).",
        "If the sheet is inside of it, unpack it first.",
    )
