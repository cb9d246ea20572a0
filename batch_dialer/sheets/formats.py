"""The formats of sheets that can be read.

To add a format, write a file with its `Reader` and give it a line in `READERS`. The content of a file decides which
line it belongs to; its name is only compared with that.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from batch_dialer.errors import BadSheet
from batch_dialer.sheets import foreign_files
from batch_dialer.sheets.delimited import DelimitedReader
from batch_dialer.sheets.files import SheetFile
from batch_dialer.sheets.grid import Grid
from batch_dialer.sheets.workbook import ods, xlsx_book
from batch_dialer.sheets.workbook.xlsx import XlsxReader
from batch_dialer.sheets.worksheets import Worksheet

_MAX_WORKBOOK_BYTES = 200 << 20
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


class Reader(Protocol):
    """A file of one format, opened. Each method raises `BadSheet` where the file is damaged or unsafe to read."""

    def worksheets(self) -> Sequence[Worksheet]:
        """Return the worksheets in the order of their tabs; `(ONLY_TABLE,)` where the format has none."""
        ...

    def has_cells(self, worksheet: Worksheet, /) -> bool:
        """Whether any cell of *worksheet* holds anything."""
        ...

    def cells(self, worksheet: Worksheet, /) -> Grid:
        """Read *worksheet*."""
        ...


@dataclass(frozen=True, slots=True)
class Format:
    """One line of `READERS`.

    *endings* of the file names, in small letters; *recognizes* tells by the content, and opens nothing; *open* is
    called for a recognized file and raises `BadSheet` where it is damaged or unsafe to read.
    """

    endings: frozenset[str]
    recognizes: Callable[[SheetFile], bool]
    open: Callable[[SheetFile], Reader]


def _has_part(part: str) -> Callable[[SheetFile], bool]:
    return lambda file: file.is_zip and part in file.package


def _open_xls(file: SheetFile) -> Reader:
    from batch_dialer.sheets.workbook.xls import XlsReader  # noqa: PLC0415  (loaded only where it is needed)

    return XlsReader(file)


_TEXT = Format(
    frozenset({".csv", ".tsv", ".tab", ".txt"}), lambda file: not (file.is_zip or file.is_ole), DelimitedReader
)

READERS = (
    Format(frozenset({".xlsx", ".xlsm"}), _has_part(xlsx_book.WORKBOOK), XlsxReader),
    Format(frozenset({".ods"}), _has_part(ods.CONTENT), ods.OdsReader),
    Format(frozenset({".xls"}), lambda file: file.is_ole, _open_xls),
    _TEXT,  # the last: it takes whatever is no zip archive and no OLE file
)


def open_sheet(file: SheetFile) -> Reader:
    """Open *file* with the first of `READERS` that recognizes it; raise `BadSheet` where none does."""
    if file.is_zip or file.is_ole:
        _check_workbook_file(file)
    foreign_files.refuse(file)
    chosen = next((known for known in READERS if known.recognizes(file)), None)
    if chosen is None:
        raise foreign_files.archive_error(file.name)
    if chosen is _TEXT:
        _check_text_name(file)
    elif file.hints.encoding is not None:
        raise BadSheet(f"{file.name} is a workbook, which says itself how it is written.", "Leave out --encoding.")
    if file.is_zip:
        file.package.check_directory()
    return chosen.open(file)


def _check_workbook_file(file: SheetFile) -> None:
    if len(file.data) > _MAX_WORKBOOK_BYTES:
        raise BadSheet(f"{file.name} is larger than 200 MB.", "Save the worksheet as 'CSV UTF-8', or split it.")
    if file.ending in _TEXT.endings:
        raise BadSheet(
            f"{file.name} is named like a text file but holds a workbook or an archive.",
            f"If it is an Excel workbook, rename it to {Path(file.name).stem}.xlsx.",
        )
    if file.is_ole and _ENCRYPTED in file.data:
        raise BadSheet(f"{file.name} is protected with a password.", "Save a copy of it without a password.")


def _check_text_name(file: SheetFile) -> None:
    others = (known.endings for known in READERS if known is not _TEXT)
    if file.ending in foreign_files.WORKBOOK_ENDINGS.union(*others):
        raise BadSheet(
            f"{file.name} is named like a workbook but holds plain text.",
            f"If it is a CSV file, rename it to {Path(file.name).stem}.csv; if not, save the workbook again.",
        )
