"""Files that people give in place of a sheet, told by their content, each with what to do about it."""

from batch_dialer.errors import BadSheet
from batch_dialer.sheets.files import SheetFile

WORKBOOK_ENDINGS = frozenset({".numbers", ".xlsb"})
"""The endings of workbooks that cannot be read."""

_SAVE_AS = "Open it in a spreadsheet program and save it as an Excel workbook (.xlsx) or as 'CSV UTF-8'."
_UNPACK = "Unpack it, and give the sheet that is inside of it."

# First bytes, after any blanks, without those that are inside, and in small letters.
_STARTS = {
    "a PDF document": (b"%pdf",),
    "a text document (RTF)": (b"{\\rtf",),
    "a file compressed twice (gzip)": (b"\x1f\x8b",),
    "a compressed file (7z)": (b"7z\xbc\xaf",),
    "a compressed file (bzip2)": (b"bzh91ay&sy",),
    "a compressed file (xz)": (b"\xfd7zxz",),
    "a compressed file (zstd)": (b"(\xb5/\xfd",),
    "a compressed file (RAR)": (b"rar!\x1a",),
    "a picture": (b"\x89png", b"\xff\xd8\xff"),
    "a web page (HTML)": (b"<!doctypehtml", b"<html", b"<head", b"<meta", b"<style", b"<table"),
    "an XML file": (b"<?xml",),
    "a JSON file": (b'{"', b"{}", b"[{", b"[[", b'["'),
}
_PARTS = (
    ("Index/Document.iwa", "a Numbers document"),
    ("xl/workbook.bin", "an Excel binary workbook (.xlsb)"),
    ("word/document.xml", "a Word document"),
    ("ppt/presentation.xml", "a presentation"),
)


def refuse(file: SheetFile) -> None:
    """Raise `BadSheet` if *file* is of a known kind that is no sheet."""
    start = b"".join(file.data[:1024].removeprefix(b"\xef\xbb\xbf").lower().split())
    for kind, signs in _STARTS.items():
        if start.startswith(signs):
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
